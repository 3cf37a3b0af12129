"""The clock of a test stops, jumps and goes on, and takes the whole package with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from madmall_models import User, clock, new_id, utc_now
from madmall_models.testing import Factory, MovableClock

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_it_goes_like_that_of_the_system_until_it_is_moved() -> None:
    movable = MovableClock()
    before = datetime.now(UTC)
    assert before <= movable.now() <= datetime.now(UTC)
    movable.advance(days=2)
    assert before + timedelta(days=2) <= movable.now() <= datetime.now(UTC) + timedelta(days=2)


def test_stopped_it_tells_one_moment_and_moves_by_what_it_is_told() -> None:
    movable = MovableClock()
    assert movable.freeze("2026-11-22T13:00:00+01:00") == movable.now() == NOON
    assert movable.advance(timedelta(hours=1), minutes=5) == NOON + timedelta(minutes=65)
    assert movable.advance(timedelta(minutes=-65)) == movable.now() == NOON
    assert movable.freeze(datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=2)))).year == 2025
    assert repr(movable) == "<MovableClock stopped at 2025-12-31T22:00:00.000Z>"


def test_stopped_where_it_stands_it_goes_on_from_there() -> None:
    movable = MovableClock()
    movable.freeze(NOON)
    assert movable.freeze() == NOON
    assert NOON <= movable.resume() <= movable.now() < NOON + timedelta(hours=1)


@pytest.mark.parametrize("wrong", [datetime(2026, 11, 22), "2026-11-22", "noon"])
def test_a_moment_that_is_none_is_refused(wrong: datetime | str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each kind of wrong text has its own words
        MovableClock().freeze(wrong)


def test_the_package_goes_by_it() -> None:
    movable = MovableClock()
    movable.freeze(NOON)
    with clock.told_by(movable.now):
        user = Factory(User).build()
        assert utc_now() == user.created_at == user.profile.join_date == NOON
        first = new_id()
        movable.advance(hours=1)
        assert new_id() > first
    assert utc_now() != NOON
