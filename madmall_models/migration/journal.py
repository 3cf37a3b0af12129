"""Keep what a run must know to go on where it was: what was claimed and moved, and how far each table came.

With a path it is a SQLite file for its owner only, written in one piece at each checkpoint: a process that is killed
leaves the last checkpoint, whole. Without one it is private and temporary, and a run that is interrupted reads its
source from the first row again. It holds ids, counts and digests, and no values of people.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import ConfigurationError, MigrationError
from madmall_models.migration.guarded_database import GuardedDatabase
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import UndecodableText
from madmall_models.migration.spilling import CACHE_KIBIBYTES, private_database

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run (id TEXT, rejects INTEGER, bytes INTEGER);
CREATE TABLE IF NOT EXISTS point (part TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
"""
_APPLICATION = 0x6D616431  # so that the file of another program is never taken for a journal
_HEADER_BYTES = 100
_HEADER_APPLICATION = slice(68, 72)  # where the header of a SQLite file has it
_COMPANIONS = ("-wal", "-shm", "-journal")


class Journal:
    """The journal of one run; used by one thread at a time.

    Args:
        path: the file; None for a private temporary one.
        run: the id of the run.

    Raises:
        ConfigurationError: the file cannot be written, or is no journal.

    ``is_of_this_run`` tells whether the file was there and of this run; otherwise it begins empty.
    """

    def __init__(self, path: str | os.PathLike[str] | None, run: str) -> None:
        self.path = None if path is None else Path(path)
        self._run = run
        self._database = _opened(self.path)
        try:
            self.is_of_this_run = self._begin()
        except BaseException:
            self._database.close()
            raise
        self.memory = RunMemory(self._database)

    def __enter__(self) -> Journal:
        """Return the journal."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Let go of the file; it stays as the last checkpoint left it."""
        self._database.close()

    def point(self, part: str) -> dict[str, Any] | None:
        """Return how far a part came, its ``after`` as a key of the source; None where it was not begun."""
        found = self._database.execute("SELECT document FROM point WHERE part = ?", (part,)).fetchone()
        if found is None:
            return None
        document: dict[str, Any] = json.loads(found[0])
        after = document["after"]
        return document | {"after": None if after is None else tuple(map(_key_part, after))}

    def checkpoint(
        self, part: str, document: Mapping[str, Any], after: tuple[Any, ...] | None, rejects: tuple[int, int]
    ) -> None:
        """Write how far a part came, with everything that was remembered until now, all or nothing.

        Args:
            part: a source table.
            document: plain values.
            after: the key after which reading goes on.
            rejects: how many rows the file of rejects has, and how many bytes.

        Raises:
            MigrationError: the file could not be written; then it takes nothing more, and stays as the last checkpoint
                left it.
        """
        plain = {**document, "after": None if after is None else [_plain_part(part) for part in after]}
        if self.path is not None:
            # Nobody takes up a private journal: there, what fits stays in memory.
            self.memory.flush()
        self._database.execute("INSERT OR REPLACE INTO point VALUES (?, ?)", (part, json.dumps(plain)))
        self._database.execute("UPDATE run SET rejects = ?, bytes = ?", rejects)
        self._database.execute("COMMIT")
        self._database.execute("BEGIN")

    @property
    def rejects(self) -> tuple[int, int]:
        """Return how many rows the file of rejects had at the last checkpoint, and how many bytes."""
        rows, size = self._database.execute("SELECT rejects, bytes FROM run").fetchone()
        return int(rows), int(size)

    def start_anew(self) -> None:
        """Forget everything: the source is read from the first row again."""
        self._database.execute("ROLLBACK")
        self._clear()
        self._database.execute("BEGIN")
        self.memory = RunMemory(self._database)
        self.is_of_this_run = False

    def remove(self) -> None:
        """Remove the file, once the run is over."""
        self._database.close()
        if self.path is not None:
            for name in (self.path.name, *(self.path.name + companion for companion in _COMPANIONS)):
                self.path.with_name(name).unlink(missing_ok=True)

    def _begin(self) -> bool:
        self._database.executescript(_SCHEMA)
        known = self._database.execute("SELECT id FROM run").fetchone()
        is_of_this_run = known is not None and known[0] == self._run
        if not is_of_this_run:
            self._clear()
        self._database.execute("BEGIN")
        return is_of_this_run

    def _clear(self) -> None:
        tables = self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in tables:
            self._database.execute(f'DROP TABLE "{name}"')
        self._database.executescript(_SCHEMA)
        self._database.execute("INSERT INTO run VALUES (?, 0, 0)", (self._run,))


def _opened(path: Path | None) -> sqlite3.Connection:
    return private_database() if path is None else _of_file(path)


def _of_file(path: Path) -> sqlite3.Connection:
    try:
        _claim_file(path)
        database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, factory=GuardedDatabase)
    except (OSError, sqlite3.Error) as error:
        message = f"the journal {path} cannot be written ({error}); name another with journal="
        raise ConfigurationError(message) from error
    try:
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        # A kill of the process loses nothing with this; a loss of power may lose the last checkpoints, never half one.
        database.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
    except MigrationError as error:
        database.close()
        message = f"the journal {path} cannot be used ({error.__cause__}); make room, or remove it: the run then begins"
        raise ConfigurationError(f"{message} at the first row") from error
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            database.close()
        raise
    return database


def _claim_file(path: Path) -> None:
    """Make the file, or make sure that it is a journal, before SQLite touches it: any other stays as it is.

    Raises:
        OSError: it cannot be opened. ConfigurationError: it is somebody else's.
    """
    # Made by us, so that it is never readable by others, not even for a moment.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        header = os.read(handle, _HEADER_BYTES)
        if header and header[_HEADER_APPLICATION] != _APPLICATION.to_bytes(4):
            raise ConfigurationError(f"{path} exists and is no journal; it was left as it is. Name another file")
        os.fchmod(handle, 0o600)
    finally:
        os.close(handle)


def _plain_part(part: Any) -> Any:
    """Return a part of a row's key as JSON can hold it."""
    if isinstance(part, bytes):
        return {"blob": base64.b64encode(part).decode()}
    if isinstance(part, UndecodableText):
        return {"text": base64.b64encode(part.data).decode()}
    return part


def _key_part(plain: Any) -> Any:
    """Return the part of a row's key that :func:`_plain_part` described."""
    if not isinstance(plain, dict):
        return plain
    [(kind, text)] = plain.items()
    data = base64.b64decode(text)
    return data if kind == "blob" else UndecodableText(data)
