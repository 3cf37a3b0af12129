"""Hold the settings of a run."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from enum import Enum

from madmall_models.errors import ConfigurationError

LOG_LEVELS = ("debug", "info", "warning", "error")
MOST_ROWS_IN_A_BATCH = 100
MOST_WRITERS = 64


class OnConflict(Enum):
    """Say what becomes of a row whose item is in the table already.

    ``SKIP`` leaves the item and goes on, ``FAIL`` leaves it and rejects the row. ``REPLACE`` puts the row in its place
    and keeps the old item in the ledger, so that a rollback brings it back.
    """

    SKIP = "skip"
    FAIL = "fail"
    REPLACE = "replace"


@dataclass(frozen=True)
class MigrationConfig:
    """Settings of a run.

    Attributes:
        batch_size: rows to a transaction at most, 1 to 100. A row with a mirror, pointer or claim takes more than one
            of its 100 actions, so a transaction may hold fewer.
        parallelism: writers, 1 to 64.
        dry_run: check everything and write nothing; the connection itself refuses writes.
        validate: with ``max_errors``, check every row before the first one is written, so that a source with too many
            bad rows is refused whole. Each row is validated when it is moved in any case.
        backup: save the table before the first write: a point in time to restore to or an on-demand backup where the
            engine has them, else an export file, see ``backup_file``. It is verified before anything is moved.
        backup_file: where an export goes; left out, a file named after the run in the current folder.
        continue_on_error: go on with the next table when an error (not a bad row) ends one.
        log_level: of the logger ``madmall_models.migration`` during the run: debug, info, warning or error.
        max_errors: stop when more rows than this are rejected; None for no limit.
        rejects: a file for rejected rows, personal columns masked; None for none.
        journal: a file in which the run notes at each checkpoint what it must know to go on; it is removed when the run
            is over. With None a run that was interrupted reads its source from the first row again.
        on_conflict: what becomes of a row whose item is in the table already.
        exclusive: nobody else writes the table meanwhile. Rows are then written by batches instead of transactions: at
            half the write units, and faster where transactions are slow. Only with ``on_conflict`` SKIP or FAIL.
        restore_deleted: write rows again that an earlier run of the same source had moved to its end, and that were
            deleted from the table since. Without it they stay deleted.
        max_wcu: write units a second that are not exceeded; None for as fast as the table takes them.

    Raises:
        ConfigurationError: a value is out of range.
    """

    batch_size: int = 25
    parallelism: int = 4
    dry_run: bool = False
    validate: bool = True
    backup: bool = False
    continue_on_error: bool = False
    log_level: str = "info"
    max_errors: int | None = None
    rejects: str | os.PathLike[str] | None = None
    on_conflict: OnConflict = OnConflict.SKIP
    journal: str | os.PathLike[str] | None = None
    backup_file: str | os.PathLike[str] | None = None
    exclusive: bool = False
    restore_deleted: bool = False
    max_wcu: float | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        _check_range("batch_size", self.batch_size, 1, MOST_ROWS_IN_A_BATCH)
        _check_range("parallelism", self.parallelism, 1, MOST_WRITERS)
        if self.max_errors is not None:
            _check_range("max_errors", self.max_errors, 0, None)
        if self.log_level not in LOG_LEVELS:
            raise ConfigurationError(f"log_level is one of {', '.join(LOG_LEVELS)}")
        if not isinstance(self.on_conflict, OnConflict):
            raise ConfigurationError("on_conflict is OnConflict.SKIP, OnConflict.FAIL or OnConflict.REPLACE")
        if self.exclusive and self.on_conflict is OnConflict.REPLACE:
            raise ConfigurationError("exclusive writes by batches, which cannot replace; leave one of the two out")
        if self.max_wcu is not None and not (type(self.max_wcu) in (int, float) and 1 <= self.max_wcu < math.inf):
            raise ConfigurationError("max_wcu is a number of write units a second, from 1")


def _check_range(name: str, value: object, least: int, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= least and (most is None or value <= most)
    if not fits:
        raise ConfigurationError(f"{name} is a whole number from {least}" + (f" to {most}" if most is not None else ""))
