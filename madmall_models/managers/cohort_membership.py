"""Carry what the edges of cohorts do by their own methods: the recipes of the profile, never a bare write."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import CohortMembership
from madmall_models.manager import Manager


class CohortMembershipManager(Manager[CohortMembership]):
    """Be the operations of edges; ``CohortMembership.objects``. Use ``db.personalization`` to change who is where."""

    def create_entity(self, entity: CohortMembership) -> None:
        """Write a new edge and add its cohort to the user's profile, in one transaction.

        Raises:
            AlreadyExists, User.DoesNotExist, LimitExceeded: nothing was written.
        """
        self.database.personalization.enter_cohort(entity)

    def delete_entity(self, entity: CohortMembership) -> None:
        """Delete an edge as it was loaded, and take its cohort out of the profile; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.user_id, entity.cohort_id)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete an edge and take its cohort out of the user's profile, in one transaction.

        Raises:
            CohortMembership.DoesNotExist: there is none.
        """
        edge = self._stored_at(CohortMembership.key.of(*key, **fields))
        self.database.personalization.leave_cohort(edge.user_id, edge.cohort_id)
