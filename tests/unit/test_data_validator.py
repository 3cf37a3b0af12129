"""The validator of data tells what the system being replaced told, and what it let through."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import CircleMember, DataValidator, User, ValidationReport
from madmall_models.rules import ERROR, WARNING, Severity
from tests.unit.test_validation_properties import nested

USER: dict[str, Any] = {
    "userId": "u1",
    "email": "jane@example.com",
    "profile": {"firstName": "Jane", "lastName": "Smith", "communicationStyle": "x", "diagnosisStage": "x"},
}
CIRCLE: dict[str, Any] = {
    "circleId": "c1",
    "name": "Rest",
    "description": "A place",
    "type": "support_group",
    "createdBy": "u1",
}
STORY: dict[str, Any] = {
    "storyId": "s1",
    "title": "How it began",
    "content": "x" * 50,
    "author": {"id": "u1", "displayName": "Jane"},
}
BUSINESS: dict[str, Any] = {
    "businessId": "b1",
    "ownerId": "u1",
    "profile": {"name": "Rest", "description": "Tea", "contact": {"email": "a@example.com"}},
}
RESOURCE: dict[str, Any] = {
    "resourceId": "r1",
    "title": "Eating",
    "description": "What to eat",
    "summary": "Eat",
    "category": "nutrition",
    "author": {"id": "u1", "name": "Jane"},
}
IMAGE: dict[str, Any] = {
    "imageId": "i1",
    "url": "https://example.com/1.png",
    "altText": "Two friends on a bench",
    "category": "joy",
    "source": "stock",
}
FEEDBACK: dict[str, Any] = {"feedbackId": "f1", "imageId": "i1", "userId": "u1", "rating": 5}
INCIDENT: dict[str, Any] = {"incidentId": "n1", "triggeredBy": "staff", "priority": "p1", "summary": "It broke"}
REVIEW: dict[str, Any] = {"reviewId": "r1", "targetType": "image", "targetId": "i1", "submittedBy": "system"}
SOURCE: dict[str, Any] = {
    "sourceId": "s1",
    "provider": "nappy",
    "displayName": "Nappy",
    "licenseDefaults": {"licenseType": "royalty_free"},
}
PERSONALIZATION: dict[str, Any] = {"userId": "u1"}
ITEM: dict[str, Any] = {
    "PK": "USER#u1",
    "SK": "PROFILE",
    "entityType": "USER",
    "version": 1,
    "createdAt": "2026-11-22T12:00:00Z",
    "updatedAt": "2026-11-22T12:00:00.123Z",
    "userId": "u1",
}
LATER = "2026-11-22T12:00:01.000Z"


def told(report: ValidationReport) -> set[tuple[str, str, str]]:
    return {(entry.field, entry.code, "error" if entry.severity is ERROR else "warning") for entry in report.entries}


def changed(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy in which a dotted path has another value; None takes it away."""
    head, _, rest = path.partition(".")
    inside = changed(data.get(head, {}), rest, value) if rest else value
    return {**{name: kept for name, kept in data.items() if name != head}, **({} if inside is None else {head: inside})}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("user", USER),
        ("circle", CIRCLE),
        ("story", STORY),
        ("business", BUSINESS),
        ("resource", RESOURCE),
        ("image_asset", IMAGE),
        ("feedback", FEEDBACK),
        ("incident", INCIDENT),
        ("advisory_review", REVIEW),
        ("premium_source", SOURCE),
        ("personalization", PERSONALIZATION),
    ],
)
def test_good_data_are_valid(kind: str, data: dict[str, Any]) -> None:
    report = getattr(DataValidator, f"validate_{kind}")(data)

    assert report.is_valid
    assert {entry.code for entry in report.warnings} <= {"INVALID_VALUE"}


