"""Set Python up for moving rows, for as long as rows are moved.

Looking for circles of garbage: what a row makes holds no circle, it is freed when nobody refers to it. The rows that
are on their way at one time are so many objects that Python, by its own setting, looks through all of them for every
twelfth row, and now and then through all that the program holds.

Taking turns: one thread prepares rows without a pause while others wait for the engine. Whenever it has answered, the
thread that asked must wait for its turn, by Python's own setting 5 ms each time; that is longer than most answers take,
and meanwhile the engine has nothing to do.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

S = TypeVar("S")
# Objects made and not freed, before the youngest are looked through; and how often that leads to the older ones.
_LOOKS_RARELY = (20_000, 20, 100)
_SECONDS_OF_A_TURN = 0.001


class _Setting(Generic[S]):
    """Be a setting of the whole process, which several may want changed at the same time.

    Args:
        read: returns the setting.
        write: sets it.
        wanted: to what.
    """

    def __init__(self, read: Callable[[], S], write: Callable[[S], None], wanted: S) -> None:
        self._read = read
        self._write = write
        self._wanted = wanted
        self._holders = 0
        self._found = self._made = wanted
        self._lock = threading.Lock()

    def take(self) -> None:
        """Have it set until it is given back."""
        with self._lock:
            if self._holders == 0:
                self._found = self._read()
                self._write(self._wanted)
                self._made = self._read()
            self._holders += 1

    def give_back(self) -> None:
        """Have it as it was found, once the last one gives it back; what somebody set meanwhile stays."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0 and self._read() == self._made:
                self._write(self._found)


_GARBAGE = _Setting(gc.get_threshold, lambda thresholds: gc.set_threshold(*thresholds), _LOOKS_RARELY)
_TURNS = _Setting(sys.getswitchinterval, sys.setswitchinterval, _SECONDS_OF_A_TURN)


@contextmanager
def set_up_for_rows() -> Iterator[None]:
    """Have Python set up for moving rows within the block, in the whole process; several blocks at a time are fine.

    A collector that is switched off stays so, and a setting that somebody made meanwhile stays as it is.

    >>> before = gc.get_threshold(), sys.getswitchinterval()
    >>> with set_up_for_rows():
    ...     gc.get_threshold(), sys.getswitchinterval()
    ((20000, 20, 100), 0.001)
    >>> (gc.get_threshold(), sys.getswitchinterval()) == before
    True
    """
    _GARBAGE.take()
    _TURNS.take()
    try:
        yield
    finally:
        _TURNS.give_back()
        _GARBAGE.give_back()
