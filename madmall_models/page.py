"""Give pages of a query, and cursors that say where the next one begins.

A cursor is opaque and signed (HMAC-SHA-256), and bound to its query: altered, foreign or replayed on another query it
is refused, always with the same error. It holds the sort key and the id of the last item, never the partition that
was asked: it is signed, not encrypted.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import logging
import os
import secrets
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Generic, TypeVar

from madmall_models.errors import ConfigurationError, InvalidCursor

T = TypeVar("T")
_log = logging.getLogger(__name__)
_VERSION = 1
_SIGNATURE_BYTES = 16
# Three key texts of 1 and 2 KB, every character escaped in JSON, and base64: no cursor is longer.
_MOST_CHARACTERS = 40_000
KEYS_VARIABLE = "MADMALL_CURSOR_KEYS"


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page: its items, and the cursor of the next page where there is one.

    Attributes:
        items: at most as many as asked.
        cursor: text to give as ``after`` for the next page; None on the last.
        has_more: whether another matching item follows; it was looked for, not guessed.
    """

    items: tuple[T, ...]
    cursor: str | None = field(repr=False)
    has_more: bool

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


def read_page(matches: Iterable[T], size: int) -> tuple[list[T], bool]:
    """Return the first ``size`` matches and whether another one follows, for which it is looked."""
    found = list(islice(matches, size + 1))
    return found[:size], len(found) > size


class CursorSigner:
    """Sign and verify cursors.

    Args:
        keys: secrets; the first signs, all verify, so that a key can be replaced without breaking cursors in use.
        strict: refuse to sign without a configured key, instead of using one that only this process knows.

    Raises:
        ConfigurationError: the keys are no list of texts, or one is empty.
    """

    def __init__(self, keys: Sequence[str] = (), *, strict: bool = False) -> None:
        # A text is a sequence too, and each of its characters would be a key.
        if not isinstance(keys, list | tuple) or any(not isinstance(key, str) or not key.strip() for key in keys):
            raise ConfigurationError("cursor_keys is a list of texts, none of them empty")
        self._keys = [key.encode() for key in keys or _keys_from_environment()]
        self._strict = strict
        self._lock = threading.Lock()

    def check(self) -> None:
        """Refuse to begin paging where no cursor could be signed; whether there is a second page is not known yet.

        Raises:
            ConfigurationError: there is no key, and one is demanded.
        """
        if self._strict and not self._keys:
            raise ConfigurationError(
                f"paging needs a key to sign cursors with: give cursor_keys=[...] or set {KEYS_VARIABLE}; "
                "without one, cursors would not survive a restart nor be known to other processes"
            )

    def sign(self, position: Mapping[str, str], query: str) -> str:
        """Return the cursor of a position in the query with this fingerprint."""
        payload = json.dumps([_VERSION, *position.items()], separators=(",", ":"), ensure_ascii=False).encode()
        return _to_text(self._signature(self._signing_key(), payload, query) + payload)

    def verify(self, cursor: str, query: str) -> dict[str, str]:
        """Return the position that a cursor holds.

        Raises:
            InvalidCursor: it was altered, belongs to another query, or its key is not known.
        """
        blob = _from_text(cursor)
        signature, payload = blob[:_SIGNATURE_BYTES], blob[_SIGNATURE_BYTES:]
        keys = self._keys or [self._signing_key()]
        # Every key is tried, so that the time taken does not tell which one fitted.
        known = [hmac.compare_digest(signature, self._signature(key, payload, query)) for key in keys]
        if not any(known):
            raise _invalid()
        try:
            version, *pairs = json.loads(payload)
            if version != _VERSION:
                raise _invalid()
            return {str(name): str(text) for name, text in pairs}
        except (ValueError, TypeError):
            raise _invalid() from None

    def _signing_key(self) -> bytes:
        self.check()
        if not self._keys:
            with self._lock:
                if not self._keys:
                    _log.warning(
                        "no cursor key configured: cursors are valid in this process only; set %s", KEYS_VARIABLE
                    )
                    self._keys = [secrets.token_bytes(32)]
        return self._keys[0]

    @staticmethod
    def _signature(key: bytes, payload: bytes, query: str) -> bytes:
        return hmac.digest(key, query.encode() + b"\0" + payload, hashlib.sha256)[:_SIGNATURE_BYTES]


def fingerprint(*parts: object) -> str:
    """Return a short text that is the same for the same query only."""
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:24]


def _keys_from_environment() -> list[str]:
    return [key.strip() for key in os.environ.get(KEYS_VARIABLE, "").split(",") if key.strip()]


def _to_text(blob: bytes) -> str:
    return base64.urlsafe_b64encode(blob).rstrip(b"=").decode()


def _from_text(cursor: str) -> bytes:
    if not isinstance(cursor, str) or len(cursor) > _MOST_CHARACTERS:
        raise _invalid()
    try:
        blob = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    # base64 has several spellings of the same bytes; only the one that was given out counts.
    if _to_text(blob) != cursor or len(blob) <= _SIGNATURE_BYTES:
        raise _invalid()
    return blob


def _invalid() -> InvalidCursor:
    return InvalidCursor("this cursor is not one of this query, or its key is not known; start from the first page")