@pytest.mark.parametrize(
    ("kind", "data", "path", "value", "code", "severity"),
    [
        *[
            (kind, data, path, absent, "REQUIRED", "error")
            for kind, data, paths in [
                ("user", USER, ["userId", "email", "profile.firstName", "profile.lastName"]),
                ("circle", CIRCLE, ["circleId", "name", "type", "createdBy"]),
                ("story", STORY, ["storyId", "title", "content", "author.id"]),
                ("business", BUSINESS, ["businessId", "ownerId", "profile.name", "profile.contact.email"]),
                ("resource", RESOURCE, ["resourceId", "title", "description", "category", "author.id"]),
                ("image_asset", IMAGE, ["imageId", "url", "category"]),
                ("feedback", FEEDBACK, ["feedbackId", "imageId", "userId", "rating"]),
                ("incident", INCIDENT, ["incidentId", "triggeredBy", "summary"]),
                ("advisory_review", REVIEW, ["reviewId", "targetId"]),
                ("premium_source", SOURCE, ["sourceId", "displayName"]),
                ("personalization", PERSONALIZATION, ["userId"]),
            ]
            for path in paths
            for absent in (None, "", "  ")
            if (path, absent) != ("type", "  ")
        ],
        ("user", USER, "profile", None, "REQUIRED", "error"),
        ("user", USER, "email", "jane", "INVALID_FORMAT", "error"),
        ("user", USER, "settings.theme", "pink", "INVALID_VALUE", "error"),
        ("user", USER, "profile.bio", "x" * 501, "LENGTH_WARNING", "warning"),
        ("user", USER, "profile.culturalBackground", "Latina", "TYPE_WARNING", "warning"),
        ("user", USER, "profile.culturalBackground", "Latina", "TYPE_ERROR", "error"),
        ("circle", CIRCLE, "name", "ab", "MIN_LENGTH", "error"),
        ("circle", CIRCLE, "name", "a" * 101, "MAX_LENGTH", "error"),
        ("circle", CIRCLE, "settings.maxMembers", 0, "RANGE_ERROR", "error"),
        ("circle", CIRCLE, "settings.maxMembers", 1, "RANGE_ERROR", "error"),
        ("circle", CIRCLE, "settings.maxMembers", 10001, "RANGE_ERROR", "error"),
        ("circle", CIRCLE, "settings.moderationLevel", "none", "INVALID_VALUE", "error"),
        ("circle", CIRCLE, "description", None, "RECOMMENDED", "warning"),
        ("circle", CIRCLE, "description", "x" * 1001, "LENGTH_WARNING", "warning"),
        ("story", STORY, "title", "abcd", "MIN_LENGTH", "error"),
        ("story", STORY, "title", "a" * 201, "MAX_LENGTH", "error"),
        ("story", STORY, "type", "novel", "INVALID_VALUE", "error"),
        ("story", STORY, "status", "lost", "INVALID_VALUE", "error"),
        ("story", STORY, "content", "x" * 49, "LENGTH_WARNING", "warning"),
        ("story", STORY, "content", "x" * 50001, "LENGTH_WARNING", "warning"),
        ("business", BUSINESS, "profile", None, "REQUIRED", "error"),
        ("business", BUSINESS, "profile.name", "R", "MIN_LENGTH", "error"),
        ("business", BUSINESS, "profile.contact.email", "a", "INVALID_FORMAT", "error"),
        ("business", BUSINESS, "profile.website", "example.com", "INVALID_FORMAT", "error"),
        ("business", BUSINESS, "profile.contact.phone", "call me", "FORMAT_WARNING", "warning"),
        ("business", BUSINESS, "profile.description", None, "RECOMMENDED", "warning"),
        ("resource", RESOURCE, "title", "abcd", "MIN_LENGTH", "error"),
        ("resource", RESOURCE, "type", "novel", "INVALID_VALUE", "error"),
        ("resource", RESOURCE, "externalUrl", "example.com", "INVALID_FORMAT", "error"),
        ("resource", RESOURCE, "downloadUrl", "example.com", "INVALID_FORMAT", "error"),
        ("resource", RESOURCE, "summary", None, "RECOMMENDED", "warning"),
        ("image_asset", IMAGE, "url", "example.com", "INVALID_FORMAT", "error"),
        *[("image_asset", IMAGE, "altText", text, "MIN_LENGTH", "error") for text in (None, "", "    ", "abcd ")],
        ("image_asset", IMAGE, "status", "lost", "INVALID_VALUE", "error"),
        ("image_asset", IMAGE, "thumbnailUrl", "example.com", "FORMAT_WARNING", "warning"),
        *[
            ("image_asset", IMAGE, f"validation.{score}Score", value, "RANGE_WARNING", "warning")
            for score in ("cultural", "sensitivity", "inclusivity")
            for value in (-0.1, 1.1)
        ],
        *[("feedback", FEEDBACK, "rating", value, "RANGE_ERROR", "error") for value in (0, 6, 3.7, float("nan"), "5")],
        ("feedback", FEEDBACK, "categories", "other", "TYPE_WARNING", "warning"),
        ("feedback", FEEDBACK, "categories", "other", "TYPE_ERROR", "error"),
        ("incident", INCIDENT, "triggeredBy", "chance", "INVALID_VALUE", "error"),
        ("incident", INCIDENT, "triggeredBy", None, "INVALID_VALUE", "error"),
        ("incident", INCIDENT, "priority", "p4", "INVALID_VALUE", "error"),
        ("incident", INCIDENT, "priority", None, "INVALID_VALUE", "error"),
        ("advisory_review", REVIEW, "targetType", "user", "INVALID_VALUE", "error"),
        ("advisory_review", REVIEW, "targetType", None, "INVALID_VALUE", "error"),
        ("premium_source", SOURCE, "provider", "else", "INVALID_VALUE", "error"),
        ("premium_source", SOURCE, "provider", None, "INVALID_VALUE", "error"),
        ("premium_source", SOURCE, "apiBaseUrl", "example.com", "FORMAT_WARNING", "warning"),
        *[
            ("personalization", PERSONALIZATION, f"engagement.{count}", value, "RANGE_WARNING", "warning")
            for count in ("impressions", "clicks")
            for value in (-1, "many", float("nan"))
        ],
    ],
)
def test_every_code_of_the_system_being_replaced_is_told(
    kind: str, data: dict[str, Any], path: str, value: Any, code: str, severity: str
) -> None:
    report = getattr(DataValidator, f"validate_{kind}")(changed(data, path, value))

    assert (path, code, severity) in told(report)


