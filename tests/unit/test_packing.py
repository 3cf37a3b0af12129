"""Packs hold whole creations, in order, as many as the service takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import limits
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey
from madmall_models.packing import packs
from tests.unit.migration.prepared_rows import user


@dataclass(frozen=True)
class Weight:
    """Stand for a creation by what packing looks at."""

    actions: tuple[Action, ...]
    byte_count: int


def weight(places: list[str], size: int = 1) -> Weight:
    return Weight(tuple(Action("Put", "item", {}, ItemKey(place, "-")) for place in places), size)


COUNTS = st.lists(st.tuples(st.integers(1, 40), st.sampled_from([1, 1000, 10**6, 2 * 10**6])), max_size=60)


def fits(pack: Sequence[Weight], most: int) -> bool:
    actions = [action for each in pack for action in each.actions]
    return (
        len(pack) <= most
        and len(actions) <= limits.TRANSACTION_ACTIONS
        and sum(each.byte_count for each in pack) <= limits.TRANSACTION_BYTES
    )


@pytest.mark.defect(78)
@given(COUNTS, st.integers(1, 100))
def test_packs_keep_order_and_limits_and_are_full(counts: list[tuple[int, int]], most: int) -> None:
    given = [weight([f"{number} {part}" for part in range(count)], size) for number, (count, size) in enumerate(counts)]
    packed = list(packs(given, most=most))

    assert [each for pack in packed for each in pack] == given
    assert all(pack and fits(pack, most) for pack in packed)
    for pack, following in pairwise(packed):
        assert not fits((*pack, following[0]), most)


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True), max_size=30))
def test_no_pack_writes_to_one_place_twice(places: list[list[str]]) -> None:
    given = [weight(each) for each in places]
    packed = list(packs(given))

    assert [each for pack in packed for each in pack] == given
    for pack in packed:
        keys = [action.key for each in pack for action in each.actions]
        assert len(keys) == len(set(keys))


def test_a_row_is_packed_with_all_that_belongs_to_it() -> None:
    [pack] = packs([user(1), user(2)], most=25)

    assert [[action.part.partition(":")[0] for action in row.actions] for row in pack] == [["item", "claim"]] * 2
    assert pack[0].byte_count > pack[0].item_bytes > 0


def test_the_bytes_of_a_row_are_those_of_what_is_put_for_it() -> None:
    row = user(1)
    assert row.sizes == tuple(limits.item_bytes(action.request["Item"]) for action in row.actions)


def test_the_estimate_counts_transactions_twice_and_indexes_once() -> None:
    small = user(1)
    large = user(1, bio="x" * 3000)

    # The item stands in two indexes, the claim in none.
    assert small.write_units == 2 + 2 + 2
    assert large.write_units == 4 * (2 + 2) + 2
