"""Hold a SQLite file open for reading, as of one moment, and turn what SQLite says into typed errors."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import stat
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from madmall_models.errors import SourceError
from madmall_models.migration.source import UndecodableText


class SQLiteFile:
    """Be one read transaction on a SQLite file; any thread may ask.

    Args:
        path: the file.

    Raises:
        SourceError: the file is missing, unreadable, locked or not a SQLite database.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._drafts = 0
        self._state = _state_of(path)
        self._connection: sqlite3.Connection | None = _open(path)

    def close(self) -> None:
        """Let go of the file; closing twice is fine."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def select(self, statement: str, values: Sequence[Any] = (), *, table: str | None = None) -> list[tuple[Any, ...]]:
        """Return the rows of a statement; an error names the table that is given."""
        with self._lock, self._telling(table) as connection:
            return connection.execute(statement, values).fetchall()

    def stream(self, statement: str, *, table: str, batch: int = 100) -> Iterator[tuple[Any, ...]]:
        """Return the rows of a statement one by one; ``batch`` of them are held at a time."""
        with self._lock, self._telling(table) as connection:
            cursor = connection.execute(statement)
        try:
            while True:
                with self._lock, self._telling(table):
                    found = cursor.fetchmany(batch)
                yield from found
                if len(found) < batch:
                    return
        finally:
            cursor.close()

    @contextlib.contextmanager
    def keys_kept(self, keys: Iterable[tuple[Any, ...]], width: int) -> Iterator[str]:
        """Keep keys in a private table for the time of a block, and return its name; keys of other widths are left out.

        It is no part of the file: SQLite keeps a few megabytes of it in memory and the rest in a file without a name.
        """
        with self._lock, self._telling(None) as connection:
            self._drafts += 1
            name = f"temp.wanted_{self._drafts}"
            connection.execute(f"CREATE TABLE {name} ({', '.join(f'part_{number}' for number in range(width))})")
        try:
            for key in keys:
                if len(key) != width:
                    continue
                with self._lock, self._telling(None) as connection:
                    # Names are made here, values are bound.
                    statement = f"INSERT INTO {name} VALUES ({', '.join(map(mark_of, key))})"  # noqa: S608
                    connection.execute(statement, [bound(part) for part in key])
            yield name
        finally:
            with self._lock:
                if self._connection is not None:
                    self._connection.execute(f"DROP TABLE {name}")

    @property
    def size(self) -> int:
        """Return the bytes of the file and its write-ahead log."""
        return sum(path.stat().st_size for path in (self.path, _log_of(self.path)) if path.exists())

    def fingerprint(self) -> str:
        """Return the SHA-256 of the file and its write-ahead log. A checkpoint of the log changes it too."""
        digest = hashlib.sha256()
        try:
            for path in (self.path, _log_of(self.path)):
                with contextlib.suppress(FileNotFoundError), path.open("rb") as content:
                    while block := content.read(1 << 20):
                        digest.update(block)
                digest.update(b"\0")
        except OSError as error:
            raise _unreadable(self.path, error) from error
        return digest.hexdigest()

    def changed(self) -> bool:
        """Tell whether file or write-ahead log have another size, time or place than when they were opened."""
        try:
            return _state_of(self.path) != self._state
        except SourceError:
            return True

    @contextlib.contextmanager
    def _telling(self, table: str | None) -> Iterator[sqlite3.Connection]:
        """Give the connection, and turn what SQLite raises into a typed error."""
        if self._connection is None:
            raise SourceError(f"{self.path.name} was closed; open it again")
        try:
            yield self._connection
        except sqlite3.Error as error:
            raise _refusal(self.path, error, table) from error


def quoted(name: str) -> str:
    """Return a name as SQL writes it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def mark_of(part: Any) -> str:
    """Return what stands for a part of a key in a statement: undecodable text goes back as text, not as bytes."""
    return "CAST(? AS TEXT)" if isinstance(part, UndecodableText) else "?"


def bound(part: Any) -> Any:
    """Return a part of a key as SQLite takes it."""
    return part.data if isinstance(part, UndecodableText) else part


def _state_of(path: Path) -> tuple[Any, ...]:
    """Return what tells one content of a file from another without reading it."""
    try:
        state = path.stat()
    except FileNotFoundError:
        raise SourceError(f"there is no file {path}; give the path of the SQLite database") from None
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(state.st_mode):
        raise SourceError(f"{path} is not a file; give the path of the SQLite database")
    with contextlib.suppress(OSError):
        log = _log_of(path).stat()
        # Reading a file may make its log, which is empty then.
        if log.st_size:
            return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, log.st_size, log.st_mtime_ns)
    return (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connected(path, "mode=ro")
    except sqlite3.Error as error:
        # A database with a write-ahead log needs a file beside it. In a folder where none can be made it is read
        # as it stands, which is safe exactly as long as its log is empty.
        if "unable to open" in str(error) and os.access(path, os.R_OK) and not _has_log(path):
            with contextlib.suppress(sqlite3.Error):
                return _connected(path, "mode=ro&immutable=1")
        raise _refusal(path, error, None) from error


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


def _refusal(path: Path, error: sqlite3.Error, table: str | None) -> SourceError:
    """Return the typed error for what SQLite said. Its text names tables and columns, never values."""
    said = str(error)
    where = "" if table is None else f" in table {table!r}"
    if "not a database" in said:
        return SourceError(f"{path} is not a SQLite database; give a file that sqlite3 can open")
    if "unable to open" in said:
        return SourceError(f"{path} cannot be read; check its permissions and those of its folder")
    if "locked" in said:
        return SourceError(f"{path} is locked by a program that writes it; stop that program or copy the file")
    if "malformed" in said or "disk I/O" in said:
        return SourceError(
            f"{path} is damaged{where}; restore it from a backup, or save into a new file what can be read "
            "with '.recover' of the sqlite3 command"
        )
    return SourceError(f"{path}: SQLite refused to read{where}: {said}; check the file with the sqlite3 command")


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(
        f"{path} cannot be read ({error.strerror}); check its permissions and those of its folder"
    )


def _log_of(path: Path) -> Path:
    return path.with_name(f"{path.name}-wal")


def _has_log(path: Path) -> bool:
    log = _log_of(path)
    return log.exists() and log.stat().st_size > 0
