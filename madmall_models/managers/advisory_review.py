"""Carry what advisory reviews can do: the queue, assignment, votes and what follows from them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any

from madmall_models.connection.retry import retried
from madmall_models.document import assigned_names
from madmall_models.entities import AdvisoryReview, User
from madmall_models.entities.advisory_review import DECISIONS, IN_REVIEW, QUEUED, REQUIRED_VOTES, ReviewDecision
from madmall_models.errors import (
    AlreadyVoted,
    ReviewDecided,
    TransactionCancelled,
    ValidationError,
    VersionConflict,
)
from madmall_models.identifiers import id_or_new
from madmall_models.manager import Manager
from madmall_models.managers.argument import checked_text
from madmall_models.managers.authorship import create_by
from madmall_models.managers.presence import user_if_there
from madmall_models.query import Query
from madmall_models.recipe_transaction import RecipeTransaction
from madmall_models.writer import changed_names, stored_footprint

SYSTEM = "system"
_RACES = 20
_log = logging.getLogger(__name__)


class AdvisoryReviewManager(Manager[AdvisoryReview]):
    """Be the operations of advisory reviews; ``db.reviews``."""

    collection = "reviews"
    by_recipe = frozenset(["decisions", "consensus"])

    # -- asking ----------------------------------------------------------------------------------------------------

    def list_queue(self) -> Query[AdvisoryReview]:
        """Return a lazy query of the reviews that are queued or in review, oldest first; each is fetched.

        All of them stand in one partition, which takes about 1,000 changes a second.
        """
        return self.asking(AdvisoryReview.waiting)

    def list_by_target(self, target_type: str, target_id: str) -> Query[AdvisoryReview]:
        """Return a lazy query of the reviews of one image, resource or story, oldest first."""
        return self.asking(AdvisoryReview.by_target, target_type=target_type, target_id=target_id)

    def get_by_status(self, status: str) -> Query[AdvisoryReview]:
        """Return a lazy query of the reviews of a status, longest unchanged first."""
        return self.asking(AdvisoryReview.by_status, status=status)

    # -- the queue -------------------------------------------------------------------------------------------------

    def enqueue(
        self,
        *,
        target_type: str,
        target_id: str,
        submitted_by: str = SYSTEM,
        review_id: str | None = None,
        required_votes: int = REQUIRED_VOTES,
        **fields: Any,
    ) -> AdvisoryReview:
        """Ask the board about an image, a resource or a story, which need not be in this table.

        Args:
            target_type: ``image``, ``resource`` or ``story``.
            target_id: its id.
            submitted_by: the id of the user who asks, or ``system``.
            review_id: an id of your own; made when left out.
            required_votes: how many votes decide, 1 or more.
            fields: other attributes of the review.

        Raises:
            AlreadyExists: the id is taken. User.DoesNotExist: who asks is being deleted. ValidationError.
        """
        return self.create(
            review_id=id_or_new(review_id),
            target_type=target_type,
            target_id=target_id,
            submitted_by=submitted_by,
            consensus={"required_votes": required_votes},
            **fields,
        )

    def create_entity(self, entity: AdvisoryReview) -> None:
        """Write a new review, unless the user who asks for it is being deleted.

        The consensus follows from the decisions: given figures but ``required_votes`` are ignored, with a warning in
        the log.

        Raises:
            User.DoesNotExist: the user is being deleted. AlreadyExists, ValidationError, KeyValueError.
        """
        if entity.decisions:
            raise ValidationError("AdvisoryReview: decisions cannot be given; each reviewer votes by add_decision()")
        derived = {"consensus.score", "consensus.received_votes"} & set(assigned_names(entity))
        if derived:
            _log.warning("AdvisoryReview.create: %s follow from the decisions; ignored", ", ".join(sorted(derived)))
        asking = entity.submitted_by
        create_by(self.database, entity, None if asking in (None, SYSTEM) else asking)

    def save_entity(self, entity: AdvisoryReview) -> None:
        """Write what changed of a review.

        Raises:
            ValidationError: decisions or consensus were changed, which only votes do.
        """
        if entity._stored is not None:
            changed = {name.split(".")[0] for name in changed_names(entity, stored_footprint(entity))}
            _refuse_votes(changed)
            if entity.decisions and changed & {"target_type", "target_id"}:
                raise ValidationError(
                    "AdvisoryReview: its target has votes and stays; enqueue a review of the other one"
                )
        super().save_entity(entity)

    def update(self, *key: Any, expected_version: int | None = None, **changes: Any) -> AdvisoryReview:
        """Change attributes of a review; see :meth:`Manager.update`.

        Raises:
            ValidationError: ``decisions`` or ``consensus`` are given, which only votes change.
        """
        _refuse_votes({self.model.python_name(name) for name in changes})
        return super().update(*key, expected_version=expected_version, **changes)

    def assign(self, review_id: str, reviewer_id: str) -> AdvisoryReview:
        """Give an open review to a reviewer; a queued one is in review from now on.

        Raises:
            ReviewDecided: it has its outcome. AdvisoryReview.DoesNotExist: there is none.
            ValidationError: ``reviewer_id`` is no id.
        """
        _checked(ReviewDecision.reviewer_id, "reviewer_id", reviewer_id)

        def change(review: AdvisoryReview) -> None:
            if not review.is_open:
                raise _decided()
            review.assigned_to = reviewer_id
            review.status = IN_REVIEW

        return self._changed(review_id, change)

    def update_status(self, review_id: str, status: str) -> AdvisoryReview:
        """Set the status by hand; a review that its votes have decided keeps what they gave.

        Raises:
            ReviewDecided: the votes gave another outcome; enqueue a new review.
            AdvisoryReview.DoesNotExist: there is none. ValidationError: there is no such status.
        """
        if status not in AdvisoryReview.status.choices:
            raise ValidationError(f"AdvisoryReview.status takes one of {', '.join(AdvisoryReview.status.choices)}")

        def change(review: AdvisoryReview) -> None:
            if review.outcome not in (None, status):
                raise _decided()
            review.status = status

        return self._changed(review_id, change)

    # -- votes -----------------------------------------------------------------------------------------------------

    def add_decision(self, review_id: str, *, reviewer_id: str, decision: str, rationale: str) -> AdvisoryReview:
        """Add the vote of a reviewer and what follows from it: the consensus and, with the last vote, the status.

        The first vote puts a queued review in review. Votes at the same time all count.

        Raises:
            AlreadyVoted: the reviewer has voted. ReviewDecided: the review has its outcome.
            User.DoesNotExist: the reviewer is a user who is being deleted. AdvisoryReview.DoesNotExist: there is none.
            ValidationError: ``decision`` is none of approve, request_changes, reject; or a value does not fit.
            Unreadable: the votes that there are cannot be read.
        """
        if decision not in DECISIONS:
            raise ValidationError(f"AdvisoryReview.decisions: a decision is one of {', '.join(DECISIONS)}")
        _checked(ReviewDecision.reviewer_id, "reviewer_id", reviewer_id)
        checked_text(rationale, name="AdvisoryReview.decisions: a rationale")

        def attempt() -> AdvisoryReview:
            review = self.get(review_id, consistent=True)
            if reviewer_id in review.voters:
                raise AlreadyVoted("the reviewer has voted on this review already; nothing was written")
            if not review.is_open:
                raise _decided()
            vote = ReviewDecision(reviewer_id=reviewer_id, decision=decision, rationale=rationale)
            review.decisions = [*(review.decisions or []), vote]
            review.status = IN_REVIEW if review.status == QUEUED else review.status
            self._commit(review, reviewer_id)
            return review

        return retried(attempt, lost=TransactionCancelled, most=_RACES)

    def _commit(self, review: AdvisoryReview, reviewer_id: str) -> None:
        # A transaction even where the reviewer is no user: its token makes a vote whose answer was lost count once,
        # also when somebody else has voted before it is sent again.
        transaction = RecipeTransaction(self.database)
        transaction.save(review)
        voter = user_if_there(self.database, transaction, reviewer_id)
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(voter):
                raise User.DoesNotExist("the reviewer is being deleted; nothing was written") from cancelled
            raise

    def _changed(self, review_id: str, change: Callable[[AdvisoryReview], None]) -> AdvisoryReview:
        def attempt() -> AdvisoryReview:
            review = self.get(review_id, consistent=True)
            change(review)
            return review.save()

        return retried(attempt, lost=VersionConflict, most=_RACES)


def _decided() -> ReviewDecided:
    return ReviewDecided("the review has its outcome; enqueue a new one to ask again; nothing was written")


def _refuse_votes(names: Collection[str]) -> None:
    derived = AdvisoryReviewManager.by_recipe & set(names)
    if derived:
        raise ValidationError(f"AdvisoryReview: {', '.join(sorted(derived))} follow from the votes; use add_decision")


def _checked(attribute: Any, name: str, value: Any) -> None:
    fault = attribute.fault(value)
    if fault is not None:
        raise ValidationError(f"AdvisoryReview.decisions: {name} takes {fault}, not {type(value).__name__}")
