"""A bound of a part of the sort key is of the type of that part; another would find nothing, and say nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models import GSI1, Circle, Database, Entity, IdAttribute, IntegerAttribute, PrimaryKey, Query, QueryError
from madmall_models.declaration import isolated_registry

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

database = Database(table="table")


def asking(key: Any, **fields: Any) -> Query[Any]:
    query: Query[Any] = database.query_of(key, key.checked_fields(fields))
    return query


@pytest.fixture
def by_height() -> Iterator[Any]:
    with isolated_registry():

        class Tree(Entity, discriminator="TREE"):
            key = PrimaryKey("TREE#{tree_id}", "METADATA")
            by_height = GSI1.key("TREES", "HEIGHT#{height:04}")
            tree_id = IdAttribute()
            height = IntegerAttribute()

        yield Tree.by_height


def test_a_bound_of_a_number_is_padded_as_the_number_is(by_height: Any) -> None:
    assert asking(by_height).between(20, 300).sort_range().texts == ("HEIGHT#0020", "HEIGHT#0300")
    assert asking(by_height).begins_with("00").sort_range().texts == ("HEIGHT#00",)


@pytest.mark.parametrize("bound", ["20", "x", NOON, True, 2.5])
def test_a_bound_of_a_number_is_a_number(by_height: Any, bound: Any) -> None:
    for ask in (asking(by_height).since, asking(by_height).until):
        with pytest.raises(QueryError, match="a bound of height is a whole number, not "):
            ask(bound).sort_range()


def test_a_bound_of_a_time_is_no_number() -> None:
    with pytest.raises(QueryError, match="a bound of created_at is a datetime, or a text such as 2026-12"):
        asking(Circle.by_type, type="t").since(5).sort_range()
