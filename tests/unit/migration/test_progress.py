"""Progress is a bar on a terminal and plain lines on a pipe, and never divides by zero."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration import BarReporter, JsonReporter, LineReporter, Progress, reporter_for


class Terminal(io.StringIO):
    """Be a stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    """Be a clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def progress(done: int, total: int = 100, **fields: float) -> Progress:
    return Progress("USER", "users", "moving", done, total, **fields)  # type: ignore[arg-type]


def test_a_line_tells_table_count_rate_time_left_and_rejects() -> None:
    assert str(progress(25, seconds=10.0, rejected=2)) == "users: moving 25 of 100, 2.5/s, 30 s left, 2 rejected"
    assert str(progress(100, seconds=10.0)) == "users: moving 100 of 100, 10/s"
    assert str(progress(0)) == "users: moving 0 of 100, for 0 s"
    assert str(progress(0, seconds=75.0)) == "users: moving 0 of 100, for 1 min"


@pytest.mark.parametrize(("seconds", "said"), [(1.0, "1 min"), (0.5, "30 s"), (10.0, "10 min"), (100.0, "1 h 40 min")])
def test_the_time_left_is_told_in_a_fitting_unit(seconds: float, said: str) -> None:
    assert f", {said} left" in str(progress(1, 61, seconds=seconds))


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.floats(0, 1e6))
def test_no_figures_break_the_text(done: int, rest: int, seconds: float) -> None:
    assert str(progress(done, done + rest, seconds=seconds)).startswith("users: moving ")


def test_lines_come_every_few_seconds_and_at_the_end() -> None:
    stream, clock = io.StringIO(), Clock()
    report = LineReporter(stream, seconds=5.0, now=clock)

    for second, done in [(1, 10), (4, 20), (6, 30), (7, 40), (8, 100)]:
        clock.now = float(second)
        report(progress(done))

    assert [line.split(",")[0] for line in stream.getvalue().splitlines()] == [
        "users: moving 30 of 100",
        "users: moving 100 of 100",
    ]


def test_a_bar_is_drawn_over_itself_and_ends_its_line() -> None:
    stream, clock = Terminal(), Clock()
    report = BarReporter(stream, seconds=0.1, now=clock)

    clock.now = 1.0
    report(progress(50, seconds=1.0))
    report(progress(100, seconds=2.0))

    first, second = stream.getvalue().split("\r")[1:]
    assert first.startswith("\x1b[K[############............] users: moving 50 of 100")
    assert second.startswith("\x1b[K[########################]")
    assert second.endswith("\n")


def test_an_empty_table_has_a_full_bar() -> None:
    stream = Terminal()

    BarReporter(stream)(progress(0, 0))

    assert "[########################]" in stream.getvalue()


def test_the_stream_decides_between_bar_and_lines() -> None:
    assert isinstance(reporter_for(Terminal()), BarReporter)
    assert not isinstance(reporter_for(io.StringIO()), BarReporter)


def test_a_bar_that_came_not_to_its_end_ends_its_line_once() -> None:
    stream, clock = Terminal(), Clock()
    report = BarReporter(stream, seconds=0.1, now=clock)
    report.end()
    clock.now = 1.0
    report(progress(50, seconds=1.0))

    report.end()
    report.end()

    assert stream.getvalue().count("\n") == 1
    assert stream.getvalue().endswith("1 s left\n")


def test_events_are_objects_as_seldom_as_lines() -> None:
    stream, clock = io.StringIO(), Clock()
    report = JsonReporter(stream, seconds=5.0, now=clock)

    for second, done in [(1, 10), (6, 25), (7, 40), (8, 100)]:
        clock.now = float(second)
        report(progress(done, seconds=10.0, rejected=2))
    report.end()

    events = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [event["done"] for event in events] == [25, 100]
    assert events[0] == {
        "event": "progress",
        "entity_type": "USER",
        "table": "users",
        "phase": "moving",
        "done": 25,
        "total": 100,
        "written": 0,
        "rejected": 2,
        "skipped": 0,
        "seconds": 10.0,
        "rate": 2.5,
        "seconds_left": 30.0,
    }


def test_an_event_before_anything_is_done_has_no_time_left() -> None:
    stream = io.StringIO()

    JsonReporter(stream).show(progress(0))

    assert json.loads(stream.getvalue())["seconds_left"] is None
