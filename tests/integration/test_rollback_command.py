"""The command undoes a run: the report on stdout, a status that scripts can use, and no deed without consent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, cli
from tests.integration.marked_run import RUN, content, user, whole_import, write_run
from tests.integration.samples import make_user
from tests.integration.table_content import nothing_written

HISTORY = str(Path(__file__).parents[2] / "migrations")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(db: Database, engine: Any, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command on the table of the test."""
    settings = engine.connection_settings()
    endpoint = ["--endpoint", settings["endpoint"]] if settings["endpoint"] else []

    def ran(*arguments: str) -> tuple[int, str, str]:
        target = ["--table", db.table_name, "--region", settings["region"], *endpoint]
        status = cli.run(["migrate", "rollback", *arguments, *target])
        said = capsys.readouterr()
        return status, said.out, said.err

    return ran


@pytest.mark.parametrize("plan", [(), ("--migrations", HISTORY)], ids=["ready", "modules"])
def test_a_run_is_undone_and_told(run: Run, db: Database, plan: tuple[str, ...]) -> None:
    make_user(db, "old")
    before = content(db)
    write_run(db, whole_import())

    status, out, err = run(RUN, "--yes", *plan)

    assert (status, err) == (0, "")
    assert out.splitlines()[0] == f"run {RUN} on table {db.table_name}"
    assert "CIRCLE_MEMBER: 2 removed" in out
    assert content(db) == before


def test_a_dry_run_writes_nothing(run: Run, db: Database) -> None:
    write_run(db, [user("u1")])

    with nothing_written(db):
        status, out, _ = run(RUN, "--dry-run", "--json")

    report = json.loads(out)
    assert status == 0
    assert (report["dry_run"], report["removed"], report["table"]) == (True, {"USER": 1}, db.table_name)


def test_what_stays_is_a_finding(run: Run, db: Database) -> None:
    write_run(db, [user("u1"), user("u2")])
    db.users.update("u1", is_verified=True)

    status, out, _ = run(RUN, "--yes", "--json", "--segments", "1")

    assert status == 1
    assert json.loads(out)["kept"] == {"USER": {"changed since": 1}}


def test_a_run_that_nobody_knows_is_an_error(run: Run, db: Database) -> None:
    write_run(db, [user("u1")])

    status, out, err = run("01RUM", "--yes")

    assert (status, out) == (2, "")
    assert err == f"Error: the ledger of this table has no run '01RUM'; the nearest are {RUN}. Nothing was removed\n"


def test_nobody_is_asked_about_a_table_far_away_without_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    status = cli.run(["migrate", "rollback", RUN, "--table", "people", "--region", "eu-west-1"])

    assert status == 2
    asked = capsys.readouterr().err
    assert f"This will remove what run {RUN} wrote from table people at eu-west-1. Pass --yes" in asked
