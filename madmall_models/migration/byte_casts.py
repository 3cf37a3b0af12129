"""Take blobs: as bytes, and as text that can stand in a key."""

from __future__ import annotations

from typing import Any

from madmall_models.migration.cast import CastError, text


def binary(value: Any) -> bytes | None:
    """Return bytes as they are.

    >>> binary(b"\\xff")
    b'\\xff'
    """
    if value is None or isinstance(value, bytes):
        return value
    raise CastError("NOT_BYTES", f"a value of type {type(value).__name__} is no blob; write it as X'...'")


def hexadecimal(value: Any) -> str | None:
    """Return the hexadecimal digits of bytes; a number or text as it stands.

    >>> hexadecimal(b"\\xff\\x00"), hexadecimal(7)
    ('ff00', '7')
    """
    return value.hex() if isinstance(value, bytes) else text(value)
