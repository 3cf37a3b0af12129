"""Tell by the ledger, before anything is written, what kind of run a plan will be."""

from __future__ import annotations

from enum import Enum
from typing import Any

from madmall_models.migration.history import pending_steps
from madmall_models.migration.ledger import Ledger, RunRecord, Status
from madmall_models.migration.model_fingerprint import model_fingerprint
from madmall_models.migration.operations import CreateTable, ImportRows
from madmall_models.migration.plan import Plan
from madmall_models.migration.recorded_run import fingerprint_of
from madmall_models.migration.source import Source


class Foreseen(Enum):
    """Say what kind of run it will be."""

    NOTHING_TO_DO = "every step of the history is applied"
    REPETITION = "the same source was moved to its end before"
    CONTINUATION = "an unfinished run of the same source is taken up"
    BEGINNING = "a new run begins"


def foresee(database: Any, plan: Plan, source: Source) -> Foreseen:
    """Return what kind of run a plan will be; only reads.

    Raises:
        MigrationModuleError: the history was tampered with.
    """
    ledger = Ledger(database)
    if plan.modules and not pending_steps(plan, ledger.steps(), resuming=True):
        return Foreseen.NOTHING_TO_DO
    models, fingerprint = model_fingerprint(plan.mappings), fingerprint_of(source)
    same = [run for run in ledger.runs() if (run.plan, run.models, run.fingerprint) == (plan.name, models, fingerprint)]
    # Also where a run came to nothing since: what was deleted after the source was moved stays deleted. A retry of
    # rejected rows says nothing of the others.
    moved = [run for run in same if run.status is Status.APPLIED and not run.settings.get("only_rejects")]
    if _only_imports(plan) and moved and not _was_rolled_back_since(ledger, plan, moved[-1]):
        return Foreseen.REPETITION
    return Foreseen.CONTINUATION if any(run.status.is_open for run in same) else Foreseen.BEGINNING


def _was_rolled_back_since(ledger: Ledger, plan: Plan, moved: RunRecord) -> bool:
    """Tell whether a rollback took rows of a plan back after a run had found or moved them all.

    Then what is gone was not deleted by anybody who wants it so.
    """
    rolled_back = [run for run in ledger.runs() if run.plan == plan.name and run.status is Status.ROLLED_BACK]
    return any(run.ended_at is None or run.ended_at >= moved.started_at for run in rolled_back)


def unfinished_run(database: Any, plan: Plan) -> RunRecord | None:
    """Return the last run of a plan that can be gone on with, whatever its source; None where there is none."""
    runs = reversed(Ledger(database).runs())
    return next((run for run in runs if run.plan == plan.name and run.status.is_open), None)


def _only_imports(plan: Plan) -> bool:
    """Tell whether a plan does nothing that must be done again: no history, and rows of a source only."""
    return not plan.modules and all(isinstance(operation, ImportRows | CreateTable) for operation in plan.operations)
