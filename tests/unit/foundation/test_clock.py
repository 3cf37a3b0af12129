"""There is one text for a moment, and its order is the order of time."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import utc_now
from madmall_models.clock import epoch_milliseconds, from_text, is_stored_form, to_milliseconds, to_text, told_by

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)


@given(moments)
def test_a_moment_comes_back_from_its_text(moment: datetime) -> None:
    assert from_text(to_text(moment)) == to_milliseconds(moment)
    assert is_stored_form(to_text(moment))


@given(moments, moments)
def test_the_order_of_texts_is_the_order_of_moments(one: datetime, other: datetime) -> None:
    first, second = to_milliseconds(one), to_milliseconds(other)
    assert (to_text(one) < to_text(other)) == (first < second)
    assert (to_text(one) == to_text(other)) == (first == second)


@given(moments)
def test_a_moment_is_cut_and_never_rounded_up(moment: datetime) -> None:
    assert timedelta(0) <= moment - to_milliseconds(moment) < timedelta(milliseconds=1)


@pytest.mark.defect(67)
@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-11-22T13:45:00Z", "2026-11-22T13:45:00.000Z"),
        ("2026-11-22T13:45:00.123999Z", "2026-11-22T13:45:00.123Z"),
        ("2026-11-22T13:45:00.5+00:00", "2026-11-22T13:45:00.500Z"),
        ("2026-11-22T08:45:00-05:00", "2026-11-22T13:45:00.000Z"),
        ("0999-01-01T00:00:00Z", "0999-01-01T00:00:00.000Z"),
    ],
)
def test_any_iso_text_with_an_offset_is_taken(text: str, stored: str) -> None:
    assert to_text(from_text(text)) == stored


@pytest.mark.parametrize("text", ["2026-11-22T13:45:00", "2026-11-22", "yesterday", "", "1795348800"])
def test_a_text_without_an_offset_or_of_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each kind of wrong text has its own words
        from_text(text)


def test_a_naive_moment_is_refused_with_the_fix() -> None:
    with pytest.raises(ValueError, match="ambiguous; give an aware datetime"):
        to_text(datetime(2026, 11, 22))


@pytest.mark.parametrize(
    "text",
    ["2026-11-22T13:45:00Z", "2026-11-22T13:45:00.123+00:00", "2026-13-22T13:45:00.123Z", "2026-11-22T13:45:00.1234Z"],
)
def test_another_text_of_a_moment_is_not_the_stored_form(text: str) -> None:
    assert not is_stored_form(text)


def test_now_is_in_utc_and_as_the_table_stores_it() -> None:
    now = utc_now()
    assert now.tzinfo is UTC
    assert now.microsecond % 1000 == 0


def test_another_source_tells_the_time_in_every_thread_until_the_block_ends() -> None:
    before, noon, one = utc_now(), datetime(2030, 1, 1, 12, tzinfo=UTC), datetime(2030, 1, 1, 13, tzinfo=UTC)
    seen: list[datetime] = []
    with told_by(lambda: noon):
        thread = threading.Thread(target=lambda: seen.append(utc_now()))
        thread.start()
        thread.join()
        with told_by(lambda: one):
            seen.append(utc_now())
        seen.append(utc_now())
        with pytest.raises(ZeroDivisionError), told_by(lambda: one):
            _ = 1 / 0
        seen.append(utc_now())
    assert seen == [noon, one, noon, noon]
    assert before <= utc_now() < noon


@given(moments)
def test_milliseconds_since_1970_are_exact(moment: datetime) -> None:
    with told_by(lambda: moment):
        milliseconds = epoch_milliseconds()
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds) == to_milliseconds(moment)
