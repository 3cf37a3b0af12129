"""Decide how long to wait before a request is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar

from madmall_models.connection.deadline import Deadline

T = TypeVar("T")


@dataclass(frozen=True)
class Backoff:
    """Full jitter: a random share of an interval that doubles, so that many clients do not come back at once.

    Attributes:
        first: seconds of the first interval.
        throttled_first: the same where the service asked for patience.
        most: seconds that no interval exceeds.
    """

    first: float = 0.05
    throttled_first: float = 0.25
    most: float = 5.0

    def seconds(self, attempt: int, *, throttled: bool = False) -> float:
        """Return how long to wait after the failed ``attempt``, counted from 1."""
        start = self.throttled_first if throttled else self.first
        # Jitter spreads load; it guards no secret.
        return random.uniform(0, min(self.most, start * 2 ** (attempt - 1)))  # noqa: S311


BACKOFF = Backoff()


def rounds(most: int, backoff: Backoff = BACKOFF, *, deadline: Deadline | None = None) -> Iterator[int]:
    """Yield 1, 2, ... ``most``, waiting with jitter before each but the first; no wait goes beyond the deadline."""
    for attempt in range(1, most + 1):
        if attempt > 1:
            pause = backoff.seconds(attempt - 1)
            if deadline is not None and pause >= deadline.left:
                return
            time.sleep(pause)
        yield attempt


def retried(attempt: Callable[[], T], *, lost: type[Exception], most: int) -> T:
    """Return what ``attempt`` returns; while it raises ``lost``, wait with jitter and call it again.

    Each call must read anew what it is going to change. The last of ``most`` calls raises what it raises.
    """
    for turn in range(1, most):
        with suppress(lost):
            return attempt()
        time.sleep(BACKOFF.seconds(turn))
    return attempt()
