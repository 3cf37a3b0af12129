"""Queries by stored names: what they find is what the declared ones find, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import Circle, CircleMember, Database, InvalidCursor, QueryBuilder, QueryError, Story, User
from madmall_models.row import Row
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import edit

HOURS = 7
ALL = [f"c{hour}" for hour in range(HOURS)]
BY_TYPE = QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "CIRCLE_TYPE#support_group")
ACTIVE = QueryBuilder.gsi_by_partition_key("GSI3", "GSI3PK", "CIRCLE_STATUS#ACTIVE")
OF_TENANT = QueryBuilder.gsi_by_partition_key("GSI4", "GSI4PK", "TENANT#default#CIRCLES")
COLLECTION = QueryBuilder.by_partition_key("PK", "CIRCLE#c1")
STRANGER = {
    "PK": {"S": "CIRCLE#c1"},
    "SK": {"S": "VISITOR#1"},
    "entityType": {"S": "VISITOR"},
    "score": {"N": "1.50"},
    "nested": {"M": {"list": {"L": [{"S": "a"}, {"M": {"b": {"S": "deep"}}}]}}},
    "kinds": {"SS": ["a", "b"]},
}


@pytest.fixture
def content(engine: Any, db: Database) -> Iterator[Database]:
    """Give a database with one circle an hour, a story and a stranger in one of them, and a key for cursors."""
    database = Database(table=db.table_name, cursor_keys=["a secret"], **engine.connection_settings())
    make_user(database)
    for hour in range(HOURS):
        make_circle(database, f"c{hour}", created_at=NOON + timedelta(hours=hour), tags=["tea"] if hour % 2 else [])
    make_story(database, "s1", circle_id="c1")
    database.connection.call("PutItem", {"TableName": database.table_name, "Item": STRANGER})
    yield database
    database.close()


def ids(page: Any) -> list[str]:
    return [circle.circle_id for circle in page]


def all_pages(db: Database, builder: QueryBuilder) -> list[Any]:
    page = db.run(builder)
    found = list(page)
    while page.has_more:
        assert len(page) == builder.most
        page = db.run(builder, after=page.cursor)
        found += page
    assert page.cursor is None
    return found


def test_entities_of_an_index_that_holds_them(content: Database) -> None:
    assert list(content.run(BY_TYPE)) == list(content.circles.get_by_type("support_group"))
    assert ids(content.run(BY_TYPE.sort_desc())) == ALL[::-1]
    later = BY_TYPE.sort_key("GSI1SK", "GE", "CREATED#2024-11-22T15")
    assert ids(content.run(later)) == ALL[3:]
    assert ids(content.run(BY_TYPE.begins_with("GSI1SK", "CREATED#2024-11-22T13"))) == ["c1"]
    assert content.run(BY_TYPE).items[0].save()


@pytest.mark.parametrize("builder", [ACTIVE, OF_TENANT], ids=["GSI3", "GSI4"])
def test_entities_of_an_index_that_holds_keys_are_fetched_in_order(builder: QueryBuilder, content: Database) -> None:
    by_hand = {circle.circle_id: circle for circle in content.circles.get_by_type("support_group")}
    listed = content.circles.get_active_circles() if builder is ACTIVE else content.circles.of_tenant()
    found = list(content.run(builder))
    assert found == list(listed)
    assert sorted(ids(found)) == ALL
    assert found == [by_hand[circle.circle_id] for circle in found]
    assert list(content.run(builder.sort_desc())) == found[::-1]
    tea = builder.contains("tags", "tea")
    assert sorted(ids(content.run(tea))) == ["c1", "c3", "c5"]
    assert ids(all_pages(content, tea.limit(1))) == ids(content.run(tea))


def test_an_entry_whose_item_is_gone_or_moved_on_is_left_out(content: Database) -> None:
    edit(content, Circle.key.of("c2"), "SET GSI3SK = :sort", sort={"S": "UPDATED#1999"})
    read = content.connection.call

    def lagging(operation: str, request: Any, **options: Any) -> Any:
        answer = read(operation, request, **options)
        for entry in answer.get("Items", ()):
            if entry["PK"]["S"] == "CIRCLE#c2":
                entry["GSI3SK"] = {"S": "UPDATED#2000"}
            if entry["PK"]["S"] == "CIRCLE#c3":
                entry["PK"] = {"S": "CIRCLE#gone"}
        return answer

    content.connection.call = lagging  # type: ignore[method-assign]
    assert sorted(ids(content.run(ACTIVE))) == ["c0", "c1", "c4", "c5", "c6"]


def test_an_entry_that_lags_behind_its_filter_is_left_out(content: Database) -> None:
    """DynamoDB judges a filter on projected attributes by the entry, which may still say what was true before."""
    active = OF_TENANT.filter_condition("status", "EQ", "ACTIVE")
    edit(content, Circle.key.of("c2"), "SET #status = :status", status={"S": "INACTIVE"})
    read = content.connection.call

    def lagging(operation: str, request: Any, **options: Any) -> Any:
        if operation != "Query":
            return read(operation, request, **options)
        edit(content, Circle.key.of("c2"), "SET #status = :status", status={"S": "ACTIVE"})
        answer = read(operation, request, **options)
        edit(content, Circle.key.of("c2"), "SET #status = :status", status={"S": "INACTIVE"})
        return answer

    content.connection.call = lagging  # type: ignore[method-assign]
    found = content.run(active)
    assert {circle.status for circle in found} == {"ACTIVE"}
    assert sorted(ids(found)) == [name for name in ALL if name != "c2"]


@pytest.mark.parametrize("builder", [BY_TYPE, ACTIVE, OF_TENANT], ids=["GSI1", "GSI3", "GSI4"])
def test_what_expired_is_hidden(builder: QueryBuilder, content: Database) -> None:
    edit(content, Circle.key.of("c0"), "SET #ttl = :ttl", ttl={"N": "1"})
    assert sorted(ids(content.run(builder))) == ALL[1:]


@pytest.mark.defect(49)
def test_a_collection_is_typed_and_what_has_no_class_is_a_row(content: Database) -> None:
    found = list(content.run(COLLECTION))
    assert [type(item) for item in found] == [CircleMember, Circle, Row, Row]
    pointer, stranger = found[2:]
    assert pointer["entityType"] == "STORY_POINTER"
    assert dict(stranger) == {
        "PK": "CIRCLE#c1",
        "SK": "VISITOR#1",
        "entityType": "VISITOR",
        "score": Decimal("1.5"),
        "nested": {"list": ["a", {"b": "deep"}]},
        "kinds": {"a", "b"},
    }
    assert [type(item) for item in content.run(QueryBuilder.by_partition_key("PK", "USER#u1"))] == [
        *[CircleMember] * HOURS,
        User,
    ]
    assert content.run(QueryBuilder.by_keys("PK", "STORY#s1", "SK", "METADATA")).items == (content.stories.get("s1"),)
    assert isinstance(content.stories.get("s1"), Story)


@pytest.mark.defect(59)
def test_rows_have_what_was_named(content: Database) -> None:
    row = content.run(COLLECTION.begins_with("SK", "VISITOR#").project("score", "nested.list[1].b", "nothing")).items[0]
    assert dict(row) == {"score": Decimal("1.5"), "nested.list[1].b": "deep", "nothing": None}
    assert row.score == Decimal("1.5")
    rows = content.run(BY_TYPE.project("circleId", "settings.maxMembers", "stats.memberCount").limit(2))
    assert [dict(row) for row in rows] == [
        {"circleId": "c0", "settings.maxMembers": None, "stats.memberCount": 1},
        {"circleId": "c1", "settings.maxMembers": None, "stats.memberCount": 1},
    ]
    assert [row.circleId for row in all_pages(content, BY_TYPE.project("circleId").limit(3))] == ALL


def test_rows_of_what_an_index_holds_cost_no_second_read(content: Database) -> None:
    def fetched() -> int:
        figures = content.metrics().operations.get("BatchGetItem")
        return figures.calls if figures is not None else 0

    assert {row.status for row in content.run(OF_TENANT.project("SK", "status"))} == {"ACTIVE"}
    assert len(content.run(ACTIVE.project("PK", "GSI3SK"))) == HOURS
    assert fetched() == 0
    assert [row.name for row in content.run(OF_TENANT.project("name").limit(1))] == ["Newly Diagnosed Support"]
    assert fetched() == 1


@pytest.mark.defect(59, 61)
def test_nested_filters_and_every_connective(content: Database) -> None:
    content.circles.update_settings("c4", max_members=20)
    some = QueryBuilder.create
    for builder, expected in (
        (BY_TYPE.filter_condition("settings.maxMembers", "EQ", 20), ["c4"]),
        (BY_TYPE.filter_condition("tags[0]", "EQ", "tea"), ["c1", "c3", "c5"]),
        (BY_TYPE.size("tags", "EQ", 0).in_("circleId", ["c0", "c1", "c2"]), ["c0", "c2"]),
        (BY_TYPE.or_(some().contains("tags", "tea"), some().exists("settings.maxMembers")), ["c1", "c3", "c4", "c5"]),
        (BY_TYPE.not_(some().contains("tags", "tea")).limit(2), ["c0", "c2"]),
        (BY_TYPE.attribute_type("tags", "L").filter_condition("circleId", "BETWEEN", ["c1", "c2"]), ["c1", "c2"]),
        (BY_TYPE.not_exists("stats"), []),
        (BY_TYPE.filter_condition("stats.memberCount", "EQ", Decimal("1.0")), ALL),
        (BY_TYPE.filter_condition("circleId", "NE", "c0"), ALL[1:]),
        (BY_TYPE.filter_condition("PK", "EQ", "CIRCLE#c3"), ["c3"]),
    ):  # fmt: skip
        assert ids(content.run(builder)) == expected
        in_memory = ids(content.run(replace_index(builder)))
        assert sorted(in_memory) == sorted(expected) or builder.most


def replace_index(builder: QueryBuilder) -> QueryBuilder:
    """Return the same filters on an index that does not hold the attributes."""
    return QueryBuilder(OF_TENANT.keys, builder.filters, builder.names, "GSI4", builder.most)


@pytest.mark.defect(46)
def test_a_limit_counts_what_matches(content: Database) -> None:
    page = content.run(BY_TYPE.contains("tags", "tea").limit(2))
    assert (ids(page), page.has_more) == (["c1", "c3"], True)
    last = content.run(BY_TYPE.contains("tags", "tea").limit(3))
    assert (ids(last), last.has_more, last.cursor) == (["c1", "c3", "c5"], False, None)


@pytest.mark.parametrize("size", range(1, HOURS + 2))
@pytest.mark.parametrize("builder", [BY_TYPE, ACTIVE.sort_desc(), COLLECTION.sort_desc()], ids=["GSI1", "GSI3", "PK"])
def test_the_pages_together_are_the_list(size: int, builder: QueryBuilder, content: Database) -> None:
    assert [str(item) for item in all_pages(content, builder.limit(size))] == [
        str(item) for item in content.run(builder)
    ]


def test_a_start_key_is_where_it_begins(content: Database) -> None:
    start = {"PK": "CIRCLE#c1", "SK": "METADATA"}
    assert [item["SK"] for item in content.run(COLLECTION.exclusive_start_key(start).project("SK"))] == [
        "STORY#" + content.stories.get("s1").created_at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z#s1",
        "VISITOR#1",
    ]


def test_a_cursor_is_of_its_query_only(content: Database) -> None:
    asked = BY_TYPE.limit(2)
    cursor = content.run(asked).cursor
    assert ids(content.run(asked, after=cursor)) == ["c2", "c3"]
    assert ids(content.run(BY_TYPE.limit(1), after=cursor)) == ["c2"]
    before = content.metrics().total
    for other in (
        asked.sort_desc(),
        asked.exists("a"),
        asked.project("circleId"),
        ACTIVE,
        QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "CIRCLE_TYPE#other"),
    ):
        with pytest.raises(InvalidCursor):
            content.run(other, after=cursor)
    for forged in ("forged", f"{cursor}=", f"{cursor}A", str(cursor)[:-1], "A" * 100_000, 5, content.circles):
        with pytest.raises(InvalidCursor):
            content.run(asked, after=forged)
    declared = content.circles.get_by_type("support_group")
    with pytest.raises(InvalidCursor):
        content.run(asked, after=declared.page(size=2).cursor)
    with pytest.raises(InvalidCursor):
        declared.page(size=2, after=cursor)
    assert content.metrics().total == before + 1


def test_what_is_no_whole_builder_is_refused_before_anything_is_sent(content: Database) -> None:
    before = content.metrics().total
    for wrong in (QueryBuilder(), BY_TYPE.exists("GSI1SK"), BY_TYPE.consistent_read(), by_key(content), None, "query"):
        with pytest.raises(QueryError):
            content.run(wrong)  # type: ignore[arg-type]
    assert content.metrics().total == before


def by_key(db: Database) -> Any:
    return db.circles.get_by_type("support_group")


def test_the_built_request_is_taken_as_it_is(content: Database) -> None:
    query = (
        COLLECTION.begins_with("SK", "M")
        .filter_condition("version", "GE", 1)
        .project("SK", "status", "stats.memberCount")
        .limit(20)
        .consistent_read()
        .sort_desc("SK")
    )
    answer = content.connection.client.query(TableName=content.table_name, **query.build())
    assert [item["SK"]["S"] for item in answer["Items"]] == ["METADATA", "MEMBER#u1"]
