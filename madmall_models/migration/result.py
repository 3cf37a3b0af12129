"""Hold what a run did: one result for each source table, and the report that collects them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from madmall_models.errors import MadMallError
from madmall_models.migration.rejects import Reject


@dataclass(frozen=True)
class EntityResult:
    """What became of one source table. In a dry run: what would become of it.

    Attributes:
        entity_type: the discriminator of the entity.
        table: the source table.
        total: rows read; always the sum of ``successful``, ``failed`` and ``skipped``.
        successful: rows written.
        failed: rows rejected.
        skipped: rows whose item was in the table already and was left as it is, rows that filters left out, and rows
            that are ``gone``.
        replaced: of the rows written, those that took the place of another item.
        gone: of the rows skipped, those that an earlier run had moved and that were deleted since.
        byte_count: bytes of the items written, with their mirrors, pointers and claims.
        write_units: write units used, as the service says; estimated in a dry run or where it does not say.
        largest_item: bytes of the largest item.
        duration: seconds.
        errors: the first rejects; the reject file has them all.
        codes: how many rows were rejected for which first reason.
        dangling: by attribute, how many rows were kept although the item they name is not there.
        circular: by attribute, how many rows were kept although what they name leads back to themselves.
        stubbed: by attribute, how many items were made since rows name them and nobody has them.
        filtered: by reason, how many of the skipped rows filters left out.
        missing_table: whether the source has no such table.
        missing_columns: columns the mapping knows and the source lacks; their defaults were taken.
        unmapped_columns: columns of the source that no attribute takes.
        stopped_by: the error that ended the step before all rows were read.
    """

    entity_type: str
    table: str
    total: int = 0
    successful: int = 0
    failed: int = 0
    skipped: int = 0
    replaced: int = 0
    gone: int = 0
    byte_count: int = 0
    write_units: float = 0.0
    largest_item: int = 0
    duration: float = 0.0
    errors: tuple[Reject, ...] = ()
    codes: Mapping[str, int] = field(default_factory=dict)
    dangling: Mapping[str, int] = field(default_factory=dict)
    circular: Mapping[str, int] = field(default_factory=dict)
    stubbed: Mapping[str, int] = field(default_factory=dict)
    filtered: Mapping[str, int] = field(default_factory=dict)
    missing_table: bool = False
    missing_columns: tuple[str, ...] = ()
    unmapped_columns: tuple[str, ...] = ()
    stopped_by: MadMallError | None = None

    @property
    def throughput(self) -> float:
        """Return rows a second; 0 where no time was measured."""
        return self.total / self.duration if self.duration > 0 else 0.0


@dataclass(frozen=True)
class MigrationReport:
    """What a run did, table by table.

    Attributes:
        dry_run: whether nothing was written on purpose.
        started_at: when the run started, or was taken up again.
        status: ``applied``, ``cancelled`` or ``failed``.
        run: the id of the run, which resumes it or rolls it back; None in a dry run.
        duration: seconds.
        results: one for each mapping, in the order in which they ran.
        completed: by entity type, how many items had their counts brought up to date.
        notes: what the reader should know besides.
    """

    plan: str
    dry_run: bool
    started_at: datetime
    status: str = "applied"
    run: str | None = None
    duration: float = 0.0
    results: tuple[EntityResult, ...] = ()
    completed: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return the number of rows read."""
        return sum(result.total for result in self.results)

    @property
    def successful(self) -> int:
        """Return the number of rows written."""
        return sum(result.successful for result in self.results)

    @property
    def failed(self) -> int:
        """Return the number of rows rejected."""
        return sum(result.failed for result in self.results)

    @property
    def skipped(self) -> int:
        """Return the number of rows whose item was there already."""
        return sum(result.skipped for result in self.results)

    @property
    def stopped_steps(self) -> tuple[EntityResult, ...]:
        """Return the results of the steps that an error ended."""
        return tuple(result for result in self.results if result.stopped_by is not None)

    @property
    def is_cancelled(self) -> bool:
        """Tell whether the run was stopped before its end, to be resumed."""
        return self.status == "cancelled"

    @property
    def ok(self) -> bool:
        """Tell whether every row is in the table and nothing ended the run before its end."""
        return not self.failed and not self.stopped_steps and self.status == "applied"
