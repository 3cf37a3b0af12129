"""Remember, for the time of one import, what was seen and moved, in bounded memory.

Everything is in a private temporary SQLite database: SQLite keeps a few megabytes of it in memory and the rest in a
file that has no name and is gone with the connection. Claimed values are kept as digests, not as they are.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any

_SCHEMA = """
CREATE TABLE claimed (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE present (digest BLOB PRIMARY KEY, remembered TEXT) WITHOUT ROWID;
CREATE TABLE touched (entity TEXT, id TEXT, PRIMARY KEY (entity, id)) WITHOUT ROWID;
"""
_CACHE_KIBIBYTES = 8192
_PAGE = 1000


class RunMemory:
    """Be the memory of one import. It is used by one thread at a time."""

    def __init__(self) -> None:
        # The empty name is SQLite's word for a private temporary file.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_SCHEMA)

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
        return bool(self._database.execute("INSERT OR IGNORE INTO claimed VALUES (?)", (_digest(value),)).rowcount)

    def is_claimed(self, value: str) -> bool:
        """Tell whether a value was claimed."""
        found = self._database.execute("SELECT 1 FROM claimed WHERE digest = ?", (_digest(value),))
        return found.fetchone() is not None

    def remember(self, key: str, attributes: Mapping[str, Any]) -> None:
        """Remember that the item of a key is in the table, and some of its attributes: texts and numbers."""
        text = json.dumps(dict(attributes))
        self._database.execute("INSERT OR REPLACE INTO present VALUES (?, ?)", (_digest(key), text))

    def recall(self, key: str) -> dict[str, Any] | None:
        """Return what was remembered of the item of a key, or None if it is not known to be in the table."""
        found = self._database.execute("SELECT remembered FROM present WHERE digest = ?", (_digest(key),)).fetchone()
        return None if found is None else dict(json.loads(found[0]))

    def touch(self, entity_type: str, identifier: str) -> None:
        """Remember that the counts of an item must be brought up to date."""
        self._database.execute("INSERT OR IGNORE INTO touched VALUES (?, ?)", (entity_type, identifier))

    def touched_count(self, entity_type: str) -> int:
        """Return how many items have counts that must be brought up to date."""
        [count] = self._database.execute("SELECT count(*) FROM touched WHERE entity = ?", (entity_type,)).fetchone()
        return int(count)

    def touched(self, entity_type: str) -> Iterator[str]:
        """Return the ids of the items whose counts must be brought up to date, in order."""
        after = ""
        while True:
            page = self._database.execute(
                "SELECT id FROM touched WHERE entity = ? AND id > ? ORDER BY id LIMIT ?", (entity_type, after, _PAGE)
            ).fetchall()
            for (identifier,) in page:
                yield identifier
            if len(page) < _PAGE:
                return
            after = page[-1][0]


def _digest(value: str) -> bytes:
    return hashlib.blake2b(value.encode(), digest_size=16).digest()
