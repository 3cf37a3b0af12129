"""Compare the steps of a plan with what the ledger says was applied, and refuse a history that was tampered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from madmall_models import clock
from madmall_models.errors import MigrationModuleError
from madmall_models.migration.ledger import Status, StepRecord
from madmall_models.migration.plan import Plan, Step


class Standing(Enum):
    """Say how a step stands on a table."""

    APPLIED = "applied"
    PENDING = "pending"
    UNFINISHED = "unfinished"
    FAILED = "failed"
    EDITED = "edited after it was applied"
    MISSING = "applied, and its module is missing"


@dataclass(frozen=True)
class StepStanding:
    """One step, in the plan or in the ledger or both.

    Attributes:
        record: what the ledger says, None where it does not know the step.
    """

    name: str
    standing: Standing
    record: StepRecord | None = None


def standings(plan: Plan, records: Mapping[str, StepRecord]) -> tuple[StepStanding, ...]:
    """Return how every step stands, those of the plan in its order, then those that only the ledger knows."""
    steps = [step for step in plan.steps if step.digest is not None]
    known = [StepStanding(step.name, _standing(step, records.get(step.name)), records.get(step.name)) for step in steps]
    names = {step.name for step in steps}
    lost = [
        StepStanding(record.name, Standing.MISSING, record)
        for record in records.values()
        if record.name not in names and record.status is Status.APPLIED
    ]
    return (*known, *lost)


def pending_steps(plan: Plan, records: Mapping[str, StepRecord], *, resuming: bool) -> tuple[Step, ...]:
    """Return the steps that are to be run, in order.

    Args:
        plan: the history, or operations without one.
        records: what the ledger says.
        resuming: whether to go on with a step that failed.

    Raises:
        MigrationModuleError: an applied module was edited or is missing, or a step failed and this is no resume.
    """
    for found in standings(plan, records) if plan.modules else ():
        _refuse(found, resuming=resuming)
    applied = {name for name, record in records.items() if record.status is Status.APPLIED}
    return tuple(step for step in plan.steps if step.digest is None or step.name not in applied)


def _standing(step: Step, record: StepRecord | None) -> Standing:
    if record is None or record.status is Status.ROLLED_BACK:
        return Standing.PENDING
    if record.status is not Status.APPLIED:
        return Standing.FAILED if record.status is Status.FAILED else Standing.UNFINISHED
    return Standing.APPLIED if record.digest == step.digest else Standing.EDITED


def _refuse(found: StepStanding, *, resuming: bool) -> None:
    record = found.record
    at = "" if record is None else clock.to_text(record.at)
    if found.standing is Standing.EDITED:
        raise MigrationModuleError(
            f"{found.name} was edited after it was applied ({at}); bring back its text, and let a new step change more"
        )
    if found.standing is Standing.MISSING:
        raise MigrationModuleError(f"{found.name} was applied ({at}) and is not in the directory; bring it back")
    if found.standing is Standing.FAILED and not resuming:
        assert record is not None, "a step that failed has a record"
        raise MigrationModuleError(
            f"{found.name} failed ({at}): {record.error}. Mend the cause, then `madmall migrate resume`; "
            f"or `madmall migrate rollback {record.run}`"
        )
