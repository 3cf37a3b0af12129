"""Whatever order rows are settled in, they pass in the order in which they were read, and none before its turn."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.frontier import Frontier
from madmall_models.migration.source import Row


@given(st.integers(0, 30), st.randoms())
def test_rows_pass_in_the_order_of_reading(count: int, chance: random.Random) -> None:
    frontier = Frontier[int]()
    rows = [Row("users", (number,), {}) for number in range(count)]
    passed: list[tuple[int, int]] = []
    waiting: list[Row] = []
    unread = list(rows)

    while unread or waiting:
        if unread and (not waiting or chance.random() < 0.6):
            waiting.append(unread.pop(0))
            frontier.enter(waiting[-1])
            continue
        row = waiting.pop(chance.randrange(len(waiting)))
        passed += [(found.key[0], outcome) for found, outcome in frontier.settle(row, row.key[0] * 10)]
        earliest = min((left.key[0] for left in waiting), default=count)
        assert all(number < earliest for number, _ in passed)
        held = [found.key[0] for found, _ in frontier.held()]
        assert held == sorted(held)
        assert len(frontier) == len(waiting) + len(held)

    assert passed == [(number, number * 10) for number in range(count)]
    assert len(frontier) == 0


def test_what_is_settled_behind_an_unsettled_row_is_held_with_its_outcome() -> None:
    frontier = Frontier[str]()
    first, second, third = (Row("users", (number,), {}) for number in range(3))
    for row in (first, second, third):
        frontier.enter(row)

    assert frontier.settle(third, "rejected") == []
    assert frontier.held() == [(third, "rejected")]
    assert frontier.settle(first, "written") == [(first, "written")]
    assert frontier.held() == [(third, "rejected")]


def test_two_rows_that_look_alike_are_two() -> None:
    frontier = Frontier[str]()
    one, other = Row("users", (1,), {}), Row("users", (1,), {})
    frontier.enter(one)
    frontier.enter(other)

    assert frontier.settle(other, "second") == []
    assert [outcome for _, outcome in frontier.settle(one, "first")] == ["first", "second"]
