"""Move the time that this package goes by: stop it, let it jump, and see what expires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from madmall_models import clock


class MovableClock:
    """A clock that goes like that of the system until it is stopped or moved.

    Give :meth:`now` to :func:`madmall_models.clock.told_by`, which then lets every thread of the process go by it:
    times of creation and change, new ids, and what has expired. Time-outs and deadlines go on as ever, and so does
    ``datetime.now()``: an application asks ``madmall_models.utc_now()``.
    """

    def __init__(self) -> None:
        self._stopped: datetime | None = None
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the moment that the clock tells."""
        return self._stopped if self._stopped is not None else datetime.now(UTC) + self._ahead

    def freeze(self, at: datetime | str | None = None) -> datetime:
        """Stop the clock at a moment, now if none is given, and return that moment.

        Args:
            at: an aware datetime, or ISO 8601 text with an offset such as ``2026-11-22T13:45:00Z``.

        Raises:
            ValueError: the moment has no offset, or the text is not ISO 8601.
        """
        moment = self.now() if at is None else at
        self._stopped = clock.from_text(moment) if isinstance(moment, str) else clock.to_milliseconds(moment)
        return self._stopped

    def advance(self, by: timedelta | None = None, **parts: Any) -> datetime:
        """Move the clock on, stopped or going, and return the moment it then tells.

        Args:
            by: how far; back where it is negative.
            parts: the same in words of a timedelta: ``days=90``, ``minutes=5``.

        Raises:
            TypeError: there is no such part. OverflowError: that is beyond the calendar.
        """
        step = (timedelta() if by is None else by) + timedelta(**parts)
        if self._stopped is None:
            self._ahead += step
        else:
            self._stopped += step
        return self.now()

    def resume(self) -> datetime:
        """Let a stopped clock go on from where it stands, and return that moment."""
        if self._stopped is not None:
            self._ahead = self._stopped - datetime.now(UTC)
            self._stopped = None
        return self.now()

    def __repr__(self) -> str:
        return f"<MovableClock {'at' if self._stopped is None else 'stopped at'} {clock.to_text(self.now())}>"
