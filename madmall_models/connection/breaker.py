"""Hold calls back for a moment when the endpoint keeps failing, and try it again with one call at a time."""

from __future__ import annotations

import threading
import time

from madmall_models.connection.deadline import Clock
from madmall_models.errors import CircuitOpen


class CircuitBreaker:
    """Count the calls in a row that failed on their way or inside the service.

    After so many the circuit is open: calls are refused at once for a pause, then one at a time is let through, as a
    probe. A probe that is answered, whatever the answer, closes the circuit; one that fails begins another pause. What
    the service refuses (a condition, a validation, lack of capacity) is an answer, no failure.

    Args:
        failures: so many in a row open the circuit; 0 for a circuit that never opens.
        pause: seconds between opening and the next probe.
        clock: gives the seconds of a clock that never goes back.
    """

    def __init__(self, failures: int, pause: float, *, clock: Clock = time.monotonic) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failed = 0
        self._held_until: float | None = None
        self._probing = False

    def admit(self) -> bool:
        """Let a call through; return whether it is a probe, which is sent once only.

        Raises:
            CircuitOpen: it is held back; ``retry_after`` says for how many seconds at least.
        """
        with self._lock:
            if self._held_until is None:
                return False
            left = self._held_until - self._clock()
            if left <= 0 and not self._probing:
                self._probing = True
                return True
            wait = left if left > 0 else self._pause
        raise CircuitOpen(
            f"the endpoint failed {self._most} calls in a row; nothing was sent, try again in {wait:.1f} seconds",
            retry_after=wait,
        )

    def answered(self, *, probe: bool) -> None:
        """Note that the service answered a call."""
        with self._lock:
            if self._held_until is None or probe:
                self._failed, self._held_until = 0, None
            self._probing = self._probing and not probe

    def failed(self, *, probe: bool) -> None:
        """Note that a call failed on its way or inside the service, after all its attempts."""
        with self._lock:
            self._failed += 1
            self._probing = self._probing and not probe
            opens = self._held_until is None and 0 < self._most <= self._failed
            if opens or probe:
                self._held_until = self._clock() + self._pause

    def abandoned(self, *, probe: bool) -> None:
        """Note that a call ended in a way that says nothing about the endpoint."""
        with self._lock:
            self._probing = self._probing and not probe

    def anew(self) -> CircuitBreaker:
        """Return a closed circuit with the same settings; for a forked child, whose lock may be held by nobody."""
        return CircuitBreaker(self._most, self._pause, clock=self._clock)
