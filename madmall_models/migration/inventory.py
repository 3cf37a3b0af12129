"""Hold, key by key, what a table has and what its source gives, in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from madmall_models.integrity import Finding
from madmall_models.integrity.check_memory import CheckMemory, digest_of_place
from madmall_models.migration.source import Row, plain_value

_SCHEMA = """
CREATE TABLE items (
    place BLOB PRIMARY KEY, kind TEXT, stored BLOB, p TEXT, s TEXT, source TEXT, row TEXT, dangling TEXT
) WITHOUT ROWID;
CREATE TABLE claims (place BLOB PRIMARY KEY, owner BLOB) WITHOUT ROWID;
CREATE TABLE addable (place BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE held (rule TEXT, entity TEXT, key TEXT, fact TEXT, p TEXT, s TEXT, attribute TEXT);
"""
_FOUND = "INSERT OR REPLACE INTO items (place, kind, stored, p, s) VALUES (?, ?, ?, ?, ?)"
_EXPECTED = """
INSERT INTO items (place, source, row, dangling) VALUES (?, ?, ?, ?)
ON CONFLICT (place) DO UPDATE SET source = excluded.source, row = excluded.row, dangling = excluded.dangling
"""
_STORED = "SELECT kind, stored FROM items WHERE stored IS NOT NULL AND (source IS NOT NULL OR place NOT IN addable)"
_ADDED = "SELECT kind, count(*) FROM items WHERE source IS NULL AND place IN addable GROUP BY kind"
_EXTRAS = "SELECT kind, p, s FROM items WHERE source IS NULL AND place NOT IN addable"
Place = tuple[str, str]


@dataclass(frozen=True)
class Origin:
    """The row that an item comes from.

    Attributes:
        table: its source table.
        rowid: what names it to a person.
        dangling: stored names of the attributes that were kept although they name nothing.
    """

    table: str
    rowid: Any
    dangling: frozenset[str]


class Inventory:
    """Be the two lists of one verification: first the table's, then the source's. Used by one thread.

    Args:
        memory: where they are kept.
    """

    def __init__(self, memory: CheckMemory) -> None:
        self._database = memory.database
        self._database.executescript(_SCHEMA)

    def found(self, place: Place, kind: str, digest: bytes) -> None:
        """Take note of an item of the table."""
        self._database.execute(_FOUND, (digest_of_place(place), kind, digest, *place))

    def claimed(self, place: Place, owner: Place) -> None:
        """Take note of a claim in the table, and of whose it is."""
        values = (digest_of_place(place), digest_of_place(owner))
        self._database.execute("INSERT OR REPLACE INTO claims VALUES (?, ?)", values)

    def is_taken(self, place: Place, owner: Place) -> bool:
        """Tell whether a claim belongs to somebody other than ``owner``."""
        found = self._database.execute("SELECT owner FROM claims WHERE place = ?", (digest_of_place(place),)).fetchone()
        return found is not None and found[0] != digest_of_place(owner)

    def expect(self, place: Place, row: Row, dangling: Collection[str]) -> bytes | None:
        """Take note that a row gives an item, and return the digest of the one in the table, None if there is none."""
        digest = digest_of_place(place)
        rowid = [plain_value(part) for part in row.key]
        self._database.execute(_EXPECTED, (digest, row.table, json.dumps(rowid), json.dumps(sorted(dangling))))
        [stored] = self._database.execute("SELECT stored FROM items WHERE place = ?", (digest,)).fetchone()
        return None if stored is None else bytes(stored)

    def may_be_added(self, place: Place) -> None:
        """Take note that an item may be in the table although no row gives it."""
        self._database.execute("INSERT OR IGNORE INTO addable VALUES (?)", (digest_of_place(place),))

    def origin(self, place: Place) -> Origin | None:
        """Return the row that gives an item, None where none does."""
        found = self._database.execute(
            "SELECT source, row, dangling FROM items WHERE place = ? AND source IS NOT NULL", (digest_of_place(place),)
        ).fetchone()
        if found is None:
            return None
        source, row, dangling = found
        key = json.loads(row)
        return Origin(source, key[0] if len(key) == 1 else key, frozenset(json.loads(dangling)))

    def stored(self) -> Iterator[tuple[str, bytes]]:
        """Yield kind and digest of each item of the table, without those that were rightly added."""
        yield from self._database.execute(_STORED)

    def added(self) -> dict[str, int]:
        """Return by kind how many items are in the table that no row gives and that may be there."""
        return dict(self._database.execute(_ADDED).fetchall())

    def extras(self) -> Iterator[tuple[str, Place]]:
        """Yield kind and key of each item of the table that no row gives and that may not be there."""
        for kind, partition, sort in self._database.execute(_EXTRAS):
            yield kind, (partition, sort)

    def hold(self, finding: Finding) -> None:
        """Keep a finding until it can be said which row it is about."""
        values = (finding.rule, finding.entity, finding.key, finding.fact, *(finding.place or (None, None)))
        self._database.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?, ?, ?)", (*values, finding.attribute))

    def held(self) -> Iterator[Finding]:
        """Yield what was held, in order."""
        for rule, entity, key, fact, *place, attribute in self._database.execute("SELECT * FROM held"):
            yield Finding(rule, entity, key, fact, None if place[0] is None else (place[0], place[1]), attribute)
