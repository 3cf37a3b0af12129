from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import codec
from madmall_models.entities import Business
from madmall_models.footprint import footprint, measured_paths

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = ["active", "pending_verification", "suspended", "inactive"]
SAMPLE: dict[str, Any] = {
    "business_id": "b1",
    "profile": {
        "name": "Calm & Co",
        "description": "Teas for the evening",
        "website": "https://calm.example",
        "contact": {"email": "hello@calm.example", "phone": "+1 (404) 555-0100"},
    },
    "owner_id": "u1",
    "created_at": NOON,
    "updated_at": NOON,
}


def business(**changes: Any) -> Business:
    return Business(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def pointer_keys(entity: Any) -> dict[str, tuple[str, str]]:
    return {name: (item["PK"]["S"], item["SK"]["S"]) for name, item in footprint(entity).pointers.items()}


def test_a_business_is_in_every_list_that_it_belongs_to() -> None:
    assert business().rendered_keys() == {
        "PK": "BUSINESS#b1",
        "SK": "METADATA",
        "GSI1PK": "BUSINESS_CATEGORY#general",
        "GSI1SK": "NAME#calm & co",
        "GSI2PK": "OWNER#u1",
        "GSI2SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI3PK": "BUSINESS_STATUS#ACTIVE",
        "GSI3SK": "UPDATED#2026-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#BUSINESSES",
        "GSI4SK": "CREATED#2026-11-22T12:00:00.000Z",
    }


@given(st.sampled_from(["Hair Care", "hair care", " HAIR CARE "]), st.sampled_from(["Éclat", "e\u0301clat", "ÉCLAT "]))
def test_category_and_name_are_listed_without_regard_to_how_they_were_typed(category: str, name: str) -> None:
    made = business(category=category, profile={**SAMPLE["profile"], "name": name})

    assert (made.GSI1PK, made.GSI1SK) == ("BUSINESS_CATEGORY#hair care", "NAME#éclat")
    assert (made.category, made.profile.name) == (category, name)


@pytest.mark.parametrize("status", STATUSES)
def test_only_an_active_business_is_featured_and_a_verified_one_stays_known(status: str) -> None:
    made = business(status=status, featured_until=NOON, verified_at=NOON)
    expected = {"verified": ("VERIFIED#BUSINESS", "2026-11-22T12:00:00.000Z#b1")}
    if status == "active":
        expected["featured"] = ("FEATURED#BUSINESS", "2026-11-22T12:00:00.000Z#b1")

    assert pointer_keys(made) == expected


def test_a_plain_business_is_neither_featured_nor_verified() -> None:
    assert pointer_keys(business()) == {}


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"profile": None}, {"profile": "REQUIRED"}, {}),
        ({"owner_id": None}, {"ownerId": "REQUIRED"}, {}),
        ({"type": "bakery"}, {}, {"type": "INVALID_VALUE"}),
        ({"status": "closed"}, {}, {"status": "INVALID_VALUE"}),
        ({"certifications": ["black_owned", "odd"]}, {}, {"certifications[1]": "INVALID_VALUE"}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Business.validate({**SAMPLE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({"name": "X"}, {"profile.name": "MIN_LENGTH"}, {}),
        ({"website": "calm.example"}, {"profile.website": "INVALID_FORMAT"}, {}),
        ({"description": ""}, {}, {"profile.description": "RECOMMENDED"}),
        ({"contact": None}, {"profile.contact": "REQUIRED"}, {}),
        ({"contact": {"phone": "1"}}, {"profile.contact.email": "REQUIRED"}, {}),
        ({"contact": {"email": "hello"}}, {"profile.contact.email": "INVALID_FORMAT"}, {}),
        ({"contact": {"email": "a@b.example", "phone": "call me"}}, {}, {"profile.contact.phone": "FORMAT_WARNING"}),
        (
            {"contact": {"email": "a@b.example", "address": {"street": "1 Elm St", "city": "Memphis", "state": "TN"}}},
            {},
            {"profile.contact.address.zipCode": "RECOMMENDED", "profile.contact.address.country": "RECOMMENDED"},
        ),
    ],
)
def test_rules_of_the_profile(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Business.validate({**SAMPLE, "profile": {**SAMPLE["profile"], **changes}})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_ratings_are_exact_and_measured() -> None:
    made = business(metrics={"rating": 4.9, "review_count": 87, "trust_score": Decimal("0.95")})

    assert codec.encode(made)["metrics"]["M"]["rating"] == {"N": "4.9"}
    assert (made.metrics.rating, made.metrics.review_count) == (Decimal("4.9"), 87)
    assert made.metrics.response_rate == Decimal(0)
    assert measured_paths(Business) == {("metrics",)}


def test_social_media_takes_any_platform() -> None:
    made = business(profile={**SAMPLE["profile"], "social_media": {"instagram": "@calm", "mastodon": "@calm@example"}})

    assert codec.decode(Business, codec.encode(made)).profile.social_media["mastodon"] == "@calm@example"
    assert business().profile.social_media == {}
