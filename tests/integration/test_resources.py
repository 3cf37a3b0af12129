"""Resources: listed by type, category, author and status, featured while public, and measured."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import Database, Resource, ValidationError
from tests.integration.samples import NOON, make_resource
from tests.integration.table_content import nothing_sent, nothing_written, places, raw

R1 = Resource.key.of("r1")


def ids(resources: Any) -> list[str]:
    return [resource.resource_id for resource in resources]


def test_a_resource_is_stored_with_its_keys_and_under_its_author(db: Database) -> None:
    make_resource(db, created_at=NOON, title="Eating Well 100%")
    item = raw(db, R1)
    assert {name: wire["S"] for name, wire in item.items() if name.startswith("GSI")} == {
        "GSI1PK": "RESOURCE_TYPE#article",
        "GSI1SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI2PK": "RESOURCE_CATEGORY#nutrition",
        "GSI2SK": "TITLE#eating well 100%25",
        "GSI3PK": "RESOURCE_STATUS#PUBLISHED",
        "GSI3SK": "UPDATED#2024-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#RESOURCES",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert places(db) == ["RESOURCE#r1 / METADATA", "USER#u1 / RESOURCE#2024-11-22T12:00:00.000Z#r1"]


@pytest.mark.defect(42, 58)
def test_resources_are_listed_by_type_category_author_and_tenant(db: Database) -> None:
    make_resource(db, "r1", title="Zebra food", created_at=NOON)
    make_resource(db, "r2", title="Apples for all", type="video", author="u2", created_at=NOON + timedelta(days=1))
    make_resource(db, "r3", category="education", tenant_id="other", created_at=NOON + timedelta(days=2))
    assert ids(db.resources.get_by_type("article")) == ["r1", "r3"]
    assert ids(db.resources.get_by_category("nutrition")) == ["r2", "r1"]
    assert ids(db.resources.get_by_author("u1")) == ["r1", "r3"]
    assert ids(db.resources.get_resources_by_tenant()) == ["r1", "r2"]
    assert ids(db.resources.get_resources_by_tenant("other")) == ["r3"]


def test_another_author_moves_the_pointer(db: Database) -> None:
    make_resource(db)
    db.resources.update("r1", author={"id": "u2"})
    assert (ids(db.resources.get_by_author("u1")), ids(db.resources.get_by_author("u2"))) == ([], ["r1"])
    assert len(places(db)) == 2
    assert db.resources.get("r1").author.name == "Jane"


@pytest.mark.defect(58)
def test_featured_resources_are_public_and_in_order_of_publication(db: Database) -> None:
    make_resource(db, "r1", status="featured", published_at=NOON)
    make_resource(db, "r2", status="featured", published_at=NOON - timedelta(days=1))
    make_resource(db, "r3", status="featured", published_at=NOON, is_public=False)
    make_resource(db, "r4", status="featured")
    make_resource(db, "r5", published_at=NOON)
    assert ids(db.resources.get_featured_resources()) == ["r2", "r1"]
    db.resources.update("r1", status="archived")
    assert ids(db.resources.get_featured_resources()) == ["r2"]


def test_published_resources_include_the_featured_ones(db: Database) -> None:
    make_resource(db, "r1")
    make_resource(db, "r2", status="featured", published_at=NOON)
    make_resource(db, "r3", status="draft")
    assert set(ids(db.resources.get_published_resources())) == {"r1", "r2"}


def test_resources_are_searched_by_all_criteria(db: Database) -> None:
    make_resource(db, "r1", tags=["tea"], metadata={"difficulty": "beginner", "evidence_based": True})
    make_resource(db, "r2", tags=["tea"], type="video", status="featured", published_at=NOON)
    make_resource(db, "r3", tags=["tea"], status="draft")
    make_resource(db, "r4", category="education", metadata={"therapeutic_value": ["calm"]})

    def found(**criteria: Any) -> set[str]:
        return set(ids(db.resources.search_resources(**criteria)))

    assert found() == {"r1", "r2", "r4"}
    assert found(tags=["tea", "milk"]) == {"r1", "r2"}
    assert found(category="nutrition", type="video") == {"r2"}
    assert found(type="article", evidence_based=True) == {"r1"}
    assert found(difficulty="beginner", evidence_based=False, category="nutrition") == {"r2"}
    assert found(therapeutic_value=["calm"]) == {"r4"}
    assert found(cultural_considerations=["none"]) == set()


def test_each_criterion_of_a_search_narrows(db: Database) -> None:
    metadata = {
        "difficulty": "expert",
        "cultural_considerations": ["food"],
        "therapeutic_value": ["hope"],
        "evidence_based": True,
    }
    make_resource(db, "r1", type="video", category="fitness", tags=["a", "b"], metadata=metadata)
    make_resource(db, "r2", type="video", tags=["b"])
    make_resource(db, "draft", type="video", category="fitness", tags=["a"], metadata=metadata, status="draft")
    make_resource(db, "theirs", type="video", category="fitness", tags=["a"], metadata=metadata, tenant_id="other")

    def found(**criteria: Any) -> list[str]:
        return sorted(resource.resource_id for resource in db.resources.search_resources(**criteria))

    assert found() == found(type="video") == found(tags=["b"]) == ["r1", "r2"]
    for criteria in (
        {"category": "fitness"},
        {"category": "fitness", "type": "video"},
        {"type": "video", "tags": ["a", "c"]},
        {"difficulty": "expert"},
        {"cultural_considerations": ["food", "church"]},
        {"therapeutic_value": ["hope"]},
        {"evidence_based": True},
    ):
        assert found(**criteria) == ["r1"]
        assert found(**criteria, tenant_id="other") == ["theirs"]
    assert found(evidence_based=False) == ["r2"]
    assert found(category="fitness", type="article") == []


def test_a_resource_is_published_featured_and_archived(db: Database) -> None:
    def lists() -> tuple[int, int]:
        return db.resources.get_published_resources().count(), db.resources.get_featured_resources().count()

    make_resource(db, status="draft")
    assert lists() == (0, 0)
    first = db.resources.feature("r1")
    assert (first.status, lists()) == ("featured", (1, 1))
    with nothing_sent(db):
        assert db.resources.feature("r1").published_at == first.published_at
    published = db.resources.publish("r1")
    assert (published.published_at >= first.published_at, lists()) == (True, (1, 0))
    assert db.resources.feature("r1").published_at == published.published_at
    db.resources.archive("r1")
    assert lists() == (0, 0)
    assert [resource.resource_id for resource in db.resources.get_by_author("u1")] == ["r1"]
    for operation in (db.resources.publish, db.resources.feature, db.resources.archive):
        with nothing_written(db), pytest.raises(Resource.DoesNotExist):
            operation("nothing")


def test_engagement_adds_and_sets(db: Database) -> None:
    make_resource(db)
    db.resources.update_engagement("r1", views=3, completions=1, average_rating=4.5, rating_count=1)
    db.resources.update_engagement("r1", views=2, completions=1, average_rating=4, rating_count=1)
    engagement = db.resources.get("r1").engagement
    assert (engagement.views, engagement.completions, engagement.rating_count) == (5, 2, 2)
    assert engagement.average_rating == Decimal(4)
    assert db.resources.get("r1").version == 1
    with pytest.raises(Resource.DoesNotExist):
        db.resources.update_engagement("nothing", views=1)


@pytest.mark.defect(37)
def test_prices_are_exact(db: Database) -> None:
    make_resource(db, price={"amount": Decimal("1234567890.0123456789"), "currency": "USD"}, is_premium=True)
    assert db.resources.get("r1").price.amount == Decimal("1234567890.0123456789")
    assert raw(db, R1)["price"]["M"]["amount"] == {"N": "1234567890.0123456789"}


def test_lists_of_documents_are_stored_in_camel_case_and_come_back(db: Database) -> None:
    make_resource(
        db, contributors=[{"name": "Ada", "is_verified": True}, {"isVerified": False, "specialties": ["tea"]}]
    )
    stored = raw(db, R1)["contributors"]["L"]
    assert stored[0]["M"] == {"name": {"S": "Ada"}, "isVerified": {"BOOL": True}}
    contributors = db.resources.get("r1").contributors
    assert [(person.name, person.is_verified) for person in contributors] == [("Ada", True), (None, False)]


def test_a_change_inside_a_list_of_documents_is_saved_and_keeps_what_is_unknown(db: Database) -> None:
    make_resource(db, contributors=[{"name": "Ada"}, {"name": "Eve"}])
    change = {"UpdateExpression": "SET contributors[1].hat = :hat", "ExpressionAttributeValues": {":hat": {"S": "top"}}}
    db.connection.call("UpdateItem", {"TableName": db.table_name, "Key": R1.wire, **change})
    resource = db.resources.get("r1")
    resource.contributors[0].name = "Ada L."
    resource.save()
    stored = raw(db, R1)["contributors"]["L"]
    assert [member["M"]["name"]["S"] for member in stored] == ["Ada L.", "Eve"]
    assert stored[1]["M"]["hat"] == {"S": "top"}


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"title": "Food"}, {"title"}),
        ({"type": "song"}, {"type"}),
        ({"author": {"name": "Jane"}}, {"author.id"}),
        ({"external_url": "example.org"}, {"externalUrl"}),
        ({"description": ""}, {"description"}),
    ],
)
def test_a_resource_that_breaks_a_rule_is_refused(fields: dict[str, Any], messages: set[str], db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_resource(db, **fields)
    assert set(refused.value.messages) == messages
