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
    comments = content.manager_of(Comment)
    for ask in (comments.count, comments.of_tenant):
        with pytest.raises(QueryError, match="Comment is not listed by tenant; ask one of key, by_author"):
            ask()


def test_a_collection_has_only_items_of_its_kind(content: Database) -> None:
    # Users, memberships and resources share a partition; so do circles, members and pointers to stories.
    assert [type(found) for found in content.users.query(user_id="u1")] == [User]
    assert [type(found) for found in content.circles.query(circle_id="c1")] == [Circle]
    assert [found.circle_id for found in content.users.get_user_circles("u1")] == ["c1"]
