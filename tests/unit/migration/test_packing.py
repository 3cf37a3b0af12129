"""Packs hold whole rows, in order, as many as the service takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import limits
from madmall_models.migration.packing import packs
from tests.unit.migration.prepared_rows import user


@dataclass(frozen=True)
class Weight:
    """Stand for a row by what packing looks at."""

    actions: tuple[int, ...]
    byte_count: int


WEIGHTS = st.builds(
    lambda count, size: Weight((0,) * count, size), st.integers(1, 40), st.sampled_from([1, 1000, 10**6, 2 * 10**6])
)


@pytest.mark.defect(78)
@given(st.lists(WEIGHTS, max_size=60), st.integers(1, 100))
def test_packs_keep_order_and_limits_and_are_full(rows: list[Weight], most_rows: int) -> None:
    packed = list(packs(rows, most_rows=most_rows))  # type: ignore[arg-type]

    assert [row for pack in packed for row in pack] == rows
    for pack in packed:
        assert 1 <= len(pack) <= most_rows
        assert sum(len(row.actions) for row in pack) <= limits.TRANSACTION_ACTIONS
        assert sum(row.byte_count for row in pack) <= limits.TRANSACTION_BYTES
    for pack, following in pairwise(packed):
        grown = (*pack, following[0])
        assert (
            len(grown) > most_rows
            or sum(len(row.actions) for row in grown) > limits.TRANSACTION_ACTIONS
            or sum(row.byte_count for row in grown) > limits.TRANSACTION_BYTES
        )


def test_a_row_is_packed_with_all_that_belongs_to_it() -> None:
    [pack] = packs([user(1), user(2)], most_rows=25)

    assert [[action.part.partition(":")[0] for action in row.actions] for row in pack] == [["item", "claim"]] * 2
    assert pack[0].byte_count > pack[0].item_bytes > 0


def test_the_estimate_counts_transactions_twice_and_indexes_once() -> None:
    small = user(1)
    large = user(1, bio="x" * 3000)

    # The item stands in two indexes, the claim in none.
    assert small.write_units == 2 + 2 + 2
    assert large.write_units == 4 * (2 + 2) + 2
