"""Apply the operations of a plan, one after the other, and collect what they did."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from itertools import islice
from typing import Any

from madmall_models.errors import SourceError, TableNotFound, TooManyRejects
from madmall_models.migration.completion import Completion
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.progress import Progress
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import RejectFile
from madmall_models.migration.result import EntityResult
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.sink import EmptySink, RehearsalSink, Sink, TableSink
from madmall_models.migration.source import Source
from madmall_models.migration.transfer import Report, Transfer, TransferContext

_ITEMS_FOR_EACH_WRITER = 8


class PlanRun:
    """Be one run of a plan: what operations ask for, done on a database, from a source.

    Args:
        database: where to write; in a dry run one that refuses to.
        source: where to read.
        config: the settings.
        rejects: where rejected rows go.
        started_at: when the run started.
        report: told how far the run is.
        finished: told of each result.
    """

    def __init__(
        self,
        database: Any,
        source: Source,
        config: MigrationConfig,
        *,
        rejects: RejectFile,
        started_at: datetime,
        report: Report,
        finished: Callable[[EntityResult], None],
    ) -> None:
        self._database = database
        self._source = source
        self._config = config
        self._rejects = rejects
        self._started_at = started_at
        self._report = report
        self._finished = finished
        self.results: list[EntityResult] = []
        self.completed: Counter[str] = Counter()
        self.notes: list[str] = []

    def create_table(self) -> None:
        """Create the table if it is not there; in a dry run, say so only."""
        if self._config.dry_run:
            self.notes.append(f"table {self._database.table_name}: would be created if it is not there")
            return
        self._database.create_table(wait=True)

    def _refuse_foreign_source(self, mappings: tuple[Mapping, ...]) -> None:
        """Refuse a source that holds nothing of what is to be moved: it is the wrong file, not an empty one."""
        there = self._source.tables()
        wanted = [mapping.table for mapping in mappings]
        if not set(there) & set(wanted):
            raise SourceError(
                f"the source has none of the tables {', '.join(wanted)}; "
                + (f"its tables are {', '.join(map(repr, there[:20]))}" if there else "it has no table at all")
                + ". Name another file"
            )

    def import_rows(self, mappings: tuple[Mapping, ...], completions: tuple[Completion, ...]) -> None:
        """Move the rows of the source's tables, then bring counts up to date.

        Raises:
            SourceError: the source has none of the tables; one that has some is moved, and the others are told.
            TableNotFound: there is no table, and this is no dry run.
            MadMallError: what ended a table, unless ``continue_on_error`` goes on with the next one.
        """
        self._refuse_foreign_source(mappings)
        with RunMemory() as memory:
            context = self._context(mappings, memory)
            for mapping in mappings:
                result = Transfer(mapping, context).run()
                self.results.append(result)
                self._finished(result)
                if result.stopped_by is not None and self._ends_the_run(result.stopped_by):
                    raise result.stopped_by
            if not self._config.dry_run:
                for completion in completions:
                    self._complete(completion, memory)

    def _context(self, mappings: tuple[Mapping, ...], memory: RunMemory) -> TransferContext:
        remembered = {mapping.entity_type: mapping.remember for mapping in mappings}
        there = self._has_table()
        return TransferContext(
            database=self._database,
            sink=self._sink() if there else EmptySink(),
            source=self._source,
            config=self._config,
            memory=memory,
            lookup=ReferenceLookup(self._database if there else None, memory, remembered),
            rejects=self._rejects,
            started_at=self._started_at,
            report=self._report,
        )

    def _has_table(self) -> bool:
        """Tell whether there is a table; a plan may be made before there is one, but nothing moved."""
        try:
            self._database.describe_table()
        except TableNotFound:
            if not self._config.dry_run:
                raise
            self.notes.append(f"table {self._database.table_name} is not there yet")
            return False
        return True

    def _sink(self) -> Sink:
        kind = RehearsalSink if self._config.dry_run else TableSink
        return kind(self._database, self._config.on_conflict)

    def _ends_the_run(self, error: Exception) -> bool:
        return not self._config.continue_on_error or isinstance(error, TooManyRejects)

    def _complete(self, completion: Completion, memory: RunMemory) -> None:
        """Complete every touched item of an entity, several at a time."""
        started = time.monotonic()
        identifiers = memory.touched(completion.entity_type)
        total = memory.touched_count(completion.entity_type)
        done = 0

        def complete(identifier: str) -> bool:
            return completion.complete(self._database, identifier)

        with ThreadPoolExecutor(self._config.parallelism, "madmall-migration-completion") as workers:
            for batch in _batches(identifiers, _ITEMS_FOR_EACH_WRITER * self._config.parallelism):
                self.completed[completion.entity_type] += sum(workers.map(complete, batch))
                done += len(batch)
                seconds = time.monotonic() - started
                name = completion.entity.__name__
                self._report(Progress(completion.entity_type, name, "completing", done, total, seconds=seconds))


def _batches(values: Iterator[str], size: int) -> Iterator[list[str]]:
    while batch := list(islice(values, size)):
        yield batch
