"""Hold the SQLite database of a run's memory, which takes nothing any more once it failed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

from madmall_models.errors import MigrationError


class GuardedDatabase(sqlite3.Connection):
    """Be a connection whose first failure is its last.

    A full disk makes SQLite take back the whole transaction. Whatever were written after that would stand alone, and
    a run that is taken up again would trust in it: so every later statement is refused with the same error.

    Raises:
        MigrationError: from every statement, once one failed.
    """

    _refusal: str | None = None

    def execute(self, statement: str, values: Any = (), /) -> sqlite3.Cursor:
        """Execute a statement."""
        self._refuse()
        try:
            return super().execute(statement, values)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def executemany(self, statement: str, values: Iterable[Any], /) -> sqlite3.Cursor:
        """Execute a statement with each of many values."""
        self._refuse()
        try:
            return super().executemany(statement, values)
        except sqlite3.Error as error:
            raise self._failed(error) from error

    def _refuse(self) -> None:
        if self._refusal is not None:
            raise MigrationError(self._refusal)

    def _failed(self, error: sqlite3.Error) -> MigrationError:
        self._refusal = (
            f"what the run must know to go on could not be kept ({error}); make room where the journal and temporary "
            "files are, then resume"
        )
        return MigrationError(self._refusal)