@pytest.mark.parametrize(
    ("kind", "data", "name", "value", "severity"),
    [
        ("feedback", FEEDBACK, "severity", "dire", WARNING),
        ("feedback", FEEDBACK, "status", "lost", WARNING),
        ("advisory_review", REVIEW, "status", "lost", ERROR),
    ],
)
def test_what_the_original_only_warned_of_is_told_too(
    kind: str, data: dict[str, Any], name: str, value: str, severity: Severity
) -> None:
    report = getattr(DataValidator, f"validate_{kind}")({**data, name: value})

    assert [(entry.field, entry.code, entry.severity) for entry in report.entries] == [
        (name, "INVALID_VALUE", severity)
    ]


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("kind", "data", "name", "value"),
    [
        ("circle", CIRCLE, "name", 12345),
        ("circle", CIRCLE, "name", "     "),
        ("feedback", FEEDBACK, "rating", float("nan")),
        ("feedback", FEEDBACK, "rating", 3.7),
        ("image_asset", IMAGE, "altText", 12345),
        ("user", USER, "isActive", "yes"),
        ("user", USER, "ttl", "1700000000"),
    ],
)
def test_types_are_checked(kind: str, data: dict[str, Any], name: str, value: Any) -> None:
    assert name in [entry.field for entry in getattr(DataValidator, f"validate_{kind}")({**data, name: value}).errors]


@pytest.mark.defect(64)
@pytest.mark.parametrize(
    ("kind", "data", "path"),
    [
        ("user", USER, "profile.communicationStyle"),
        ("user", USER, "profile.diagnosisStage"),
        ("user", USER, "preferences.profileVisibility"),
        ("circle", CIRCLE, "privacyLevel"),
        ("circle", CIRCLE, "type"),
        ("member", {"circleId": "c1", "userId": "u1"}, "role"),
        ("business", BUSINESS, "type"),
        ("business", BUSINESS, "status"),
        ("story", STORY, "moderationStatus"),
        ("image_asset", IMAGE, "source"),
        ("incident", INCIDENT, "status"),
    ],
)
def test_every_list_of_choices_is_checked(kind: str, data: dict[str, Any], path: str) -> None:
    report = getattr(DataValidator, f"validate_{kind}")(changed(data, path, "emperor"))

    assert (path, "INVALID_VALUE", "warning") in told(report)


