"""Make a legacy database to migrate from: realistic, as large as wanted, and dirty in the ways that real ones are.

Everybody in it is invented. ``circle_members`` has about four rows for each user, ``circles`` and ``businesses`` one
for twenty, ``resources`` one for ten, ``stories`` one for two, ``story_comments`` about three for each story,
``images`` one for five users, ``feedback`` three for each image. A circle
has 15 to 500 members, but not more than there are users, so that a small database has fewer memberships.

What is wrong with which row, and what each kind means, is in :mod:`madmall_models.testing.legacy_dirt`.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from madmall_models.errors import ConfigurationError
from madmall_models.testing.legacy_circles import circle_rows, member_rows
from madmall_models.testing.legacy_dirt import DirtKind, Row
from madmall_models.testing.legacy_images import feedback_rows, image_rows
from madmall_models.testing.legacy_offers import business_rows, resource_rows
from madmall_models.testing.legacy_population import Population
from madmall_models.testing.legacy_schema import (
    BUSINESSES,
    CIRCLE_MEMBERS,
    CIRCLES,
    FEEDBACK,
    IMAGES,
    RESOURCES,
    STORIES,
    STORY_COMMENTS,
    TABLES,
    USERS,
    LegacyTable,
)
from madmall_models.testing.legacy_stories import comment_rows, story_rows
from madmall_models.testing.legacy_users import user_rows

MOST_PLANTED_ROWS = 100_000
_MOST_DIRTY_SHARE = 0.5

# Members before circles and comments before stories: the counts that the latter state are taken from the former.
_WRITERS: tuple[tuple[LegacyTable, Callable[[Population], Iterator[tuple[Row, DirtKind | None]]]], ...] = (
    (USERS, user_rows),
    (CIRCLE_MEMBERS, member_rows),
    (CIRCLES, circle_rows),
    (STORY_COMMENTS, comment_rows),
    (STORIES, story_rows),
    (BUSINESSES, business_rows),
    (RESOURCES, resource_rows),
    (IMAGES, image_rows),
    (FEEDBACK, feedback_rows),
)
# The file is new and has no readers, and appears under its name only when it is complete: nothing needs a journal.
_SETTINGS = (
    "PRAGMA journal_mode = OFF",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA cache_size = -65536",
)


# What SQLite may have left beside a file that is overwritten; it would be applied to the new one.
_COMPANIONS = ("-journal", "-wal", "-shm")


class PlantedRow(NamedTuple):
    """Be one dirty row: where it is, and the name of its :class:`~madmall_models.testing.legacy_dirt.DirtKind`."""

    table: str
    rowid: int
    kind: str


@dataclass(frozen=True)
class LegacySummary:
    """Say what a legacy database holds.

    ``rows`` has the rows of each table, ``expected`` the dirty ones of each table by kind. ``planted`` names these one
    by one, at most the first 100,000; ``planted_is_complete`` tells whether these are all. A row has one kind at most.
    """

    path: Path
    rows: Mapping[str, int]
    expected: Mapping[str, Mapping[str, int]]
    planted: tuple[PlantedRow, ...]

    @property
    def planted_is_complete(self) -> bool:
        """Tell whether ``planted`` names every dirty row."""
        return len(self.planted) == sum(sum(kinds.values()) for kinds in self.expected.values())

    def rowids(self, table: str, kind: str) -> tuple[int, ...]:
        """Return where the dirty rows of this kind are in ``table``, as far as ``planted`` names them."""
        return tuple(row.rowid for row in self.planted if row.table == table and row.kind == kind)


def make_legacy_database(
    path: str | os.PathLike[str],
    *,
    users: int = 1000,
    seed: int = 1,
    dirty: float = 0.02,
    overwrite: bool = False,
) -> LegacySummary:
    """Write an SQLite file with the nine legacy tables, and say what it holds.

    Equal arguments give equal rows, on any day and machine. ``dirty`` is the share of rows that are dirty, up to a
    half; each kind is there at least once from 100 users on, which makes small databases dirtier than asked. With 0,
    every row is clean and arrives. Memory stays flat: a million users (eight million rows) take minutes.

    The file is complete or not there: it is written under another name in the same folder.

    Raises:
        ConfigurationError: the file exists and ``overwrite`` was not given, its folder does not exist, or a number is
            out of range.
    """
    target = Path(path)
    if users < 1:
        raise ConfigurationError(f"users is {users}; a legacy database has at least one")
    if not 0 <= dirty <= _MOST_DIRTY_SHARE:
        raise ConfigurationError(f"dirty is {dirty}; give a share from 0 to {_MOST_DIRTY_SHARE}")
    if target.is_dir() or (target.exists() and not overwrite):
        raise ConfigurationError(f"{target} exists; give another path, or overwrite=True if it is a file")
    with _written_aside(target) as unfinished:
        return _write(unfinished, target, Population(users=users, seed=seed, dirty=dirty))


@contextmanager
def _written_aside(target: Path) -> Iterator[Path]:
    """Give a file in the folder of ``target`` that takes its place at the end, or is removed on an error."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".unfinished")
    except OSError as error:
        raise ConfigurationError(f"{target.parent} cannot be written to: {error.strerror}") from error
    os.close(handle)
    unfinished = Path(name)
    try:
        yield unfinished
        for companion in _COMPANIONS:
            target.with_name(target.name + companion).unlink(missing_ok=True)
        os.replace(unfinished, target)
    finally:
        unfinished.unlink(missing_ok=True)


def _write(unfinished: Path, target: Path, population: Population) -> LegacySummary:
    ledger = _Ledger()
    with closing(sqlite3.connect(unfinished, isolation_level=None)) as connection:
        for setting in _SETTINGS:
            connection.execute(setting)
        connection.execute("BEGIN")
        for table in TABLES:
            connection.execute(table.create_statement())
        for table, rows in _WRITERS:
            connection.executemany(table.insert_statement(), ledger.noted(table.name, rows(population)))
        connection.execute("COMMIT")
    return ledger.summary(target)


class _Ledger:
    """Count rows and dirt while they pass by."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {table.name: 0 for table in TABLES}
        self._kinds: dict[str, Counter[str]] = {table.name: Counter() for table in TABLES}
        self._planted: list[PlantedRow] = []

    def noted(self, table: str, rows: Iterator[tuple[Row, DirtKind | None]]) -> Iterator[Row]:
        """Yield the bare rows. SQLite numbers the rows of a new table 1, 2, 3, ... in the order of their arrival."""
        rowid = 0
        for rowid, (row, kind) in enumerate(rows, 1):
            if kind is not None:
                self._kinds[table][kind.name] += 1
                if len(self._planted) < MOST_PLANTED_ROWS:
                    self._planted.append(PlantedRow(table, rowid, kind.name))
            yield row
        self._rows[table] = rowid

    def summary(self, path: Path) -> LegacySummary:
        """Return what was noted."""
        return LegacySummary(
            path=path,
            rows=dict(self._rows),
            expected={table: dict(kinds) for table, kinds in self._kinds.items()},
            planted=tuple(self._planted),
        )
