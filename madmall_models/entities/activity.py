"""Declare the activity: something that a user did, kept for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from madmall_models.attributes import DictAttribute, EnumAttribute, IdAttribute, TimeAttribute, UnicodeAttribute
from madmall_models.clock import utc_now
from madmall_models.entity import Entity
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.validation_report import Entry, ValidationReport

KEPT = timedelta(days=90)


class Activity(Entity, discriminator="ACTIVITY"):
    """Something that a user did, for feeds and pages of their own.

    It is about the entity that ``entity_kind`` and ``entity_id`` name, and may belong to a circle, whose feed it then
    is in. It is hidden 90 days after ``at``, unless ``ttl`` says otherwise, and DynamoDB deletes it some days later.
    """

    key = PrimaryKey("USER#{user_id}", "ACTIVITY#{at}#{activity_id}", answers="What did this user do, oldest first?")
    # A pointer expires with the activity: DynamoDB deletes each by its own ttl, and reads hide the one without the
    # other.
    in_circle = Pointer(
        "CIRCLE_ACTIVITY#{circle_id}",
        "TIMESTAMP#{at}#{activity_id}",
        answers="What happened in this circle, oldest first?",
    )

    activity_id = IdAttribute(attr_name="id")
    user_id = IdAttribute()
    type = EnumAttribute(
        "story_shared", "circle_joined", "comment_posted", "resource_saved", "product_reviewed", strict=True
    )
    entity_id = IdAttribute()
    # The stored name entityType says of every item what it is; that of the entity meant needs another one.
    entity_kind = UnicodeAttribute()
    circle_id = IdAttribute(null=True)
    metadata = DictAttribute(null=True)
    at = TimeAttribute(attr_name="timestamp", default=utc_now)

    def reconcile(self, changed: Collection[str]) -> None:
        """Let the activity expire 90 days after it happened, unless told otherwise.

        Raises:
            ValidationError: that is beyond the last moment that there is (RANGE_ERROR).
        """
        if self.ttl is None and isinstance(self.at, datetime):
            try:
                self.ttl = self.at + KEPT
            except OverflowError:
                entry = Entry("timestamp", "is too late: kept for 90 days, it ends after the year 9999", "RANGE_ERROR")
                ValidationReport([entry]).raise_if_invalid("Activity")
