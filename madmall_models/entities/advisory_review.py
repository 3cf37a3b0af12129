"""Declare the advisory review: what a board of people decides about an image, a resource or a story."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

from madmall_models.attributes import (
    DecimalAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.clock import utc_now
from madmall_models.document import Document
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI3
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.rules import Entry, Range, Recommended, Rules, ValidationReport
from madmall_models.unread import demand_readable

QUEUED, IN_REVIEW = "queued", "in_review"
OPEN_STATUSES = (QUEUED, IN_REVIEW)
# What a review becomes when a decision leads.
OUTCOMES = {"approve": "approved", "request_changes": "changes_requested", "reject": "rejected"}
DECISIONS = tuple(OUTCOMES)
REQUIRED_VOTES = 3
_SHARE = Decimal("0.0001")
# What the consensus and the status follow from.
_FOLLOWED = ("decisions.reviewer_id", "decisions.decision", "consensus.required_votes")


class ReviewDecision(Document):
    """Hold the vote of one reviewer; it is never changed or taken back."""

    reviewer_id = IdAttribute()
    decision = EnumAttribute(*DECISIONS)
    rationale = UnicodeAttribute(null=True)
    decided_at = TimeAttribute(default=utc_now)

    rules = Rules(rationale=[Recommended()])


class Consensus(Document):
    """Say how far reviewers agree; it follows from the decisions.

    ``score`` is the share of the votes received that agree with the leading decision, 0 to 1, to four places; 0
    without a vote.
    """

    score = DecimalAttribute(default=Decimal, maintained=True)
    required_votes = IntegerAttribute(default=REQUIRED_VOTES)
    received_votes = IntegerAttribute(default=0, maintained=True)

    rules = Rules(required_votes=[Range(min=1)])


def _one_vote_each(values: Mapping[str, Any]) -> Iterable[Entry]:
    voters = Counter(decision.get("reviewer_id") for decision in values.get("decisions") or ())
    if any(votes > 1 for votes in voters.values()):
        yield Entry("decisions", "must have one vote of each reviewer at most", "CONSISTENCY_ERROR")


class AdvisoryReview(Entity, discriminator="ADVISORY_REVIEW"):
    """A question to the advisory board about one image, resource or story, with the votes of its reviewers.

    ``submitted_by`` is the id of a user, or ``system``. A review is open while its status is ``queued`` or
    ``in_review``. Once ``consensus.required_votes`` votes are in, the status follows the decision that leads: approved,
    changes_requested or rejected. A tie decides nothing: the review stays in review, and one more vote may break it.

    All reviews stand in one partition, and all open ones in another, so that together they take about 1,000 writes
    a second; a board of people writes far fewer.
    """

    key = PrimaryKey("ADVISORY#QUEUE", "REVIEW#{review_id}", answers="Which review has this id?")
    by_target = GSI1.key(
        "REVIEW_TARGET#{target_type}#{target_id}",
        "CREATED#{created_at}",
        answers="Which reviews does this image, resource or story have, oldest first?",
    )
    by_status = GSI3.key(
        "REVIEW_STATUS#{status:upper}",
        "UPDATED#{updated_at}",
        answers="Which reviews have this status, longest unchanged first?",
    )
    # The partition of the reviews themselves is in the order of their ids and keeps what was decided for ever.
    waiting = Pointer(
        "ADVISORY#OPEN",
        "{created_at}#{review_id}",
        answers="Which reviews are queued or in review, oldest first?",
        when=lambda review: review.is_open,
    )

    review_id = IdAttribute()
    target_type = EnumAttribute("image", "resource", "story", strict=True)
    target_id = IdAttribute()
    submitted_by = IdAttribute(null=True)
    assigned_to = IdAttribute(null=True)
    status: EnumAttribute = EnumAttribute(*OPEN_STATUSES, *OUTCOMES.values(), strict=True, default=QUEUED)
    notes = UnicodeAttribute(null=True)
    decisions = ListAttribute(of=ReviewDecision, default=list, maintained=True)
    consensus = Consensus(default=Consensus)

    rules = Rules(_one_vote_each, submitted_by=[Recommended()])

    @property
    def is_open(self) -> bool:
        """Tell whether the review still waits for its outcome."""
        return self.status in OPEN_STATUSES

    @property
    def voters(self) -> frozenset[str]:
        """Return the ids of the reviewers who have voted."""
        return frozenset(decision.reviewer_id for decision in self.decisions or ())

    @property
    def outcome(self) -> str | None:
        """Return the status that the votes give; None while votes are missing, or two decisions lead."""
        required = self.consensus.required_votes if self.consensus is not None else None
        leading = self._tally().most_common(2)
        tied = len(leading) == 2 and leading[0][1] == leading[1][1]
        if not leading or tied or len(self.decisions) < (required or REQUIRED_VOTES):
            return None
        return OUTCOMES.get(leading[0][0])

    def share_of_agreement(self) -> Decimal:
        """Return the share of the votes that agree with the leading decision; 0 without a vote."""
        leading = self._tally().most_common(1)
        return (Decimal(leading[0][1]) / len(self.decisions)).quantize(_SHARE) if leading else Decimal(0)

    def _tally(self) -> Counter[str]:
        return Counter(decision.decision for decision in self.decisions or ())

    def reconcile(self, changed: Collection[str]) -> None:
        """Compute the consensus, and let the status follow the votes.

        Raises:
            Unreadable: the votes, or how many decide, are stored in a form that could not be read.
            ValidationError: a status was given that contradicts what the votes decided (CONSISTENCY_ERROR).
        """
        demand_readable(self, *_FOLLOWED)
        votes = self.decisions or []
        if not isinstance(votes, list) or not all(isinstance(vote, ReviewDecision) for vote in votes):
            return  # what is no list of decisions is refused by the check that follows
        if self.consensus is None:
            self.consensus = Consensus()
        if not isinstance(self.consensus, Consensus):
            return  # and so is what is no consensus
        self.consensus.score, self.consensus.received_votes = self.share_of_agreement(), len(votes)
        if not isinstance(self.consensus.required_votes, int):
            return
        outcome = self.outcome
        if outcome is None or self.status == outcome:
            return
        if "status" in changed and "decisions" not in changed:
            entry = Entry("status", "contradicts the votes, which decided the review", "CONSISTENCY_ERROR")
            ValidationReport([entry]).raise_if_invalid("AdvisoryReview")
        self.status = outcome
