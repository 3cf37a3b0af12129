"""Carry what feedback can do: being given, listed and settled."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from madmall_models.entities import Feedback, Image, User
from madmall_models.entities.feedback import FEEDBACK_STATUSES, RESOLVING_ACTIONS
from madmall_models.errors import AlreadyExists, ConditionFailed, TransactionCancelled, UniqueViolation
from madmall_models.identifiers import id_or_new
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.argument import checked_choice, checked_text
from madmall_models.managers.claim import delete_claim, owner_of
from madmall_models.managers.pointers_left import clear_pointers
from madmall_models.managers.presence import user_if_there
from madmall_models.query import Query
from madmall_models.step import Step
from madmall_models.writer import stored_footprint


class FeedbackManager(Manager[Feedback]):
    """Be the operations of feedback; ``db.feedback``."""

    collection = "feedback"

    def create_for_image(self, *, image_id: str, user_id: str, rating: int, **fields: Any) -> Feedback:
        """Give feedback about an image; the id is made here unless one is given.

        Args:
            image_id: the image, which must exist.
            user_id: who gives it.
            rating: 1 to 5 whole stars.
            fields: other attributes; ``is_report=True`` puts it into the list of open reports.

        Raises:
            Image.DoesNotExist: there is no such image, or it is being deleted. User.DoesNotExist: the user is being
            deleted. UniqueViolation: the ``feedback_id`` is taken. ValidationError, KeyValueError.
        """
        feedback_id = id_or_new(fields.pop("feedback_id", None))
        feedback = Feedback(feedback_id=feedback_id, image_id=image_id, user_id=user_id, rating=rating, **fields)
        self.create_entity(feedback)
        return feedback

    def create_entity(self, entity: Feedback) -> None:
        """Write new feedback, if its image is there; see :meth:`create_for_image`."""
        transaction = self.database.transaction()
        created = transaction.create(entity)
        image = transaction.check(Image.key.of(entity.image_id), Image.deleting_at.does_not_exist())
        user = user_if_there(self.database, transaction, entity.user_id)
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(created):
                raise _taken(cancelled, created) from cancelled
            if cancelled.refused(image):
                gone = "Feedback: there is no such image, or it is being deleted; nothing was written"
                raise Image.DoesNotExist(gone) from cancelled
            if cancelled.refused(user):
                raise User.DoesNotExist("Feedback: its user is being deleted; nothing was written") from cancelled
            raise

    def save_entity(self, entity: Feedback) -> None:
        """Write what changed of a feedback.

        Raises:
            ConditionFailed: it was settled before, and its resolution would be replaced; ``item`` is how it stands.
        """
        if entity._stored is not None:
            _refuse_second_resolution(stored_footprint(entity).entity, entity)
        super().save_entity(entity)

    # -- lists -----------------------------------------------------------------------------------------------------

    def get_by_id(self, feedback_id: str) -> Feedback:
        """Return the feedback of an id, by consistent reads of its claim and itself.

        Raises:
            Feedback.DoesNotExist: there is none. KeyValueError: it is no id.
        """
        return self.get_by_key(self._key_of(feedback_id), consistent=True)

    def list_for_image(self, image_id: str) -> Query[Feedback]:
        """Return a lazy query of the feedback that an image got, by time."""
        return self.asking(Feedback.by_image, image_id=image_id)

    def list_by_severity(self, severity: str) -> Query[Feedback]:
        """Return a lazy query of the feedback of a severity, by time; each is fetched."""
        return self.asking(Feedback.by_severity, severity=severity)

    def list_by_user(self, user_id: str) -> Query[Feedback]:
        """Return a lazy query of the feedback that a user gave, by time; each is fetched."""
        return self.asking(Feedback.of_user, user_id=user_id)

    def list_open_reports(self) -> Query[Feedback]:
        """Return a lazy query of the reports that are not settled yet, longest waiting first; each is fetched."""
        return self.asking(Feedback.open_reports)

    # -- settling --------------------------------------------------------------------------------------------------

    def update_status(self, feedback_id: str, status: str) -> Feedback:
        """Set the status of a feedback: settling it notes when, and opening it again forgets its resolution.

        Raises:
            ValidationError: the status is none. Feedback.DoesNotExist: there is no such feedback.
            ConditionFailed: it is settled the other way; open it again first.
        """
        checked_choice(status, FEEDBACK_STATUSES, name="Feedback: status")

        def change(feedback: Feedback) -> None:
            feedback.status = status

        return self._change(self._key_of(feedback_id), change)

    def resolve(self, feedback_id: str, *, resolved_by: str, action: str, notes: str | None = None) -> Feedback:
        """Settle a feedback as resolved, with who did what about the image.

        Args:
            feedback_id: the feedback.
            resolved_by: the person or program that decided.
            action: ``removed``, ``replaced``, ``edited`` or ``no_action``.
            notes: the reason.

        Raises:
            ConditionFailed: it is settled already; ``item`` is how. Feedback.DoesNotExist: there is no such feedback.
            ValidationError: the action is none, or nobody resolved it.
        """
        return self._settle(feedback_id, "resolved", resolved_by, action, notes)

    def dismiss(self, feedback_id: str, *, resolved_by: str, notes: str | None = None) -> Feedback:
        """Settle a feedback as dismissed: nothing is done about the image. Raises what :meth:`resolve` raises."""
        return self._settle(feedback_id, "dismissed", resolved_by, "no_action", notes)

    def _settle(self, feedback_id: str, status: str, resolved_by: str, action: str, notes: str | None) -> Feedback:
        checked_choice(action, RESOLVING_ACTIONS, name="Feedback: action")
        checked_text(resolved_by, name="Feedback: resolved_by")

        def change(feedback: Feedback) -> None:
            feedback.status = status
            feedback.resolution = {"resolved_by": resolved_by, "action": action, "notes": notes}

        return self._change(self._key_of(feedback_id), change)

    # -- forgetting ------------------------------------------------------------------------------------------------

    def forget_image(self, image_id: str) -> None:
        """Delete the feedback of an image that is being deleted; may be repeated. One transaction for each."""
        self._forget(self.asking(Feedback.key, image_id=image_id))

    def forget_user(self, user_id: str) -> None:
        """Delete the feedback of a user who is being deleted; may be repeated. One transaction for each."""
        self._forget(self.list_by_user(user_id))
        clear_pointers(self.list_by_user(user_id), lambda key: self._forget_of(user_id, key))

    def _forget(self, query: Query[Feedback]) -> None:
        for feedback in query.consistent().including_expired():
            # Gone meanwhile is what is wanted.
            with suppress(Feedback.DoesNotExist):
                self._remove(feedback.item_key())

    def _forget_of(self, user_id: str, key: ItemKey) -> None:
        """Delete the feedback of a key if it is the user's; of one that is gone already, what kept its id unique."""
        try:
            feedback = self._stored_at(key)
        except Feedback.DoesNotExist:
            if parts := Feedback.key.sort.match(key.sort):
                delete_claim(self.database, Feedback.unique_id, parts, owner=key)
            return
        if feedback.user_id == user_id:
            self._remove(key)

    def _key_of(self, feedback_id: str) -> ItemKey:
        """Return the key of the feedback of an id, from the claim that keeps the id unique."""
        checked = Feedback._checked_key_value("feedback_id", feedback_id)
        owner = owner_of(self.database, Feedback.unique_id, {"feedback_id": checked})
        if owner is None:
            raise Feedback.DoesNotExist("there is no Feedback with this id")
        return owner


def _taken(cancelled: TransactionCancelled, created: Step) -> Exception:
    if cancelled.because_of(created).part == "item":
        return AlreadyExists("Feedback: an item with this key exists already; nothing was written")
    text = "Feedback: this feedback_id belongs to another Feedback; nothing was written"
    return UniqueViolation(text, field="feedback_id")


def _refuse_second_resolution(old: Feedback, new: Feedback) -> None:
    if old.is_settled and new.is_settled and (old.status, old.resolution) != (new.status, new.resolution):
        text = "Feedback: it is settled already; open it again by update_status() first; nothing was written"
        raise ConditionFailed(text, item=old)
