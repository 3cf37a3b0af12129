"""Carry what a membership's own methods do: the recipes of the circle, never a bare write."""

from __future__ import annotations

from typing import Any

from madmall_models import signals
from madmall_models.entities import CircleMember
from madmall_models.errors import ValidationError
from madmall_models.manager import Manager
from madmall_models.managers.membership import ACTIVE, MembershipChange, Purpose, Standing, check_role
from madmall_models.writer import changed_names, stored_footprint


class CircleMemberManager(Manager[CircleMember]):
    """Be the operations of memberships; ``CircleMember.objects``. Use ``db.circles`` to change who is in a circle."""

    by_recipe = frozenset(["role", "status"])

    def create_entity(self, entity: CircleMember) -> None:
        """Write a new membership with the counts that depend on it.

        Raises:
            AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was written.
        """
        check_role(entity.role)
        change = MembershipChange(self.database, entity, Standing(), Standing.of(entity), Purpose.JOINING)
        change.commit(lambda transaction: transaction.create(entity))
        if entity.status == ACTIVE:
            signals.announce(signals.member_added, CircleMember, member=entity)

    def save_entity(self, entity: CircleMember) -> None:
        """Write what changed of a membership.

        Raises:
            ValidationError: role or status were changed, on which the circle's counts and moderators depend.
        """
        if entity._stored is not None:
            changed = self.by_recipe & set(changed_names(entity, stored_footprint(entity)))
            if changed:
                raise ValidationError(
                    f"CircleMember: {', '.join(sorted(changed))} changes with the circle; use update_member_role, "
                    "approve_member, ban_member or remove_member of db.circles"
                )
        super().save_entity(entity)

    def delete_entity(self, entity: CircleMember) -> None:
        """End a membership as it was loaded; see :meth:`CircleManager.remove_member`."""
        self._delete_by_recipe(entity, entity.circle_id, entity.user_id)

    def delete(self, *key: Any, **fields: Any) -> None:
        """End a membership; see :meth:`CircleManager.remove_member`."""
        member = self._stored_at(CircleMember.key.of(*key, **fields))
        self.database.circles.remove_member(member.circle_id, member.user_id)
