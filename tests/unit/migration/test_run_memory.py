"""The memory of a run knows what was claimed, what is present and what must be counted, however much it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import Row
from madmall_models.migration.spilling import private_database


@contextmanager
def remembering() -> Iterator[RunMemory]:
    with closing(private_database()) as database:
        yield RunMemory(database)


def row(number: int = 1) -> Row:
    return Row("users", (number,), {})


def test_a_value_can_be_claimed_once() -> None:
    with remembering() as memory:
        assert not memory.is_claimed("a")
        assert memory.claim("a", row())
        assert not memory.claim("a", row())
        assert memory.is_claimed("a")
        assert not memory.is_claimed("A")


def test_a_claim_is_kept_when_its_row_is_settled_and_not_before() -> None:
    with closing(private_database()) as database:
        memory, settled, waiting = RunMemory(database), row(1), row(2)
        memory.claim("a", settled)
        memory.claim("b", waiting)
        memory.settle(settled)
        memory.flush()

        afterwards = RunMemory(database)
        assert (afterwards.is_claimed("a"), afterwards.is_claimed("b")) == (True, False)
        assert memory.is_claimed("b")


def test_what_is_remembered_of_an_item_is_recalled() -> None:
    with remembering() as memory:
        memory.remember("k1", {"created_by": "u1", "count": 3})
        memory.remember("k2", {})

        assert memory.recall("k1") == {"created_by": "u1", "count": 3}
        assert memory.recall("k2") == {}
        assert memory.recall("k3") is None


@given(st.lists(st.tuples(st.text("abc\u00e9", min_size=1, max_size=4), st.none() | st.integers(0, 9))))
def test_touched_items_are_given_once_each_with_what_was_counted(touches: list[tuple[str, int | None]]) -> None:
    with remembering() as memory:
        expected: dict[str, int | None] = {}
        for identifier, count in touches:
            memory.touch("CIRCLE", identifier, count)
            before = expected.get(identifier, 0)
            expected[identifier] = None if count is None or before is None else before + count
        memory.touch("USER", "other", 1)

        assert [(each.identifier, each.counted) for each in memory.touched("CIRCLE")] == sorted(expected.items())
        assert memory.touched_count("CIRCLE") == len(expected)


def test_more_than_a_page_of_touched_items_is_given() -> None:
    with remembering() as memory:
        for number in range(2500):
            memory.touch("USER", f"{number:05}", 1)

        assert list(memory.touched("USER")) == [(f"{number:05}", 1, 0) for number in range(2500)]


def test_an_item_whose_counter_was_foreseen_is_given_also_where_no_row_touched_it() -> None:
    with closing(private_database()) as database:
        memory = RunMemory(database)
        memory.expect("STORY", "s1", 3)
        memory.expect("STORY", "s2", 1)
        memory.touch("STORY", "s2", 1)
        memory.touch("STORY", "s3", None)
        wanted = [("s1", 0, 3), ("s2", 1, 1), ("s3", None, 0)]
        assert list(memory.touched("STORY")) == wanted

        memory.flush()

        assert list(RunMemory(database).touched("STORY")) == wanted


def test_a_claimed_value_is_not_kept_as_it_is() -> None:
    with closing(private_database()) as database:
        memory, of_jane = RunMemory(database), row()
        memory.claim("jane@example.com", of_jane)
        memory.settle(of_jane)
        memory.flush()

        assert b"jane" not in database.serialize()
