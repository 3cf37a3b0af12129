"""Remember, for the time of one rollback, which items the run wrote and which counts it changed, in bounded memory.

Everything is in a private temporary SQLite database, as that of an import is: gone with the connection.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType

from madmall_models.migration.item_digest import Item

_SCHEMA = """
CREATE TABLE marked (entity TEXT, partition TEXT, sort TEXT, PRIMARY KEY (entity, partition, sort)) WITHOUT ROWID;
CREATE TABLE aside (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE leaving (digest BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE touched (entity TEXT, id TEXT, PRIMARY KEY (entity, id)) WITHOUT ROWID;
"""
_CACHE_KIBIBYTES = 8192

Place = tuple[str, str]


def place_of(item: Item) -> Place:
    """Return the primary key texts of a raw item."""
    return item["PK"]["S"], item["SK"]["S"]


class RollbackMemory:
    """Be the memory of one rollback. One thread tells it things; while none does, several may ask what leaves."""

    def __init__(self) -> None:
        # The empty name is SQLite's word for a private temporary file.
        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        self._database.execute("PRAGMA journal_mode = OFF")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_SCHEMA)
        self._asking = threading.Lock()

    def __enter__(self) -> RollbackMemory:
        """Return the memory."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget everything."""
        self._database.close()

    def mark(self, entity_type: str, place: Place) -> None:
        """Remember that the run wrote an item."""
        self._database.execute("INSERT OR IGNORE INTO marked VALUES (?, ?, ?)", (entity_type, *place))

    def marked(self, entity_type: str, size: int) -> Iterator[list[Place]]:
        """Yield the keys of the items of an entity type that the run wrote, in order, ``size`` at a time."""
        after: Place = "", ""
        while True:
            page: list[Place] = self._database.execute(
                "SELECT partition, sort FROM marked WHERE entity = ? AND (partition, sort) > (?, ?) "
                "ORDER BY partition, sort LIMIT ?",
                (entity_type, *after, size),
            ).fetchall()
            if page:
                yield page
            if len(page) < size:
                return
            after = page[-1]

    def set_aside(self, place: Place) -> None:
        """Remember that an item is not to be removed by itself."""
        self._database.execute("INSERT OR IGNORE INTO aside VALUES (?)", (_digest(place),))

    def is_aside(self, place: Place) -> bool:
        """Tell whether an item is not to be removed by itself."""
        return self._has("aside", place)

    def leave(self, places: Iterable[Place]) -> None:
        """Remember that items would be removed."""
        self._database.executemany(
            "INSERT OR IGNORE INTO leaving VALUES (?)", ((_digest(place),) for place in places)
        )

    def is_leaving(self, place: Place) -> bool:
        """Tell whether an item would be removed."""
        return self._has("leaving", place)

    def touch(self, entity_type: str, identifier: str) -> bool:
        """Remember that the counts of an item must be brought up to date; return False if that was known."""
        touched = self._database.execute("INSERT OR IGNORE INTO touched VALUES (?, ?)", (entity_type, identifier))
        return bool(touched.rowcount)

    def touched(self, entity_type: str, size: int) -> Iterator[list[str]]:
        """Yield the ids of the items whose counts must be brought up to date, in order, ``size`` at a time."""
        after = ""
        while True:
            rows = self._database.execute(
                "SELECT id FROM touched WHERE entity = ? AND id > ? ORDER BY id LIMIT ?", (entity_type, after, size)
            ).fetchall()
            page = [identifier for (identifier,) in rows]
            if page:
                yield page
            if len(page) < size:
                return
            after = page[-1]

    def _has(self, table: str, place: Place) -> bool:
        query = f"SELECT 1 FROM {table} WHERE digest = ?"  # noqa: S608 - the names of the tables above
        with self._asking:
            return self._database.execute(query, (_digest(place),)).fetchone() is not None


def _digest(place: Place) -> bytes:
    return hashlib.blake2b("\0".join(place).encode(), digest_size=16).digest()
