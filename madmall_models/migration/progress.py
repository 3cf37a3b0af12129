"""Tell how far a run is: as a bar on a terminal, as plain lines on a pipe."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TextIO

BAR_WIDTH = 24
SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_BARS = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a run is with one source table.

    Attributes:
        phase: ``moving`` or ``completing`` (bringing counts up to date); ``scanning`` or ``verifying``.
        done: rows that have an outcome, or items that are complete.
        total: rows of the table, or items to complete.
        seconds: since the phase began.
    """

    entity_type: str
    table: str
    phase: str
    done: int
    total: int
    written: int = 0
    rejected: int = 0
    skipped: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Return rows a second; 0 before any time has passed."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Return the seconds that the rest takes at this rate, or None before there is one."""
        return (self.total - self.done) / self.rate if self.rate else None

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left of the phase."""
        return self.done >= self.total

    def __str__(self) -> str:
        left = self.seconds_left
        # Before anything is done no rate says anything; that time passes does.
        pace = f"{self.rate:,.{0 if self.rate >= 10 else 1}f}/s" if self.done else f"for {_duration(self.seconds)}"
        words = [f"{self.table}: {self.phase} {self.done:,} of {self.total:,}", pace]
        if not self.is_over and left is not None:
            words.append(f"{_duration(left)} left")
        if self.rejected:
            words.append(f"{self.rejected:,} rejected")
        return ", ".join(words)


class LineReporter:
    """Write plain lines: one every few seconds, and one at the end of each phase.

    Args:
        stream: where to write.
        seconds: how long to wait between two lines.
        now: a clock that never goes back.
    """

    def __init__(
        self, stream: TextIO, *, seconds: float = SECONDS_BETWEEN_LINES, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._seconds = seconds
        self._now = now
        self._last = now()

    def __call__(self, progress: Progress) -> None:
        """Take note of how far the run is."""
        now = self._now()
        if not progress.is_over and now - self._last < self._seconds:
            return
        self._last = now
        self.show(progress)

    def show(self, progress: Progress) -> None:
        """Write the line."""
        self._stream.write(f"{progress}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the stream so that something else can be written to it."""


class JsonReporter(LineReporter):
    """Write an event as a JSON object in a line, for programs: as often as lines for people."""

    def show(self, progress: Progress) -> None:
        """Write the event."""
        event = {**asdict(progress), "rate": round(progress.rate, 1), "seconds_left": progress.seconds_left}
        self._stream.write(json.dumps({"event": "progress", **event}) + "\n")
        self._stream.flush()


class BarReporter(LineReporter):
    """Draw a bar that moves, in one line of a terminal for each phase of each table."""

    def __init__(
        self, stream: TextIO, *, seconds: float = SECONDS_BETWEEN_BARS, now: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(stream, seconds=seconds, now=now)
        self._is_in_a_line = False

    def show(self, progress: Progress) -> None:
        """Draw the bar."""
        share = progress.done / progress.total if progress.total else 1.0
        bar = ("#" * int(share * BAR_WIDTH)).ljust(BAR_WIDTH, ".")
        # Back to the beginning of the line, and clear what a longer text left there.
        self._stream.write(f"\r\x1b[K[{bar}] {progress}")
        self._is_in_a_line = not progress.is_over
        if progress.is_over:
            self._stream.write("\n")
        self._stream.flush()

    def end(self) -> None:
        """End the line of a bar that came not to its end."""
        if self._is_in_a_line:
            self._is_in_a_line = False
            self._stream.write("\n")
            self._stream.flush()


def reporter_for(stream: TextIO) -> LineReporter:
    """Return the reporter that fits a stream: a bar for a terminal, lines for anything else."""
    return BarReporter(stream) if stream.isatty() else LineReporter(stream)


def _duration(seconds: float) -> str:
    whole = int(seconds)
    if whole < 60:
        return f"{whole} s"
    return f"{whole // 60} min" if whole < 3600 else f"{whole // 3600} h {whole % 3600 // 60} min"
