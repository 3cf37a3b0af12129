"""Read a SQLite file: never writing to it, as of one moment, page by page."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import SourceError
from madmall_models.migration.analysis import Analysis
from madmall_models.migration.source import ROWID_NAMES, Column, Row, plain_value
from madmall_models.migration.sqlite_analysis import analyzed
from madmall_models.migration.sqlite_file import SQLiteFile, bound, mark_of, quoted
from madmall_models.migration.sqlite_schema import SQLiteSchema, primary_key


class SQLiteSource:
    """Read a SQLite file.

    The file is opened read-only, and everything is read in one transaction, so that rows which another program adds
    meanwhile are not seen. While a source is open, a program that writes the file without a write-ahead log waits.

    Rows come in the order of their rowid, or of the primary key in a table WITHOUT ROWID, and are paged by that key.
    Text that is not valid UTF-8 is read as :class:`~madmall_models.migration.source.UndecodableText`.

    Where a table has no primary key, its rows give their rowid by that name, as in SQL: ``row.values["rowid"]`` is
    there although ``rowid`` is no column. It may be another one after a VACUUM of the file.

    Raises:
        SourceError: the file is missing, unreadable, locked or not a SQLite database.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._file = SQLiteFile(self.path)
        self._schema = SQLiteSchema(self._file)

    def __enter__(self) -> SQLiteSource:
        """Return the source."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the source."""
        self.close()

    def __repr__(self) -> str:
        return f"<SQLiteSource {self.path.name}>"

    def close(self) -> None:
        """Let go of the file; closing twice is fine."""
        self._file.close()

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, sorted; those that SQLite keeps for itself are left out."""
        return self._schema.tables()

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table in their declared order, generated ones included."""
        return self._schema.columns(table)

    def row_count(self, table: str) -> int:
        """Return the number of rows of a table."""
        self.columns(table)
        [(count,)] = self._select(f"SELECT count(*) FROM {quoted(table)}", table=table)  # noqa: S608 - quoted
        return int(count)

    def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 100) -> Iterator[Row]:
        """Return the rows in the order of their key, those after ``after`` if it is given, ``batch`` to a page.

        Raises:
            SourceError: the rows have no key that orders them: those of a view, and of a table that hides its rowid
                and has no primary key. The error of a damaged page names the table.
        """
        names = [column.name for column in self.columns(table)]
        key = self._schema.row_key(table)
        made = self._maker(table)
        while True:
            page = self._page(table, key, names, after, batch)
            for found in page:
                after = found[: len(key)]
                yield made(found)
            if len(page) < batch:
                return

    def rows_at(self, table: str, keys: Iterable[tuple[Any, ...]], *, batch: int = 100) -> Iterator[Row]:
        """Return the rows that have these keys, each once, in the order of :meth:`rows`; others are not read.

        A key that no row has gives nothing. The keys are kept in a temporary file while they are read.

        Raises:
            SourceError: as for :meth:`rows`.
        """
        names = [column.name for column in self.columns(table)]
        key = self._schema.row_key(table)
        made = self._maker(table)
        order = ", ".join(map(quoted, key))
        with self._file.keys_kept(keys, len(key)) as wanted:
            # Every name is quoted; the keys are in the table that was made for them.
            statement = (
                f"SELECT {_listed(key, names)} FROM {quoted(table)} "  # noqa: S608
                f"WHERE ({order}) IN (SELECT * FROM {wanted}) ORDER BY {order}"
            )
            yield from map(made, self._file.stream(statement, table=table, batch=batch))

    def tallies(self, table: str, columns: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Return the values that rows have together in some columns, each with the number of such rows.

        The columns' own collation tells which values are the same.

        Raises:
            SourceError: the table has no such column, or cannot be read.
        """
        if unknown := set(columns) - {column.name for column in self.columns(table)}:
            # SQLite would take such a name for a text, and count.
            raise SourceError(f"table {table!r} has no column {sorted(unknown)[0]!r}; name one that it has")
        listed = ", ".join(map(quoted, columns))
        statement = f"SELECT {listed}, count(*) FROM {quoted(table)} GROUP BY {listed}"  # noqa: S608 - quoted
        for *values, count in self._file.stream(statement, table=table):
            yield tuple(values), int(count)

    def analyze(self) -> Analysis:
        """Return what the file holds and what could become of it, personal values left out.

        Every row of every table and view is read once, in bounded memory.

        Raises:
            SourceError: a table cannot be read to its end; the error names it.
        """
        return analyzed(self._file, self._schema)

    def export_table(self, table: str, path: str | os.PathLike[str]) -> int:
        """Write a table as JSON lines, one row a line, readable by the owner of the file only; return the row count.

        What JSON lacks is an object with one name: ``{"$base64": ...}`` for bytes and for text that is not UTF-8,
        ``{"$number": "Infinity"}``. An existing file is replaced when the new one is complete.

        Raises:
            SourceError: the table is not there, or the file cannot be written.
        """
        target = Path(path)
        self.columns(table)
        try:
            handle, draft = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as lines:
                    written = self._write_lines(table, lines)
                os.replace(draft, target)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(draft)
                raise
        except OSError as error:
            reason = f"cannot write {target}: {error.strerror}; choose a folder that you may write to"
            raise SourceError(reason) from error
        return written

    def fingerprint(self) -> str:
        """Return the SHA-256 of the file and its write-ahead log. A checkpoint of the log changes it too."""
        return self._file.fingerprint()

    def changed(self) -> bool:
        """Tell whether the file or its write-ahead log is another one than when it was opened, by size and time.

        What is read stays as it was. Only a program that overwrites the file without SQLite's locks, as ``cp`` does,
        can change what is read in the middle.
        """
        return self._file.changed()

    def _write_lines(self, table: str, lines: Any) -> int:
        written = 0
        for row in self.rows(table):
            fields = {name: plain_value(value) for name, value in row.values.items()}
            lines.write(json.dumps(fields, ensure_ascii=False, allow_nan=False) + "\n")
            written += 1
        return written

    def _page(
        self, table: str, key: Sequence[str], names: Sequence[str], after: tuple[Any, ...] | None, batch: int
    ) -> list[tuple[Any, ...]]:
        order = ", ".join(map(quoted, key))
        where = "" if after is None else f"WHERE ({order}) > ({', '.join(map(mark_of, after))})"
        values = [bound(part) for part in after or ()]
        # Every name below is quoted, every value is bound.
        statement = f"SELECT {_listed(key, names)} FROM {quoted(table)} {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return self._select(statement, [*values, batch], table=table)

    def _select(self, statement: str, values: Sequence[Any] = (), *, table: str | None = None) -> list[tuple[Any, ...]]:
        return self._file.select(statement, values, table=table)

    def _maker(self, table: str) -> Callable[[tuple[Any, ...]], Row]:
        """Return what makes a row of a table out of its key and its values."""
        columns = self.columns(table)
        names = [column.name for column in columns]
        width = len(self._schema.row_key(table))
        key = primary_key(columns)

        def made(found: tuple[Any, ...]) -> Row:
            values = dict(zip(names, found[width:], strict=True))
            return Row(table, found[:width], values if key else _WithRowid(values, found[0]))

        return made


class _WithRowid(dict[str, Any]):
    """Be the values of a row whose rowid can be asked for, although it is not among them."""

    def __init__(self, values: dict[str, Any], rowid: Any) -> None:
        super().__init__(values)
        self._rowid = rowid

    def __missing__(self, name: str) -> Any:
        if name in ROWID_NAMES:
            return self._rowid
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """Return a value by its name, the rowid by its own."""
        return self[name] if name in ROWID_NAMES else super().get(name, default)


def _listed(key: Sequence[str], names: Sequence[str]) -> str:
    return ", ".join(map(quoted, [*key, *names]))
