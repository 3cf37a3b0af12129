from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models.entities import CohortMembership, Personalization
from madmall_models.footprint import measured_paths
from madmall_models.writer import prepare_creation

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def test_a_profile_lives_beside_its_user_and_stands_in_no_index() -> None:
    made = Personalization(user_id="u1", cohorts=["early"])

    assert made.rendered_keys() == {"PK": "USER#u1", "SK": "PERSONALIZATION"}


def test_an_edge_lives_beside_the_profile_and_is_listed_by_cohort() -> None:
    made = CohortMembership(user_id="u1", cohort_id="early", updated_at=NOON)

    assert made.rendered_keys() == {
        "PK": "USER#u1",
        "SK": "COHORT#early",
        "GSI1PK": "COHORT#early",
        "GSI1SK": "UPDATED#2026-11-22T12:00:00.000Z",
    }


def test_a_new_profile_has_its_required_blocks() -> None:
    made = Personalization(user_id="u1")

    figures = made.engagement
    assert (figures.impressions, figures.clicks, figures.dwell_time_ms, figures.last_interaction_at) == (0, 0, 0, None)
    assert made.preferences == {}
    assert (made.ab_tests, made.cohorts) == (None, None)
    assert measured_paths(Personalization) == {("engagement",)}


def test_each_cohort_is_kept_once_in_the_order_given() -> None:
    made = Personalization(user_id="u1", cohorts=["late", "early", "late"])
    prepare_creation(made)

    assert made.cohorts == ["late", "early"]


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"user_id": None}, {"userId": "REQUIRED"}, {}),
        ({"preferences": {"image_styles": ["studio", "odd"]}}, {}, {"preferences.imageStyles[1]": "INVALID_VALUE"}),
        ({"preferences": ["studio"]}, {"preferences": "TYPE_ERROR"}, {}),
        ({"engagement": {"impressions": -5}}, {}, {"engagement.impressions": "RANGE_WARNING"}),
        ({"engagement": {"clicks": -1}}, {}, {"engagement.clicks": "RANGE_WARNING"}),
        ({"engagement": {"clicks": 1.5}}, {"engagement.clicks": "TYPE_ERROR"}, {}),
        ({"cohorts": ["two words"]}, {"cohorts[0]": "INVALID_FORMAT"}, {}),
        ({"cohorts": "early"}, {"cohorts": "TYPE_ERROR"}, {}),
        ({"ab_tests": [{"experiment_id": "e1", "variant": "A", "started_at": NOON}]}, {}, {}),
        ({"ab_tests": [{"variant": "A", "started_at": NOON}]}, {"abTests[0].experimentId": "REQUIRED"}, {}),
        (
            {"ab_tests": [{"experiment_id": "e1", "variant": "D"}]},
            {},
            {"abTests[0].variant": "INVALID_VALUE", "abTests[0].startedAt": "RECOMMENDED"},
        ),
        (
            {"ab_tests": [{"experiment_id": "e1", "variant": "A", "started_at": NOON, "metrics": {"x": "much"}}]},
            {"abTests[0].metrics": "TYPE_ERROR"},
            {},
        ),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Personalization.validate({"user_id": "u1", **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)
