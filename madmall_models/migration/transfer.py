"""Move one table: bring mapping, source and sink together, and keep count."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madmall_models.errors import MadMallError, TooManyRejects
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.pipeline import Pipeline
from madmall_models.migration.preparation import Preparation
from madmall_models.migration.progress import Progress
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import Reject, RejectFile, RowFiltered, RowRejected
from madmall_models.migration.result import EntityResult
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.sink import Fate, Outcome, Sink
from madmall_models.migration.source import Row, Source
from madmall_models.migration.stubs import Stubs
from madmall_models.migration.tally import Tally

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class TransferContext:
    """What the transfers of one import share.

    Attributes:
        database: the table to write; in a dry run one that refuses to.
        sink: where packs of rows go.
        source: where to read.
        config: the settings of the run.
        memory: what was claimed and moved.
        lookup: finds the items that rows name.
        rejects: where rejected rows go.
        started_at: when the run started.
        report: told how far the run is.
    """

    database: Any
    sink: Sink
    source: Source
    config: MigrationConfig
    memory: RunMemory
    lookup: ReferenceLookup
    rejects: RejectFile
    started_at: datetime
    report: Report


class Transfer:
    """Move the rows of one table, once.

    Args:
        mapping: how a row becomes an entity.
        context: what it shares with the other tables of the run.
    """

    def __init__(self, mapping: Mapping, context: TransferContext) -> None:
        self._mapping = mapping
        self._context = context
        self._tally = Tally(mapping)
        self._columns: tuple[str, ...] = ()
        self._total = 0
        self._estimated_units = 0
        self._started = time.monotonic()
        self._units_before = 0.0

    def run(self) -> EntityResult:
        """Move the rows and return what became of them; an error that ended the transfer is in the result."""
        mapping, source = self._mapping, self._context.source
        self._started = time.monotonic()
        self._units_before = self._context.database.metrics().write_units
        try:
            if mapping.table not in source.tables():
                return EntityResult(mapping.entity_type, mapping.table, missing_table=True)
            self._columns = tuple(column.name for column in source.columns(mapping.table))
            self._total = source.row_count(mapping.table)
            preparation = self._preparation()
            self._pipeline(preparation).run(source.rows(mapping.table))
            preparation.finish()
        except MadMallError as error:
            return self._result(error)
        self._report()
        return self._result(None)

    def _result(self, stopped_by: MadMallError | None) -> EntityResult:
        # Some engines report no capacity; then the estimate stands.
        used = self._context.database.metrics().write_units - self._units_before
        return self._tally.result(
            duration=time.monotonic() - self._started,
            write_units=used or self._estimated_units,
            columns=self._columns,
            stopped_by=stopped_by,
        )

    def _preparation(self) -> Preparation:
        context = self._context
        return Preparation(
            self._mapping,
            context.lookup,
            context.memory,
            stubs=Stubs(context.sink, context.lookup, context.memory, started_at=context.started_at),
            started_at=context.started_at,
            remarks=self._tally,
        )

    def _pipeline(self, preparation: Preparation) -> Pipeline:
        context = self._context
        return Pipeline(
            prepare=preparation.prepare,
            sink=context.sink,
            rejected=self._rejected,
            settled=self._settled,
            batch_size=context.config.batch_size,
            parallelism=context.config.parallelism,
        )

    def _settled(self, outcome: Outcome) -> None:
        prepared = outcome.prepared
        if outcome.fate is Fate.REJECTED:
            assert outcome.fault is not None, "a rejected row has a reason"
            self._reject(Reject(prepared.row, "write", (outcome.fault,)))
            return
        if outcome.fate is Fate.WRITTEN:
            self._tally.written(prepared.byte_count, prepared.item_bytes)
            self._estimated_units += prepared.write_units
        else:
            self._tally.was_there()
        self._context.lookup.keep(outcome.present)
        for touch in self._mapping.touches:
            self._context.memory.touch(str(touch.entity.discriminator), getattr(outcome.present, touch.target))
        self._report_batch()

    def _rejected(self, row: Row, rejection: RowRejected) -> None:
        if isinstance(rejection, RowFiltered):
            self._tally.filtered(rejection.reason)
            self._report_batch()
            return
        self._reject(Reject(row, rejection.stage, rejection.faults))

    def _reject(self, reject: Reject) -> None:
        self._tally.rejected(reject)
        self._context.rejects.write(reject, self._mapping.open_columns)
        self._report_batch()
        most = self._context.config.max_errors
        if most is not None and self._context.rejects.count > most:
            raise TooManyRejects(
                f"{self._context.rejects.count} rows were rejected, max_errors allows {most}; "
                f"the last one is in {self._mapping.table}: {reject.faults[0]}. Mend the source or allow more"
            )

    def _report_batch(self) -> None:
        if self._tally.done % self._context.config.batch_size == 0 and self._tally.done < self._total:
            self._report()

    def _report(self) -> None:
        self._context.report(
            Progress(
                entity_type=self._mapping.entity_type,
                table=self._mapping.table,
                phase="moving",
                done=self._tally.done,
                total=max(self._total, self._tally.done),
                written=self._tally.successful,
                rejected=self._tally.failed,
                skipped=self._tally.skipped,
                seconds=time.monotonic() - self._started,
            )
        )
