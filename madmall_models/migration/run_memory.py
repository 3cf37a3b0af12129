"""Remember, for the time of one import, what was seen and moved, in bounded memory.

What is new is in memory; what is more than some ten thousand entries is in a private temporary SQLite database, of
which SQLite keeps a few megabytes in memory and the rest in a file that has no name and is gone with the connection.
Claimed values are kept as digests, not as they are.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

from madmall_models.migration.links import Links
from madmall_models.migration.spilling import SpillingDigests, SpillingPairs, SpillingTexts

_SCHEMA = """
CREATE TABLE claimed (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE present (digest BLOB PRIMARY KEY, remembered TEXT) WITHOUT ROWID;
CREATE TABLE touched (entity TEXT, id TEXT, PRIMARY KEY (entity, id)) WITHOUT ROWID;
"""
_CACHE_KIBIBYTES = 4096
_NOTHING = "{}"


class RunMemory:
    """Be the memory of one import. It is used by one thread at a time.

    Attributes:
        links: what rows name in their own table.
    """

    def __init__(self) -> None:
        # The empty name is SQLite's word for a private temporary file.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_SCHEMA)
        self._claimed = SpillingDigests(self._database, "claimed")
        self._present = SpillingTexts(self._database, "present")
        self._touched = SpillingPairs(self._database, "touched")
        self.links = Links(self._database, lambda digest: self._present.get(digest) is not None)
        # Nobody else reads it, and nothing of it is kept: one transaction that is never ended costs least.
        self._database.execute("BEGIN")

    def __enter__(self) -> RunMemory:
        """Return the memory."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget everything."""
        self.close()

    def close(self) -> None:
        """Forget everything; closing twice is fine."""
        self._database.close()

    def claim(self, value: str) -> bool:
        """Remember a value that may be used once; return False if it was claimed before."""
        digest = _digest(value)
        if digest in self._claimed:
            return False
        self._claimed.add(digest)
        return True

    def is_claimed(self, value: str) -> bool:
        """Tell whether a value was claimed."""
        return _digest(value) in self._claimed

    def remember(self, key: str, attributes: Mapping[str, Any]) -> None:
        """Remember that the item of a key is in the table, and some of its attributes: texts and numbers."""
        self._present.put(_digest(key), json.dumps(dict(attributes)) if attributes else _NOTHING)

    def recall(self, key: str) -> dict[str, Any] | None:
        """Return what was remembered of the item of a key, or None if it is not known to be in the table."""
        found = self._present.get(_digest(key))
        if found is None or found == _NOTHING:
            return None if found is None else {}
        return dict(json.loads(found))

    def link(self, target: str, child: str, parent: str, ids: tuple[str, ...]) -> None:
        """Remember that the item of one key names that of another, which may come later; see :class:`Links`."""
        self.links.add(target, _digest(child), _digest(parent), ids)

    def touch(self, entity_type: str, identifier: str) -> None:
        """Remember that the counts of an item must be brought up to date."""
        self._touched.add(entity_type, identifier)

    def touched_count(self, entity_type: str) -> int:
        """Return how many items have counts that must be brought up to date."""
        return self._touched.count(entity_type)

    def touched(self, entity_type: str) -> Iterator[str]:
        """Return the ids of the items whose counts must be brought up to date, in order."""
        return self._touched.seconds_of(entity_type)


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode(), digest_size=16).digest()
