"""Pages of any size, one after the other, are the list: forward and backward, filtered, with ties, strangers and the
expired in the partition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from madmall_models import Business, Circle, Database, InvalidCursor, Query, QueryBuilder, Story, clock, codec
from tests.conftest import create_table
from tests.integration.samples import NOON

HOW_MANY = 23
EXPIRED = {3, 11, 22}
OF_MORE_THAN_ONE_READ = [HealthCheck.too_slow]


def circle(number: int) -> Circle:
    """Return a circle; three of them are created in the same moment, and every third one is active."""
    return Circle(
        circle_id=f"c{number:02}",
        name="A circle",
        type="support_group",
        status="ACTIVE",
        is_active=number % 3 == 0,
        tags=["tea"] if number % 2 else [],
        settings={"max_members": 10 + number},
        created_by="u1",
        created_at=NOON + timedelta(minutes=number // 3),
        updated_at=NOON + timedelta(minutes=(number * 7) % 23 // 3),
        version=1,
        ttl=datetime(2020, 1, 1, tzinfo=UTC) if number in EXPIRED else None,
    )


def stranger(number: int) -> dict[str, Any]:
    """Return an item of another program between them, in every list."""
    keys = {
        "PK": f"VISITOR#{number}",
        "SK": "METADATA",
        "GSI1PK": "CIRCLE_TYPE#support_group",
        "GSI1SK": f"CREATED#2024-11-22T12:0{number}:30.000Z",
        "GSI3PK": "CIRCLE_STATUS#ACTIVE",
        "GSI3SK": f"UPDATED#2024-11-22T12:0{number}:30.000Z",
        "GSI4PK": "TENANT#default#CIRCLES",
        "GSI4SK": f"CREATED#2024-11-22T12:0{number}:30.000Z",
        "entityType": "VISITOR",
    }
    return {name: {"S": text} for name, text in keys.items()}


CIRCLES = [circle(number) for number in range(HOW_MANY)]
SHOWN = [entity for number, entity in enumerate(CIRCLES) if number not in EXPIRED]


@pytest.fixture(scope="module")
def crowd(engine: Any) -> Iterator[Database]:
    database = Database(table=f"crowd-{uuid4().hex}", cursor_keys=["a secret"], **engine.connection_settings())
    create_table(database)
    for item in [*map(codec.encode, CIRCLES), *map(stranger, range(7))]:
        database.connection.call("PutItem", {"TableName": database.table_name, "Item": item})
    yield database
    database.delete_table()
    database.close()


# -- what is asked, and what the answer is by plain Python ----------------------------------------------------------

Asked = tuple[Callable[[Database], Query[Circle]], Callable[[Circle], str]]
LISTS: dict[str, Asked] = {
    "GSI1": (lambda db: db.circles.get_by_type("support_group"), lambda it: it.rendered_keys()["GSI1SK"]),
    "GSI3": (lambda db: db.circles.asking(Circle.by_status, status="ACTIVE"), lambda it: it.rendered_keys()["GSI3SK"]),
    "GSI4": (lambda db: db.circles.of_tenant(), lambda it: it.rendered_keys()["GSI4SK"]),
}
FILTERS: dict[str, tuple[Any, Callable[[Circle], bool]]] = {
    "none": (None, lambda it: True),
    "active": (Circle.is_active == True, lambda it: bool(it.is_active)),
    "tea": (Circle.tags.contains("tea"), lambda it: "tea" in it.tags),
    "large": (Circle.settings.max_members >= 25, lambda it: it.settings.max_members >= 25),
    "of the index": (Circle.status != "ACTIVE", lambda it: False),
    "not tea": (~Circle.tags.contains("tea") & Circle.name.exists(), lambda it: "tea" not in it.tags),
}


@pytest.mark.defect(46, 48)
@settings(max_examples=60, suppress_health_check=OF_MORE_THAN_ONE_READ)
@given(
    name=st.sampled_from(list(LISTS)),
    chosen=st.sampled_from(list(FILTERS)),
    size=st.integers(1, HOW_MANY + 1),
    forward=st.booleans(),
    most=st.none() | st.integers(1, HOW_MANY + 1),
)
def test_pages_are_the_list(
    crowd: Database, name: str, chosen: str, size: int, forward: bool, most: int | None
) -> None:
    ask, sort_key = LISTS[name]
    condition, fits = FILTERS[chosen]
    query = ask(crowd) if condition is None else ask(crowd).filter(condition)
    query = query if forward else query.newest_first()
    query = query if most is None else query.limit(most)
    whole = list(query)
    fitting = [entity for entity in SHOWN if fits(entity)]
    in_order = sorted(map(sort_key, fitting), reverse=not forward)

    assert [sort_key(entity) for entity in whole] == in_order[:most]
    assert len({entity.circle_id for entity in whole}) == len(whole)
    assert query.count() == len(whole)
    assert pages(query, size) == whole


def pages(query: Query[Circle], size: int) -> list[Circle]:
    """Return what all pages have, having looked that each is full and says truly whether there is more."""
    found: list[Circle] = []
    page = query.page(size=size)
    while page.has_more:
        assert len(page) == size
        found += page
        page = query.page(size=size, after=page.cursor)
    assert page.cursor is None
    assert page.items or not found
    return [*found, *page]


@settings(max_examples=30, suppress_health_check=OF_MORE_THAN_ONE_READ)
@given(
    index=st.sampled_from(["GSI1", "GSI3", "GSI4"]),
    size=st.integers(1, HOW_MANY + 8),
    forward=st.booleans(),
    tea=st.booleans(),
    projected=st.booleans(),
)
def test_pages_of_a_builder_are_what_it_finds(
    crowd: Database, index: str, size: int, forward: bool, tea: bool, projected: bool
) -> None:
    partition = {"GSI1": "CIRCLE_TYPE#support_group", "GSI3": "CIRCLE_STATUS#ACTIVE", "GSI4": "TENANT#default#CIRCLES"}
    builder = QueryBuilder.gsi_by_partition_key(index, f"{index}PK", partition[index]).scan_index_forward(forward)
    builder = builder.contains("tags", "tea") if tea else builder
    builder = builder.project("circleId", "PK") if projected else builder
    whole = list(crowd.run(builder))
    found: list[Any] = []
    page = crowd.run(builder.limit(size))
    while page.has_more:
        assert len(page) == size
        found += page
        page = crowd.run(builder.limit(size), after=page.cursor)
    found += page

    assert [dict(it) if projected else str(it) for it in found] == [dict(it) if projected else str(it) for it in whole]
    declared = [entity.circle_id for entity in SHOWN if not tea or "tea" in entity.tags]
    named = [it["circleId"] if projected else getattr(it, "circle_id", None) for it in whole]
    assert sorted(filter(None, named)) == declared
    assert len(whole) == len(declared) + (0 if tea else 7)


@pytest.mark.parametrize("name", LISTS)
def test_rows_are_paged_and_counted_alike(name: str, crowd: Database) -> None:
    query = LISTS[name][0](crowd).only("circle_id", "settings.max_members")
    rows = [dict(row) for row in query]
    assert [dict(row) for row in pages(query, 4)] == rows
    assert query.count() == len(rows) == len(SHOWN)
    assert query.filter(Circle.tags.contains("tea")).count() == sum("tea" in entity.tags for entity in SHOWN)


# -- a lower bound that moves --------------------------------------------------------------------------------------


@pytest.mark.parametrize("forward", [True, False])
def test_a_list_from_now_on_is_paged_while_time_passes(
    forward: bool, engine: Any, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    paging = Database(table=db.table_name, cursor_keys=["a secret"], **engine.connection_settings())
    now = clock.utc_now()
    for hour in range(1, 6):
        paging.businesses.create(
            business_id=f"b{hour}",
            owner_id="u1",
            profile={"name": "Rest", "contact": {"email": "contact@example.org"}},
            featured_until=now + timedelta(hours=hour),
        )

    def page(after: str | None) -> Any:
        # Asked anew, as each request of a web application does.
        query = paging.businesses.get_featured_businesses()
        return (query if forward else query.newest_first()).page(size=2, after=after)

    first = page(None)
    assert [it.business_id for it in first] == (["b1", "b2"] if forward else ["b5", "b4"])
    monkeypatch.setattr(clock, "utc_now", lambda: now + timedelta(hours=3, minutes=30))
    second = page(first.cursor)
    assert [it.business_id for it in second] == (["b4", "b5"] if forward else [])
    assert not second.has_more
    with pytest.raises(InvalidCursor):
        paging.businesses.asking(Business.featured).since(now).page(size=2, after=first.cursor)
    paging.close()


def test_only_a_time_has_a_now() -> None:
    database = Database(table="none")
    with pytest.raises(ValueError, match="story_id, is no time"):
        Query(database, Story.in_circle, {"circle_id": "c1", "created_at": NOON}).from_now()
    with pytest.raises(ValueError, match="narrowed already"):
        Query(database, Circle.by_type, {"type": "support_group"}).since(NOON).from_now()
