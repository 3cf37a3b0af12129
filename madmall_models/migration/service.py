"""Execute plans: one at a time, recorded in the table, to be stopped and resumed, with a report at the end."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from madmall_models import signals
from madmall_models.clock import utc_now
from madmall_models.errors import (
    ConfigurationError,
    MigrationCancelled,
    MigrationError,
    TableNotFound,
    TooManyRejects,
    WriteRefused,
)
from madmall_models.migration.config import MigrationConfig, OnConflict
from madmall_models.migration.foreign_source import refuse_foreign_source
from madmall_models.migration.foresight import Foreseen, foresee, unfinished_run
from madmall_models.migration.journal import Journal
from madmall_models.migration.lease import Lease, demand_free_lease
from madmall_models.migration.ledger import Ledger, Status
from madmall_models.migration.plan import Plan, Step
from madmall_models.migration.plan_run import PlanRun, RunScene
from madmall_models.migration.progress import Progress
from madmall_models.migration.recorded_run import RecordedRun
from madmall_models.migration.rejected_rows import RejectedRows
from madmall_models.migration.rejects import RejectFile
from madmall_models.migration.result import EntityResult, MigrationReport
from madmall_models.migration.run_beginning import beginning_notes, is_empty, make_table, open_files, save_first
from madmall_models.migration.source import Source
from madmall_models.migration.summary import as_dict
from madmall_models.migration.transfer import Report

_log = logging.getLogger("madmall_models.migration")
_NO_RUN = "none"


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
        self._cancelled = threading.Event()
        self.report: MigrationReport | None = None

    def execute(self, plan: Plan, config: MigrationConfig | None = None) -> MigrationReport:
        """Run a plan and return the report; :attr:`report` has it too, also after an error.

        A run of the same plan and source that was interrupted is taken up where it was. Bad rows do not stop a run,
        unless there are more than ``max_errors``. A run that is repeated writes nothing that is there already.

        Raises:
            MigrationError: this service is executing a plan already, or the plan depends on another one.
            LeaseHeld: another runner changes this table.
            MigrationModuleError: the history of the table was tampered with, or one of its steps failed.
            TooManyRejects: more rows are bad than ``max_errors`` allows.
            SourceError: the source cannot be read. Any error of the database.
        """
        with self._alone():
            return self._executed(plan, config or MigrationConfig(), resuming=False)

    def resume(self, plan: Plan, config: MigrationConfig | None = None) -> MigrationReport:
        """Go on with the last run of a plan, which was interrupted or failed, and return the report of all of it.

        Raises:
            MigrationError: there is nothing to resume, or the source or the models are not what the run began with.
            LeaseHeld, TooManyRejects, SourceError, or any error of the database: as :meth:`execute`.
        """
        with self._alone():
            return self._executed(plan, config or MigrationConfig(), resuming=True)

    def retry_rejects(
        self, plan: Plan, rejected: str | os.PathLike[str], config: MigrationConfig | None = None
    ) -> MigrationReport:
        """Run those rows of a plan again that a file of rejects lists, and return the report.

        A row whose key another item has stays rejected, whatever ``config.on_conflict`` says. A retry that was
        interrupted is taken up by another one, not by :meth:`resume`.

        Args:
            plan: the plan that rejected them.
            rejected: the file; what is rejected once more goes to ``config.rejects``, which must be another one.
            config: the settings.

        Raises:
            MigrationError: a run of the plan is unfinished that was no retry; resume it first. Or as :meth:`execute`.
            SourceError: the file is not one of rejects, or names rows that are not in the source.
        """
        # An item that is there came from another row, and the first row has it.
        settings = replace(
            config or MigrationConfig(), restore_deleted=True, journal=None, on_conflict=OnConflict.FAIL
        )
        if settings.rejects is not None and Path(settings.rejects).resolve() == Path(rejected).resolve():
            raise ConfigurationError(f"{rejected} is read; name another file for what is rejected again")
        unfinished = unfinished_run(self._database, plan)
        if unfinished is not None and not unfinished.settings.get("only_rejects"):
            raise MigrationError(f"a run of {plan.name} is unfinished on this table; resume it first")
        with self._alone(), RejectedRows(self._source, rejected) as rows:
            retry = MigrationService(self._database, rows, progress=self._progress)
            retry._cancelled = self._cancelled
            try:
                return retry._executed(plan, settings, resuming=False)
            finally:
                self.report = retry.report

    def cancel(self) -> None:
        """Let the plan that is being executed stop after the packs that are on their way; nothing if there is none.

        May be called from any thread and from a signal handler. The report of the run says that it was cancelled.
        """
        self._cancelled.set()

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._running.acquire(blocking=False):
            raise MigrationError("this service is executing a plan; wait for its end, or use another service")
        try:
            self._cancelled.clear()
            self.report = None
            yield
        finally:
            self._running.release()

    def _executed(self, plan: Plan, config: MigrationConfig, *, resuming: bool) -> MigrationReport:
        with _log_level(config.log_level):
            report = self._dry_run(plan, config) if config.dry_run else self._real_run(plan, config, resuming)
        ended = signals.migration_cancelled if report.is_cancelled else signals.migration_completed
        signals.announce(ended, self, report=report)
        return report

    # -- without writing -------------------------------------------------------------------------------------------

    def _rehearse(self, plan: Plan, config: MigrationConfig) -> None:
        """Refuse a source with too many bad rows before anything is written."""
        _log.info("%s: checking every row before the first is written", plan.name)
        quiet = MigrationService(self._database, self._source)
        quiet._cancelled = self._cancelled
        try:
            quiet._dry_run(plan, replace(config, dry_run=True))
        except TooManyRejects as error:
            raise TooManyRejects(f"nothing was written: {error}") from error

    def _dry_run(self, plan: Plan, config: MigrationConfig) -> MigrationReport:
        """Do everything but writing."""
        with self._reading(plan, config, is_repetition=False) as run:
            run.note("dry run: nothing was written")
            return self._reported(plan, run, config, lambda: _apply(plan.steps, run, None))

    def _repeat(self, plan: Plan, config: MigrationConfig) -> MigrationReport | None:
        """Compare what was moved before with the table; None where a count is wrong and must be written."""
        with self._reading(plan, config, is_repetition=True) as run, contextlib.suppress(WriteRefused):
            return self._reported(plan, run, config, lambda: _apply(plan.steps, run, None))
        return None

    @contextlib.contextmanager
    def _reading(self, plan: Plan, config: MigrationConfig, *, is_repetition: bool) -> Iterator[PlanRun]:
        """Give a run on a connection that refuses every write."""
        with contextlib.ExitStack() as stack:
            database = self._database.read_only()
            stack.callback(database.close)
            known = None
            with contextlib.suppress(TableNotFound):
                known = Ledger(database).default_time(plan.name)
            yield PlanRun(
                RunScene(
                    database=database,
                    source=self._source,
                    config=config,
                    journal=stack.enter_context(Journal(None, _NO_RUN)),
                    rejects=stack.enter_context(RejectFile(config.rejects)),
                    recorded=None,
                    is_repetition=is_repetition,
                    default_time=known or utc_now(),
                    began_empty=False,
                    check=self._check_cancelled,
                    report=self._tell,
                    finished=self._finished,
                )
            )

    # -- for real --------------------------------------------------------------------------------------------------

    def _real_run(self, plan: Plan, config: MigrationConfig, resuming: bool) -> MigrationReport:
        if plan.mappings:
            # Before the ledger hears of it: a wrong file must not end a run that waits to be resumed.
            refuse_foreign_source(self._source, plan.mappings)
        make_table(plan, self._database)
        foreseen = foresee(self._database, plan, self._source)
        if foreseen is Foreseen.NOTHING_TO_DO and not resuming:
            return self._nothing_to_do(plan)
        writes_again = config.restore_deleted or config.on_conflict is OnConflict.REPLACE
        is_repetition = foreseen is Foreseen.REPETITION and not writes_again
        # An unfinished run is brought to its end, which only who holds the lease may do.
        is_over = unfinished_run(self._database, plan) is None and not resuming
        if is_repetition and is_over and (report := self._repeat(plan, config)) is not None:
            return report
        if is_over and not is_repetition and config.validate and config.max_errors is not None:
            # It begins the file of rejects anew, which another runner may be writing.
            demand_free_lease(self._database)
            self._rehearse(plan, config)
        return self._run(plan, config, is_repetition, resuming=resuming)

    def _nothing_to_do(self, plan: Plan) -> MigrationReport:
        notes = ("every step is applied already",)
        self.report = MigrationReport(plan.name, dry_run=False, started_at=utc_now(), notes=notes)
        return self.report

    def _run(
        self, plan: Plan, config: MigrationConfig, is_repetition: bool, *, resuming: bool
    ) -> MigrationReport:
        with contextlib.ExitStack() as stack:
            lease = stack.enter_context(Lease(self._database, f"migration {plan.name}"))
            recorded = RecordedRun(self._database, plan, self._source, config, resuming=resuming)
            journal, rejects = open_files(recorded, config, stack)
            run = PlanRun(self._scene(config, journal, rejects, recorded, lease, is_repetition))
            run.notes += beginning_notes(recorded, journal)
            report = self._reported(plan, run, config, lambda: self._work(plan, run, config, recorded), recorded)
            if report.status == Status.APPLIED.value:
                journal.remove()
        return report

    def _scene(
        self,
        config: MigrationConfig,
        journal: Journal,
        rejects: RejectFile,
        recorded: RecordedRun,
        lease: Lease,
        is_repetition: bool,
    ) -> RunScene:
        def check() -> None:
            self._check_cancelled()
            lease.check()

        return RunScene(
            database=self._database,
            source=self._source,
            config=config,
            journal=journal,
            rejects=rejects,
            recorded=recorded,
            is_repetition=is_repetition,
            default_time=recorded.record.default_time,
            began_empty=not recorded.is_resumed and is_empty(self._database),
            check=check,
            report=self._tell,
            finished=self._finished,
        )

    def _work(self, plan: Plan, run: PlanRun, config: MigrationConfig, recorded: RecordedRun) -> None:
        # Also of a run that is taken up, which may have ended before there was one, and of a repetition that writes.
        save_first(self._database, config, recorded, run)
        for hook in plan.before:
            hook(self._database)
        _apply(recorded.pending, run, recorded)
        for hook in plan.after:
            hook(self._database)

    def _reported(
        self, plan: Plan, run: PlanRun, config: MigrationConfig, work: Any, recorded: RecordedRun | None = None
    ) -> MigrationReport:
        """Do the work, and make its report whatever becomes of it."""
        started, started_at = time.monotonic(), utc_now()

        def report(status: Status, error: BaseException | None = None) -> MigrationReport:
            made = self.report = MigrationReport(
                plan=plan.name,
                dry_run=config.dry_run,
                started_at=started_at,
                status=status.value,
                run=None if recorded is None else recorded.run,
                duration=time.monotonic() - started,
                results=tuple(run.results),
                completed=dict(run.completed),
                notes=tuple(run.notes),
            )
            if recorded is not None:
                recorded.end(status, as_dict(made), error)
            return made

        try:
            work()
        except MigrationCancelled:
            return report(Status.CANCELLED)
        except Exception as error:
            report(Status.FAILED, error)
            raise
        except BaseException:
            report(Status.CANCELLED)
            raise
        return report(Status.FAILED if any(result.stopped_by for result in run.results) else Status.APPLIED)

    # -- telling ---------------------------------------------------------------------------------------------------

    def _check_cancelled(self) -> None:
        if self._cancelled.is_set():
            raise MigrationCancelled("the run was cancelled; what it did is noted, and it can be resumed")

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


def _apply(steps: tuple[Step, ...], run: PlanRun, recorded: RecordedRun | None) -> None:
    for step in steps:
        run.begin_step(step.name)
        with contextlib.nullcontext() if recorded is None else recorded.step(step):
            for operation in step.operations:
                run.check()
                _log.info("%s: %s", step.name, operation.describe())
                operation.apply(run)


@contextlib.contextmanager
def _log_level(name: str) -> Iterator[None]:
    """Let the logger of migrations speak at this level for the time of a run."""
    before = _log.level
    _log.setLevel(name.upper())
    try:
        yield
    finally:
        _log.setLevel(before)
