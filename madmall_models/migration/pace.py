"""Keep a run from taking more capacity than it may, and from pressing on when the table is short of it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from madmall_models.errors import ConfigurationError

BURST_SECONDS = 1.0
_LEAST = 1.0  # write units a second; however often the table refuses, the run goes on
_RECOVERY_SECONDS = 20.0  # until half of what a rate was before it was halved has come back
_SECONDS_BETWEEN_HALVINGS = 1.0


class Pace:
    """A bucket of write units that the threads of a run share; it fills up evenly, and holds one second's worth.

    Where the table throttles, the rate is halved and then comes back little by little, also where no limit was given.

    Args:
        max_units_per_second: the limit, None for none but what the table itself gives.
        now: a clock that never goes back.
        sleep: waits for a number of seconds.

    Raises:
        ConfigurationError: the limit is no number above 0.

    >>> pace = Pace(25.0)
    >>> pace.take(3.0)
    >>> pace.rate
    25.0
    """

    def __init__(
        self,
        max_units_per_second: float | None,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._limit = math.inf if max_units_per_second is None else _checked(max_units_per_second)
        self._now = now
        self._sleep = sleep
        self._rate = self._limit
        self._recovery = 0.0
        self._units = self._limit * BURST_SECONDS
        self._at = now()
        self._halved_at = -math.inf
        self._flow = _Flow(self._at)
        self._state = threading.Lock()
        # Who waits holds this one, so that a large take is not overtaken by small ones for ever.
        self._turn = threading.Lock()

    @property
    def rate(self) -> float:
        """Return the write units a second that are handed out now; infinity where nothing limits them."""
        with self._state:
            self._refill()
            return self._rate

    def take(self, units: float) -> None:
        """Wait until a write of about this many units may be sent.

        More units than a second's worth are handed out when the bucket is full, and paid for by whoever comes next.
        """
        with self._turn:
            while (seconds := self._seconds_to_wait(units)) > 0:
                self._sleep(seconds)

    def settle(self, estimated: float, actual: float) -> None:
        """Correct what was taken, when the table has said what a write really took."""
        with self._state:
            self._refill()
            self._units = min(self._units - (actual - estimated), self._rate * BURST_SECONDS)
            self._flow.add(actual - estimated, self._at)

    def throttled(self) -> None:
        """Halve the rate, since the table refused for lack of capacity; at most once a second, as all writers hear it.

        The rate never falls below one unit a second, or below the limit where that is lower.
        """
        with self._state:
            self._refill()
            if self._at - self._halved_at < _SECONDS_BETWEEN_HALVINGS:
                return
            self._halved_at = self._at
            before = self._rate if math.isfinite(self._rate) else self._flow.rate(self._at)
            self._rate = min(max(before / 2, _LEAST), self._limit)
            self._recovery = max(before / 2, _LEAST) / _RECOVERY_SECONDS
            self._units = min(self._units, 0.0)

    def _seconds_to_wait(self, units: float) -> float:
        """Take the units and return 0, or return how long to wait before the next try."""
        with self._state:
            self._refill()
            needed = min(units, self._rate * BURST_SECONDS)
            # A rest too small for the clock to show would be waited for without end.
            if self._units >= needed * (1 - 1e-9):
                self._units -= units
                self._flow.add(units, self._at)
                return 0.0
            return (needed - self._units) / self._rate

    def _refill(self) -> None:
        now = self._now()
        seconds, self._at = max(0.0, now - self._at), max(now, self._at)
        if not math.isfinite(self._rate) or not seconds:
            return
        self._units = min(self._units + self._rate * seconds, self._rate * BURST_SECONDS)
        self._rate = min(self._rate + self._recovery * seconds, self._limit)


class _Flow:
    """Measure the units of the last seconds, for the rate that is halved where no limit was given."""

    def __init__(self, at: float) -> None:
        self._began = at
        self._units = 0.0
        self._before = 0.0

    def add(self, units: float, at: float) -> None:
        if at - self._began >= 1.0:
            self._before, self._units, self._began = self.rate(at), 0.0, at
        self._units += units

    def rate(self, at: float) -> float:
        seconds = at - self._began
        return self._units / seconds if seconds >= 1.0 else max(self._before, self._units)


def _checked(limit: float) -> float:
    number = isinstance(limit, int | float) and not isinstance(limit, bool)
    if not number or not 0 < limit < math.inf:
        raise ConfigurationError("the limit of write units a second is a number above 0, or None for no limit")
    return float(limit)
