"""Tell the time, and write it in the one form that the table holds.

``2026-11-22T13:45:00.123Z``: UTC, milliseconds, fixed width, so that the order of the text is the order of time.

Every moment that this package stores or compares comes from :func:`utc_now`. How long something takes is measured by
the clock of the system, which nobody moves.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_TEXT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
Source = Callable[[], datetime]


def _of_the_system() -> datetime:
    return datetime.now(UTC)


# The last one is asked. All threads ask the same: a scan, a server under test and the test mean one moment by "now".
_sources: list[Source] = [_of_the_system]


def utc_now() -> datetime:
    """Return the present moment in UTC, cut to milliseconds as the table stores it."""
    return to_milliseconds(_sources[-1]())


def epoch_milliseconds() -> int:
    """Return the present moment as whole milliseconds since 1970."""
    return (utc_now() - _EPOCH) // _MILLISECOND


@contextmanager
def told_by(source: Source) -> Iterator[None]:
    """Take the present moment from ``source`` within the block, in every thread of this process; for tests.

    >>> from datetime import datetime, UTC
    >>> with told_by(lambda: datetime(2026, 11, 22, 13, 45, tzinfo=UTC)):
    ...     to_text(utc_now())
    '2026-11-22T13:45:00.000Z'
    """
    _sources.append(source)
    try:
        yield
    finally:
        _sources.remove(source)


def to_milliseconds(moment: datetime) -> datetime:
    """Return ``moment`` in UTC, cut (not rounded) to milliseconds.

    Raises:
        ValueError: ``moment`` is naive, so that nobody can say which instant is meant.
    """
    if moment.tzinfo is UTC and moment.microsecond % 1000 == 0:
        # What the table holds comes by often, and is left as it is.
        return moment
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError("a time without an offset is ambiguous; give an aware datetime, for example utc_now()")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time at the end of the calendar has no moment in UTC") from None
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_text(moment: datetime) -> str:
    """Return the stored text of an aware ``moment``.

    >>> from datetime import datetime, UTC
    >>> to_text(datetime(2026, 11, 22, 13, 45, tzinfo=UTC))
    '2026-11-22T13:45:00.000Z'
    """
    return to_milliseconds(moment).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def from_text(text: str) -> datetime:
    """Return the moment that an ISO 8601 ``text`` with an offset names, cut to milliseconds.

    Raises:
        ValueError: the text is not ISO 8601, or has no offset.
    """
    return to_milliseconds(datetime.fromisoformat(text))


def is_stored_form(text: str) -> bool:
    """Tell whether ``text`` is a moment exactly as the table stores it."""
    if _TEXT.fullmatch(text) is None:
        return False
    try:
        return to_text(from_text(text)) == text
    except ValueError:
        return False
