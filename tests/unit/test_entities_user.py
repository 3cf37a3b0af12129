from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import codec
from madmall_models.entities import User, UserProfile
from madmall_models.footprint import footprint, measured_paths

# The sample of the system being replaced; the support needs are values of another list there.
SAMPLE: dict[str, Any] = {
    "user_id": "user123",
    "email": "jane@example.com",
    "profile": {
        "first_name": "Jane",
        "last_name": "Smith",
        "cultural_background": ["Latina"],
        "communication_style": "gentle_encouraging",
        "diagnosis_stage": "managing_well",
        "support_needs": ["emotional_support", "health_education"],
    },
    "preferences": {"profile_visibility": "circles_only", "email_notifications": True},
    "settings": {"theme": "dark", "language": "en", "timezone": "America/New_York"},
    "primary_goals": ["emotional_support", "community_connection"],
}


def user(**changes: Any) -> User:
    return User(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


@pytest.mark.defect(95)
def test_the_sample_of_the_original_is_taken_with_warnings_only() -> None:
    report = User.validate(SAMPLE)

    assert report.errors == ()
    assert codes(report.warnings) == {
        "profile.supportNeeds[0]": "INVALID_VALUE",
        "profile.supportNeeds[1]": "INVALID_VALUE",
    }


def test_a_new_user_has_everything_that_has_a_default() -> None:
    made = User(user_id="u1", email="ann@example.com", profile={"first_name": "Ann", "last_name": "Lee"})

    assert made.profile.cultural_background == []
    assert made.profile.join_date.tzinfo is UTC
    assert made.profile.last_active.tzinfo is UTC
    assert made.preferences.profile_visibility == "circles_only"
    assert made.settings.accessibility.high_contrast is False
    assert (made.settings.theme, made.settings.language, made.settings.timezone) == ("auto", "en", "UTC")
    assert made.stats.days_active == 0
    assert (made.is_active, made.is_verified, made.tenant_id) == (True, False, "default")


@pytest.mark.defect(95)
def test_nothing_about_health_is_shared_unless_the_user_says_so() -> None:
    assert user().preferences.share_health_journey is False


def test_two_users_do_not_share_their_defaults() -> None:
    one, other = user(primary_goals=None), user(primary_goals=None)
    one.primary_goals.append("share_story")
    one.stats.days_active = 3

    assert (other.primary_goals, other.stats.days_active) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        pytest.param({"email": "jane.example.com"}, {"email": "INVALID_FORMAT"}, id="no at sign"),
        pytest.param({"email": "  "}, {"email": "REQUIRED"}, id="blank e-mail"),
        pytest.param({"profile": None}, {"profile": "REQUIRED"}, id="no profile"),
        pytest.param({"profile": {"first_name": "Jane"}}, {"profile.lastName": "REQUIRED"}, id="no last name"),
        pytest.param({"settings": {"theme": "pink"}}, {"settings.theme": "INVALID_VALUE"}, id="unknown theme"),
        pytest.param({"user_id": "a#b"}, {"userId": "INVALID_FORMAT"}, id="no id"),
    ],
)
def test_what_breaks_a_rule_is_refused(changes: dict[str, Any], errors: dict[str, str]) -> None:
    assert codes(User.validate({**SAMPLE, **changes}).errors) == errors


def test_what_the_original_wanted_by_its_shape_only_is_recommended() -> None:
    report = User.validate({**SAMPLE, "profile": {"first_name": "Jane", "last_name": "Smith", "bio": "x" * 501}})

    assert report.is_valid
    assert codes(report.warnings) == {
        "profile.bio": "LENGTH_WARNING",
        "profile.communicationStyle": "RECOMMENDED",
        "profile.diagnosisStage": "RECOMMENDED",
    }


def test_the_e_mail_address_is_kept_as_typed_and_found_in_any_letter_case() -> None:
    occupied = footprint(user(email="Jane@Example.COM", created_at=datetime(2026, 11, 22, tzinfo=UTC)))

    assert occupied.item["email"] == {"S": "Jane@Example.COM"}
    assert occupied.item["GSI1PK"] == {"S": "EMAIL#jane@example.com"}
    assert occupied.item["GSI4PK"] == {"S": "TENANT#default#USERS"}
    assert occupied.item["GSI4SK"] == {"S": "CREATED#2026-11-22T00:00:00.000Z"}
    assert occupied.claims["email"]["PK"] == {"S": "UNIQUE#USER#EMAIL#jane@example.com"}


@given(st.from_regex(r"[a-zA-Z.]{1,20}@[a-zA-Z]{1,10}\.[a-z]{2,3}", fullmatch=True))
def test_one_address_in_two_letter_cases_is_one_claim(address: str) -> None:
    claims = {footprint(user(email=text)).claims["email"]["PK"]["S"] for text in (address.upper(), address.lower())}

    assert len(claims) == 1


def test_counts_and_the_last_activity_are_measurements_and_the_rest_of_the_profile_is_not() -> None:
    assert measured_paths(User) == {("stats",), ("profile", "lastActive")}


def test_only_the_count_of_circles_is_maintained() -> None:
    counters = type(User.stats)._attributes
    assert [name for name, counter in counters.items() if counter.maintained] == ["circles_joined"]


def test_a_stored_user_without_stats_and_with_unknown_values_is_read_and_kept() -> None:
    stored = codec.encode(user())
    del stored["stats"]
    stored["settings"]["M"]["theme"] = {"S": "pink"}
    stored["shoeSize"] = {"N": "41"}

    read = codec.decode(User, stored)

    assert (read.stats, read.settings.theme) == (None, "pink")
    assert codec.encode(read)["shoeSize"] == {"N": "41"}


def test_a_profile_does_not_print_the_person() -> None:
    assert "Jane" not in repr(UserProfile(first_name="Jane", last_name="Smith"))
    assert "jane" not in repr(user())
