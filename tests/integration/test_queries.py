"""Queries: honest pages, limits that count matches, filters wherever the attribute is, nothing that expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    ConfigurationError,
    Database,
    InvalidCursor,
    QueryBuilder,
    QueryError,
    Resource,
    Story,
    User,
    utc_now,
)
from madmall_models.row import Row
from tests.integration.samples import NOON, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit

HOURS = 7


@pytest.fixture
def hourly(db: Database) -> Database:
    """Give a database with one circle an hour, every second one inactive."""
    make_user(db)
    for hour in range(HOURS):
        make_circle(
            db,
            f"c{hour}",
            created_at=NOON + timedelta(hours=hour),
            status="ACTIVE" if hour % 2 == 0 else "INACTIVE",
        )
    return db


@pytest.fixture
def paging(engine: Any, hourly: Database) -> Iterator[Database]:
    """Give the same table with a key to sign cursors with."""
    database = Database(table=hourly.table_name, cursor_keys=["a secret"], **engine.connection_settings())
    yield database
    database.close()


def ids(circles: Any) -> list[str]:
    return [circle.circle_id for circle in circles]


def by_type(db: Database) -> Any:
    return db.circles.get_by_type("support_group")


ALL = [f"c{hour}" for hour in range(HOURS)]
ACTIVE = ["c0", "c2", "c4", "c6"]


# -- narrowing -----------------------------------------------------------------------------------------------------


@pytest.mark.defect(50)
def test_a_range_has_both_bounds_in_it(hourly: Database) -> None:
    query = by_type(hourly)
    assert ids(query) == ALL
    assert ids(query.since(NOON + timedelta(hours=5))) == ["c5", "c6"]
    assert ids(query.until(NOON + timedelta(hours=1))) == ["c0", "c1"]
    assert ids(query.between(NOON + timedelta(hours=2), NOON + timedelta(hours=4))) == ["c2", "c3", "c4"]
    assert ids(query.newest_first()) == ALL[::-1]


@pytest.mark.defect(50)
def test_a_text_bound_is_compared_as_the_key_text_is(hourly: Database) -> None:
    query = by_type(hourly)
    assert ids(query.begins_with("2024-11-22T1")) == ALL
    assert ids(query.begins_with("2024-11-22T13")) == ["c1"]
    assert ids(query.since("2024-11-22T17")) == ["c5", "c6"]
    # A date alone is a prefix, and so before every moment of that day.
    assert ids(query.until("2024-11-22")) == []
    assert ids(query.between("2024-11-22", "2024-11-23")) == ALL
    assert ids(query.begins_with("2025")) == []


def test_the_upper_bound_of_a_pointer_includes_its_very_moment(db: Database) -> None:
    make_user(db)
    for hour in range(3):
        make_story(db, f"s{hour}", featured_at=NOON + timedelta(hours=hour))
    featured = db.stories.get_featured_stories()
    until = featured.until(NOON + timedelta(hours=1))
    assert [story.story_id for story in until] == ["s0", "s1"]
    assert [story.story_id for story in featured.since(NOON + timedelta(hours=1))] == ["s1", "s2"]


def test_a_bound_longer_than_any_key_is_no_error(db: Database) -> None:
    make_resource(db, "r1", title="ü" * 2000)
    make_resource(db, "r2", title="alpha")
    titles = db.resources.get_by_category("nutrition")
    assert [resource.resource_id for resource in titles.begins_with("ü" * 2000)] == ["r1"]
    assert [resource.resource_id for resource in titles.until("b" * 2000)] == ["r2"]
    assert [resource.resource_id for resource in titles.since("b" * 2000)] == ["r1"]


# -- ending a query ------------------------------------------------------------------------------------------------


@pytest.mark.defect(48)
def test_a_query_ends_in_what_is_asked_for(hourly: Database) -> None:
    query = by_type(hourly)
    first = query.newest_first().first()
    assert first is not None
    assert first.circle_id == "c6"
    assert (query.count(), query.filter(Circle.is_active == True).count(), query.limit(3).count()) == (7, 4, 3)
    assert query.begins_with("2024-11-22T13").one().circle_id == "c1"
    with pytest.raises(QueryError, match="several items where exactly one was expected"):
        query.one()
    empty = hourly.circles.get_by_type("wellness_focus")
    assert (empty.first(), empty.count(), list(empty)) == (None, 0, [])
    with pytest.raises(Circle.DoesNotExist):
        empty.one()


@pytest.mark.defect(46)
def test_a_limit_counts_what_matches_and_not_what_is_read(hourly: Database) -> None:
    inactive = by_type(hourly).filter(Circle.is_active == False)
    assert ids(inactive.limit(2)) == ["c1", "c3"]
    assert ids(inactive.limit(99)) == ["c1", "c3", "c5"]
    hydrated = hourly.circles.of_tenant().filter(Circle.is_active == False)
    assert ids(hydrated.limit(2)) == ["c1", "c3"]


def test_a_query_can_be_asked_again_and_sees_what_is_new(hourly: Database) -> None:
    query = by_type(hourly)
    assert query.count() == HOURS
    make_circle(hourly, "new", created_at=NOON + timedelta(days=1))
    assert query.count() == HOURS + 1
    assert ids(query)[-1] == "new"


# -- filters -------------------------------------------------------------------------------------------------------


def test_filters_add_up(hourly: Database) -> None:
    hourly.circles.update("c2", tags=["tea"])
    hourly.circles.update("c3", tags=["tea"])
    query = by_type(hourly).filter(Circle.is_active == True).filter(Circle.tags.contains("tea"))
    assert ids(query) == ["c2"]
    either = (Circle.circle_id == "c0") | (Circle.circle_id == "c1")
    assert ids(by_type(hourly).filter(either)) == ["c0", "c1"]
    assert ids(by_type(hourly).filter(~either).filter(Circle.is_active == False)) == ["c3", "c5"]
    assert ids(by_type(hourly).filter(either).filter(either).filter(Circle.is_active == True)) == ["c0"]


@pytest.mark.defect(41, 42)
@pytest.mark.parametrize("list_name", ["by_status", "by_tenant"])
def test_a_filter_may_name_what_the_index_does_not_project(list_name: str, hourly: Database) -> None:
    fields = {"status": "ACTIVE"} if list_name == "by_status" else {"tenant_id": "default"}
    query = hourly.circles.asking(getattr(Circle, list_name), **fields)
    hourly.circles.update_settings("c4", max_members=20)
    assert ids(query.filter(Circle.settings.max_members >= 20)) == ["c4"]
    assert ids(query.filter(Circle.settings.max_members.exists() & (Circle.name == "None"))) == []
    assert ids(query.filter(Circle.is_active == True).filter(Circle.circle_id.is_in("c0", "c1"))) == ["c0"]


def test_a_filter_and_the_service_agree(hourly: Database) -> None:
    condition = (Circle.stats.member_count >= 1) & Circle.settings.max_members.does_not_exist()
    in_service = set(ids(by_type(hourly).filter(condition)))
    here = set(ids(hourly.circles.of_tenant().filter(condition)))
    assert in_service == here == set(ALL)


# -- what is hidden ------------------------------------------------------------------------------------------------


@pytest.mark.defect(87)
@pytest.mark.parametrize("list_name", ["by_type", "by_status", "by_tenant"])
def test_what_has_expired_is_hidden_in_every_list(list_name: str, hourly: Database) -> None:
    fields = {
        "by_type": {"type": "support_group"},
        "by_status": {"status": "ACTIVE"},
        "by_tenant": {"tenant_id": "default"},
    }
    query = hourly.circles.asking(getattr(Circle, list_name), **fields[list_name])
    expired, living = datetime(2020, 1, 1, tzinfo=UTC), utc_now() + timedelta(days=1)
    edit(hourly, Circle.key.of("c0"), "SET #ttl = :ttl", ttl={"N": str(int(expired.timestamp()))})
    edit(hourly, Circle.key.of("c2"), "SET #ttl = :ttl", ttl={"N": str(int(living.timestamp()))})
    assert {"c0", "c2"} & set(ids(query)) == {"c2"}
    assert {"c0", "c2"} & set(ids(query.including_expired())) == {"c0", "c2"}
    assert query.including_expired().count() == query.count() + 1


@pytest.mark.difference("conditions")
@pytest.mark.parametrize("list_name", ["by_type", "by_tenant"])
def test_a_time_to_live_that_is_no_number_hides_nothing(list_name: str, hourly: Database) -> None:
    fields = {"by_type": {"type": "support_group"}, "by_tenant": {"tenant_id": "default"}}
    edit(hourly, Circle.key.of("c0"), "SET #ttl = :ttl", ttl={"S": "some day"})
    assert hourly.circles.get("c0").ttl is None
    assert "c0" in ids(hourly.circles.asking(getattr(Circle, list_name), **fields[list_name]))


@pytest.mark.defect(49)
def test_an_item_of_an_unknown_kind_in_a_collection_is_no_member(hourly: Database) -> None:
    stranger = {"PK": {"S": "CIRCLE#c0"}, "SK": {"S": "MEMBER#zz"}, "entityType": {"S": "VISITOR"}}
    hourly.connection.call("PutItem", {"TableName": hourly.table_name, "Item": stranger})
    assert [member.user_id for member in hourly.circles.get_members("c0", status=None)] == ["u1"]
    assert hourly.circles.get("c0").circle_id == "c0"
    assert hourly.batch_get([CircleMember.key.of("c0", "zz")]) == [None]


# -- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", range(1, HOURS + 2))
@pytest.mark.parametrize("list_name", ["by_type", "by_tenant"])
@pytest.mark.parametrize("forward", [True, False])
def test_pages_have_everything_once_and_say_whether_there_is_more(
    size: int, list_name: str, forward: bool, paging: Database
) -> None:
    query = by_type(paging) if list_name == "by_type" else paging.circles.of_tenant()
    query = query if forward else query.newest_first()
    expected = ALL if forward else ALL[::-1]
    seen: list[str] = []
    cursor = None
    while True:
        page = query.page(size=size, after=cursor)
        assert len(page) == min(size, HOURS - len(seen))
        seen += ids(page)
        assert page.has_more is (len(seen) < HOURS)
        assert (page.cursor is not None) is page.has_more
        if not page.has_more:
            break
        cursor = page.cursor
    assert seen == expected


@pytest.mark.defect(46)
def test_filtered_pages_are_full_and_honest(paging: Database) -> None:
    query = by_type(paging).filter(Circle.is_active == True)
    first = query.page(size=3)
    second = query.page(size=3, after=first.cursor)
    assert (ids(first), first.has_more) == (ACTIVE[:3], True)
    assert (ids(second), second.has_more, second.cursor) == (ACTIVE[3:], False, None)
    exact = query.page(size=4)
    assert (ids(exact), exact.has_more) == (ACTIVE, False)


def test_a_limit_holds_over_all_pages(paging: Database) -> None:
    query = by_type(paging).limit(5)
    first = query.page(size=3)
    second = query.page(size=3, after=first.cursor)
    assert (ids(first), first.has_more) == (ALL[:3], True)
    assert (ids(second), second.has_more) == (ALL[3:5], False)


def test_a_page_of_nothing_is_empty(paging: Database) -> None:
    page = paging.circles.get_by_type("wellness_focus").page()
    assert (page.items, page.cursor, page.has_more) == ((), None, False)
    assert ids(by_type(paging).page(after="")) == ALL


def test_pages_go_on_where_they_were_when_items_come_and_go(paging: Database) -> None:
    query = by_type(paging)
    first = query.page(size=3)
    make_circle(paging, "earlier", created_at=NOON - timedelta(hours=1))
    paging.circles.delete("c2")
    assert ids(query.page(size=3, after=first.cursor)) == ["c3", "c4", "c5"]


def test_a_cursor_is_of_its_query_only(paging: Database, engine: Any) -> None:
    cursor = by_type(paging).page(size=2).cursor
    for other in (
        paging.circles.get_by_type("wellness_focus"),
        by_type(paging).newest_first(),
        by_type(paging).filter(Circle.is_active == True),
        by_type(paging).since(NOON),
        by_type(paging).limit(5),
        by_type(paging).only("circle_id"),
        paging.circles.of_tenant(),
    ):
        with pytest.raises(InvalidCursor):
            other.page(size=2, after=cursor)
    other_keys = Database(table=paging.table_name, cursor_keys=["another"], **engine.connection_settings())
    with pytest.raises(InvalidCursor):
        by_type(other_keys).page(size=2, after=cursor)
    rotated = Database(table=paging.table_name, cursor_keys=["another", "a secret"], **engine.connection_settings())
    assert ids(by_type(rotated).page(size=2, after=cursor)) == ["c2", "c3"]


def test_a_read_only_database_pages_on(paging: Database) -> None:
    cursor = by_type(paging).page(size=2).cursor
    assert ids(by_type(paging.read_only()).page(size=2, after=cursor)) == ["c2", "c3"]


def test_production_pages_only_with_a_key(hourly: Database, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"table": hourly.table_name, **engine.connection_settings()}
    with pytest.raises(ConfigurationError, match="paging needs a key to sign cursors with"):
        by_type(Database.for_environment("production", **settings)).page(size=2)
    without = Database.for_environment("production", **settings)
    for ask in (
        lambda: by_type(without).page(size=1000),
        lambda: without.run(QueryBuilder.by_partition_key("PK", "USER#u1")),
    ):
        # Whether there is a second page is found out by the first: the application must not work until it has grown.
        with pytest.raises(ConfigurationError, match="MADMALL_CURSOR_KEYS"):
            ask()
    assert without.metrics().total == 0
    with_key = Database.for_environment("production", cursor_keys=["key"], **settings)
    assert by_type(with_key).page(size=2).has_more
    monkeypatch.setenv("MADMALL_ENVIRONMENT", "production")
    with pytest.raises(ConfigurationError, match="paging needs a key to sign cursors with"):
        by_type(Database(**settings)).page(size=2)


# -- rows ----------------------------------------------------------------------------------------------------------


def test_rows_have_the_attributes_that_were_asked_for(hourly: Database) -> None:
    rows = list(by_type(hourly).only("circle_id", "stats.member_count").limit(2))
    assert [dict(row) for row in rows] == [
        {"circle_id": "c0", "stats.member_count": 1},
        {"circle_id": "c1", "stats.member_count": 1},
    ]
    assert all(isinstance(row, Row) for row in rows)
    assert not hasattr(rows[0], "save")
    hydrated = hourly.circles.of_tenant().only("name", "is_active").first()
    assert dict(hydrated) == {"name": "Newly Diagnosed Support", "is_active": True}


# -- managers ------------------------------------------------------------------------------------------------------


def test_a_manager_finds_the_key_that_serves_the_fields(hourly: Database) -> None:
    assert hourly.circles.query(type="support_group").key.name == "by_type"
    assert hourly.circles.query(status="ACTIVE").key.name == "by_status"
    assert hourly.circles.query(circle_id="c1").one().circle_id == "c1"
    assert hourly.circles.query(type="support_group", created_at=NOON).one().circle_id == "c0"
    assert hourly.users.query(email="u1@example.org").one().user_id == "u1"
    assert hourly.stories.query(author_id="u1").key is Story.by_author
    with pytest.raises(QueryError, match=r"no key serves a query by name .*by_type: type.*add \.filter"):
        hourly.circles.query(name="x")
    with pytest.raises(QueryError, match="no key serves a query by nothing"):
        hourly.circles.query()


def test_a_consistent_query_of_the_table_sees_what_was_just_written(hourly: Database) -> None:
    make_user(hourly, "u2")
    hourly.circles.add_member("c0", "u2")
    members = hourly.circles.get_members("c0").consistent()
    assert [member.user_id for member in members] == ["u1", "u2"]


@pytest.mark.defect(22)
def test_many_are_read_in_the_order_asked(hourly: Database) -> None:
    wanted = ["c3", "nothing", "c1", "c3", *(f"none{number}" for number in range(150)), "c0"]
    found = hourly.circles.batch_get(wanted)
    assert [circle.circle_id if circle else None for circle in found] == ["c3", None, "c1", "c3", *[None] * 150, "c0"]
    assert [member.user_id for member in hourly.manager_of(CircleMember).batch_get([("c0", "u1")]) if member] == ["u1"]
    mixed = hourly.batch_get([User.key.of("u1"), Circle.key.of("c1"), Resource.key.of("r1")], consistent=True)
    assert [type(item).__name__ for item in mixed] == ["User", "Circle", "NoneType"]
    assert hourly.circles.batch_get([]) == []
