"""A run takes no more than it may, less where the table is short of capacity, and always goes on."""

from __future__ import annotations

import itertools
import threading
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madmall_models import ConfigurationError
from madmall_models.migration import Pace

NEARLY = 1 + 1e-6
# Seconds of rest, units to take, and whether the table refuses before.
TAKES = st.lists(st.tuples(st.floats(0, 5), st.floats(0.01, 60), st.booleans()), min_size=1, max_size=40)


class Clock:
    """Be a clock that only waiting moves."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.seconds += seconds


def pace(limit: float | None) -> tuple[Pace, Clock]:
    clock = Clock()
    return Pace(limit, now=clock.now, sleep=clock.sleep), clock


@given(st.floats(0.05, 500), TAKES)
@example(10.0, [(0.0, 10.0, False), (0.0, 10.0, False), (0.5, 5.0, False), (0.0, 1.0, True)])
def test_no_window_has_more_than_its_seconds_and_one_burst(limit: float, takes: list[Any]) -> None:
    shared, clock = pace(limit)
    granted: list[tuple[float, float]] = []
    for rest, units, throttled in takes:
        clock.seconds += rest
        if throttled:
            shared.throttled()
        shared.take(units)
        granted.append((clock.seconds, units))

    burst = max(limit, *(units for _, units in granted))
    for first in range(len(granted)):
        for last in range(first, len(granted)):
            seconds = granted[last][0] - granted[first][0]
            taken = sum(units for _, units in granted[first : last + 1])
            assert taken <= (limit * seconds + burst) * NEARLY


@given(st.floats(0.05, 500), st.lists(st.floats(0.01, 60), min_size=1, max_size=40))
def test_what_may_be_taken_is_taken_without_more_waiting_than_it_needs(limit: float, takes: list[float]) -> None:
    shared, clock = pace(limit)
    for units in takes:
        shared.take(units)

    assert clock.seconds * limit <= sum(takes) * NEARLY


@given(st.one_of(st.none(), st.floats(0.05, 500)), st.integers(1, 60), st.floats(0.1, 20))
def test_however_often_the_table_refuses_the_run_goes_on(limit: float | None, refusals: int, units: float) -> None:
    shared, clock = pace(limit)
    for _ in range(refusals):
        clock.seconds += 1.0
        shared.throttled()
    least = min(1.0, limit or 1.0)
    assert shared.rate >= least

    before = clock.seconds
    shared.take(units)
    assert clock.seconds - before <= units / least * NEARLY


def test_a_refusal_halves_the_rate_which_comes_back_little_by_little() -> None:
    shared, clock = pace(40.0)
    shared.throttled()
    rates = [shared.rate]
    for _ in range(25):
        clock.seconds += 1.0
        rates.append(shared.rate)

    assert rates[0] == 20.0
    steps = [after - before for before, after in itertools.pairwise(rates[:21])]
    assert steps == pytest.approx([1.0] * 20)
    assert rates[21:] == [40.0] * 5


def test_writers_that_hear_of_one_shortage_halve_the_rate_once() -> None:
    shared, clock = pace(64.0)
    for _ in range(8):
        shared.throttled()
    assert shared.rate == 32.0
    clock.seconds += 1.0
    shared.throttled()
    assert shared.rate == pytest.approx(16.8)


def test_without_a_limit_nothing_waits_until_the_table_refuses() -> None:
    shared, clock = pace(None)
    for _ in range(3000):
        shared.take(1.0)
        clock.seconds += 0.01
    assert clock.seconds == pytest.approx(30.0)

    shared.throttled()
    assert shared.rate == pytest.approx(50.0, rel=0.05)
    before = clock.seconds
    for _ in range(100):
        shared.take(1.0)
    assert clock.seconds - before == pytest.approx(2.0, rel=0.1)
    clock.seconds += 10_000
    assert shared.rate > 1000


def test_what_a_write_took_beyond_the_estimate_is_waited_for_and_what_it_did_not_take_is_given_back() -> None:
    shared, clock = pace(10.0)
    shared.take(10.0)
    shared.settle(10.0, 30.0)
    shared.take(1.0)
    assert clock.seconds == pytest.approx(2.1)

    shared, clock = pace(10.0)
    shared.take(10.0)
    shared.settle(10.0, 4.0)
    shared.take(6.0)
    assert clock.seconds == 0.0
    shared.settle(6.0, -1000.0)
    shared.take(10.0)
    shared.take(10.0)
    assert clock.seconds == pytest.approx(1.0)


def test_a_large_write_is_let_through_and_paid_for_afterwards() -> None:
    shared, clock = pace(2.0)
    shared.take(400.0)
    assert clock.seconds == 0.0
    shared.take(1.0)
    assert clock.seconds == pytest.approx(199.5)


def test_threads_share_one_bucket() -> None:
    shared, clock = pace(10.0)

    def write() -> None:
        for _ in range(25):
            shared.take(1.0)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert clock.seconds == pytest.approx(9.0)


@pytest.mark.parametrize("limit", [0, -1, float("inf"), float("nan"), True, "25"])
def test_a_limit_that_is_none_is_refused(limit: object) -> None:
    with pytest.raises(ConfigurationError, match="a number above 0, or None"):
        Pace(limit)  # type: ignore[arg-type]
