"""Say what a migration does, as frozen data that can be described, compared and planned before anything runs."""

from __future__ import annotations

from collections.abc import Mapping as Document
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from madmall_models.migration.completion import Completion
from madmall_models.migration.mapping import Mapping, in_order
from madmall_models.migration.pace import Pace
from madmall_models.migration.progress import Progress


class RunContext(Protocol):
    """What an operation can ask of the run that applies it."""

    @property
    def database(self) -> Any:
        """Return whose table is worked on; in a dry run one that refuses every write."""

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing is to be written, only told by notes."""

    @property
    def pace(self) -> Pace:
        """Return what holds the run's writes back; take from it before each."""

    def create_table(self) -> None:
        """Create the table if it is not there."""

    def import_rows(self, mappings: tuple[Mapping, ...], completions: tuple[Completion, ...]) -> None:
        """Move the rows of the source's tables, then bring counts up to date."""

    def read_point(self, part: str) -> dict[str, Any] | None:
        """Return how far this run came with a part of this step, None where it was not begun."""

    def write_point(self, part: str, document: Document[str, Any]) -> None:
        """Write how far this run came with a part of this step: only what the engine has acknowledged."""

    def check(self) -> None:
        """Raise when the run was cancelled or its lease is lost; to be called before each page."""

    def report(self, progress: Progress) -> None:
        """Tell how far the run is."""

    def note(self, text: str) -> None:
        """Keep a sentence for the summary; no values in it."""


@runtime_checkable
class Operation(Protocol):
    """One thing that a migration does. Applying it twice leaves the table as applying it once."""

    def describe(self) -> str:
        """Return what it does, as a sentence without the full stop."""

    def apply(self, run: RunContext) -> None:
        """Do it."""


@dataclass(frozen=True)
class CreateTable:
    """Create the table with its keys, its indexes, its stream and its time to live, if it is not there."""

    def describe(self) -> str:
        """Return what it does."""
        return "Create the table with its keys and indexes, if it is not there"

    def apply(self, run: RunContext) -> None:
        """Create the table."""
        run.create_table()


@dataclass(frozen=True)
class ImportRows:
    """Move rows of a source through the entities.

    Attributes:
        mappings: how the rows of each table become entities.
        completions: counts to bring up to date when the rows are there.
    """

    mappings: tuple[Mapping, ...]
    completions: tuple[Completion, ...] = ()

    def describe(self) -> str:
        """Return what it does."""
        tables = ", ".join(mapping.table for mapping in in_order(self.mappings))
        return f"Move the rows of {tables}, then count what was moved"

    def apply(self, run: RunContext) -> None:
        """Move the rows."""
        run.import_rows(in_order(self.mappings), self.completions)
