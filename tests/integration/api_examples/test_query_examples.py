"""Queries by declared keys, by stored names, and scans. Each block is one that the documents show."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    GSI2,
    Circle,
    CircleMember,
    Database,
    Entity,
    IdAttribute,
    InvalidCursor,
    PrimaryKey,
    QueryBuilder,
    QueryError,
    TimeAttribute,
    UnicodeAttribute,
    User,
    utc_now,
)
from madmall_models.declaration import isolated_registry


@pytest.fixture
def content(engine: Any, db: Database) -> Iterator[Database]:
    """Give a database with a person in three circles, and a key to sign cursors with."""
    database = Database(table=db.table_name, cursor_keys=["first signs", "all verify"], **engine.connection_settings())
    for user_id in ("user123", "user456"):
        database.users.create(
            user_id=user_id, email=f"{user_id}@example.com", profile={"first_name": "Jane", "last_name": "Smith"}
        )
    for number in range(12):
        database.circles.create(
            circle_id=f"circle{number:02}", name=f"Circle {number}", type="support_group", created_by="user123"
        )
    yield database
    database.close()


def test_a_page(content: Database) -> None:
    db, request = content, SimpleNamespace(args={"cursor": ""})
    page = db.circles.get_by_type("support_group").page(size=10, after=request.args.get("cursor"))
    assert (len(page.items), page.has_more) == (10, True)
    request.args["cursor"] = page.cursor
    page = db.circles.get_by_type("support_group").page(size=10, after=request.args.get("cursor"))
    assert (len(page.items), page.cursor, page.has_more) == (2, None, False)
    with pytest.raises(InvalidCursor):
        db.circles.get_by_type("wellness_focus").page(size=10, after=db.circles.of_tenant().page(size=1).cursor)


def test_ending_a_query(content: Database) -> None:
    query = content.circles.get_by_type("support_group")
    explained = query.explain()
    told = (
        explained.index,
        explained.key_condition,
        explained.filter,
        explained.projection,
        explained.page_size,
        explained.hydrates,
        explained.read_units,
        explained.warnings,
    )
    assert told[:6] == (
        "GSI1",
        "GSI1PK = CIRCLE_TYPE#support_group AND GSI1SK begins_with CREATED#",
        None,
        "all",
        None,
        False,
    )
    assert (query.first(), query.count()) == (next(iter(query)), 12)
    with pytest.raises(QueryError):
        query.one()
    rows = query.limit(20).newest_first().only("circle_id", "name")
    assert [row.name for row in rows] == [f"Circle {number}" for number in range(11, -1, -1)]


def test_a_builder(content: Database) -> None:
    db = content
    result = (
        QueryBuilder.by_partition_key("PK", "USER#user123")
        .begins_with("SK", "CIRCLE#")
        .filter_condition("status", "EQ", "active")
        .project("circleId", "role", "joinedAt")
        .limit(20)
        .sort_desc()
    )
    assert result.build() == {
        "KeyConditionExpression": "#0 = :0 AND begins_with (#1, :1)",
        "FilterExpression": "#2 = :2",
        "ProjectionExpression": "#3, #4, #5",
        "ExpressionAttributeNames": {
            "#0": "PK", "#1": "SK", "#2": "status", "#3": "circleId", "#4": "role", "#5": "joinedAt",
        },
        "ExpressionAttributeValues": {":0": {"S": "USER#user123"}, ":1": {"S": "CIRCLE#"}, ":2": {"S": "active"}},
        "Limit": 20,
        "ScanIndexForward": False,
    }  # fmt: skip
    page = db.run(result)
    assert [row.circleId for row in page] == [f"circle{number:02}" for number in range(11, -1, -1)]
    assert {row["role"] for row in page} == {"admin"}
    first = db.run(result.limit(5))
    assert db.run(result.limit(5), after=first.cursor).items[0].circleId == "circle06"


def test_a_builder_with_alternatives(content: Database) -> None:
    some = QueryBuilder.create
    query = QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "CIRCLE_TYPE#support_group").or_(
        some().size("name", "LE", 8).exists("stats.memberCount"),
        some().not_(some().filter_condition("circleId", "NE", "circle11")),
    )
    assert [circle.circle_id for circle in content.run(query)] == [*(f"circle{n:02}" for n in range(10)), "circle11"]
    assert query.explain().index == "GSI1"


def test_a_scan(content: Database) -> None:
    scan = content.scan(User, segments=4, consistent=True).filter(User.is_active == True)
    assert "the whole table is read" in scan.explain().key_condition
    assert sorted(user.user_id for user in scan) == ["user123", "user456"]
    assert scan.count() == 2


def test_a_query_that_no_key_serves(content: Database) -> None:
    with pytest.raises(
        QueryError, match=r"no key serves a query by first_name .*by_email: email; by_tenant: tenant_id"
    ):
        content.users.query(first_name="Jane")
    with content.bound(), pytest.raises(QueryError, match=r"User\.by_email\.query needs email: .*EMAIL#"):
        User.by_email.query()


def test_queries_of_ones_own(content: Database) -> None:
    with isolated_registry(), content.bound():

        class Event(Entity, discriminator="EVENT"):
            """A meeting of a circle."""

            key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}")
            upcoming = GSI2.key("EVENTS#{city:lower}", "STARTS#{starts_at}")

            circle_id = IdAttribute(attr_name="circleId")
            event_id = IdAttribute(attr_name="eventId")
            city = UnicodeAttribute()
            starts_at = TimeAttribute()

        for number, when in enumerate(("2026-12-01T18:00:00Z", "2999-01-01T18:00:00Z")):
            Event(circle_id="circle123", event_id=f"e{number}", city="Atlanta", starts_at=when).create()
        upcoming = Event.upcoming.query(city="Atlanta").since(utc_now()).limit(20)
        assert [event.event_id for event in upcoming][-1] == "e1"
        assert [event.event_id for event in Event.upcoming.query(city="Atlanta").from_now().page(size=20)][-1] == "e1"
        in_december = Event.key.query(circle_id="circle123").between("2026-12-01", "2027-01-01")
        assert [event.event_id for event in in_december] == ["e0"]


def test_a_filter_where_the_index_holds_keys(content: Database) -> None:
    mine = content.users.get_user_circles("user123").filter(CircleMember.status == "active")
    assert mine.count() == 12
    active = content.circles.get_active_circles().filter(Circle.name == "Circle 3")
    assert active.explain().filter == "here, after the items are fetched"
    assert active.one().circle_id == "circle03"
    with pytest.raises(QueryError, match="does_not_exist"):
        active.filter(Circle.description == None)  # noqa: E711
