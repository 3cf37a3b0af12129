"""Keep what could not be moved: each row with its reasons, personal columns masked, in a file for its owner only."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import ConfigurationError, MigrationError
from madmall_models.migration.source import Row, plain_value

MASK = "***"


@dataclass(frozen=True)
class Fault:
    """One reason why a row cannot be moved.

    Attributes:
        field: a column where a cast refused it, else an attribute as it is stored; None where the row as a whole is
            meant.
        code: for programs.
        message: for people; no values in it.
    """

    field: str | None
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.field}: {self.message} ({self.code})" if self.field else f"{self.message} ({self.code})"


class RowRejected(MigrationError):
    """Say that a row cannot be moved; ``stage`` is where that was found, ``faults`` are the reasons."""

    def __init__(self, stage: str, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{stage}: " + "; ".join(map(str, faults)))
        self.stage = stage
        self.faults = faults


class RowFiltered(RowRejected):
    """Say that a row is left out on purpose, and why; it is skipped, not rejected."""

    def __init__(self, reason: str) -> None:
        super().__init__("filter", (Fault(None, "FILTERED", reason),))
        self.reason = reason


@dataclass(frozen=True)
class Reject:
    """One row that was not moved.

    Attributes:
        stage: ``transform``, ``filter`` or ``check`` (see :mod:`screening`), ``cast``, ``reference``, ``validate``,
            ``duplicate`` or ``write``.
    """

    row: Row
    stage: str
    faults: tuple[Fault, ...] = field(default=())

    @property
    def code(self) -> str:
        """Return the code of the first reason."""
        return self.faults[0].code

    def as_line(self, open_columns: Collection[str]) -> str:
        """Return the reject as a line of JSON; values of columns that are not ``open_columns`` are masked.

        NULL stays NULL, so that a missing value can be told from a wrong one.
        """
        first, *others = self.faults
        entry: dict[str, Any] = {
            "table": self.row.table,
            "rowid": _plain_rowid(self.row.rowid),
            "stage": self.stage,
            "field": first.field,
            "code": first.code,
            "message": first.message,
        }
        if others:
            entry["others"] = [{"field": other.field, "code": other.code, "message": other.message} for other in others]
        entry["row"] = {
            name: plain_value(value) if name in open_columns or value is None else MASK
            for name, value in self.row.values.items()
        }
        return json.dumps(entry, ensure_ascii=False, default=str)

    def __str__(self) -> str:
        return f"{self.row.table} {self.row.rowid}: " + "; ".join(map(str, self.faults))


class RejectFile:
    """Write rejects as JSON lines. The file is readable by its owner only; without a reject there is no file.

    A file tells of one run: what an earlier run wrote there is replaced. Any other file that exists is refused.

    Args:
        path: the file; None to write none.
        kept: rows and bytes that stay, where a run goes on that wrote them; see :func:`holds`.

    Raises:
        ConfigurationError: the file cannot be written, or holds something else. This is found out before anything is
            moved.
    """

    def __init__(self, path: str | os.PathLike[str] | None, kept: tuple[int, int] = (0, 0)) -> None:
        self.path = None if path is None else Path(path)
        self.count, self._size = kept
        self._lines = None if self.path is None else _opened(self.path, self._size)

    def __enter__(self) -> RejectFile:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file, and remove it if nothing was rejected."""
        if self._lines is None or self.path is None:
            return
        # What a full disk did not take stays in the buffer, and would be refused again.
        with contextlib.suppress(OSError):
            self._lines.close()
        if not self.count:
            self.path.unlink(missing_ok=True)

    def write(self, reject: Reject, open_columns: Collection[str]) -> None:
        """Write one reject.

        Raises:
            MigrationError: the file takes no more.
        """
        if self._lines is not None:
            line = (reject.as_line(open_columns) + "\n").encode(errors="replace")
            with self._typed():
                self._lines.write(line)
            self._size += len(line)
        self.count += 1

    def flush(self) -> tuple[int, int]:
        """See to it that what was written is on the disk, and return how many rows and bytes that is.

        Raises:
            MigrationError: the file takes no more.
        """
        if self._lines is not None:
            with self._typed():
                self._lines.flush()
                os.fsync(self._lines.fileno())
        return self.count, self._size

    @contextlib.contextmanager
    def _typed(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise MigrationError(
                f"the file for rejects, {self.path}, takes no more ({error.strerror}); make room, then resume: "
                "the rows since the last checkpoint come again"
            ) from error


def holds(path: str | os.PathLike[str] | None, kept: tuple[int, int]) -> bool:
    """Tell whether a file still has the bytes that a run wrote before it was interrupted."""
    if path is None or not kept[1]:
        return True
    try:
        return Path(path).stat().st_size >= kept[1]
    except OSError:
        return False


def _opened(path: Path, kept: int) -> Any:
    """Open a new file, or one that an earlier run left; any other file is somebody's, and stays as it is."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the file for rejects, {path}, cannot be written ({error.strerror}); name another with rejects="
        ) from error
    lines = os.fdopen(handle, "r+b")
    try:
        if not _is_of_rejects(lines.readline()):
            raise ConfigurationError(
                f"{path} exists and is not a file of rejects; it was left as it is. Name a file that does not exist"
            )
        lines.seek(kept)
        lines.truncate()
        # A file that was there before keeps its mode otherwise.
        os.fchmod(handle, 0o600)
    except BaseException:
        lines.close()
        raise
    return lines


def reject_in(line: str | bytes) -> dict[str, Any] | None:
    """Return the reject that a line holds, as it was written; None for a line that holds none."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    is_reject = isinstance(entry, dict) and {"table", "rowid", "stage", "code", "row"} <= entry.keys()
    return entry if is_reject else None


def _is_of_rejects(first_line: bytes) -> bool:
    """Tell whether a file that begins with this line is empty or was written by an earlier run."""
    return not first_line or reject_in(first_line) is not None


def _plain_rowid(rowid: Any) -> Any:
    return [plain_value(part) for part in rowid] if isinstance(rowid, list) else plain_value(rowid)