@pytest.mark.defect(65)
def test_errors_of_keys_and_of_the_entity_are_told_in_one_report() -> None:
    item = {**ITEM, **USER, "PK": None, "email": "jane", "profile": {**USER["profile"], "bio": "x" * 501}}
    report = DataValidator.validate_user(item) + DataValidator.validate_keys(item)

    assert {(entry.field, entry.code) for entry in report.entries} >= {
        ("PK", "REQUIRED"),
        ("email", "INVALID_FORMAT"),
        ("profile.bio", "LENGTH_WARNING"),
    }


def test_bounds_are_part_of_what_they_bound() -> None:
    for name in ("abc", "a" * 100):
        assert DataValidator.validate_circle({**CIRCLE, "name": name}).is_valid
    for most in (2, 10000):
        assert DataValidator.validate_circle({**CIRCLE, "settings": {"maxMembers": most}}).is_valid


@pytest.mark.defect(62)
def test_what_is_required_inside_a_document_is_told_where_the_whole_document_is_missing() -> None:
    assert told(DataValidator.validate_story(changed(STORY, "author", None))) == {("author.id", "REQUIRED", "error")}
    assert told(DataValidator.validate_resource(changed(RESOURCE, "author", None))) == {
        ("author.id", "REQUIRED", "error")
    }
    assert told(DataValidator.validate_business(changed(BUSINESS, "profile.contact", None))) == {
        ("profile.contact.email", "REQUIRED", "error")
    }


@pytest.mark.defect(66)
@pytest.mark.parametrize(
    ("kind", "data"), [("circle", {**CIRCLE, "status": "ACTIVE", "isActive": False}), ("circle", CIRCLE)]
)
def test_what_contradicts_each_other_is_told(kind: str, data: dict[str, Any]) -> None:
    report = DataValidator.validate_circle(data)

    assert report.is_valid is ("status" not in data)
    assert [entry.code for entry in report.errors] == ["CONSISTENCY_ERROR"] * ("status" in data)


@pytest.mark.defect(66)
def test_a_private_circle_is_not_public() -> None:
    data = {**CIRCLE, "privacyLevel": "public", "settings": {"isPrivate": True}}

    assert ("privacyLevel", "CONSISTENCY_ERROR", "error") in told(DataValidator.validate_circle(data))


def test_members_and_comments_are_validated_too() -> None:
    assert told(DataValidator.validate_member({"circleId": "c1"})) == {("userId", "REQUIRED", "error")}
    assert ("content", "REQUIRED", "error") in told(DataValidator.validate_comment({"commentId": "x"}))


# -- items ---------------------------------------------------------------------------------------------------------


def test_a_good_item_has_good_keys() -> None:
    assert DataValidator.validate_keys(ITEM) == ValidationReport()
    assert DataValidator.validate_consistency(ITEM) == ValidationReport()


@pytest.mark.parametrize("name", ["PK", "SK", "entityType", "version", "createdAt", "updatedAt"])
@pytest.mark.parametrize("absent", [None, "", " "])
def test_what_every_item_has_is_required(name: str, absent: str | None) -> None:
    assert told(DataValidator.validate_keys({**ITEM, name: absent})) == {(name, "REQUIRED", "error")}


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("PK", 5, "TYPE_ERROR"),
        ("SK", b"PROFILE", "TYPE_ERROR"),
        ("entityType", 5, "TYPE_ERROR"),
        *[
            ("version", value, "TYPE_ERROR")
            for value in (-1, 1.5, float("nan"), float("inf"), True, "1", Decimal("1E+999999"), Decimal("sNaN"), [])
        ],
        *[
            (name, value, "INVALID_FORMAT")
            for name in ("createdAt", "updatedAt")
            for value in ("yesterday", "2026-11-22T12:00:00", "2026-13-01T00:00:00Z", 5, datetime(2026, 1, 1))
        ],
    ],
)
def test_what_every_item_has_is_of_its_type(name: str, value: object, code: str) -> None:
    assert told(DataValidator.validate_keys({**ITEM, name: value})) == {(name, code, "error")}


