"""Carry what activities can do: being recorded, listed by user and by circle, and going with either."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any, cast

from madmall_models import limits
from madmall_models.connection.retry import retried
from madmall_models.entities import Activity, Circle, User
from madmall_models.errors import AlreadyExists, TransactionCancelled, ValidationError, VersionConflict
from madmall_models.identifiers import new_id
from madmall_models.manager import Manager
from madmall_models.managers.pointers_left import clear_pointers
from madmall_models.managers.presence import stays
from madmall_models.query import Query
from madmall_models.writer import changed_names, stored_footprint

_RACES = 8
# Each is its item and at most one pointer.
_AT_ONCE = limits.TRANSACTION_ACTIONS // 2


class ActivityManager(Manager[Activity]):
    """Be the operations of activities; ``db.activities``."""

    collection = "activities"

    def record(
        self,
        *,
        user_id: str,
        type: str,
        entity_id: str,
        entity_type: str,
        circle_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        at: datetime | None = None,
    ) -> Activity:
        """Record that a user did something; it is shown for 90 days.

        Args:
            user_id: who did it.
            type: ``story_shared``, ``circle_joined``, ``comment_posted``, ``resource_saved`` or ``product_reviewed``.
            entity_id: the id of what it was done to.
            entity_type: what kind of thing that is; ``entity_kind`` of the activity.
            circle_id: the circle in whose feed it is shown as well.
            metadata: what else is known, with text keys.
            at: when it happened; now when left out. The 90 days count from here.

        Raises:
            User.DoesNotExist, Circle.DoesNotExist: there is no such user or circle, or it is being deleted.
            ValidationError: ``type`` is none of these, or a value does not fit.
        """
        return self.create(
            activity_id=new_id(),
            user_id=user_id,
            type=type,
            entity_id=entity_id,
            entity_kind=entity_type,
            circle_id=circle_id,
            # Whatever else it is, the attribute says so.
            metadata=cast("dict[str, Any] | None", metadata),
            at=at,
        )

    def get_user_activity(self, user_id: str) -> Query[Activity]:
        """Return a lazy query of what a user did, oldest first; narrow it with ``since``, turn it ``newest_first``."""
        return self.asking(Activity.key, user_id=user_id)

    def get_circle_activity(self, circle_id: str) -> Query[Activity]:
        """Return a lazy query of what happened in a circle, oldest first; each activity is fetched."""
        return self.asking(Activity.in_circle, circle_id=circle_id)

    def create_entity(self, entity: Activity) -> None:
        """Write a new activity, unless its user or circle is missing or being deleted.

        Raises:
            User.DoesNotExist, Circle.DoesNotExist: it is. AlreadyExists, ValidationError, KeyValueError.
        """
        transaction = self.database.transaction()
        created = transaction.create(entity)
        user = transaction.check(User.key.of(entity.user_id), stays(User))
        circle = None
        if entity.circle_id is not None:
            circle = transaction.check(Circle.key.of(entity.circle_id), stays(Circle))
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(created):
                text = "Activity: an item with this key exists already; nothing was written"
                raise AlreadyExists(text) from cancelled
            if cancelled.refused(user):
                text = "Activity: there is no such user, or it is being deleted; nothing was written"
                raise User.DoesNotExist(text) from cancelled
            if circle is not None and cancelled.refused(circle):
                text = "Activity: there is no such circle, or it is being deleted; nothing was written"
                raise Circle.DoesNotExist(text) from cancelled
            raise

    def save_entity(self, entity: Activity) -> None:
        """Write what changed of an activity.

        Raises:
            ValidationError: ``circle_id`` was changed; what happened in one circle did not happen in another.
        """
        if entity._stored is not None and "circle_id" in changed_names(entity, stored_footprint(entity)):
            raise ValidationError("Activity: circle_id does not change; record another activity")
        super().save_entity(entity)

    # -- going with others -----------------------------------------------------------------------------------------

    def forget_user(self, user_id: str) -> None:
        """Delete all that a user did; for a user who is being deleted. Costs a transaction for each 50 of them."""
        query = self.get_user_activity(user_id).consistent().including_expired()

        def attempt() -> None:
            found = iter(query)
            while chunk := list(islice(found, _AT_ONCE)):
                with self.database.transaction() as transaction:
                    for activity in chunk:
                        transaction.delete(activity)

        retried(attempt, lost=TransactionCancelled, most=_RACES)

    def forget_circle(self, circle_id: str) -> None:
        """Empty the feed of a circle that is being deleted; its activities stay with their users."""
        query = self.get_circle_activity(circle_id).consistent().including_expired()

        def attempt() -> None:
            for activity in query:
                activity.circle_id = None
                # Deleted with its user meanwhile is out of the feed too.
                with suppress(Activity.DoesNotExist):
                    self.database.writer.rewrite(activity)

        retried(attempt, lost=VersionConflict, most=_RACES)

        def leave(activity: Activity) -> None:
            if activity.circle_id == circle_id:
                activity.circle_id = None

        clear_pointers(self.get_circle_activity(circle_id), lambda key: self._rewrite(key, leave))
