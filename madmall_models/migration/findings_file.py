"""Keep the findings of a verification, all of them, in a file for its owner only."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import Any

from madmall_models.errors import ConfigurationError
from madmall_models.migration.verification_finding import VerificationFinding


class FindingsFile:
    """Write findings as JSON lines, with the ids that the report leaves out. Only its owner can read the file.

    A file tells of one verification: what an earlier one wrote there is replaced. Any other file that exists is
    refused. Without a finding there is no file.

    Args:
        path: the file; None to write none.

    Raises:
        ConfigurationError: the file cannot be written, or holds something else. This is found out at once.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self.path = None if path is None else Path(path)
        self.count = 0
        self._lines = None if self.path is None else _opened(self.path)

    def __enter__(self) -> FindingsFile:
        """Return the file."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the file, and remove it if there was no finding."""
        if self._lines is None or self.path is None:
            return
        self._lines.close()
        if not self.count:
            self.path.unlink(missing_ok=True)

    def write(self, finding: VerificationFinding) -> None:
        """Write one finding."""
        self.count += 1
        if self._lines is not None:
            entry = {**finding.as_dict(), "ids": dict(finding.ids)}
            self._lines.write(json.dumps(entry, ensure_ascii=False, default=str) + "\n")
            self._lines.flush()


def _opened(path: Path) -> Any:
    """Open a new file, or one that an earlier verification left; any other file is somebody's, and stays as it is."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"the file for findings, {path}, cannot be written ({error.strerror}); name another"
        ) from error
    lines = os.fdopen(handle, "r+", encoding="utf-8", errors="replace")
    try:
        if not _is_of_findings(lines.readline()):
            raise ConfigurationError(
                f"{path} exists and is not a file of findings; it was left as it is. Name a file that does not exist"
            )
        lines.seek(0)
        lines.truncate()
        # A file that was there before keeps its mode otherwise.
        os.fchmod(handle, 0o600)
    except BaseException:
        lines.close()
        raise
    return lines


def _is_of_findings(first_line: str) -> bool:
    """Tell whether a file that begins with this line is empty or was written by an earlier verification."""
    if not first_line:
        return True
    try:
        entry = json.loads(first_line)
    except ValueError:
        return False
    return isinstance(entry, dict) and {"kind", "entity", "key", "fact", "ids"} <= entry.keys()
