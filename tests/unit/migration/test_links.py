"""What is named within a table is found wherever it stands; what is missing or goes round is counted once each."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration import links
from madmall_models.migration.links import Links, Loose

# Row 0 to 9 each name one row, or none.
NAMED = st.dictionaries(st.integers(0, 9), st.integers(0, 12))


def key(number: int) -> bytes:
    return bytes([number])


def settled(named: dict[int, int], landed: set[int], there: frozenset[int] = frozenset()) -> Loose:
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        kept = Links(connection, lambda digest: digest[0] in landed)
        for child, parent in named.items():
            kept.add("parent", key(child), key(parent), ("story", str(parent)))
        found = kept.settle("parent", lambda ids: int(ids[1]) in there)
        assert kept.settle("parent", lambda ids: False) == Loose(0, 0), "what was settled is forgotten"
    return found


def round_in(named: dict[int, int]) -> int:
    """Count by hand: follow each row for as long as there are rows."""
    found = 0
    for start in named:
        place: int | None = named[start]
        for _ in range(len(named)):
            if place == start or place is None:
                break
            place = named.get(place)
        found += place == start
    return found


@pytest.mark.parametrize("most", [1, 3, 1000])
@given(named=NAMED, landed=st.sets(st.integers(0, 12)), there=st.frozensets(st.integers(0, 12)))
def test_loose_ends_and_circles_are_counted_among_what_landed(
    most: int, named: dict[int, int], landed: set[int], there: frozenset[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(links, "_MOST_IN_MEMORY", most)
        patch.setattr(links, "_PAGE", most)
        found = settled(named, landed, there)

    arrived = {child: parent for child, parent in named.items() if child in landed}
    assert found.dangling == sum(parent not in landed | there for parent in arrived.values())
    assert found.circular == round_in(arrived)


def test_a_row_that_names_itself_is_a_circle_of_one() -> None:
    assert settled({1: 1}, {1}) == Loose(dangling=0, circular=1)


def test_those_who_only_lead_into_a_circle_are_not_in_it() -> None:
    assert settled({1: 2, 2: 3, 3: 2, 4: 1}, {1, 2, 3, 4}) == Loose(dangling=0, circular=2)


def test_the_attributes_of_one_table_are_settled_apart() -> None:
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        kept = Links(connection, lambda digest: True)
        kept.add("parent", key(1), key(1), ("1",))
        kept.add("other", key(1), key(2), ("2",))

        assert kept.settle("other", lambda ids: False) == Loose(0, 0)
        assert kept.settle("parent", lambda ids: False) == Loose(0, 1)
