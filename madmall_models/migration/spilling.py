"""Hold sets and maps that may outgrow memory: what is new in memory, the rest in SQLite, written many at a time."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

from madmall_models.migration.guarded_database import GuardedDatabase

CACHE_KIBIBYTES = 2048
MOST_IN_MEMORY = 4096
_PAGE = 1000
_POSITION_BITS = 25
_POSITION_MASK = (1 << _POSITION_BITS) - 1
_SHIFTS = (0, 25, 50, 75)


def private_database() -> sqlite3.Connection:
    """Return a database of one's own: a few megabytes of it in memory, the rest in a file without a name.

    It is gone when it is closed. Nothing of it is ever taken back, so whatever is written is written at once.
    """
    # The empty name is SQLite's word for a private temporary file.
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False, factory=GuardedDatabase)
    database.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
    database.execute("PRAGMA journal_mode = OFF")
    database.execute("PRAGMA synchronous = OFF")
    return database


def digest_of(text: str) -> bytes:
    """Return the 16 bytes by which a text is remembered."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()


class SpillingDigests:
    """Be a set of digests of 16 bytes.

    Most questions are about digests that are not there, and SQLite need not be asked for those: a bit map says of
    nearly all of them that they are in no spilled page. It takes 4 MB from the first spill on, whatever the set holds.

    Args:
        database: where to spill, used by nobody else meanwhile.
        table: a table with a primary key ``digest``.
        most: digests kept in memory before they are spilled.
    """

    def __init__(self, database: sqlite3.Connection, table: str, most: int = MOST_IN_MEMORY) -> None:
        self._database = database
        # The names of tables are those of the memory itself.
        self._insert = f"INSERT OR IGNORE INTO {table} VALUES (?)"  # noqa: S608
        self._select = f"SELECT 1 FROM {table} WHERE digest = ?"  # noqa: S608
        self._most = most
        self._new: set[bytes] = set()
        self._bits: bytearray | None = None
        for (digest,) in database.execute(f"SELECT digest FROM {table}"):  # noqa: S608 - as above
            self._mark(digest)

    def __contains__(self, digest: bytes) -> bool:
        """Tell whether a digest was added."""
        if digest in self._new:
            return True
        return self._may_be_spilled(digest) and self._database.execute(self._select, (digest,)).fetchone() is not None

    def add(self, digest: bytes) -> None:
        """Add a digest; adding it twice is fine."""
        self._new.add(digest)
        if len(self._new) >= self._most:
            self.spill()

    def spill(self) -> None:
        """Leave nothing in memory alone."""
        # In order, neighbours share a page of the tree.
        self._database.executemany(self._insert, [(digest,) for digest in sorted(self._new)])
        for digest in self._new:
            self._mark(digest)
        self._new.clear()

    def _may_be_spilled(self, digest: bytes) -> bool:
        bits, number = self._bits, int.from_bytes(digest, "little")
        if bits is None:
            return False
        for shift in _SHIFTS:
            place = number >> shift & _POSITION_MASK
            if not bits[place >> 3] >> (place & 7) & 1:
                return False
        return True

    def _mark(self, digest: bytes) -> None:
        if self._bits is None:
            self._bits = bytearray(1 << (_POSITION_BITS - 3))
        bits, number = self._bits, int.from_bytes(digest, "little")
        for shift in _SHIFTS:
            place = number >> shift & _POSITION_MASK
            bits[place >> 3] |= 1 << (place & 7)


