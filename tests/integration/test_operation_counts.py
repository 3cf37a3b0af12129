"""Requests are counted exactly, in both directions, from every thread, and by the database that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from madmall_models import ConditionFailed, Database, User
from madmall_models.connection import operations
from madmall_models.testing import assert_max_capacity, assert_operations
from madmall_models.testing.operation_counts import OPERATIONS
from tests.integration.samples import make_user


@pytest.fixture
def people(db: Database) -> Database:
    make_user(db)
    return db


@pytest.fixture
def another(engine: Any, client: Any, people: Database) -> Iterator[Database]:
    """Give a second database of the same table."""
    database = Database(table=people.table_name, **engine.connection_settings())
    database.connection._client = client
    yield database
    database.close()


def test_exactly_as_many_pass(people: Database) -> None:
    with assert_operations(people, get_item=2, query=0, others=1) as calls:
        people.users.get("u1")
        people.users.get_or_none("nobody")
        people.users.update_last_active("u1")
    assert [call.pattern for call in calls] == ["User.key"] * 3


@pytest.mark.parametrize("count", [0, 1, 3])
def test_any_other_number_fails(people: Database, count: int) -> None:
    with pytest.raises(AssertionError, match=f"GetItem: 2 sent, {count} expected"), assert_operations(
        people, get_item=count
    ):
        people.users.get("u1")
        people.users.get("u1")


def test_where_nothing_was_sent_the_failure_says_so(people: Database) -> None:
    said = r"Query: 0 sent, 1 expected\ncalls, in order:\n  none"
    with pytest.raises(AssertionError, match=said), assert_operations(people, query=1):
        pass


def test_calls_of_other_threads_count_and_those_of_other_databases_do_not(people: Database, another: Database) -> None:
    with assert_operations(people, get_item=8, others=0), ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: people.users.get("u1"), range(8)))
        another.users.get("u1")


def test_a_call_that_was_refused_was_sent(people: Database) -> None:
    key = User.key.of("u1")
    with assert_operations(people, transact_write_items=1, others=0), pytest.raises(ConditionFailed):
        people.users.measure(key, {"stories_shared": 1}, within="stats", condition=User.is_active == False)


def test_what_the_block_raises_is_not_hidden_by_a_count(people: Database) -> None:
    with pytest.raises(User.DoesNotExist), assert_operations(people, query=5):
        people.users.get("nobody")


def test_capacity_is_bounded_by_what_is_reported(people: Database) -> None:
    with assert_max_capacity(people, read=1):
        people.users.get("u1")
    with pytest.raises(AssertionError, match=r"read: .* units taken, 0\.5 allowed"), assert_max_capacity(
        people, read=0.5
    ):
        people.users.get("u1", consistent=True)
        people.users.get("u1", consistent=True)


def test_what_bounds_nothing_or_is_misspelt_is_refused_before_the_block(people: Database) -> None:
    with pytest.raises(TypeError, match="bounds nothing"), assert_max_capacity(people):
        pytest.fail("the block was run")
    with pytest.raises(TypeError, match="did you mean get_item"), assert_operations(people, get_items=1):
        pytest.fail("the block was run")


def test_every_data_operation_has_its_word() -> None:
    counted = set(operations._METHODS) - operations._TABLE_OPERATIONS
    assert set(OPERATIONS.values()) == counted
    assert {word: operations._METHODS[name] for word, name in OPERATIONS.items()} == {word: word for word in OPERATIONS}
