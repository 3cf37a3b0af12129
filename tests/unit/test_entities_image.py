from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import DataValidator, codec
from madmall_models.entities import Image, PremiumSource
from madmall_models.footprint import footprint, measured_paths

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = ["active", "archived", "flagged", "removed", "pending_review"]
SAMPLE: dict[str, Any] = {
    "image_id": "i1",
    "url": "https://example.org/i1.png",
    "alt_text": "Two women laughing",
    "category": "joy",
    "source": "stock",
    "created_at": NOON,
    "updated_at": NOON,
}
SOURCE: dict[str, Any] = {
    "source_id": "p1",
    "provider": "nappy",
    "display_name": "Nappy",
    "license_defaults": {"license_type": "royalty_free"},
}


def image(**changes: Any) -> Image:
    return Image(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def pointer_keys(entity: Any) -> dict[str, tuple[str, str]]:
    return {name: (item["PK"]["S"], item["SK"]["S"]) for name, item in footprint(entity).pointers.items()}


def test_an_image_is_in_every_list_that_it_belongs_to() -> None:
    assert image().rendered_keys() == {
        "PK": "IMAGE#i1",
        "SK": "METADATA",
        "GSI1PK": "IMAGE_CATEGORY#joy",
        "GSI1SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI3PK": "IMAGE_STATUS#PENDING_REVIEW",
        "GSI3SK": "UPDATED#2026-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#IMAGES",
        "GSI4SK": "CREATED#2026-11-22T12:00:00.000Z",
    }
    assert pointer_keys(image()) == {}


@given(st.sampled_from(["Slow Food", "slow food", " SLOW FOOD "]))
def test_a_category_is_listed_without_regard_to_how_it_was_typed(category: str) -> None:
    assert image(category=category).GSI1PK == "IMAGE_CATEGORY#slow food"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("is_placeholder", [True, False])
def test_only_an_active_placeholder_is_one(status: str, is_placeholder: bool) -> None:
    made = image(status=status, is_placeholder=is_placeholder, tenant_id="t1", category="Joy")
    expected = {"placeholder": ("PLACEHOLDER#IMAGE#t1", "joy#2026-11-22T12:00:00.000Z#i1")}
    assert pointer_keys(made) == (expected if status == "active" and is_placeholder else {})


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_active_image_is_shown(status: str) -> None:
    assert image(status=status).is_shown is (status == "active")
    assert image(status=status, deleting_at=NOON).is_shown is False


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"url": None}, {"url": "REQUIRED"}, {}),
        ({"url": "ftp://example.org"}, {"url": "INVALID_FORMAT"}, {}),
        ({"category": None}, {"category": "REQUIRED"}, {}),
        ({"category": "cats"}, {}, {"category": "INVALID_VALUE"}),
        ({"alt_text": "four"}, {"altText": "MIN_LENGTH"}, {}),
        ({"alt_text": " four "}, {"altText": "MIN_LENGTH"}, {}),
        ({"alt_text": "fives"}, {}, {}),
        ({"alt_text": None}, {"altText": "REQUIRED"}, {}),
        ({"alt_text": 12345}, {"altText": "TYPE_ERROR"}, {}),
        ({"status": "approved"}, {"status": "INVALID_VALUE"}, {}),
        ({"thumbnail_url": "example.org"}, {}, {"thumbnailUrl": "FORMAT_WARNING"}),
        ({"source": None}, {}, {"source": "RECOMMENDED"}),
        ({"source": "placeholder"}, {}, {"source": "INVALID_VALUE"}),
        ({"source_info": {"license_type": "odd"}}, {}, {"sourceInfo.licenseType": "INVALID_VALUE"}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Image.validate({**SAMPLE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


@pytest.mark.parametrize(
    ("score", "errors", "warnings"),
    [
        (0, {}, {}),
        (1, {}, {}),
        (1.01, {}, {"validation.culturalScore": "RANGE_WARNING"}),
        (Decimal("-0.01"), {}, {"validation.culturalScore": "RANGE_WARNING"}),
        (float("nan"), {"validation.culturalScore": "TYPE_ERROR"}, {}),
        ("0.5", {"validation.culturalScore": "TYPE_ERROR"}, {}),
        (None, {}, {"validation.culturalScore": "RECOMMENDED"}),
    ],
)
def test_rules_of_a_score(score: Any, errors: dict[str, str], warnings: dict[str, str]) -> None:
    scores = {"cultural_score": score, "sensitivity_score": 0.5, "inclusivity_score": 0.5}
    report = Image.validate({**SAMPLE, "validation": scores})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_usage_is_measured_and_starts_at_zero() -> None:
    made = image()
    assert measured_paths(Image) == {("usage",)}
    assert (made.usage.total_impressions, made.usage.total_clicks, made.usage.contexts) == (0, 0, [])
    assert "validation" not in codec.encode(made)


@pytest.mark.defect(93)
def test_an_old_source_outside_the_list_is_read_and_kept() -> None:
    stored = {**codec.encode(image()), "source": {"S": "placeholder"}}
    assert codec.encode(codec.decode(Image, stored))["source"] == {"S": "placeholder"}


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"provider": "unsplash"}, {"provider": "INVALID_VALUE"}, {}),
        ({"provider": None}, {"provider": "REQUIRED"}, {}),
        ({"display_name": ""}, {"displayName": "REQUIRED"}, {}),
        ({"api_base_url": "nappy.example"}, {}, {"apiBaseUrl": "FORMAT_WARNING"}),
        ({"status": "paused"}, {}, {"status": "INVALID_VALUE"}),
        ({"license_defaults": {}}, {}, {"licenseDefaults.licenseType": "RECOMMENDED"}),
        ({"quality_threshold": "high"}, {"qualityThreshold": "TYPE_ERROR"}, {}),
    ],
)
def test_rules_of_a_premium_source(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = PremiumSource.validate({**SOURCE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_a_premium_source_is_listed_by_its_provider() -> None:
    made = PremiumSource(**SOURCE, created_at=NOON)
    assert made.rendered_keys() == {
        "PK": "PREMIUM_SOURCE#p1",
        "SK": "METADATA",
        "GSI1PK": "PROVIDER#nappy",
        "GSI1SK": "CREATED#2026-11-22T12:00:00.000Z",
    }
    assert made.status == "active"


def test_the_validator_tells_what_is_missing_as_the_system_being_replaced_did() -> None:
    image_report = DataValidator.validate_image_asset({**SAMPLE, "alt_text": None})
    source_report = DataValidator.validate_premium_source({**SOURCE, "provider": None})
    assert codes(image_report.errors) == {"altText": "MIN_LENGTH"}
    assert codes(source_report.errors) == {"provider": "INVALID_VALUE"}
