from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import codec
from madmall_models.entities import Resource
from madmall_models.footprint import footprint, measured_paths

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = ["draft", "published", "archived", "under_review", "featured"]
SAMPLE: dict[str, Any] = {
    "resource_id": "r1",
    "title": "Sleep Well #1",
    "description": "Seven habits",
    "summary": "What helps, and why",
    "category": "self_care",
    "author": {"id": "u1", "name": "Dr. Ada Lane", "credentials": ["MD"]},
    "created_at": NOON,
    "updated_at": NOON,
}


def resource(**changes: Any) -> Resource:
    return Resource(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def pointer_keys(entity: Any) -> dict[str, tuple[str, str]]:
    return {name: (item["PK"]["S"], item["SK"]["S"]) for name, item in footprint(entity).pointers.items()}


def test_a_resource_is_in_every_list_that_it_belongs_to() -> None:
    assert resource().rendered_keys() == {
        "PK": "RESOURCE#r1",
        "SK": "METADATA",
        "GSI1PK": "RESOURCE_TYPE#article",
        "GSI1SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI2PK": "RESOURCE_CATEGORY#self_care",
        "GSI2SK": "TITLE#sleep well %231",
        "GSI3PK": "RESOURCE_STATUS#PUBLISHED",
        "GSI3SK": "UPDATED#2026-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#RESOURCES",
        "GSI4SK": "CREATED#2026-11-22T12:00:00.000Z",
    }
    assert pointer_keys(resource()) == {"by_author": ("USER#u1", "RESOURCE#2026-11-22T12:00:00.000Z#r1")}


@given(st.sampled_from(STATUSES), st.booleans(), st.booleans(), st.booleans())
def test_only_a_public_resource_with_the_status_featured_is_featured(
    status: str, public: bool, premium: bool, published: bool
) -> None:
    made = resource(status=status, is_public=public, is_premium=premium, published_at=NOON if published else None)
    pointers = pointer_keys(made)

    assert "by_author" in pointers
    assert pointers.get("featured") == (
        ("FEATURED#RESOURCE", "2026-11-22T12:00:00.000Z#r1") if status == "featured" and public and published else None
    )


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"title": "abcd"}, {"title": "MIN_LENGTH"}, {}),
        ({"description": ""}, {"description": "REQUIRED"}, {}),
        ({"summary": None}, {}, {"summary": "RECOMMENDED"}),
        ({"type": "song"}, {"type": "INVALID_VALUE"}, {}),
        ({"category": None}, {"category": "REQUIRED"}, {}),
        ({"category": "Sleep Health"}, {}, {"category": "INVALID_VALUE"}),
        ({"author": {"name": "Ada"}}, {"author.id": "REQUIRED"}, {}),
        ({"author": {"id": "u1"}}, {}, {"author.name": "RECOMMENDED"}),
        ({"external_url": "ftp://x"}, {"externalUrl": "INVALID_FORMAT"}, {}),
        ({"download_url": "x"}, {"downloadUrl": "INVALID_FORMAT"}, {}),
        ({"price": {"amount": 5}}, {}, {"price.currency": "RECOMMENDED"}),
        (
            {"contributors": [{"id": "u2", "name": "Eve", "is_verified": True, "specialties": []}, {"id": "u3"}]},
            {},
            {
                "contributors[1].name": "RECOMMENDED",
                "contributors[1].isVerified": "RECOMMENDED",
                "contributors[1].specialties": "RECOMMENDED",
            },
        ),
        ({"contributors": [{"id": "a#b"}]}, {"contributors[0].id": "INVALID_FORMAT"}, None),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str] | None) -> None:
    report = Resource.validate({**SAMPLE, **changes})

    assert codes(report.errors) == errors
    assert warnings is None or codes(report.warnings) == warnings


def test_lists_of_documents_are_stored_and_read() -> None:
    made = resource(
        attachments=[
            {"id": "f1", "name": "Checklist", "url": "https://x.example/f1", "type": "application/pdf", "size": 9}
        ],
        contributors=[{"id": "u2", "name": "Eve", "isVerified": True}],
        price={"amount": 12.5, "currency": "USD"},
    )
    read = codec.decode(Resource, codec.encode(made))

    assert (read.attachments[0].name, read.attachments[0].size) == ("Checklist", 9)
    assert read.contributors[0].is_verified is True
    assert read.price.amount == Decimal("12.5")
    assert read == made


def test_a_new_resource_has_its_defaults() -> None:
    made = resource()

    assert (made.type, made.status, made.is_public, made.is_premium) == ("article", "published", True, False)
    assert (made.metadata.read_time, made.metadata.difficulty, made.metadata.watch_time) == (5, "beginner", None)
    assert (made.engagement.views, made.engagement.average_rating, made.engagement.completions) == (0, Decimal(0), None)
    assert (made.contributors, made.attachments, made.price) == (None, None, None)


def test_engagement_is_measured() -> None:
    assert measured_paths(Resource) == {("engagement",)}
