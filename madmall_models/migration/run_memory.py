"""Remember, for the time of one import, what was seen and moved, in bounded memory.

What is new is in memory, what is more than some ten thousand entries in SQLite. Claimed values are kept as digests,
not as they are.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from madmall_models.migration.links import Links
from madmall_models.migration.source import Row
from madmall_models.migration.spilling import SpillingCounts, SpillingDigests, SpillingTexts, digest_of

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS claimed (digest BLOB PRIMARY KEY) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS present (digest BLOB PRIMARY KEY, remembered TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS touched (entity TEXT, id TEXT, count INTEGER, unknown INTEGER, "
    "PRIMARY KEY (entity, id)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS expected (entity TEXT, id TEXT, count INTEGER, unknown INTEGER, "
    "PRIMARY KEY (entity, id)) WITHOUT ROWID",
)
_NOTHING = "{}"


class Touched(NamedTuple):
    """An item on which something was counted.

    Attributes:
        identifier: its id.
        counted: what the rows of the run came to; None where it must be counted in the table.
        expected: with what its counter was written; 0 where it was not written by the run.
    """

    identifier: str
    counted: int | None
    expected: int


class RunMemory:
    """Be the memory of one import. It is used by one thread at a time.

    Args:
        database: where to keep what outgrows memory; used by nobody else meanwhile, in a transaction of its caller.

    Attributes:
        links: what rows name in their own table.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        for statement in _SCHEMA:
            database.execute(statement)
        self._claimed = SpillingDigests(database, "claimed")
        self._present = SpillingTexts(database, "present")
        self._touched = SpillingCounts(database, "touched")
        self._expected = SpillingCounts(database, "expected")
        self.links = Links(database, lambda digest: self._present.get(digest) is not None)
        self._pending: dict[bytes, int] = {}
        self._pending_of: dict[int, list[bytes]] = {}

    def claim(self, value: str, row: Row) -> bool:
        """Remember a value that one row may use; return False if it was claimed before.

        Until the row is settled the claim is not among what :meth:`flush` keeps: after an interruption the row comes
        again, and must not meet itself.
        """
        digest = digest_of(value)
        if digest in self._pending or digest in self._claimed:
            return False
        self._pending[digest] = id(row)
        self._pending_of.setdefault(id(row), []).append(digest)
        return True

    def is_claimed(self, value: str) -> bool:
        """Tell whether a value was claimed."""
        digest = digest_of(value)
        return digest in self._pending or digest in self._claimed

    def settle(self, row: Row) -> None:
        """Take note that a row has its outcome: what it claimed stays claimed."""
        for digest in self._pending_of.pop(id(row), ()):
            del self._pending[digest]
            self._claimed.add(digest)

    def flush(self) -> None:
        """Write what is remembered of settled rows to the database, for its caller to commit."""
        self._claimed.spill()
        self._present.spill()
        self._touched.spill()
        self._expected.spill()
        self.links.spill()

    def remember(self, key: str, attributes: Mapping[str, Any]) -> None:
        """Remember that the item of a key is in the table, and some of its attributes: texts and numbers."""
        self._present.put(digest_of(key), json.dumps(dict(attributes)) if attributes else _NOTHING)

    def recall(self, key: str) -> dict[str, Any] | None:
        """Return what was remembered of the item of a key, or None if it is not known to be in the table."""
        found = self._present.get(digest_of(key))
        if found is None or found == _NOTHING:
            return None if found is None else {}
        return dict(json.loads(found))

    def touch(self, entity_type: str, identifier: str, count: int | None) -> None:
        """Remember that something was counted on an item; None where it must be counted in the table."""
        self._touched.add(entity_type, identifier, count)

    def expect(self, entity_type: str, identifier: str, count: int) -> None:
        """Remember that an item was written with a counter that the rows to come should make true."""
        self._expected.add(entity_type, identifier, count)
        # Also where no row comes.
        self._touched.add(entity_type, identifier, 0)

    def link(self, target: str, child: str, parent: str, ids: tuple[str, ...]) -> None:
        """Remember that the item of one key names that of another, which may come later; see :class:`Links`."""
        self.links.add(target, digest_of(child), digest_of(parent), ids)

    def touched_count(self, entity_type: str) -> int:
        """Return how many items have counts that must be brought up to date."""
        return self._touched.total(entity_type)

    def touched(self, entity_type: str) -> Iterator[Touched]:
        """Return in the order of their ids the items whose counts may have to be brought up to date."""
        for identifier, count in self._touched.counts_of(entity_type):
            yield Touched(identifier, count, self._expected.get(entity_type, identifier) or 0)
