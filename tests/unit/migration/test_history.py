"""A history that was tampered with is refused in words that say what to do; what is pending is run in order."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from madmall_models import MigrationModuleError
from madmall_models.migration import Migration, MigrationModule, Phase, Plan, Run, Status, StepRecord
from madmall_models.migration.history import Standing, pending_steps, standings

AT = datetime(2026, 5, 1, tzinfo=UTC)
NOTE = Run(lambda run: run.note("done"), describe="Note that it was done")


def module(name: str, digest: str) -> MigrationModule:
    return MigrationModule(name, "A title.", Migration(after=None, phase=Phase.EXPAND, operations=(NOTE,)), digest)


PLAN = Plan("history", (NOTE, NOTE), (module("0001_one", "d1"), module("0002_two", "d2")))
FIRST = StepRecord("0001_one", "d1", Status.APPLIED, "01A", AT)
SECOND = StepRecord("0002_two", "d2", Status.APPLIED, "01A", AT)


def stands(*records: StepRecord) -> list[tuple[str, Standing]]:
    found = standings(PLAN, {record.name: record for record in records})
    return [(step.name, step.standing) for step in found]


def pending(*records: StepRecord, resuming: bool = False) -> list[str]:
    found = pending_steps(PLAN, {record.name: record for record in records}, resuming=resuming)
    return [step.name for step in found]


@pytest.mark.parametrize(
    ("status", "standing"),
    [
        (Status.APPLIED, Standing.APPLIED),
        (Status.RUNNING, Standing.UNFINISHED),
        (Status.CANCELLED, Standing.UNFINISHED),
        (Status.FAILED, Standing.FAILED),
        (Status.ROLLED_BACK, Standing.PENDING),
    ],
)
def test_a_step_stands_as_the_ledger_says(status: Status, standing: Standing) -> None:
    assert stands(FIRST, replace(SECOND, status=status)) == [
        ("0001_one", Standing.APPLIED),
        ("0002_two", standing),
    ]


def test_what_the_ledger_does_not_know_is_pending() -> None:
    assert stands() == [("0001_one", Standing.PENDING), ("0002_two", Standing.PENDING)]
    assert pending() == ["0001_one", "0002_two"]


def test_what_is_applied_is_not_run_again() -> None:
    assert pending(FIRST) == ["0002_two"]
    assert pending(FIRST, SECOND) == []


def test_what_was_rolled_back_is_run_again_also_with_another_text() -> None:
    assert pending(FIRST, replace(SECOND, status=Status.ROLLED_BACK, digest="other")) == ["0002_two"]


def test_an_edited_module_is_refused() -> None:
    edited = replace(FIRST, digest="before")
    assert stands(edited)[0] == ("0001_one", Standing.EDITED)

    for resuming in (False, True):
        with pytest.raises(MigrationModuleError, match=r"0001_one was edited .*2026-05-01.*bring back its text"):
            pending(edited, resuming=resuming)


def test_a_missing_module_is_refused() -> None:
    lost = replace(FIRST, name="0000_lost")
    assert stands(FIRST, lost)[-1] == ("0000_lost", Standing.MISSING)

    with pytest.raises(MigrationModuleError, match=r"0000_lost was applied .* is not in the directory; bring it back"):
        pending(FIRST, lost)


def test_a_missing_module_that_was_never_applied_is_no_matter() -> None:
    assert pending(FIRST, replace(FIRST, name="0000_lost", status=Status.FAILED)) == ["0002_two"]


def test_a_failed_step_is_refused_until_it_is_resumed() -> None:
    failed = replace(SECOND, status=Status.FAILED, error="SourceError: damaged")

    with pytest.raises(
        MigrationModuleError, match=r"0002_two failed .*: SourceError: damaged\. .*migrate resume.*migrate rollback 01A"
    ):
        pending(FIRST, failed)
    assert pending(FIRST, failed, resuming=True) == ["0002_two"]
    assert pending(FIRST, replace(failed, digest="mended"), resuming=True) == ["0002_two"]


def test_a_plan_without_a_history_is_always_run() -> None:
    plan = Plan("import", (NOTE,))

    assert standings(plan, {"0001_one": FIRST})[0].standing is Standing.MISSING
    assert [step.name for step in pending_steps(plan, {"0001_one": FIRST}, resuming=False)] == ["import"]
