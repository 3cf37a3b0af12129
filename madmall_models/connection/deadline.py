"""Bound the time of a whole call: its attempts, its waits, and each answer however slowly it arrives."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Clock = Callable[[], float]


class Deadline:
    """The moment by which something must be done.

    Args:
        seconds: from now on.
        clock: gives the seconds of a clock that never goes back.
    """

    def __init__(self, seconds: float, *, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Return how many seconds are left; 0 or less when the moment has passed."""
        return self._end - self._clock()

    @contextmanager
    def enforced(self) -> Iterator[None]:
        """Let every answer that is received within the block, in this thread or task, be cut off at the moment."""
        token = _enforced.set(self)
        try:
            yield
        finally:
            _enforced.reset(token)


_enforced: ContextVar[Deadline | None] = ContextVar("madmall_models_deadline", default=None)


def seconds_left() -> float | None:
    """Return how many seconds the surrounding call has left, or None where it has no deadline."""
    deadline = _enforced.get()
    return None if deadline is None else deadline.left