@pytest.mark.defect(38)
@pytest.mark.parametrize("version", [0, 1, 7.0, Decimal(3)])
def test_a_version_is_a_whole_number_from_0(version: object) -> None:
    assert DataValidator.validate_keys({**ITEM, "version": version}).is_valid


@pytest.mark.defect(67)
@pytest.mark.parametrize(
    "moment", ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.123456+02:00", datetime(2024, 1, 1, tzinfo=UTC)]
)
def test_a_timestamp_is_any_text_of_iso_8601_with_an_offset(moment: object) -> None:
    assert DataValidator.validate_keys({**ITEM, "createdAt": moment}).is_valid


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("item", "half"),
    [
        ({**ITEM, "PK": "CIRCLE#u1"}, "PK"),
        ({**ITEM, "PK": "USER#u2"}, "PK"),
        ({**ITEM, "SK": "METADATA"}, "SK"),
        ({**ITEM, "entityType": "STORY", "SK": "METADATA"}, "PK"),
        ({**ITEM, "userId": 5}, "PK"),
    ],
)
def test_a_key_is_that_of_the_type_and_of_the_id(item: dict[str, Any], half: str) -> None:
    expected = {(half, "CONSISTENCY_ERROR", "error")}

    assert told(DataValidator.validate_keys(item)) == expected
    assert told(DataValidator.validate_consistency(item)) >= expected
    assert "u1" not in repr(DataValidator.validate_keys(item))


def test_a_mirror_is_at_home_under_both_of_its_keys() -> None:
    member = {**ITEM, "entityType": "CIRCLE_MEMBER", "circleId": "c1"}

    assert DataValidator.validate_keys({**member, "PK": "CIRCLE#c1", "SK": "MEMBER#u1"}).is_valid
    assert DataValidator.validate_keys({**member, "PK": "USER#u1", "SK": "CIRCLE#c1"}).is_valid
    assert told(DataValidator.validate_keys({**member, "PK": "USER#u1", "SK": "CIRCLE#c2"})) == {
        ("SK", "CONSISTENCY_ERROR", "error")
    }


def test_a_key_of_several_parts_is_compared_with_each_of_them() -> None:
    comment = {**ITEM, "entityType": "STORY_COMMENT", "storyId": "s1", "commentId": "x"}

    assert DataValidator.validate_keys({**comment, "PK": "STORY#s1", "SK": "COMMENT#x"}).is_valid
    assert told(DataValidator.validate_keys({**comment, "PK": "STORY#s2", "SK": "COMMENT#y"})) == {
        ("PK", "CONSISTENCY_ERROR", "error"),
        ("SK", "CONSISTENCY_ERROR", "error"),
    }


@pytest.mark.parametrize("kind", ["STORY_POINTER", "UNIQUE_CLAIM", "SOMETHING_ELSE"])
def test_the_key_of_an_item_that_no_class_is_declared_for_is_not_judged(kind: str) -> None:
    assert DataValidator.validate_keys({**ITEM, "entityType": kind}).is_valid


