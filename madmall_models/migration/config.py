"""Hold the settings of a run."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum

from madmall_models.errors import ConfigurationError

LOG_LEVELS = ("debug", "info", "warning", "error")
MOST_ROWS_IN_A_BATCH = 100
MOST_WRITERS = 64


class OnConflict(Enum):
    """Say what becomes of a row whose item is in the table already: leave the item and go on, or reject the row."""

    SKIP = "skip"
    FAIL = "fail"


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
        backup: accepted, but no backup is made: the report says so. Make one with your own means.
        continue_on_error: go on with the next table when an error (not a bad row) ends one.
        log_level: of the logger ``madmall_models.migration`` during the run: debug, info, warning or error.
        max_errors: stop when more rows than this are rejected; None for no limit.
        rejects: a file for rejected rows, personal columns masked; None for none.
        on_conflict: what becomes of a row whose item is in the table already. It is never overwritten.

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

    def __post_init__(self) -> None:
        """Check the values."""
        _check_range("batch_size", self.batch_size, 1, MOST_ROWS_IN_A_BATCH)
        _check_range("parallelism", self.parallelism, 1, MOST_WRITERS)
        if self.max_errors is not None:
            _check_range("max_errors", self.max_errors, 0, None)
        if self.log_level not in LOG_LEVELS:
            raise ConfigurationError(f"log_level is one of {', '.join(LOG_LEVELS)}")
        if not isinstance(self.on_conflict, OnConflict):
            raise ConfigurationError("on_conflict is OnConflict.SKIP or OnConflict.FAIL")


def _check_range(name: str, value: object, least: int, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= least and (most is None or value <= most)
    if not fits:
        raise ConfigurationError(f"{name} is a whole number from {least}" + (f" to {most}" if most is not None else ""))
