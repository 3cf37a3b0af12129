"""Know what a SQLite file declares: tables of every kind, their columns, keys and references."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from madmall_models.errors import SourceError
from madmall_models.migration.source import ROWID_NAMES, Column, UndecodableText
from madmall_models.migration.sqlite_file import SQLiteFile, quoted
from madmall_models.migration.table_analysis import ForeignKey

TABLE, VIEW, VIRTUAL = "table", "view", "virtual"
_HIDDEN = 1
_GENERATED = {2: "virtual", 3: "stored"}


@dataclass(frozen=True)
class SchemaEntry:
    """A table, view or virtual table.

    Attributes:
        kind: ``table``, ``view`` or ``virtual``.
        strict: whether SQLite holds its rows to the declared types.
    """

    name: str
    kind: str
    without_rowid: bool = False
    strict: bool = False


class SQLiteSchema:
    """Read the declarations of a file."""

    def __init__(self, file: SQLiteFile) -> None:
        self._file = file

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, sorted; those that SQLite keeps for itself are left out."""
        return tuple(sorted(self._names("table")))

    def entries(self) -> tuple[SchemaEntry, ...]:
        """Return every table, view and virtual table by name; the tables that a virtual one is kept in are left out."""
        listed = {
            name: (kind, bool(without_rowid), bool(strict))
            for schema, name, kind, _, without_rowid, strict in self._file.select("PRAGMA table_list")
            if schema == "main"
        }
        found = [SchemaEntry(name, VIEW) for name in self._names("view")]
        for name in self._names("table"):
            # A SQLite before 3.37 lists no kinds; a table that a virtual one is kept in is a table to it.
            kind, without_rowid, strict = listed.get(name, (TABLE, False, False))
            if kind != "shadow":
                found.append(SchemaEntry(name, kind, without_rowid, strict))
        return tuple(sorted(found, key=lambda entry: entry.name))

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table or view in their declared order, generated ones included.

        Raises:
            SourceError: there is no such table, or a column's name is not UTF-8.
        """
        found = self._file.select(f"PRAGMA table_xinfo({quoted(table)})", table=table)
        columns = tuple(
            Column(name, declared, bool(not_null), position, default, _GENERATED.get(hidden, ""))
            for _, name, declared, not_null, default, position, hidden in found
            if hidden != _HIDDEN
        )
        if not columns:
            there = ", ".join(self.tables()) or "none"
            raise SourceError(f"{self._file.path.name} has no table {table!r}; its tables are {there}")
        if not all(isinstance(column.name, str) for column in columns):
            raise SourceError(f"table {table!r} has a column whose name is not UTF-8; rename the column")
        return columns

    def row_key(self, table: str) -> tuple[str, ...]:
        """Return the names that order the rows of a table: its rowid where it has one, else its primary key.

        Raises:
            SourceError: no name does; the rows cannot be read in an order that can be taken up again.
        """
        columns = self.columns(table)
        if table in self._names("view"):
            raise SourceError(f"{table!r} is a view, whose rows have no key; move the tables that it shows")
        taken = {column.name.lower() for column in columns}
        for name in ROWID_NAMES:
            if name not in taken and self._has_rowid(table, name):
                return (name,)
        key = primary_key(columns)
        if not key:
            raise SourceError(f"table {table!r} has columns that hide its rowid and no primary key; add one to it")
        absent = " OR ".join(f"{quoted(name)} IS NULL" for name in key)
        # NULL is before and after nothing, so that reading would end there and pass over every other row.
        if self._file.select(f"SELECT 1 FROM {quoted(table)} WHERE {absent} LIMIT 1", table=table):  # noqa: S608
            raise SourceError(
                f"table {table!r} has columns that hide its rowid, and rows whose primary key is NULL; "
                "give those rows a key"
            )
        return key

    def foreign_keys(self, table: str) -> tuple[ForeignKey, ...]:
        """Return what a table references, in declared order, by the names that the tables themselves have."""
        found = self._file.select(f"PRAGMA foreign_key_list({quoted(table)})", table=table)
        # SQLite numbers them backwards.
        parts = sorted(((-number, place, *rest) for number, place, *rest in found), key=lambda part: part[:2])
        return tuple(self._foreign_key(table, [part[2:] for part in group]) for _, group in groupby(parts, _number))

    def distinct_columns(self, table: str) -> frozenset[str]:
        """Return the columns of which no two rows can have the same value, by what is declared."""
        key = primary_key(self.columns(table))
        distinct = set(key) if len(key) == 1 else set()
        for _, index, unique, _, partial in self._file.select(f"PRAGMA index_list({quoted(table)})", table=table):
            parts = self._file.select(f"PRAGMA index_info({quoted(index)})", table=table) if unique else []
            if len(parts) == 1 and not partial and parts[0][2] is not None:
                distinct.add(parts[0][2])
        return frozenset(distinct)

    def sizes(self) -> dict[str, int]:
        """Return the bytes of each table, its indexes left out; nothing where this SQLite does not count them."""
        try:
            return dict(self._file.select("SELECT name, pgsize FROM dbstat WHERE aggregate = TRUE"))
        except SourceError as error:
            if isinstance(error.__cause__, sqlite3.OperationalError):
                return {}
            raise

    def _names(self, kind: str) -> Iterator[str]:
        statement = "SELECT name FROM sqlite_master WHERE type = ? AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        for (name,) in self._file.select(statement, [kind]):
            if isinstance(name, UndecodableText):
                raise SourceError(f"{self._file.path.name} has a {kind} whose name is not UTF-8; rename it")
            yield name

    def _foreign_key(self, table: str, parts: list[tuple[str, ...]]) -> ForeignKey:
        named = parts[0][0]
        parent = next((name for name in self.tables() if name.lower() == named.lower()), named)
        own = {column.name.lower(): column.name for column in self.columns(table)}
        its = self.columns(parent) if parent in self.tables() else ()
        spelled = {column.name.lower(): column.name for column in its}
        # Without columns, a reference means the primary key.
        given = [to for _, _, to, *_ in parts if to is not None] or primary_key(its)
        return ForeignKey(
            columns=tuple(own.get(column.lower(), column) for _, column, *_ in parts),
            table=parent,
            references=tuple(spelled.get(name.lower(), name) for name in given),
        )

    def _has_rowid(self, table: str, name: str) -> bool:
        try:
            # Unquoted on purpose: SQLite takes a quoted name that it does not know for a text.
            self._file.select(f"SELECT {name} FROM {quoted(table)} LIMIT 0", table=table)  # noqa: S608
        except SourceError as error:
            if "no such column" in str(error.__cause__):
                return False
            raise
        return True


def primary_key(columns: tuple[Column, ...]) -> tuple[str, ...]:
    """Return the names of the columns of the primary key, in its order."""
    key = sorted((column for column in columns if column.primary_key), key=lambda column: column.primary_key)
    return tuple(column.name for column in key)


def _number(part: tuple[object, ...]) -> object:
    return part[0]
