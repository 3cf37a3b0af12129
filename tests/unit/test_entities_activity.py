from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madmall_models import Database, ValidationError
from madmall_models.entities import Activity
from madmall_models.footprint import change, footprint
from madmall_models.writer import prepare_creation

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "activity_id": "a1",
    "user_id": "u1",
    "type": "comment_posted",
    "entity_id": "k1",
    "entity_kind": "comment",
    "at": NOON,
}


def activity(**changes: Any) -> Activity:
    return Activity(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def test_an_activity_lives_beside_its_user_in_the_order_of_time() -> None:
    assert activity().rendered_keys() == {"PK": "USER#u1", "SK": "ACTIVITY#2026-11-22T12:00:00.000Z#a1"}
    assert footprint(activity()).pointers == {}


def test_an_activity_of_a_circle_has_a_pointer_that_expires_with_it() -> None:
    made = activity(circle_id="c1")
    written = prepare_creation(made)
    pointer = written.pointers["in_circle"]

    assert (pointer["PK"]["S"], pointer["SK"]["S"]) == ("CIRCLE_ACTIVITY#c1", "TIMESTAMP#2026-11-22T12:00:00.000Z#a1")
    assert pointer["ttl"] == written.item["ttl"] == {"N": str(int((NOON + timedelta(days=90)).timestamp()))}


def test_a_pointer_follows_a_change_of_the_time_to_live() -> None:
    made = activity(circle_id="c1", ttl=NOON)
    old = footprint(made)
    made.ttl = NOON + timedelta(days=1)
    put = [action for action in change(old, footprint(made), expected_version=1) if action.part == "pointer:in_circle"]

    assert [(action.kind, action.request["Item"]["ttl"]) for action in put] == [("Put", {"N": "1795435200"})]


def test_an_activity_is_kept_for_ninety_days_unless_told_otherwise() -> None:
    usual, told = activity(), activity(ttl=NOON + timedelta(days=1))
    for made in (usual, told):
        prepare_creation(made)

    assert usual.ttl == NOON + timedelta(days=90)
    assert told.ttl == NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, {}),
        ({"type": "user_banned"}, {"type": "INVALID_VALUE"}),
        ({"type": None}, {"type": "REQUIRED"}),
        ({"entity_id": None}, {"entityId": "REQUIRED"}),
        ({"entity_kind": None}, {"entityKind": "REQUIRED"}),
        ({"user_id": "jane doe"}, {"userId": "INVALID_FORMAT"}),
        ({"metadata": {"title": "Rest", "words": 12, "tags": ["sleep"]}}, {}),
        ({"metadata": "much"}, {"metadata": "TYPE_ERROR"}),
        ({"at": datetime(2026, 11, 22)}, {"timestamp": "TYPE_ERROR"}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str]) -> None:
    assert codes(Activity.validate({**SAMPLE, **changes}).errors) == errors


@pytest.mark.parametrize("at", ["9999-12-01T00:00:00Z", datetime.max.replace(tzinfo=UTC)])
def test_a_moment_that_could_not_end_is_refused_and_not_an_accident(at: Any) -> None:
    with pytest.raises(ValidationError, match=r"timestamp .* \(RANGE_ERROR\)"):
        prepare_creation(activity(at=at))
    with pytest.raises(ValidationError):
        Database(table="table").activities.record(
            user_id="u1", type="circle_joined", entity_id="c1", entity_type="circle", at=at
        )
