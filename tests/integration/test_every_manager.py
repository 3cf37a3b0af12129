"""What every manager can do, of every entity that there is."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Circle, Comment, Database, KeyValueError, QueryError, User
from madmall_models.errors import ServiceError
from tests.integration.samples import make_business, make_circle, make_resource, make_story, make_user

COLLECTIONS = ["businesses", "circles", "resources", "stories", "users"]
IDS = {"businesses": "b1", "circles": "c1", "resources": "r1", "stories": "s1", "users": "u1"}


@pytest.fixture
def content(db: Database) -> Database:
    for make in (make_user, make_circle, make_story, make_business, make_resource):
        make(db)  # type: ignore[operator]
    return db


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_item_is_there_or_not(collection: str, content: Database) -> None:
    manager, key = getattr(content, collection), IDS[collection]
    assert (manager.exists(key), manager.exists("nothing")) == (True, False)
    assert manager.get(key) == manager.get_or_none(key) == manager.get(key, consistent=True)
    assert manager.get_or_none("nothing") is None
    assert manager.batch_get(["nothing", key]) == [None, manager.get(key)]
    with pytest.raises(manager.model.DoesNotExist):
        manager.get("nothing")
    for wrong in ("", "a#b", None, 1, "x" * 129):
        for ask in (manager.exists, manager.get, manager.get_or_none):
            with pytest.raises(KeyValueError):
                ask(wrong)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_outage_is_no_absence(collection: str, content: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: Any, **__: Any) -> Any:
        raise ServiceError("InternalServerError", code="InternalServerError")

    monkeypatch.setattr(content.connection, "call", down)
    manager = getattr(content, collection)
    for ask in (manager.exists, manager.get_or_none):
        with pytest.raises(ServiceError):
            ask(IDS[collection])


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_items_are_listed_and_counted_by_tenant(collection: str, content: Database) -> None:
    manager, key = getattr(content, collection), IDS[collection]
    assert (manager.count(), manager.count("other")) == (1, 0)
    assert list(manager.of_tenant()) == list(manager.of_tenant("default")) == [manager.get(key)]
    assert list(manager.of_tenant("other")) == []
    manager.update(key, tenant_id="other")
    assert (manager.count(), manager.count("other")) == (0, 1)
    assert list(manager.query(tenant_id="other")) == [manager.get(key)]


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_query_that_no_key_serves_names_those_that_are(collection: str, content: Database) -> None:
    manager = getattr(content, collection)
    with pytest.raises(QueryError, match=r"by_tenant: tenant_id.*; ask one of these and add \.filter"):
        manager.query(nothing="of this kind")


def test_a_query_takes_the_key_that_its_fields_make(content: Database) -> None:
    assert content.circles.query(type="support_group").one().circle_id == "c1"
    assert content.circles.query(status="ACTIVE").one().circle_id == "c1"
    assert content.stories.query(author_id="u1").one().story_id == "s1"
    assert content.businesses.query(category="General").one().business_id == "b1"
    assert content.resources.query(category="nutrition").one().resource_id == "r1"
    assert content.users.query(email="U1@example.org").one().user_id == "u1"
    assert content.circles.query(circle_id="c1").one().circle_id == "c1"


def test_what_has_no_tenant_s_list_says_so(content: Database) -> None:
    with pytest.raises(QueryError, match="Comment is not listed by tenant; ask one of key, by_author"):
        content.manager_of(Comment).of_tenant()


@pytest.mark.parametrize(
    ("collection", "usable"),
    [
        ("activities", r"count\(user_id=...\); or"),
        ("feedback", r"count\(image_id=...\); count\(image_id=...\); count\(severity=...\); or"),
        ("incidents", r"count\(incident_id=...\); count\(status=...\); or"),
        ("personalization", r"count\(user_id=...\); or"),
    ],
)
def test_what_no_key_lists_is_not_counted_by_a_scan_nobody_asked_for(
    collection: str, usable: str, db: Database
) -> None:
    manager = getattr(db, collection)
    scan = rf"db\.scan\({manager.model.__name__}\)\.count\(\)"
    with pytest.raises(QueryError, match=f"{usable} {scan}"):
        manager.count()
    assert "Scan" not in db.metrics().operations


def test_reviews_and_sources_are_counted_by_tenant_without_a_list_of_it(db: Database) -> None:
    for number in range(2):
        db.reviews.enqueue(target_type="image", target_id="i1", review_id=f"r{number}")
    db.reviews.enqueue(target_type="story", target_id="s1", review_id="theirs", tenant_id="other")
    db.sources.create(source_id="n1", provider="nappy", display_name="Nappy")
    db.sources.create(source_id="o1", provider="other", display_name="Other")
    db.sources.create(source_id="o2", provider="other", display_name="Theirs", tenant_id="other")
    assert [(manager.count(), manager.count("other")) for manager in (db.reviews, db.sources)] == [(2, 1), (2, 1)]
    assert "Scan" not in db.metrics().operations


def test_a_count_takes_the_key_that_its_fields_make(content: Database) -> None:
    content.incidents.create_incident(triggered_by="staff", priority="p1", summary="A picture offends.")
    assert (content.incidents.count(status="open"), content.incidents.count(status="closed")) == (1, 0)
    assert content.stories.count(author_id="u1") == content.stories.count("default", author_id="u1") == 1
    assert content.stories.count("other", author_id="u1") == 0
    content.activities.record(user_id="u1", type="circle_joined", entity_id="c1", entity_type="circle")
    assert content.activities.count(user_id="u1") == 1
    with pytest.raises(QueryError, match="no key serves a query by nothing_such"):
        content.incidents.count(nothing_such=1)


def test_a_collection_has_only_items_of_its_kind(content: Database) -> None:
    # Users, memberships and resources share a partition; so do circles, members and pointers to stories.
    assert [type(found) for found in content.users.query(user_id="u1")] == [User]
    assert [type(found) for found in content.circles.query(circle_id="c1")] == [Circle]
    assert [found.circle_id for found in content.users.get_user_circles("u1")] == ["c1"]
