"""Move one table: bring mapping, source and sink together, keep count, and note how far it came."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madmall_models.errors import MadMallError, TooManyRejects
from madmall_models.migration import run_mark
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.forecast import Forecast
from madmall_models.migration.frontier import Frontier
from madmall_models.migration.item_digest import Path
from madmall_models.migration.journal import Journal
from madmall_models.migration.mapping import Mapping as RowMapping
from madmall_models.migration.pipeline import Pipeline
from madmall_models.migration.preparation import Preparation
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.progress import Progress
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejected_rows import RejectedRows
from madmall_models.migration.rejects import Reject, RejectFile, RowFiltered, RowRejected
from madmall_models.migration.result import EntityResult
from madmall_models.migration.row_remarks import Remark, RowRemarks
from madmall_models.migration.sink import Fate, Outcome, Sink
from madmall_models.migration.source import Row, Source
from madmall_models.migration.stubs import Stubs
from madmall_models.migration.tally import Tally
from madmall_models.row import Row as ReadRow

Report = Callable[[Progress], None]
_SECONDS_BETWEEN_CHECKPOINTS = 1.0
_log = logging.getLogger("madmall_models.migration")


@dataclass(frozen=True)
class TransferContext:
    """What the transfers of one import share.

    Attributes:
        database: the table to write; in a dry run one that refuses to.
        sink: where packs of rows go.
        source: where to read.
        config: the settings of the run.
        journal: what was claimed and moved, and how far each table came.
        lookup: finds the items that rows name.
        rejects: where rejected rows go.
        started_at: the time of rows that have none: the start of the first run.
        run: the id that marks what is written.
        counted: by entity type, the stored paths that the table counts for itself.
        forecast: what counters of new items will come to.
        part: what comes before the name of a table in the journal.
        check: raises when the run shall stop.
        checkpointed: told of each checkpoint, by table.
        report: told how far the run is.
    """

    database: Any
    sink: Sink
    source: Source
    config: MigrationConfig
    journal: Journal
    lookup: ReferenceLookup
    rejects: RejectFile
    started_at: datetime
    run: str
    counted: Mapping[str, Collection[Path]]
    forecast: Forecast
    part: str
    check: Callable[[], None]
    checkpointed: Callable[[str, Mapping[str, Any]], None]
    report: Report


class Transfer:
    """Move the rows of one table, once; it is the course that rows of its pipeline take.

    Args:
        mapping: how a row becomes an entity.
        context: what it shares with the other tables of the run.
    """

    def __init__(self, mapping: RowMapping, context: TransferContext) -> None:
        self._mapping = mapping
        self._context = context
        self._part = context.part + mapping.table
        self._point = context.journal.point(self._part) or {}
        self._tally = Tally(mapping, self._point.get("tally"))
        self._frontier = Frontier[Outcome | Reject | RowFiltered]()
        self._remarks = RowRemarks()
        self._remarks_on: dict[int, list[Remark]] = {}
        self._passed: tuple[Any, ...] | None = self._point.get("after")
        self._held_rejects = 0
        self._is_stopping = False
        self._is_torn = False
        self._preparation = Preparation(
            mapping,
            context.lookup,
            context.journal.memory,
            stubs=Stubs(
                context.sink,
                context.lookup,
                context.journal.memory,
                started_at=context.started_at,
                mark=self._mark_stub,
            ),
            started_at=context.started_at,
            remarks=self._remarks,
            forecast=context.forecast,
        )
        self._columns: tuple[str, ...] = ()
        self._total = 0
        self._reported = self._tally.done
        self._started = self._checkpointed = time.monotonic()

    def run(self) -> EntityResult:
        """Move the rows and return what became of them; an error that ended the transfer is in the result.

        A table that was moved before the run was interrupted is not read again.
        """
        source = self._context.source
        self._started = self._checkpointed = time.monotonic()
        try:
            if self._mapping.table not in source.tables():
                return EntityResult(self._mapping.entity_type, self._mapping.table, missing_table=True)
            self._columns = tuple(column.name for column in source.columns(self._mapping.table))
            self._total = source.row_count(self._mapping.table)
            if not self._point.get("finished"):
                self._move()
        except MadMallError as error:
            return self._result(error)
        self._report()
        return self._result(None)

    # -- the course of a row ---------------------------------------------------------------------------------------

    def begin(self, row: Row) -> None:
        """Take note of a row that was read, unless the run shall stop."""
        self._context.check()
        self._frontier.enter(row)

    def prepare(self, row: Row) -> Prepared:
        """Make a row ready to be written, marked as this run's."""
        self._remarks.take()
        prepared = self._preparation.prepare(row)
        if remarks := self._remarks.take():
            self._remarks_on[id(row)] = remarks
        self._mark(prepared)
        return prepared

    def rejected(self, row: Row, rejection: RowRejected) -> None:
        """Take note of a row that could not be prepared."""
        if isinstance(rejection, RowFiltered):
            self._pass(row, rejection)
        else:
            self._reject(Reject(row, rejection.stage, rejection.faults))

    def settled(self, outcome: Outcome) -> None:
        """Take note of what became of a row that was sent."""
        row = outcome.prepared.row
        if outcome.fate is Fate.REJECTED:
            assert outcome.fault is not None, "a rejected row has a reason"
            self._reject(Reject(row, "write", (outcome.fault,)))
        else:
            self._pass(row, outcome)

    def _mark(self, prepared: Prepared) -> None:
        run_mark.mark(prepared.actions, self._context.run, self._counted(prepared))

    def _mark_stub(self, prepared: Prepared) -> None:
        run_mark.mark(prepared.actions, self._context.run, self._counted(prepared), is_stub=True)

    def _counted(self, prepared: Prepared) -> Collection[Path]:
        return self._context.counted.get(str(type(prepared.entity).discriminator), ())

    def _reject(self, reject: Reject) -> None:
        self._held_rejects += 1
        self._pass(reject.row, reject)
        most, count = self._context.config.max_errors, self._context.rejects.count + self._held_rejects
        # Once it was said, the rows that are still on their way are only counted.
        if most is not None and count > most and not self._is_stopping:
            self._is_stopping = True
            raise TooManyRejects(
                f"{count} rows were rejected, max_errors allows {most}; "
                f"the last one is in {self._mapping.table}: {reject.faults[0]}. Mend the source or allow more"
            )

    # -- what has passed, in the order of the source ---------------------------------------------------------------

    def _pass(self, row: Row, outcome: Outcome | Reject | RowFiltered) -> None:
        if self._is_torn:
            return
        # Until all of it is remembered: what follows an error in between must not be taken for a whole beginning.
        self._is_torn = True
        for passed, settled in self._frontier.settle(row, outcome):
            self._count(passed, settled)
            self._remember(passed, settled)
        self._is_torn = False
        self._report_now_and_then()
        if time.monotonic() - self._checkpointed >= _SECONDS_BETWEEN_CHECKPOINTS:
            self._checkpoint()

    def _count(self, row: Row, settled: Outcome | Reject | RowFiltered) -> None:
        for remark in self._remarks_on.pop(id(row), ()):
            remark.tell(self._tally)
        if isinstance(settled, Reject):
            self._tally.rejected(settled)
        elif isinstance(settled, RowFiltered):
            self._tally.filtered(settled.reason)
        elif settled.fate is Fate.WRITTEN:
            prepared = settled.prepared
            self._tally.written(prepared.byte_count, prepared.item_bytes, prepared.write_units)
            self._tally.replaced += settled.is_replacement
        else:
            self._tally.was_there()
            self._tally.gone += settled.is_gone

    def _remember(self, row: Row, settled: Outcome | Reject | RowFiltered) -> None:
        self._passed = row.key
        self._context.journal.memory.settle(row)
        if isinstance(settled, Reject):
            self._held_rejects -= 1
            self._context.rejects.write(settled, self._mapping.open_columns)
        elif isinstance(settled, Outcome):
            # Whatever is there now, it is at this key.
            self._context.lookup.keep(settled.present, settled.prepared.actions[0].key)
            self._touch(settled)

    def _touch(self, outcome: Outcome) -> None:
        for touch in self._mapping.touches:
            identifier = getattr(outcome.present, touch.target)
            weight = touch.weight(outcome.present) if outcome.fate is Fate.WRITTEN else None
            self._context.journal.memory.touch(str(touch.entity.discriminator), identifier, weight)
        self._touch_itself(outcome)

    def _touch_itself(self, outcome: Outcome) -> None:
        """Remember what the counter of an item was written with, or that it must be counted."""
        entity = self._mapping.entity
        if len(entity.key.field_names) != 1:
            return
        memory, identifier = self._context.journal.memory, getattr(outcome.present, entity.key.field_names[0])
        if outcome.is_replacement or self._may_have_been_foreseen(outcome):
            # What the table had counted went with the item before.
            memory.touch(self._mapping.entity_type, identifier, None)
        elif outcome.prepared.foreseen and outcome.fate is Fate.WRITTEN:
            memory.expect(self._mapping.entity_type, identifier, outcome.prepared.foreseen)

    def _may_have_been_foreseen(self, outcome: Outcome) -> bool:
        """Tell whether the counter of an item may have to do with what another run did, or foresaw and gave up."""
        counter = self._context.forecast.counter_of(self._mapping.entity)
        if counter is None:
            return False
        if outcome.fate is Fate.SKIPPED:
            return bool(ReadRow.of(outcome.present, (counter,))[counter])
        # Of rows that are tried again, others that name their items may have been moved before.
        return outcome.is_repeated or isinstance(self._context.source, RejectedRows)

    # -- the whole -------------------------------------------------------------------------------------------------

    def _move(self) -> None:
        context = self._context
        pipeline = Pipeline(
            self, context.sink, batch_size=context.config.batch_size, parallelism=context.config.parallelism
        )
        try:
            pipeline.run(context.source.rows(self._mapping.table, after=self._passed))
        except BaseException:
            self._leave_off()
            raise
        self._preparation.finish()
        for remark in self._remarks.take():
            remark.tell(self._tally)
        self._checkpoint(finished=True)

    def _leave_off(self) -> None:
        """After an error, note how far the table came; where that fails too, the last checkpoint is what counts."""
        if self._is_torn:
            return
        try:
            self._checkpoint()
            # For whoever reads report and rejects now; a resume begins at the checkpoint, and meets them again.
            for row, settled in self._frontier.held():
                self._count(row, settled)
                if isinstance(settled, Reject):
                    self._context.rejects.write(settled, self._mapping.open_columns)
        except MadMallError as trouble:
            _log.warning("%s: how far it came could not be noted (%s)", self._mapping.table, type(trouble).__name__)

    def _checkpoint(self, *, finished: bool = False) -> None:
        """Note how far the table came: first where it is certain, then where others can see it."""
        self._checkpointed = time.monotonic()
        self._tally.seconds = self._seconds
        document = {"tally": self._tally.as_document(), "finished": finished}
        rejects = self._context.rejects.flush()
        self._context.journal.checkpoint(self._part, document, self._passed, rejects)
        self._context.checkpointed(self._mapping.table, {**document, "total": self._total})

    @property
    def _seconds(self) -> float:
        return float(self._point.get("tally", {}).get("seconds", 0.0)) + time.monotonic() - self._started

    def _result(self, stopped_by: MadMallError | None) -> EntityResult:
        return self._tally.result(duration=self._seconds, columns=self._columns, stopped_by=stopped_by)

    def _report_now_and_then(self) -> None:
        done = self._tally.done
        if done >= self._reported + self._context.config.batch_size and done < self._total:
            self._report()

    def _report(self) -> None:
        self._reported = self._tally.done
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
                seconds=self._seconds,
            )
        )