class SpillingTexts:
    """Be a map from digests to texts.

    Args:
        database: where to spill, used by nobody else meanwhile.
        table: a table with a primary key ``digest`` and the column ``remembered``.
        most: entries kept in memory before they are spilled; as many that were read are kept besides.
    """

    def __init__(self, database: sqlite3.Connection, table: str, most: int = MOST_IN_MEMORY) -> None:
        self._database = database
        self._insert = f"INSERT OR REPLACE INTO {table} VALUES (?, ?)"  # noqa: S608 - as above
        self._select = f"SELECT remembered FROM {table} WHERE digest = ?"  # noqa: S608 - as above
        self._most = most
        self._new: dict[bytes, str] = {}
        self._read: dict[bytes, str] = {}

    def get(self, digest: bytes) -> str | None:
        """Return the text of a digest, or None."""
        text = self._new.get(digest)
        if text is None:
            text = self._read.get(digest)
        if text is not None:
            return text
        found = self._database.execute(self._select, (digest,)).fetchone()
        if found is None:
            return None
        if len(self._read) >= self._most:
            self._read.clear()
        self._read[digest] = str(found[0])
        return self._read[digest]

    def put(self, digest: bytes, text: str) -> None:
        """Set the text of a digest."""
        self._new[digest] = text
        if len(self._new) >= self._most:
            self.spill()

    def spill(self) -> None:
        """Leave nothing in memory alone."""
        self._database.executemany(self._insert, sorted(self._new.items()))
        # What was just written is what is asked for next.
        if len(self._read) + len(self._new) > self._most:
            self._read.clear()
        self._read.update(self._new)
        self._new.clear()


class SpillingCounts:
    """Be a map from pairs of texts to counts, given out by their first text, in order.

    A count is exact as long as each of its parts was; one part that is no number makes it unknown.

    Args:
        database: where to spill, used by nobody else meanwhile.
        table: a table with the primary key ``(entity, id)`` and the columns ``count`` and ``unknown``.
        most: pairs kept in memory before they are spilled.
    """

    def __init__(self, database: sqlite3.Connection, table: str, most: int = MOST_IN_MEMORY) -> None:
        self._database = database
        self._insert = (
            f"INSERT INTO {table} VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET "  # noqa: S608 - as above
            "count = count + excluded.count, unknown = max(unknown, excluded.unknown)"
        )
        self._one = f"SELECT count, unknown FROM {table} WHERE entity = ? AND id = ?"  # noqa: S608 - as above
        self._total = f"SELECT count(*) FROM {table} WHERE entity = ?"  # noqa: S608 - as above
        self._page = (
            f"SELECT id, count, unknown FROM {table} "  # noqa: S608 - as above
            f"WHERE entity = ? AND id > ? ORDER BY id LIMIT {_PAGE}"
        )
        self._most = most
        self._new: dict[tuple[str, str], tuple[int, bool]] = {}

    def add(self, first: str, second: str, count: int | None) -> None:
        """Add to the count of a pair; None makes it unknown."""
        before, unknown = self._new.get((first, second), (0, False))
        self._new[first, second] = (before + (count or 0), unknown or count is None)
        if len(self._new) >= self._most:
            self.spill()

    def get(self, first: str, second: str) -> int | None:
        """Return the count of a pair, 0 where nothing was added, None for unknown."""
        count, unknown = self._new.get((first, second), (0, False))
        spilled = self._database.execute(self._one, (first, second)).fetchone()
        if spilled is not None:
            count, unknown = count + spilled[0], unknown or bool(spilled[1])
        return None if unknown else int(count)

    def total(self, first: str) -> int:
        """Return how many pairs have this first text."""
        self.spill()
        [total] = self._database.execute(self._total, (first,)).fetchone()
        return int(total)

    def counts_of(self, first: str) -> Iterator[tuple[str, int | None]]:
        """Return the second texts of the pairs with this first text, in order, with their counts, None for unknown."""
        self.spill()
        after = ""
        while True:
            page = self._database.execute(self._page, (first, after)).fetchall()
            for second, count, unknown in page:
                yield second, None if unknown else count
            if len(page) < _PAGE:
                return
            after = page[-1][0]

    def spill(self) -> None:
        """Leave nothing in memory alone."""
        rows = [(*pair, count, unknown) for pair, (count, unknown) in sorted(self._new.items())]
        self._database.executemany(self._insert, rows)
        self._new.clear()
