"""Apply the operations of a plan, one after the other, and collect what they did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from madmall_models.errors import LeaseLost, MigrationCancelled, TableNotFound, TooManyRejects
from madmall_models.identifiers import new_id
from madmall_models.migration.batch_sink import BatchSink
from madmall_models.migration.completion import Completion, set_counts, unlike_foreseen
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.forecast import Forecast, drawn
from madmall_models.migration.foreign_source import refuse_foreign_source
from madmall_models.migration.interpreter import set_up_for_rows
from madmall_models.migration.journal import Journal
from madmall_models.migration.mapping import Mapping as RowMapping
from madmall_models.migration.pace import Pace
from madmall_models.migration.progress import Progress
from madmall_models.migration.recorded_run import RecordedRun
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rehearsal_sink import RehearsalSink
from madmall_models.migration.rejects import RejectFile
from madmall_models.migration.repetition_sink import RepetitionSink
from madmall_models.migration.result import EntityResult
from madmall_models.migration.run_memory import Touched
from madmall_models.migration.sink import EmptySink, Sink
from madmall_models.migration.source import Source
from madmall_models.migration.table_sink import TableSink
from madmall_models.migration.transfer import Report, Transfer, TransferContext

T = TypeVar("T")
Deed = Callable[[Any, Completion, list[Touched]], list[str]]
_COUNTS_IN_A_REQUEST = 100
_ENDS_EVERY_RUN = (TooManyRejects, MigrationCancelled, LeaseLost)


@dataclass(frozen=True)
class RunScene:
    """What a run works with.

    Attributes:
        database: where to write; in a dry run one that refuses to.
        source: where to read.
        config: the settings.
        journal: what the run must know to go on.
        rejects: where rejected rows go.
        recorded: the run in the ledger; None where nothing is written.
        is_repetition: whether the same source was moved to its end before.
        default_time: the time of rows that have none.
        began_empty: whether the table held nothing when the run began first.
        check: raises when the run shall stop.
        report: told how far the run is.
        finished: told of each result.
    """

    database: Any
    source: Source
    config: MigrationConfig
    journal: Journal
    rejects: RejectFile
    recorded: RecordedRun | None
    is_repetition: bool
    default_time: datetime
    began_empty: bool
    check: Callable[[], None]
    report: Report
    finished: Callable[[EntityResult], None]


class PlanRun:
    """Be one run of a plan: what operations ask for, done on a database, from a source.

    Args:
        scene: what it works with.
    """

    def __init__(self, scene: RunScene) -> None:
        self._scene = scene
        self.results: list[EntityResult] = []
        self.completed: Counter[str] = Counter()
        self.notes: list[str] = []
        self.pace = Pace(scene.config.max_wcu)
        self._step = ""

    # -- what operations ask for -----------------------------------------------------------------------------------

    @property
    def database(self) -> Any:
        """Return whose table is worked on; in a dry run one that refuses every write."""
        return self._scene.database

    @property
    def dry_run(self) -> bool:
        """Tell whether nothing is to be written."""
        return self._scene.config.dry_run

    def read_point(self, part: str) -> dict[str, Any] | None:
        """Return how far this run came with a part of this step, None where it was not begun."""
        recorded = self._scene.recorded
        return None if recorded is None else recorded.point(f"{self._step}/{part}")

    def write_point(self, part: str, document: Mapping[str, Any]) -> None:
        """Write how far this run came with a part of this step; a dry run writes nothing."""
        if self._scene.recorded is not None:
            self._scene.recorded.write_point(f"{self._step}/{part}", document)

    def check(self) -> None:
        """Raise when the run was cancelled or its lease is lost."""
        self._scene.check()

    def report(self, progress: Progress) -> None:
        """Tell how far the run is."""
        self._scene.report(progress)

    def note(self, text: str) -> None:
        """Keep a sentence for the summary."""
        self.notes.append(text)

    def begin_step(self, name: str) -> None:
        """Begin a step: points belong to it from now on."""
        self._step = name

    def create_table(self) -> None:
        """Create the table if it is not there; in a dry run, say so only."""
        if self.dry_run:
            self.note(f"table {self.database.table_name}: would be created if it is not there")
            return
        self.database.create_table(wait=True)

    def import_rows(self, mappings: tuple[RowMapping, ...], completions: tuple[Completion, ...]) -> None:
        """Move the rows of the source's tables, then bring counts up to date.

        Raises:
            SourceError: the source has none of the tables; one that has some is moved, and the others are told.
            TableNotFound: there is no table, and this is no dry run.
            MadMallError: what ended a table, unless ``continue_on_error`` goes on with the next one.
        """
        refuse_foreign_source(self._scene.source, mappings)
        scene = self._scene
        with set_up_for_rows(), drawn(scene.source, mappings, completions, scene.default_time) as forecast:
            self._transfer(mappings, self._context(mappings, completions, forecast))
            if not self.dry_run:
                for completion in completions:
                    self._complete(completion)

    # -- importing -------------------------------------------------------------------------------------------------

    def _transfer(self, mappings: tuple[RowMapping, ...], context: TransferContext) -> None:
        for mapping in mappings:
            result = Transfer(mapping, context).run()
            self.results.append(result)
            self._scene.finished(result)
            if result.stopped_by is not None and self._ends_the_run(result.stopped_by):
                raise result.stopped_by

    def _context(
        self, mappings: tuple[RowMapping, ...], completions: tuple[Completion, ...], forecast: Forecast
    ) -> TransferContext:
        scene = self._scene
        remembered = {mapping.entity_type: mapping.remember for mapping in mappings}
        there = self._has_table()
        return TransferContext(
            database=scene.database,
            sink=self._sink() if there else EmptySink(),
            source=scene.source,
            config=scene.config,
            journal=scene.journal,
            lookup=ReferenceLookup(scene.database if there else None, scene.journal.memory, remembered),
            rejects=scene.rejects,
            started_at=scene.default_time,
            # Marked in a dry run too, so that it foresees every byte.
            run=new_id() if scene.recorded is None else scene.recorded.run,
            counted={completion.entity_type: completion.counted for completion in completions},
            forecast=forecast,
            part=f"{self._step}/",
            check=scene.check,
            checkpointed=self.write_point,
            report=scene.report,
        )

    def _has_table(self) -> bool:
        """Tell whether there is a table; a plan may be made before there is one, but nothing moved."""
        try:
            self.database.describe_table()
        except TableNotFound:
            if not self.dry_run:
                raise
            self.note(f"table {self.database.table_name} is not there yet")
            return False
        return True

    def _sink(self) -> Sink:
        config = self._scene.config
        if self._scene.is_repetition:
            return RepetitionSink(self.database, config.on_conflict)
        if self.dry_run:
            return RehearsalSink(self.database, config.on_conflict)
        if config.exclusive:
            looks_first = not self._scene.began_empty
            return BatchSink(self.database, config.on_conflict, self.pace, looks_first=looks_first)
        return TableSink(self.database, config.on_conflict, self.pace)

    def _ends_the_run(self, error: Exception) -> bool:
        return not self._scene.config.continue_on_error or isinstance(error, _ENDS_EVERY_RUN)

    # -- counting --------------------------------------------------------------------------------------------------

    def _complete(self, completion: Completion) -> None:
        """Complete every touched item of an entity, several at a time."""
        started, done = time.monotonic(), 0
        memory, entity_type = self._scene.journal.memory, completion.entity_type
        total = memory.touched_count(entity_type)
        workers = self._scene.config.parallelism
        with ThreadPoolExecutor(workers, "madmall-migration-completion") as pool:
            for batch in _batches(memory.touched(entity_type), _COUNTS_IN_A_REQUEST * workers):
                self.check()
                self._complete_batch(completion, batch, pool)
                done += len(batch)
                seconds = time.monotonic() - started
                name = completion.entity.__name__
                self.report(Progress(entity_type, name, "completing", done, total, seconds=seconds))

    def _complete_batch(self, completion: Completion, batch: list[Touched], pool: ThreadPoolExecutor) -> None:
        """Set what the rows themselves say, unless it was foreseen and stands, and count the rest in the table."""
        uncounted = [each.identifier for each in batch if each.counted is None or completion.count is None]
        counted = [each for each in batch if each.counted is not None and completion.count is not None]
        wrong = [each for each in counted if each.counted != each.expected]
        foreseen = [each for each in counted if each.counted == each.expected != 0]
        for moved in self._in_packs(set_counts, completion, wrong, pool):
            uncounted += moved
            self.completed[completion.entity_type] -= len(moved)
        self.completed[completion.entity_type] += len(wrong)
        for unlike in self._in_packs(unlike_foreseen, completion, foreseen, pool):
            uncounted += unlike
        run = None if self._scene.recorded is None else self._scene.recorded.run
        wrote = pool.map(lambda name: completion.complete(self.database, name, run), uncounted)
        self.completed[completion.entity_type] += sum(wrote)

    def _in_packs(
        self, deed: Deed, completion: Completion, touched: list[Touched], pool: ThreadPoolExecutor
    ) -> Iterator[list[str]]:
        packs = _batches(iter(touched), _COUNTS_IN_A_REQUEST)
        return pool.map(lambda pack: deed(self.database, completion, pack), packs)


def _batches(values: Iterator[T], size: int) -> Iterator[list[T]]:
    while batch := list(islice(values, size)):
        yield batch
