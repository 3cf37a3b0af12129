from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import ValidationError, codec
from madmall_models.entities import AdvisoryReview
from madmall_models.footprint import footprint, measured_paths
from madmall_models.writer import prepare_creation

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "review_id": "r1",
    "target_type": "story",
    "target_id": "s1",
    "submitted_by": "system",
    "created_at": NOON,
    "updated_at": NOON,
}
OUTCOMES = {"approve": "approved", "request_changes": "changes_requested", "reject": "rejected"}
DECISIONS = st.sampled_from(list(OUTCOMES))


def review(**changes: Any) -> AdvisoryReview:
    return AdvisoryReview(**{**SAMPLE, **changes})


def votes(*decisions: str) -> list[dict[str, Any]]:
    return [
        {"reviewer_id": f"v{number}", "decision": decision, "rationale": "It is."}
        for number, decision in enumerate(decisions)
    ]


def created(**changes: Any) -> AdvisoryReview:
    made = review(**changes)
    prepare_creation(made)
    return made


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def test_a_review_is_in_every_list_that_it_belongs_to() -> None:
    made = review()

    assert made.rendered_keys() == {
        "PK": "ADVISORY#QUEUE",
        "SK": "REVIEW#r1",
        "GSI1PK": "REVIEW_TARGET#story#s1",
        "GSI1SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI3PK": "REVIEW_STATUS#QUEUED",
        "GSI3SK": "UPDATED#2026-11-22T12:00:00.000Z",
    }
    pointer = footprint(made).pointers["waiting"]
    assert (pointer["PK"], pointer["SK"]) == ({"S": "ADVISORY#OPEN"}, {"S": "2026-11-22T12:00:00.000Z#r1"})


@pytest.mark.parametrize("status", ["queued", "in_review", *OUTCOMES.values()])
def test_only_what_is_queued_or_in_review_waits(status: str) -> None:
    made = review(status=status)

    assert made.is_open is (status in ("queued", "in_review"))
    assert ("waiting" in footprint(made).pointers) is made.is_open


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"target_type": "circle"}, {"targetType": "INVALID_VALUE"}, {}),
        ({"target_type": None}, {"targetType": "REQUIRED"}, {}),
        ({"target_id": None}, {"targetId": "REQUIRED"}, {}),
        ({"submitted_by": None}, {}, {"submittedBy": "RECOMMENDED"}),
        ({"submitted_by": "jane@example.org"}, {"submittedBy": "INVALID_FORMAT"}, {}),
        ({"status": "shelved"}, {"status": "INVALID_VALUE"}, {}),
        ({"consensus": {"required_votes": 0}}, {"consensus.requiredVotes": "RANGE_ERROR"}, {}),
        ({"decisions": votes("approve")}, {}, {}),
        ({"decisions": [*votes("approve"), *votes("reject")]}, {"decisions": "CONSISTENCY_ERROR"}, {}),
        ({"decisions": [{"decision": "approve", "rationale": "-"}]}, {"decisions[0].reviewerId": "REQUIRED"}, {}),
        ({"decisions": [{"reviewer_id": "v", "rationale": "-"}]}, {"decisions[0].decision": "REQUIRED"}, {}),
        ({"decisions": [{**votes("shrug")[0]}]}, {}, {"decisions[0].decision": "INVALID_VALUE"}),
        (
            {"decisions": [{"reviewer_id": "v", "decision": "reject"}]},
            {},
            {"decisions[0].rationale": "RECOMMENDED"},
        ),
        ({"decisions": "approve"}, {"decisions": "TYPE_ERROR"}, {}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = AdvisoryReview.validate({**SAMPLE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_a_new_review_waits_for_three_votes() -> None:
    made = created()

    assert (made.status, made.decisions) == ("queued", [])
    assert (made.consensus.required_votes, made.consensus.received_votes, made.consensus.score) == (3, 0, 0)
    assert measured_paths(AdvisoryReview) == frozenset()


@given(st.lists(DECISIONS, max_size=9), st.integers(1, 9))
def test_the_consensus_and_the_status_follow_from_the_votes(decisions: list[str], required: int) -> None:
    made = created(decisions=votes(*decisions), consensus={"required_votes": required})
    most = Counter(decisions).most_common()
    leaders = [decision for decision, count in most if count == most[0][1]]
    decided = len(decisions) >= required and len(leaders) == 1

    assert made.consensus.received_votes == len(decisions)
    share = Decimal(most[0][1]) / len(decisions) if decisions else Decimal(0)
    assert abs(made.consensus.score - share) <= Decimal("0.00005")
    assert made.status == (OUTCOMES[leaders[0]] if decided else "queued")
    assert made.outcome == (made.status if decided else None)


@pytest.mark.parametrize(
    ("decisions", "status"),
    [
        (["approve", "approve", "reject"], "approved"),
        (["reject", "request_changes", "request_changes"], "changes_requested"),
        (["reject", "reject", "approve"], "rejected"),
        (["approve", "approve"], "queued"),
        (["approve", "reject", "request_changes"], "queued"),
        (["approve", "approve", "reject", "reject"], "queued"),
        (["approve", "approve", "reject", "reject", "reject"], "rejected"),
    ],
)
def test_a_decision_that_leads_wins_and_a_tie_decides_nothing(decisions: list[str], status: str) -> None:
    assert created(decisions=votes(*decisions)).status == status


def test_a_consensus_that_was_given_is_computed_anew() -> None:
    made = created(decisions=votes("approve", "reject"), consensus={"score": 1, "received_votes": 7})

    assert (made.consensus.score, made.consensus.received_votes) == (Decimal("0.5"), 2)


def test_a_status_cannot_contradict_what_the_votes_decided() -> None:
    made = review(decisions=votes("approve", "approve", "approve"), status="rejected")

    with pytest.raises(ValidationError) as refused:
        made.reconcile({"status"})
    assert codes(refused.value.errors) == {"status": "CONSISTENCY_ERROR"}


@pytest.mark.parametrize("decisions", ["approve", ["approve"], 7])
def test_what_is_no_list_of_votes_is_refused_and_not_counted(decisions: Any) -> None:
    with pytest.raises(ValidationError):
        created(decisions=decisions)


def test_a_stored_review_of_another_writer_is_read() -> None:
    item = {
        **codec.encode(review()),
        "status": {"S": "shelved"},
        "decisions": {"L": [{"M": {"decision": {"S": "shrug"}}}]},
    }
    item.pop("consensus")
    read = codec.decode(AdvisoryReview, item)

    assert (read.status, read.consensus, read.is_open, read.outcome) == ("shelved", None, False, None)
    assert read.voters == {None}
