"""Change one personalization profile: the profile, the edges to its cohorts and the demand on its user, all at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pynamodb.expressions.update import SetAction

from madmall_models import limits
from madmall_models.entities import CohortMembership, Personalization, User
from madmall_models.errors import LimitExceeded, TransactionCancelled
from madmall_models.managers.presence import stays
from madmall_models.recipe_transaction import RecipeTransaction
from madmall_models.step import Step
from madmall_models.transaction import WriteTransaction
from madmall_models.writer import changed_names, stored_footprint

# A transaction has room for the profile, the demand on its user, and these edges.
MOST_COHORTS = limits.TRANSACTION_ACTIONS - 2


class ProfileChange:
    """A new or changed profile on its way into one transaction.

    Args:
        database: where to write.
        profile: the profile as it shall be.
        setting: figures to set with it.
        edge: one of the edges that it gains, if the caller has it at hand.
    """

    def __init__(
        self,
        database: Any,
        profile: Personalization,
        *,
        setting: Sequence[SetAction] = (),
        edge: CohortMembership | None = None,
    ) -> None:
        self.database = database
        self.profile = profile
        self.setting = setting
        self.edge = edge

    def commit(self) -> None:
        """Send the change; nothing is sent where nothing changed.

        Raises:
            TransactionCancelled: the race was lost; read again and repeat.
            User.DoesNotExist, LimitExceeded, ValidationError: nothing was written.
        """
        is_new = self.profile._stored is None
        moves_edges = is_new or "cohorts" in changed_names(self.profile, stored_footprint(self.profile))
        check_count(self.profile.cohorts)
        user: Step | None = None
        try:
            with RecipeTransaction(self.database) as transaction:
                if is_new:
                    transaction.create(self.profile)
                else:
                    transaction.save(self.profile, adding=self.setting)
                if moves_edges:
                    self._move_edges(transaction)
                if transaction.action_count:
                    user = demand_user(transaction, self.profile.user_id)
                _check_room(transaction)
        except TransactionCancelled as cancelled:
            if user is not None:
                refuse_missing_user(cancelled, user)
            raise

    def _move_edges(self, transaction: WriteTransaction) -> None:
        user_id, wanted = self.profile.user_id, self.profile.cohorts or ()
        present = {edge.cohort_id: edge for edge in edges_of(self.database, user_id)}
        for cohort in wanted:
            if cohort not in present:
                transaction.create(self._edge_to(cohort))
        for cohort, edge in present.items():
            if cohort not in wanted:
                transaction.delete(edge)

    def _edge_to(self, cohort: str) -> CohortMembership:
        if self.edge is not None and self.edge.cohort_id == cohort:
            return self.edge
        return CohortMembership(user_id=self.profile.user_id, cohort_id=cohort)


def edges_of(database: Any, user_id: str) -> list[CohortMembership]:
    """Return every edge of a user, by a consistent read."""
    query = database.query_of(CohortMembership.key, {"user_id": user_id})
    return list(query.consistent().including_expired())


def demand_user(transaction: WriteTransaction, user_id: str) -> Step:
    """Add the demand that there is such a user, who is not being deleted."""
    return transaction.check(User.key.of(user_id), stays(User))


def refuse_missing_user(cancelled: TransactionCancelled, user: Step) -> None:
    """Do nothing where the demand on the user held.

    Raises:
        User.DoesNotExist: it did not.
    """
    if cancelled.refused(user):
        text = "Personalization: there is no such user, or it is being deleted; nothing was written"
        raise User.DoesNotExist(text) from cancelled


def check_count(cohorts: Any) -> None:
    """Refuse more cohorts than one transaction has room for.

    Raises:
        LimitExceeded: there are; nothing was sent.
    """
    count = len({cohort for cohort in cohorts if isinstance(cohort, str)}) if isinstance(cohorts, list) else 0
    if count > MOST_COHORTS:
        raise LimitExceeded(
            f"Personalization: {count} cohorts; a profile has at most {MOST_COHORTS}, "
            "since all of its edges change in one transaction; nothing was written"
        )


def _check_room(transaction: WriteTransaction) -> None:
    if transaction.action_count > limits.TRANSACTION_ACTIONS:
        raise LimitExceeded(
            f"Personalization: {transaction.action_count - 2} cohorts would come and go at once; a transaction has "
            f"room for {MOST_COHORTS}: take the old ones out first; nothing was written"
        )
