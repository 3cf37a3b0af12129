"""Declare the feedback: what a user says about an image, and what was done about it."""

from __future__ import annotations

from collections.abc import Collection

from madmall_models import clock
from madmall_models.attributes import (
    BooleanAttribute,
    DictAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI3
from madmall_models.keys import Pointer, PrimaryKey, Unique
from madmall_models.rules import Entry, Range, Rules, ValidationReport

FEEDBACK_STATUSES = ("new", "acknowledged", "in_review", "resolved", "dismissed")
SETTLED = ("resolved", "dismissed")
RESOLVING_ACTIONS = ("removed", "replaced", "edited", "no_action")


class Resolution(Document):
    """Say who settled a feedback, when, and what was done about the image."""

    resolved_by = UnicodeAttribute(null=True)
    resolved_at = TimeAttribute(null=True)
    action = EnumAttribute(*RESOLVING_ACTIONS, null=True)
    notes = UnicodeAttribute(null=True)


class Feedback(Entity, discriminator="FEEDBACK"):
    """What a user says about an image: a rating of 1 to 5 whole stars, perhaps a report.

    A feedback is settled while its status is resolved or dismissed; only then it has a resolution, which says at least
    when. ``feedback_id`` is unique by itself, although the key has more parts.
    """

    key = PrimaryKey(
        "FEEDBACK#IMAGE#{image_id}",
        "USER#{user_id}#TS#{created_at}#{feedback_id}",
        answers="Which feedback did this image get, by user?",
    )
    by_image = GSI1.key(
        "IMAGE#{image_id}#FEEDBACK", "TS#{created_at}", answers="Which feedback did this image get, oldest first?"
    )
    by_severity = GSI3.key(
        "FEEDBACK_SEVERITY#{severity}",
        "CREATED#{created_at}",
        answers="Which feedback is this severe, oldest first?",
    )
    of_user = Pointer(
        "USER#{user_id}",
        "FEEDBACK#{created_at}#{feedback_id}",
        answers="Which feedback did this user give, oldest first?",
    )
    open_reports = Pointer(
        "MODERATION#FEEDBACK",
        "{created_at}#{feedback_id}",
        answers="Which reports wait for a moderator, oldest first?",
        when=lambda feedback: feedback.is_report is True and not feedback.is_settled,
    )
    unique_id = Unique("{feedback_id}")

    feedback_id = IdAttribute()
    image_id = IdAttribute()
    user_id = IdAttribute()
    rating = IntegerAttribute()
    comment = UnicodeAttribute(null=True)
    categories = ListAttribute(
        of=EnumAttribute("representation", "appropriateness", "stereotype", "context_mismatch", "other"), default=list
    )
    severity = EnumAttribute("low", "medium", "high", "critical", null=True)
    is_report = BooleanAttribute(default=False)
    status = EnumAttribute(*FEEDBACK_STATUSES, default="new")
    resolution = Resolution(null=True)
    metadata = DictAttribute(null=True)

    rules = Rules(rating=[Range(1, 5)])

    @property
    def is_settled(self) -> bool:
        """Tell whether the feedback is resolved or dismissed."""
        return self.status in SETTLED

    def reconcile(self, changed: Collection[str]) -> None:
        """Bring the resolution in line with the status.

        Raises:
            ValidationError: a resolution is given to a feedback that is not settled (CONSISTENCY_ERROR).
        """
        if self.is_settled:
            self._note_when(changed)
        elif any(name.partition(".")[0] == "resolution" for name in changed) and self.resolution is not None:
            entry = Entry("resolution", "belongs to status resolved or dismissed; set both", "CONSISTENCY_ERROR")
            ValidationReport([entry]).raise_if_invalid("Feedback")
        elif "status" in changed:
            self.resolution = None

    def _note_when(self, changed: Collection[str]) -> None:
        if "status" in changed and self.resolution is None:
            self.resolution = Resolution()
        # What is no document is left to the rules.
        if "status" in changed and isinstance(self.resolution, Resolution) and self.resolution.resolved_at is None:
            self.resolution.resolved_at = clock.utc_now()
