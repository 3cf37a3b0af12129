"""Find out which rows name a row of their own table that is not there, or that leads back to themselves.

Such a row may come later than the one that names it, so this is known only when the whole table was read.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_MOST_IN_MEMORY = 4096
_PAGE = 1000
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS link (target TEXT, child BLOB, parent BLOB, ids TEXT, walk INTEGER DEFAULT 0, "
    "PRIMARY KEY (target, child)) WITHOUT ROWID"
)


@dataclass(frozen=True)
class Loose:
    """Say how many rows that were moved name a row that is not there, and how many stand in a circle."""

    dangling: int
    circular: int


class Links:
    """Keep what rows name in their own table; what is more than some thousand in SQLite.

    Args:
        database: where to spill, used by nobody else meanwhile.
        is_present: tells whether the item of a digest is known to be in the table.
    """

    def __init__(self, database: sqlite3.Connection, is_present: Callable[[bytes], bool]) -> None:
        self._database = database
        self._is_present = is_present
        self._new: list[tuple[str, bytes, bytes, str]] = []
        database.execute(_SCHEMA)

    def add(self, target: str, child: bytes, parent: bytes, ids: tuple[str, ...]) -> None:
        """Keep that a row names another, by the digests of their keys; ``ids`` are those of the key that is named."""
        self._new.append((target, child, parent, json.dumps(ids)))
        if len(self._new) >= _MOST_IN_MEMORY:
            self.spill()

    def settle(self, target: str, is_there: Callable[[tuple[str, ...]], bool]) -> Loose:
        """Return what is loose among the rows that were moved, and forget them.

        Args:
            target: the attribute that names.
            is_there: asked about a named item that was not moved in this run.
        """
        self.spill()
        self._forget_what_did_not_land(target)
        dangling = sum(
            not self._is_present(parent) and not is_there(tuple(json.loads(ids)))
            for _, parent, ids in self._all(target)
        )
        circular = sum(self._walk(target, child, number) for number, (child, _, _) in enumerate(self._all(target), 1))
        self._database.execute("DELETE FROM link WHERE target = ?", (target,))
        return Loose(dangling, circular)

    def _forget_what_did_not_land(self, target: str) -> None:
        for child, _, _ in self._all(target):
            if not self._is_present(child):
                self._database.execute("DELETE FROM link WHERE target = ? AND child = ?", (target, child))

    def _walk(self, target: str, child: bytes, number: int) -> int:
        """Follow what a row names until the end or until known ground; return the length of a circle newly found.

        Each row is marked with the number of the walk that came first, so that all walks together take one step for
        each row.
        """
        place = child
        while (step := self._step(target, place)) is not None:
            parent, walk = step
            if walk:
                return self._length(target, place) if walk == number else 0
            self._database.execute(
                "UPDATE link SET walk = ? WHERE target = ? AND child = ?", (number, target, place)
            )
            place = parent
        return 0

    def _length(self, target: str, start: bytes) -> int:
        length, place = 0, start
        while length == 0 or place != start:
            step = self._step(target, place)
            assert step is not None, "every row of a circle names the next"
            place = step[0]
            length += 1
        return length

    def _step(self, target: str, child: bytes) -> tuple[bytes, int] | None:
        statement = "SELECT parent, walk FROM link WHERE target = ? AND child = ?"
        found: tuple[bytes, int] | None = self._database.execute(statement, (target, child)).fetchone()
        return found

    def _all(self, target: str) -> Iterator[tuple[bytes, bytes, str]]:
        statement = "SELECT child, parent, ids FROM link WHERE target = ? AND child > ? ORDER BY child LIMIT ?"
        after = b""
        while page := self._database.execute(statement, (target, after, _PAGE)).fetchall():
            yield from page
            after = page[-1][0]

    def spill(self) -> None:
        """Leave nothing in memory alone."""
        statement = "INSERT OR IGNORE INTO link (target, child, parent, ids) VALUES (?, ?, ?, ?)"
        self._database.executemany(statement, self._new)
        self._new.clear()
