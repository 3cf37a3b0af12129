"""Read a SQLite file: never writing to it, as of one moment, page by page."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import SourceError
from madmall_models.migration.source import Column, Row, UndecodableText, plain_value

_ROWID_NAMES = ("rowid", "_rowid_", "oid")
_VIRTUAL_HIDDEN = 1


class SQLiteSource:
    """Read a SQLite file.

    The file is opened read-only, and everything is read in one transaction, so that rows which another program adds
    meanwhile are not seen. While a source is open, a program that writes the file without a write-ahead log waits.

    Rows come in the order of their rowid, or of the primary key in a table WITHOUT ROWID, and are paged by that key.
    Text that is not valid UTF-8 is read as :class:`~madmall_models.migration.source.UndecodableText`.

    Raises:
        SourceError: the file is missing, unreadable, locked or not a SQLite database.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = _open(self.path)

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
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, sorted; those that SQLite keeps for itself are left out."""
        found = self._select(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return tuple(sorted(name for (name,) in found if isinstance(name, str)))

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table in their declared order, generated ones included."""
        found = self._select(f"PRAGMA table_xinfo({_quoted(table)})")
        columns = tuple(
            Column(name=name, declared_type=declared, not_null=bool(not_null), primary_key=position)
            for _, name, declared, not_null, _, position, hidden in found
            if hidden != _VIRTUAL_HIDDEN
        )
        if not columns:
            there = ", ".join(self.tables()) or "none"
            raise SourceError(f"{self.path.name} has no table {table!r}; its tables are {there}")
        if not all(isinstance(column.name, str) for column in columns):
            raise SourceError(f"table {table!r} has a column whose name is not UTF-8; rename the column")
        return columns

    def row_count(self, table: str) -> int:
        """Return the number of rows of a table."""
        self.columns(table)
        [(count,)] = self._select(f"SELECT count(*) FROM {_quoted(table)}")  # noqa: S608 - quoted identifier
        return int(count)

    def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 1000) -> Iterator[Row]:
        """Return the rows in the order of their key, those after ``after`` if it is given, ``batch`` to a page."""
        names = [column.name for column in self.columns(table)]
        key = self._key_expressions(table)
        selected = ", ".join([*key, *map(_quoted, names)])
        while True:
            page = self._page(table, selected, key, after, batch)
            for found in page:
                after = found[: len(key)]
                yield Row(table, after, dict(zip(names, found[len(key) :], strict=True)))
            if len(page) < batch:
                return

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
        digest = hashlib.sha256()
        for path in (self.path, _log_of(self.path)):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as content:
                while block := content.read(1 << 20):
                    digest.update(block)
            digest.update(b"\0")
        return digest.hexdigest()

    def _write_lines(self, table: str, lines: Any) -> int:
        written = 0
        for row in self.rows(table):
            fields = {name: plain_value(value) for name, value in row.values.items()}
            lines.write(json.dumps(fields, ensure_ascii=False, allow_nan=False) + "\n")
            written += 1
        return written

    def _page(
        self, table: str, selected: str, key: Sequence[str], after: tuple[Any, ...] | None, batch: int
    ) -> list[tuple[Any, ...]]:
        order = ", ".join(key)
        where, values = "", []
        if after is not None:
            # A key of undecodable text goes back as the bytes it was read from, compared as text.
            marks = ["CAST(? AS TEXT)" if isinstance(part, UndecodableText) else "?" for part in after]
            where = f"WHERE ({order}) > ({', '.join(marks)})"
            values = [part.data if isinstance(part, UndecodableText) else part for part in after]
        # Every name below is quoted, every value is bound.
        statement = f"SELECT {selected} FROM {_quoted(table)} {where} ORDER BY {order} LIMIT ?"  # noqa: S608
        return self._select(statement, [*values, batch])

    def _key_expressions(self, table: str) -> tuple[str, ...]:
        """Return the SQL of the key that orders a table: its rowid where it has one, else its primary key."""
        columns = self.columns(table)
        taken = {column.name.lower() for column in columns}
        for name in _ROWID_NAMES:
            if name not in taken and self._has_rowid(table, name):
                return (name,)
        key = sorted((column for column in columns if column.primary_key), key=lambda column: column.primary_key)
        if not key:
            raise SourceError(f"table {table!r} has columns that hide its rowid and no primary key; add one to it")
        return tuple(_quoted(column.name) for column in key)

    def _has_rowid(self, table: str, name: str) -> bool:
        try:
            # Unquoted on purpose: SQLite takes a quoted name that it does not know for a text.
            self._select(f"SELECT {name} FROM {_quoted(table)} LIMIT 0")  # noqa: S608
        except SourceError as error:
            if "no such column" in str(error.__cause__):
                return False
            raise
        return True

    def _select(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            if self._connection is None:
                raise SourceError(f"{self.path.name} was closed; open it again")
            try:
                return self._connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise _refusal(self.path, error) from error


def _open(path: Path) -> sqlite3.Connection:
    if not path.exists():
        raise SourceError(f"there is no file {path}; give the path of the SQLite database")
    if not path.is_file():
        raise SourceError(f"{path} is not a file; give the path of the SQLite database")
    try:
        return _connected(path, "mode=ro")
    except sqlite3.Error as error:
        # A database with a write-ahead log needs a file beside it. In a folder where none can be made it is read
        # as it stands, which is safe exactly as long as its log is empty.
        if "unable to open" in str(error) and _is_readable(path) and not _has_log(path):
            with contextlib.suppress(sqlite3.Error):
                return _connected(path, "mode=ro&immutable=1")
        raise _refusal(path, error) from error


def _connected(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None, check_same_thread=False
    )
    try:
        connection.text_factory = _decoded
        # BEGIN alone takes no snapshot; the first read does.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _decoded(text: bytes) -> str | UndecodableText:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return UndecodableText(text)


def _refusal(path: Path, error: sqlite3.Error) -> SourceError:
    """Return the typed error for what SQLite said. Its text names tables and columns, never values."""
    said = str(error)
    if "not a database" in said:
        return SourceError(f"{path} is not a SQLite database; give a file that sqlite3 can open")
    if "unable to open" in said:
        return SourceError(f"{path} cannot be read; check its permissions and those of its folder")
    if "locked" in said:
        return SourceError(f"{path} is locked by a program that writes it; stop that program or copy the file")
    if "malformed" in said:
        return SourceError(f"{path} is damaged; try 'PRAGMA integrity_check' and restore it from a backup")
    return SourceError(f"{path}: SQLite refused to read: {said}; check the file with the sqlite3 command")


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _has_log(path: Path) -> bool:
    log = _log_of(path)
    return log.exists() and log.stat().st_size > 0


def _is_readable(path: Path) -> bool:
    return os.access(path, os.R_OK)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
