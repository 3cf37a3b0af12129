"""The ledger gives back what was written to it, in order, and nobody but the engine ever meets its records."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from madmall_models import Circle, CircleMember, Database, Story, User, integrity
from madmall_models.migration import (
    Ledger,
    MigrationConfig,
    MigrationService,
    RunRecord,
    SQLiteSource,
    Status,
    StepRecord,
    madmall_plan,
)
from madmall_models.migration.lease import Lease
from madmall_models.migration.record import RecordKey, Records
from tests.integration.legacy_file import circle, member, story, user, write_legacy
from tests.integration.samples import NOON
from tests.integration.table_content import places

RUN = RunRecord("01A", "import", "legacy.db", "f", "m", NOON, NOON)
KEY = RecordKey("MIGRATION#TEST", "ONE", "MIGRATION_TEST")


def test_runs_come_back_as_they_were_and_in_order(db: Database) -> None:
    ledger = Ledger(db)
    full = replace(
        RUN,
        run="01B",
        status=Status.FAILED,
        ended_at=NOON + timedelta(milliseconds=1),
        settings={"exclusive": True},
        results={"read": 3, "entities": [{"table": "users", "seconds": 0.25}]},
        error="SourceError: damaged",
        backup={"kind": "export", "path": "/b.jsonl"},
    )

    ledger.write_run(replace(RUN, run="01C"))
    ledger.write_run(full)
    ledger.write_run(RUN)

    assert ledger.runs() == (RUN, full, replace(RUN, run="01C"))
    assert (ledger.run("01B"), ledger.run("01Z")) == (full, None)


def test_a_run_that_ended_says_how(db: Database) -> None:
    ledger = Ledger(db)

    ledger.end_run(ledger.write_run(RUN), Status.CANCELLED, "Ctrl-C")

    found = ledger.run("01A")
    assert found is not None
    assert (found.status, found.error, found.ended_at is not None, found.started_at) == (
        Status.CANCELLED,
        "Ctrl-C",
        True,
        NOON,
    )


def test_the_time_of_rows_without_any_is_that_of_the_first_run_that_stands(db: Database) -> None:
    ledger = Ledger(db)
    assert ledger.default_time("import") is None
    for number, status in enumerate([Status.ROLLED_BACK, Status.FAILED, Status.APPLIED]):
        time = NOON + timedelta(days=number)
        ledger.write_run(replace(RUN, run=f"01{number}", default_time=time, status=status))
    ledger.write_run(replace(RUN, run="00", plan="another"))

    assert ledger.default_time("import") == NOON + timedelta(days=1)


def test_steps_come_back_by_name(db: Database) -> None:
    ledger = Ledger(db)
    step = StepRecord("0001_create_table", "d1", Status.FAILED, "01A", NOON, "KeyError")

    ledger.write_step(replace(step, status=Status.RUNNING, error=None))
    ledger.write_step(step)
    ledger.write_step(replace(step, name="0002_import", status=Status.APPLIED, error=None))

    assert list(ledger.steps()) == ["0001_create_table", "0002_import"]
    assert ledger.steps()["0001_create_table"] == step


def test_points_are_kept_by_run_and_forgotten_together(db: Database) -> None:
    ledger = Ledger(db)
    ledger.write_point("01A", "step/users", {"done": 5})
    ledger.write_point("01A", "step/users#1", {"done": 6})
    ledger.write_point("01B", "step/users", {"done": 7})

    assert ledger.point("01A", "step/users") == {"done": 5}
    ledger.forget_points("01A")

    assert [ledger.point("01A", part) for part in ("step/users", "step/users#1")] == [None, None]
    assert ledger.point("01B", "step/users") == {"done": 7}


def test_more_records_than_a_page_are_read(db: Database) -> None:
    ledger = Ledger(db)
    long = "x" * 100_000
    for number in range(12):
        ledger.write_run(replace(RUN, run=f"{number:02}", error=long))

    assert [run.run for run in ledger.runs()] == [f"{number:02}" for number in range(12)]


def test_a_record_with_another_token_is_neither_replaced_nor_removed(db: Database) -> None:
    records = Records(db.connection)
    records.replace(KEY, {"value": "\u00e9"}, was=None, token="one")

    records.remove(KEY, token="other")
    assert records.read(KEY) == {"value": "\u00e9", "token": "one"}

    records.replace(KEY, {"value": 2}, was="one", token="two")
    records.remove(KEY, token="two")
    assert records.read(KEY) is None


@pytest.mark.difference("no-lock")
def test_nobody_meets_the_records_of_the_engine(db: Database, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1"), member("c1", "u2")],
        stories=[story("s1", "u2", circleId="c1")],
    )
    with SQLiteSource(path) as source:
        report = MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1))
    ledger = Ledger(db)
    ledger.write_step(StepRecord("0001_create_table", "d1", Status.APPLIED, "01A", NOON))
    ledger.write_point("01A", "step/users", {"done": 5})

    with Lease(db, "run 01B"):
        assert len([place for place in places(db) if place.startswith("MIGRATION#")]) == 4
        assert integrity.check(db) == ()
        counts = {entity: len(list(db.scan(entity))) for entity in (User, Circle, CircleMember, Story)}
        assert counts == {User: 2, Circle: 1, CircleMember: 2, Story: 1}
    [found] = ledger.runs()
    assert (found.run, found.status, found.results["written"]) == (report.run, Status.APPLIED, report.successful)
