"""Make sortable unique ids, and say what an id may contain."""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Iterable

from madmall_models import clock
from madmall_models.errors import KeyValueError

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM_BITS = 80
_MOST_SHOWN = 128
_PATH = re.compile(r"\w+(\[\d+\])*(\.\w+(\[\d+\])*)*")
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


class _Sequence:
    """Hand out 128-bit numbers that never repeat nor go back within a process."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        """Return the next number: milliseconds since 1970 in the upper 48 bits, chance in the lower 80."""
        fresh = (clock.epoch_milliseconds() << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        with self._lock:
            self._last = fresh if fresh > self._last else self._last + 1
            return self._last


_sequence = _Sequence()
if hasattr(os, "register_at_fork"):
    # Parent and child would go on from the same number and hand out the same ids.
    os.register_at_fork(after_in_child=_sequence.forget)


def shown_name(name: object) -> str:
    """Return an attribute name as it may stand in a message; anything else could be somebody's data."""
    is_name = isinstance(name, str) and len(name) <= 64 and name.replace(".", "_").isidentifier()
    return repr(name) if is_name else "(no name)"


def shown_path(path: object) -> str:
    """Return a dotted path as it may stand in a message, positions in lists included, else what stands for it.

    >>> shown_path("contributors[0].id"), shown_path("jane@example.com")
    ('contributors[0].id', '(no name)')
    """
    is_path = isinstance(path, str) and len(path) <= _MOST_SHOWN and _PATH.fullmatch(path) is not None
    return str(path) if is_path else "(no name)"


def shown_paths(paths: Iterable[object]) -> str:
    """Return dotted paths as they may stand in a message, one after the other."""
    return ", ".join(map(shown_path, paths))


def id_or_new(given: str | None) -> str:
    """Return an id that was given, or a new one where none was; whether it is an id is checked where it is stored."""
    return new_id() if given is None else given


def new_id() -> str:
    """Return a new id: 26 characters in the form of a ULID, ascending within a process even in one millisecond.

    >>> first, second = new_id(), new_id()
    >>> first < second and len(first) == 26
    True
    """
    number = _sequence.next()
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


def is_id(value: object) -> bool:
    """Tell whether ``value`` can stand in a key as it is: 1 to 128 of letters, digits, ``_`` and ``-``."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def check_id(value: object, *, name: str) -> str:
    """Return ``value`` if it is an id.

    Raises:
        KeyValueError: it is not; the message names ``name``, never the value.
    """
    if isinstance(value, str) and _ID.fullmatch(value) is not None:
        return value
    raise KeyValueError(f"{name} is not an id ({_fault(value)}); an id has 1 to 128 of A-Z a-z 0-9 _ -")


def _fault(value: object) -> str:
    if value is None:
        return "it is missing"
    if not isinstance(value, str):
        return f"it is of type {type(value).__name__}, not text"
    if not value:
        return "it is empty"
    return "it is too long" if len(value) > 128 else "it has other characters"
