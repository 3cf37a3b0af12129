"""The memory of a run knows what was claimed, what is present and what must be counted, however much it is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.run_memory import RunMemory


def test_a_value_can_be_claimed_once() -> None:
    with RunMemory() as memory:
        assert not memory.is_claimed("a")
        assert memory.claim("a")
        assert not memory.claim("a")
        assert memory.is_claimed("a")
        assert not memory.is_claimed("A")


def test_what_is_remembered_of_an_item_is_recalled() -> None:
    with RunMemory() as memory:
        memory.remember("k1", {"created_by": "u1", "count": 3})
        memory.remember("k2", {})

        assert memory.recall("k1") == {"created_by": "u1", "count": 3}
        assert memory.recall("k2") == {}
        assert memory.recall("k3") is None


@given(st.sets(st.text("abc\u00e9", min_size=1, max_size=4)))
def test_touched_items_are_given_once_each(identifiers: set[str]) -> None:
    with RunMemory() as memory:
        for identifier in [*identifiers, *identifiers]:
            memory.touch("CIRCLE", identifier)
        memory.touch("USER", "other")

        assert list(memory.touched("CIRCLE")) == sorted(identifiers)
        assert memory.touched_count("CIRCLE") == len(identifiers)


def test_more_than_a_page_of_touched_items_is_given() -> None:
    with RunMemory() as memory:
        for number in range(2500):
            memory.touch("USER", f"{number:05}")

        assert list(memory.touched("USER")) == [f"{number:05}" for number in range(2500)]


def test_a_claimed_value_is_not_kept_as_it_is() -> None:
    with RunMemory() as memory:
        memory.claim("jane@example.com")

        assert b"jane" not in memory._database.serialize()
