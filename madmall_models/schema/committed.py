"""Compare documents that are made with those that are kept in files."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_MOST_LINES = 20


@dataclass(frozen=True)
class Stale:
    """A file that is not what would be made now.

    Attributes:
        path: of the file.
        added: how many lines would be added.
        removed: how many would go.
        lines: the first of the difference, as ``diff -U0`` shows them.
        missing: whether the file is not there.
    """

    path: Path
    added: int
    removed: int
    lines: tuple[str, ...]
    missing: bool

    def __str__(self) -> str:
        if self.missing:
            return f"{self.path.as_posix()} is not there"
        said = f"{self.path.as_posix()} is stale: {_lines(self.added)} to add, {_lines(self.removed)} to remove"
        more = self.added + self.removed - sum(line[:1] in "+-" for line in self.lines)
        return "\n".join([said, *self.lines, *([f"... and {_lines(more)} more"] if more > 0 else [])])


def stale_files(made: Mapping[Path, str]) -> list[Stale]:
    """Return the files whose content is another than what is made, in the order of their paths."""
    return [stale for path in sorted(made) for stale in _differences(path, made[path])]


def write_files(made: Mapping[Path, str]) -> None:
    """Write documents to their files, in folders that are made where they are not there.

    Raises:
        OSError: a file cannot be written.
    """
    for path, text in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def _lines(count: int) -> str:
    return f"{count} line" if count == 1 else f"{count} lines"


def _differences(path: Path, text: str) -> Iterator[Stale]:
    try:
        kept = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        yield Stale(path, len(text.splitlines()), 0, (), missing=True)
        return
    if kept == text:
        return
    changes = list(difflib.unified_diff(kept.splitlines(), text.splitlines(), lineterm="", n=0))[2:]
    added, removed = (sum(line.startswith(mark) for line in changes) for mark in "+-")
    yield Stale(path, added, removed, tuple(changes[:_MOST_LINES]), missing=False)
