"""Read again the rows that a run rejected, and no others."""

from __future__ import annotations

import base64
import itertools
import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.attributes.text import has_lone_surrogate
from madmall_models.errors import SourceError
from madmall_models.migration.rejects import reject_in
from madmall_models.migration.source import Column, Row, Source, UndecodableText, plain_value

_LINES_NAMED = 10
_SCHEMA = "CREATE TABLE wanted (source TEXT, name TEXT, line INT, is_there INT DEFAULT 0, UNIQUE (source, name))"
_SQLITE_INTEGERS = range(-(2**63), 2**63)
_NUMBERS = {"Infinity": float("inf"), "-Infinity": float("-inf")}


class RejectedRows:
    """Be a source that has only the rows of another one which a file of rejects names.

    What a run rejected and somebody mended in the source is moved by a run on this one. Rows come in the order of the
    source, whatever the order of the lines; a row that stands in the file twice comes once. Nothing of the file is
    kept in memory.

    Args:
        source: where the rows are; it stays open when this is closed.
        path: the file that a run wrote, see :class:`~madmall_models.migration.rejects.RejectFile`.

    Raises:
        SourceError: the file is missing, empty or not one of rejects, or names tables or rows that the source does not
            have; the lines are named. This is found out before any row is given.

    ::

        with SQLiteSource("legacy.db") as source, RejectedRows(source, "rejects.jsonl") as rejected:
            MigrationService(db, rejected).execute(madmall_plan(), MigrationConfig(rejects="still-rejected.jsonl"))
    """

    def __init__(self, source: Source, path: str | os.PathLike[str]) -> None:
        self._source = source
        self._path = Path(path)
        # The empty name is SQLite's word for a private temporary file.
        self._names = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        try:
            self._names.execute(_SCHEMA)
            self._take_in()
            self._check()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> RejectedRows:
        """Return the source."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget the file of rejects; the source of the rows stays open."""
        self.close()

    def __repr__(self) -> str:
        return f"<RejectedRows {self._path.name} of {self._source!r}>"

    def close(self) -> None:
        """Forget the file of rejects; the source of the rows stays open. Closing twice is fine."""
        self._names.close()

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables that have rejected rows, sorted."""
        return tuple(sorted(name for (name,) in self._names.execute("SELECT DISTINCT source FROM wanted")))

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table in their declared order."""
        return self._source.columns(table)

    def row_count(self, table: str) -> int:
        """Return the number of rejected rows of a table."""
        [count] = self._names.execute("SELECT count(*) FROM wanted WHERE source = ?", (table,)).fetchone()
        return int(count)

    def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 100) -> Iterator[Row]:
        """Return the rejected rows of a table in the order of the source, those after a row's ``key`` if it is given.

        Raises:
            SourceError: no rejected row has the key ``after``.
        """
        found = self._source.rows_at(table, self._keys(table), batch=batch)
        if after is not None:
            found = itertools.dropwhile(lambda row: row.key != after, found)
            if next(found, None) is None:
                raise SourceError(f"{self._path.name} has no row of {table!r} to go on after; begin anew")
        return found

    def rows_at(self, table: str, keys: Any, *, batch: int = 100) -> Iterator[Row]:
        """Return the rejected rows that have these keys, each once, in the order of :meth:`rows`."""
        return (row for row in self._source.rows_at(table, keys, batch=batch) if self._line_of(row) is not None)

    def fingerprint(self) -> str:
        """Return the fingerprint of the source that the rows are in."""
        return self._source.fingerprint()

    def changed(self) -> bool:
        """Tell whether the source that the rows are in may have changed since it was opened."""
        return self._source.changed()

    def _take_in(self) -> None:
        """Remember what each line names."""
        foreign: list[int] = []
        try:
            with self._path.open(encoding="utf-8", errors="replace") as lines:
                for number, line in enumerate(lines, start=1):
                    entry = reject_in(line)
                    if entry is None or not isinstance(entry["table"], str) or has_lone_surrogate(entry["table"]):
                        foreign.append(number)
                    else:
                        self._remember(entry, number)
        except OSError as error:
            raise SourceError(
                f"the file of rejects, {self._path}, cannot be read ({error.strerror}); name the file that a run wrote"
            ) from error
        if foreign:
            raise SourceError(
                f"{self._path} is not a file of rejects: {_lines(foreign)} cannot be read as rejects. "
                "Name the file that a run wrote; the last line of a run that was killed may be torn, remove it"
            )

    def _remember(self, entry: Any, number: int) -> None:
        name = _text_of(entry["rowid"])
        self._names.execute(
            "INSERT OR IGNORE INTO wanted (source, name, line) VALUES (?, ?, ?)", (entry["table"], name, number)
        )

    def _check(self) -> None:
        """Refuse what the source does not have."""
        tables = self.tables()
        if not tables:
            raise SourceError(f"{self._path} holds no reject; there is nothing to read again")
        missing = sorted(set(tables) - set(self._source.tables()))
        if missing:
            raise SourceError(
                f"{self._path} names tables that the source does not have: "
                + "; ".join(f"{table!r} in {_lines(self._lines_about(table))}" for table in missing)
                + ". Name the source that the run read"
            )
        for table in tables:
            self._check_rows(table)

    def _check_rows(self, table: str) -> None:
        for row in self._source.rows_at(table, self._keys(table)):
            self._names.execute(
                "UPDATE wanted SET is_there = 1 WHERE source = ? AND name = ?", (table, _text_of_key(row.key))
            )
        gone = self._lines_about(table)
        if gone:
            raise SourceError(
                f"{self._path} names rows of {table!r} that the source does not have, in {_lines(gone)}. "
                "Name the source that the run read, or remove the lines of rows that were deleted there"
            )

    def _keys(self, table: str) -> Iterator[tuple[Any, ...]]:
        """Return the keys of the rejected rows of a table; a key that the file cannot tell from another is both."""
        for (name,) in self._names.execute("SELECT name FROM wanted WHERE source = ? ORDER BY rowid", (table,)):
            yield from itertools.product(*map(_values_of, json.loads(name)))

    def _line_of(self, row: Row) -> int | None:
        found = self._names.execute(
            "SELECT line FROM wanted WHERE source = ? AND name = ?", (row.table, _text_of_key(row.key))
        ).fetchone()
        return None if found is None else int(found[0])

    def _lines_about(self, table: str) -> list[int]:
        """Return the first lines about a table that name a row that was not found."""
        statement = "SELECT line FROM wanted WHERE source = ? AND NOT is_there ORDER BY line LIMIT ?"
        return [line for (line,) in self._names.execute(statement, (table, _LINES_NAMED + 1))]


def _text_of_key(key: tuple[Any, ...]) -> str:
    return json.dumps([plain_value(part) for part in key], sort_keys=True)


def _text_of(rowid: Any) -> str:
    return json.dumps(rowid if isinstance(rowid, list) else [rowid], sort_keys=True)


def _values_of(part: Any) -> tuple[Any, ...]:
    """Return what a part of a key can have been before it was written as JSON; nothing for what no key is made of."""
    if isinstance(part, str):
        return () if has_lone_surrogate(part) else (part,)
    if isinstance(part, int):
        return (part,) if part in _SQLITE_INTEGERS else ()
    if not isinstance(part, dict):
        return () if isinstance(part, list) else (part,)
    if "$number" in part:
        return tuple(value for name, value in _NUMBERS.items() if name == part["$number"])
    try:
        data = base64.b64decode(str(part.get("$base64")), validate=True)
    except ValueError:
        return ()
    return data, UndecodableText(data)


def _lines(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:_LINES_NAMED]))
    return f"line {shown}" if len(numbers) == 1 else f"lines {shown}" + (" and more" * (len(numbers) > _LINES_NAMED))