def test_an_entity_has_the_keys_that_it_will_be_written_with() -> None:
    user = User(user_id="u1", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"})

    assert told(DataValidator.validate_keys(user)) == {
        (name, "REQUIRED", "error") for name in ("version", "createdAt", "updatedAt")
    }
    assert told(DataValidator.validate_keys(CircleMember())) >= {("PK", "REQUIRED", "error")}
    assert told(DataValidator.validate_keys(User(user_id="a#b"))) >= {("PK", "REQUIRED", "error")}


def test_what_was_made_after_it_was_changed_is_inconsistent() -> None:
    report = DataValidator.validate_consistency({**ITEM, "createdAt": LATER})

    (entry,) = report.errors
    assert (entry.field, entry.code, set(entry.value)) == (
        "timestamps",
        "CONSISTENCY_ERROR",
        {"createdAt", "updatedAt"},
    )
    assert DataValidator.validate_consistency({**ITEM, "updatedAt": ITEM["createdAt"]}).is_valid


def test_times_are_compared_as_moments_and_not_as_texts() -> None:
    item = {**ITEM, "createdAt": "2026-11-22T13:00:00+02:00", "updatedAt": "2026-11-22T11:30:00Z"}

    assert DataValidator.validate_consistency(item).is_valid


@pytest.mark.defect(63)
@pytest.mark.parametrize("name", ["createdAt", "updatedAt"])
def test_a_time_that_is_none_is_not_consistent_with_anything(name: str) -> None:
    assert told(DataValidator.validate_consistency({**ITEM, name: "x"})) == {(name, "INVALID_FORMAT", "error")}


def test_a_life_that_is_over_is_warned_of() -> None:
    for over in (0, 1, Decimal(1), datetime(2001, 1, 1, tzinfo=UTC)):
        assert told(DataValidator.validate_consistency({**ITEM, "ttl": over})) == {("ttl", "TTL_WARNING", "warning")}
    assert DataValidator.validate_consistency({**ITEM, "ttl": 4102444800}) == ValidationReport()


@pytest.mark.defect(63)
@pytest.mark.parametrize("ttl", ["1700000000", float("nan"), 1700000000000, Decimal("1.5"), True])
def test_a_time_to_live_is_seconds(ttl: object) -> None:
    assert told(DataValidator.validate_consistency({**ITEM, "ttl": ttl})) == {("ttl", "TYPE_ERROR", "error")}


@pytest.mark.defect(66)
def test_a_stored_circle_that_contradicts_itself_is_inconsistent() -> None:
    item = {"entityType": "CIRCLE", "status": "INACTIVE", "isActive": True, "name": 5, "settings": {"maxMembers": "x"}}

    assert told(DataValidator.validate_consistency(item)) == {("status", "CONSISTENCY_ERROR", "error")}


def test_a_batch_is_a_list_of_items_that_is_not_too_long() -> None:
    assert DataValidator.validate_batch([ITEM] * 25).is_valid
    assert told(DataValidator.validate_batch(None)) == {("items", "TYPE_ERROR", "error")}
    assert told(DataValidator.validate_batch({})) == {("items", "TYPE_ERROR", "error")}
    assert told(DataValidator.validate_batch([])) == {("items", "EMPTY_BATCH", "error")}

    (entry,) = DataValidator.validate_batch([ITEM] * 26).errors
    assert (entry.field, entry.code, entry.value) == ("items", "BATCH_SIZE_EXCEEDED", 26)
    assert DataValidator.validate_batch([ITEM] * 26, max_items=100).is_valid
    assert not DataValidator.validate_batch([ITEM] * 3, max_items=2).is_valid


def test_each_item_of_a_batch_is_validated_under_its_position() -> None:
    assert told(DataValidator.validate_batch([ITEM, {**ITEM, "PK": None}, None])) == {
        ("items[1].PK", "REQUIRED", "error"),
        ("items[2]", "TYPE_ERROR", "error"),
    }


# -- whatever it is given ------------------------------------------------------------------------------------------

METHODS = [name for name in vars(DataValidator) if name.startswith("validate_")]
NAMES = st.sampled_from(
    [*USER, *CIRCLE, *BUSINESS, *ITEM, "profile", "contact", "ttl", "status", "isActive", "settings"]
)
ENDLESS: dict[str, Any] = {}
ENDLESS.update(profile=ENDLESS, settings=[ENDLESS], userId=ENDLESS)


@pytest.mark.defect(62)
@pytest.mark.parametrize("data", [None, [], 5, "x", b"x", object(), object, float("nan"), ENDLESS, [ENDLESS], {5: 6}])
@pytest.mark.parametrize("method", METHODS)
def test_no_data_make_it_crash(method: str, data: object) -> None:
    report = getattr(DataValidator, method)(data)

    assert isinstance(report, ValidationReport)
    assert not report.is_valid or method == "validate_consistency"


@pytest.mark.defect(62)
@given(data=nested(NAMES | st.integers()), kind=st.sampled_from(["USER", "CIRCLE", "CIRCLE_MEMBER", "BUSINESS", 5]))
def test_no_item_makes_it_crash(data: Any, kind: Any) -> None:
    for given_data in (data, {**data, "entityType": kind} if isinstance(data, dict) else [data]):
        for report in (
            DataValidator.validate_keys(given_data),
            DataValidator.validate_consistency(given_data),
            DataValidator.validate_batch(given_data),
            DataValidator.validate_circle(given_data),
        ):
            assert {entry.severity for entry in report.entries} <= {ERROR, WARNING}
