"""The validator of data tells what the system being replaced told, and what it let through."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madmall_models import DataValidator, ValidationReport, utc_now
from madmall_models.rules import ERROR, WARNING, Severity
from tests.unit.input_samples import (
    BUSINESS,
    CIRCLE,
    FEEDBACK,
    IMAGE,
    INCIDENT,
    ITEM,
    PERSONALIZATION,
    RESOURCE,
    REVIEW,
    SOURCE,
    STORY,
    USER,
    changed,
    told,
)
from tests.unit.test_validation_properties import nested


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
    (entry,) = getattr(DataValidator, f"validate_{kind}")({**data, name: value}).entries

    assert (entry.field, entry.code, entry.severity) == (name, "INVALID_VALUE", severity)


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
@example(data={"ttl": datetime(2000, 1, 1)}, kind="USER")
@example(data={"createdAt": datetime(2000, 1, 1), "updatedAt": utc_now()}, kind="USER")
def test_no_item_makes_it_crash(data: Any, kind: Any) -> None:
    for given_data in (data, {**data, "entityType": kind} if isinstance(data, dict) else [data]):
        for report in (
            DataValidator.validate_keys(given_data),
            DataValidator.validate_consistency(given_data),
            DataValidator.validate_batch(given_data),
            DataValidator.validate_circle(given_data),
        ):
            assert {entry.severity for entry in report.entries} <= {ERROR, WARNING}
