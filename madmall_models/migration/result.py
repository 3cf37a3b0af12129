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
        skipped: rows whose item was in the table already and was left as it is, and rows that filters left out.
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
        started_at: when the run started; rows without any time have it.
        duration: seconds.
        results: one for each mapping, in the order in which they ran.
        completed: by entity type, how many items had their counts brought up to date.
        notes: what the reader should know besides.
    """

    plan: str
    dry_run: bool
    started_at: datetime
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
    def ok(self) -> bool:
        """Tell whether every row is in the table and no step was ended by an error."""
        return not self.failed and not self.stopped_steps
