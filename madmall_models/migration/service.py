"""Execute plans: one at a time, with a report at the end."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from madmall_models import signals
from madmall_models.clock import utc_now
from madmall_models.errors import MigrationError, TooManyRejects
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.plan import Plan
from madmall_models.migration.plan_run import PlanRun
from madmall_models.migration.progress import Progress
from madmall_models.migration.rejects import RejectFile
from madmall_models.migration.result import EntityResult, MigrationReport
from madmall_models.migration.source import Source
from madmall_models.migration.transfer import Report

_log = logging.getLogger("madmall_models.migration")


class MigrationService:
    """Move data from a source into the table of a database.

    Args:
        database: the table to write.
        source: what to read; the caller closes it.
        progress: called with each :class:`~madmall_models.migration.progress.Progress`; the signal
            ``migration_progress`` tells the same.
    """

    def __init__(self, database: Any, source: Source, *, progress: Report | None = None) -> None:
        self._database = database
        self._source = source
        self._progress = progress
        self._running = threading.Lock()
        self.report: MigrationReport | None = None

    def execute(self, plan: Plan, config: MigrationConfig | None = None) -> MigrationReport:
        """Run a plan and return the report; :attr:`report` has it too, also after an error.

        Bad rows do not stop a run, unless there are more than ``max_errors``. A run that is repeated writes nothing
        that is there already. No backup is made, whatever the settings say.

        Raises:
            MigrationError: this service is executing a plan already.
            TooManyRejects: more rows are bad than ``max_errors`` allows.
            SourceError: the source cannot be read. Any error of the database.
        """
        if not self._running.acquire(blocking=False):
            raise MigrationError("this service is executing a plan; wait for its end, or use another service")
        try:
            settings = config or MigrationConfig()
            with _log_level(settings.log_level):
                if settings.validate and settings.max_errors is not None and not settings.dry_run:
                    self._rehearse(plan, settings)
                report = self._run(plan, settings, report=self._tell, finished=self._finished)
            signals.announce(signals.migration_completed, self, report=report)
            return report
        finally:
            self._running.release()

    def _rehearse(self, plan: Plan, config: MigrationConfig) -> None:
        """Refuse a source with too many bad rows before anything is written."""
        _log.info("%s: checking every row before the first is written", plan.name)
        try:
            self._run(plan, replace(config, dry_run=True), report=_unheard, finished=_unheard)
        except TooManyRejects as error:
            raise TooManyRejects(f"nothing was written: {error}") from error

    def _run(
        self, plan: Plan, config: MigrationConfig, *, report: Report, finished: Callable[[EntityResult], None]
    ) -> MigrationReport:
        started, started_at = time.monotonic(), utc_now()
        with contextlib.ExitStack() as stack:
            database = self._database
            if config.dry_run:
                database = database.read_only()
                stack.callback(database.close)
            rejects = stack.enter_context(RejectFile(config.rejects))
            run = PlanRun(
                database,
                self._source,
                config,
                rejects=rejects,
                started_at=started_at,
                report=report,
                finished=finished,
            )
            run.notes += _notes(config)
            try:
                for operation in plan.operations:
                    _log.info("%s: %s", plan.name, operation.describe())
                    operation.apply(run)
            finally:
                self.report = MigrationReport(
                    plan=plan.name,
                    dry_run=config.dry_run,
                    started_at=started_at,
                    duration=time.monotonic() - started,
                    results=tuple(run.results),
                    completed=dict(run.completed),
                    notes=tuple(run.notes),
                )
        return self.report

    def _tell(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress(progress)
        signals.announce(signals.migration_progress, self, progress=progress)

    def _finished(self, result: EntityResult) -> None:
        _log.info(
            "%s: %d read, %d written, %d rejected, %d skipped",
            result.table,
            result.total,
            result.successful,
            result.failed,
            result.skipped,
        )
        signals.announce(signals.entity_migrated, self, result=result)


def _unheard(_: object) -> None:
    """Tell nobody: a rehearsal is no progress."""


def _notes(config: MigrationConfig) -> list[str]:
    if config.dry_run:
        return ["dry run: nothing was written"]
    if config.backup:
        return ["no backup was made, although one was asked for; this version makes none"]
    return ["no backup was made"]


@contextlib.contextmanager
def _log_level(name: str) -> Iterator[None]:
    """Let the logger of migrations speak at this level for the time of a run."""
    before = _log.level
    _log.setLevel(name.upper())
    try:
        yield
    finally:
        _log.setLevel(before)
