from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models import DataValidator, codec
from madmall_models.entities import Feedback, Incident
from madmall_models.entities.feedback import FEEDBACK_STATUSES, SETTLED
from madmall_models.footprint import footprint, measured_paths

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "feedback_id": "f1",
    "image_id": "i1",
    "user_id": "u1",
    "rating": 4,
    "created_at": NOON,
    "updated_at": NOON,
}
INCIDENT: dict[str, Any] = {
    "incident_id": "n1",
    "triggered_by": "staff",
    "priority": "p1",
    "summary": "A picture offends.",
    "created_at": NOON,
    "updated_at": NOON,
}


def feedback(**changes: Any) -> Feedback:
    return Feedback(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def test_feedback_is_in_every_list_that_it_belongs_to() -> None:
    made = feedback(severity="high")
    assert made.rendered_keys() == {
        "PK": "FEEDBACK#IMAGE#i1",
        "SK": "USER#u1#TS#2026-11-22T12:00:00.000Z#f1",
        "GSI1PK": "IMAGE#i1#FEEDBACK",
        "GSI1SK": "TS#2026-11-22T12:00:00.000Z",
        "GSI3PK": "FEEDBACK_SEVERITY#high",
        "GSI3SK": "CREATED#2026-11-22T12:00:00.000Z",
    }
    assert "GSI3PK" not in feedback().rendered_keys()
    assert set(footprint(made).claims) == {"feedback_id"}


@pytest.mark.parametrize("status", FEEDBACK_STATUSES)
@pytest.mark.parametrize("is_report", [True, False])
def test_a_report_waits_until_it_is_settled(status: str, is_report: bool) -> None:
    found = footprint(feedback(status=status, is_report=is_report)).pointers
    waits = is_report and status not in SETTLED
    assert set(found) == ({"of_user", "open_reports"} if waits else {"of_user"})
    assert found["of_user"]["SK"] == {"S": "FEEDBACK#2026-11-22T12:00:00.000Z#f1"}


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"feedback_id": None}, {"feedbackId": "REQUIRED"}, {}),
        ({"image_id": ""}, {"imageId": "REQUIRED"}, {}),
        ({"user_id": None}, {"userId": "REQUIRED"}, {}),
        ({"rating": None}, {"rating": "REQUIRED"}, {}),
        ({"rating": 0}, {"rating": "RANGE_ERROR"}, {}),
        ({"rating": 6}, {"rating": "RANGE_ERROR"}, {}),
        ({"rating": 3.7}, {"rating": "TYPE_ERROR"}, {}),
        ({"rating": float("nan")}, {"rating": "TYPE_ERROR"}, {}),
        ({"rating": 5.0}, {}, {}),
        ({"categories": "stereotype"}, {"categories": "TYPE_ERROR"}, {}),
        ({"categories": ["stereotype", "odd"]}, {}, {"categories[1]": "INVALID_VALUE"}),
        ({"severity": "huge"}, {}, {"severity": "INVALID_VALUE"}),
        ({"status": "odd"}, {}, {"status": "INVALID_VALUE"}),
        ({"status": "resolved", "resolution": {"action": "odd"}}, {}, {"resolution.action": "INVALID_VALUE"}),
        ({"resolution": {"notes": "done"}}, {"resolution": "CONSISTENCY_ERROR"}, {}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Feedback.validate({**SAMPLE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_what_was_settled_without_a_moment_is_given_one() -> None:
    made = feedback(status="dismissed", resolution={"resolved_by": "m1"})
    made.reconcile({"status", "resolution.resolved_by"})
    assert (made.resolution.resolved_by, made.resolution.resolved_at is None) == ("m1", False)
    given = feedback(status="resolved", resolution={"resolved_at": NOON})
    given.reconcile({"status"})
    assert given.resolution.resolved_at == NOON


def test_an_old_rating_that_is_no_whole_number_is_read_past_and_kept() -> None:
    stored = {**codec.encode(feedback()), "rating": {"N": "3.7"}}
    read = codec.decode(Feedback, stored)
    assert read.rating is None
    assert codec.encode(read)["rating"] == {"N": "3.7"}


def test_metadata_take_anything() -> None:
    made = feedback(metadata={"requestId": "r1", "seen": [1, {"at": "home"}]})
    assert codec.decode(Feedback, codec.encode(made)).metadata == {"requestId": "r1", "seen": [1, {"at": "home"}]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({**SAMPLE, "rating": 3.7}, [("rating", "TYPE_ERROR"), ("rating", "RANGE_ERROR")]),
        ({**SAMPLE, "rating": float("nan")}, [("rating", "TYPE_ERROR"), ("rating", "RANGE_ERROR")]),
        ({**SAMPLE, "rating": 6}, [("rating", "RANGE_ERROR")]),
        ({**SAMPLE, "severity": "huge"}, [("severity", "INVALID_VALUE")]),
    ],
)
def test_the_validator_tells_the_codes_of_the_system_being_replaced(
    data: dict[str, Any], told: list[tuple[str, str]]
) -> None:
    assert [(entry.field, entry.code) for entry in DataValidator.validate_feedback(data).entries] == told


# -- incidents -----------------------------------------------------------------------------------------------------


def test_an_incident_is_listed_by_status_and_urgency() -> None:
    assert Incident(**INCIDENT).rendered_keys() == {
        "PK": "INCIDENT#n1",
        "SK": "METADATA",
        "GSI3PK": "INCIDENT_STATUS#OPEN",
        "GSI3SK": "PRIORITY#p1#CREATED#2026-11-22T12:00:00.000Z",
    }
    assert measured_paths(Incident) == frozenset()


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"triggered_by": None}, {"triggeredBy": "REQUIRED"}, {}),
        ({"triggered_by": "chance"}, {"triggeredBy": "INVALID_VALUE"}, {}),
        ({"priority": None}, {"priority": "REQUIRED"}, {}),
        ({"priority": "P1"}, {"priority": "INVALID_VALUE"}, {}),
        ({"summary": ""}, {"summary": "REQUIRED"}, {}),
        ({"status": "paused"}, {}, {"status": "INVALID_VALUE"}),
        ({"escalation": {}}, {}, {"escalation.level": "RECOMMENDED"}),
        ({"escalation": {"level": 4}}, {}, {"escalation.level": "INVALID_VALUE"}),
        ({"escalation": {"level": 1.5}}, {"escalation.level": "TYPE_ERROR"}, {}),
        ({"related_image_id": "a b"}, {"relatedImageId": "INVALID_FORMAT"}, {}),
        ({"alerts": [{"type": "page", "channel": "fax", "sent_at": NOON}]}, {}, {"alerts[0].channel": "INVALID_VALUE"}),
        (
            {"alerts": [{}]},
            {},
            {
                "alerts[0].type": "RECOMMENDED",
                "alerts[0].channel": "RECOMMENDED",
                "alerts[0].sentAt": "RECOMMENDED",
            },
        ),
    ],
)
def test_rules_of_an_incident(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Incident.validate({**INCIDENT, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_the_validator_tells_a_missing_priority_as_a_wrong_one() -> None:
    report = DataValidator.validate_incident({**INCIDENT, "priority": None, "triggered_by": None})
    assert sorted((entry.field, entry.code) for entry in report.errors) == [
        ("priority", "INVALID_VALUE"),
        ("triggeredBy", "INVALID_VALUE"),
        ("triggeredBy", "REQUIRED"),
    ]
