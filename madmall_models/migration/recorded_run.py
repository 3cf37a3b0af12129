"""Be a run that the ledger knows: begun or taken up again, each step with its status, and an end."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from madmall_models.clock import utc_now
from madmall_models.errors import MadMallError, MigrationCancelled, MigrationError
from madmall_models.identifiers import new_id
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.history import pending_steps
from madmall_models.migration.ledger import Ledger, RunRecord, Status, StepRecord
from madmall_models.migration.model_fingerprint import model_fingerprint
from madmall_models.migration.plan import Plan, Step
from madmall_models.migration.rejected_rows import RejectedRows
from madmall_models.migration.source import Source

_log = logging.getLogger(__name__)


class RecordedRun:
    """One run, as its record says it; to be made by whoever holds the lease.

    A run of the same plan, source, models and way of writing that was not finished is taken up again; otherwise a new
    one begins. What an unfinished run of another source wrote stays.

    Args:
        database: whose table.
        plan: what is to be done.
        source: what is read.
        config: the settings.
        resuming: insist on going on with a run.

    Raises:
        MigrationError: ``resuming``, and there is nothing to resume, or the source or the models are others now; or a
            plan that this one depends on was not completed.
        MigrationModuleError: the history was tampered with, or a step failed and this is no resume.
    """

    def __init__(
        self, database: Any, plan: Plan, source: Source, config: MigrationConfig, *, resuming: bool = False
    ) -> None:
        self._ledger = Ledger(database)
        runs = self._ledger.runs()
        _refuse_dependencies(plan, runs)
        known_steps = self._ledger.steps()
        self.pending = pending_steps(plan, known_steps, resuming=resuming)
        self.has_edited_step = any(_is_edited(step, known_steps.get(step.name)) for step in self.pending)
        wanted = self._wanted(plan, source, config, runs)
        unfinished = next((run for run in reversed(runs) if run.plan == plan.name and run.status.is_open), None)
        if resuming:
            _refuse_resuming(wanted, unfinished)
        self.is_resumed = unfinished is not None and not _differences(wanted, unfinished)
        self.left_behind = unfinished if unfinished is not None and not self.is_resumed else None
        if self.left_behind is not None:
            self._ledger.end_run(self.left_behind, Status.ABANDONED, "a run that began with something else followed")
        known = unfinished if unfinished is not None and self.is_resumed else wanted
        self.record = self._ledger.write_run(replace(known, status=Status.RUNNING, ended_at=None, error=None))

    @property
    def run(self) -> str:
        """Return the id of the run."""
        return self.record.run

    def note(self, **fields: Any) -> None:
        """Write fields of the record."""
        self.record = self._ledger.write_run(replace(self.record, **fields))

    @contextlib.contextmanager
    def step(self, step: Step) -> Iterator[None]:
        """Apply a step in a ``with`` block: it is applied when the block ends, and failed when the block raises."""
        known = self._ledger.steps().get(step.name)
        if _is_edited(step, known):
            # How far it came was noted of another text.
            self._ledger.forget_points(self.run)
        self._write_step(step, Status.RUNNING)
        try:
            yield
        except MigrationCancelled:
            self._write_step(step, Status.CANCELLED)
            raise
        except Exception as error:
            with _suppressed("the step could not be recorded as failed"):
                self._write_step(step, Status.FAILED, _in_words(error))
            raise
        self._write_step(step, Status.APPLIED)

    def point(self, part: str) -> dict[str, Any] | None:
        """Return how far a part came."""
        return self._ledger.point(self.run, part)

    def write_point(self, part: str, document: Mapping[str, Any]) -> None:
        """Write how far a part came."""
        self._ledger.write_point(self.run, part, document)

    def end(self, status: Status, results: Mapping[str, Any], error: BaseException | None = None) -> None:
        """Write how the run ended; where that fails it stays unfinished, and can be taken up again."""
        with _suppressed("the end of the run could not be recorded; it can be resumed"):
            record = replace(self.record, results=results)
            self.record = self._ledger.end_run(record, status, None if error is None else _in_words(error))
            if status is Status.APPLIED:
                self._ledger.forget_points(self.run)

    def _write_step(self, step: Step, status: Status, error: str | None = None) -> None:
        if step.digest is not None:
            self._ledger.write_step(StepRecord(step.name, step.digest, status, self.run, utc_now(), error))

    def _wanted(
        self, plan: Plan, source: Source, config: MigrationConfig, runs: tuple[RunRecord, ...]
    ) -> RunRecord:
        now = utc_now()
        return RunRecord(
            run=new_id(),
            plan=plan.name,
            source=str(source),
            fingerprint=fingerprint_of(source),
            models=model_fingerprint(plan.mappings),
            started_at=now,
            default_time=self._ledger.default_time(plan.name) or now,
            settings={
                "exclusive": config.exclusive,
                "on_conflict": config.on_conflict.value,
                "only_rejects": isinstance(source, RejectedRows),
            },
        )


def fingerprint_of(source: Source) -> str:
    """Return what tells the content that is read from all others.

    A file that changed since it was opened is read as it was, and what its bytes say now is not of what is read: were
    that noted, the rows that came since would be taken for moved.
    """
    fingerprint = source.fingerprint()
    return f"{fingerprint} {new_id()}" if source.changed() else fingerprint


def _refuse_dependencies(plan: Plan, runs: tuple[RunRecord, ...]) -> None:
    completed = {run.plan for run in runs if run.status is Status.APPLIED}
    missing = [name for name in plan.dependencies if name not in completed]
    if missing:
        raise MigrationError(
            f"the plan {plan.name} depends on {', '.join(missing)}, not completed on this table; run what comes first"
        )


def _refuse_resuming(wanted: RunRecord, unfinished: RunRecord | None) -> None:
    if unfinished is None:
        raise MigrationError(f"no run of {wanted.plan} is unfinished on this table; `madmall migrate run` begins one")
    differences = _differences(wanted, unfinished)
    if differences:
        raise MigrationError(
            f"run {unfinished.run} cannot be resumed: {', '.join(differences)} not what it began with. Resume with "
            "what it began with, or begin a new run with `madmall migrate run`; what is in the table stays"
        )


def _differences(wanted: RunRecord, unfinished: RunRecord) -> list[str]:
    """Return what keeps a run from being taken up again."""
    differences = []
    if wanted.fingerprint != unfinished.fingerprint:
        differences.append("the source is")
    if wanted.models != unfinished.models:
        differences.append("the models or mappings are")
    if wanted.settings != unfinished.settings:
        differences.append("the way of writing (exclusive, on conflict, all rows or only rejected ones) is")
    return differences


def _is_edited(step: Step, known: StepRecord | None) -> bool:
    return known is not None and known.digest != step.digest


def _in_words(error: BaseException) -> str:
    # The text of an error that is not of this package may hold values of people.
    return f"{type(error).__name__}: {error}" if isinstance(error, MadMallError) else type(error).__name__


@contextlib.contextmanager
def _suppressed(deed: str) -> Iterator[None]:
    """Go on where the ledger cannot be written: what ended the run is to be told, not this."""
    try:
        yield
    except MadMallError as trouble:
        _log.warning("%s (%s)", deed, type(trouble).__name__)
