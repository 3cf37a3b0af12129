"""The command compares a file with the table: a report on stdout, all findings in a file, a status of its own."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madmall_models import cli
from madmall_models.entities import User
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from madmall_models.migration.ledger import Ledger, Status
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.integration.table_content import edit

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

HISTORY = str(Path(__file__).parents[2] / "migrations")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    db: Any, engine: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Run:
    """Return a function that runs the command on the table of the test, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    settings = engine.connection_settings()
    endpoint = ["--endpoint", settings["endpoint"]] if settings["endpoint"] else []

    def ran(*arguments: str) -> tuple[int, str, str]:
        status = cli.run(
            ["migrate", "verify", *arguments, "--table", db.table_name, "--region", settings["region"], *endpoint]
        )
        said = capsys.readouterr()
        return status, said.out, said.err

    return ran


@pytest.fixture
def moved(db: Any, tmp_path: Path) -> str:
    """Give a file that was moved by a run that the ledger knows."""
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u2")],
    )
    with SQLiteSource(path) as source:
        MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1))
    ledger = Ledger(db)
    [record] = ledger.runs()
    # A later run, one of another plan, and one that was undone say nothing about the times of these rows.
    for other in (
        replace(record, run="Z", default_time=record.default_time.replace(year=2001)),
        replace(record, run="0", default_time=record.default_time.replace(year=2002), plan="another"),
        replace(record, run="00", default_time=record.default_time.replace(year=2003), status=Status.ROLLED_BACK),
    ):
        ledger.write_run(other)
    return str(path)


def test_a_table_that_holds_everything_is_said_to(run: Run, moved: str) -> None:
    status, out, err = run(moved, "--findings", "findings.jsonl")

    assert status == 0, out
    assert out.splitlines()[0].split()[:4] == ["entity", "rows", "rejected", "expected"]
    assert out.splitlines()[-1] == "the table holds what the source gives"
    assert "users: verifying 2 of 2" in err
    assert not Path("findings.jsonl").exists()


def test_what_differs_is_told_with_a_status_of_its_own(run: Run, db: Any, moved: str) -> None:
    edit(db, User.key.of("u2"), "SET profile.bio = :bio", bio={"S": "Secret."})

    status, out, err = run(moved, "--findings", "findings.jsonl")

    assert status == 3
    assert "changed: User of users 2, PK=USER#..., SK=PROFILE#...: was changed since run " in out
    assert "The 1 findings are in findings.jsonl." in err
    assert stat.S_IMODE(Path("findings.jsonl").stat().st_mode) == 0o600
    [line] = Path("findings.jsonl").read_text().splitlines()
    assert (json.loads(line)["ids"], json.loads(line)["attributes"]) == ({"userId": "u2"}, ["profile.bio"])
    assert "Secret" not in out + err + line


def test_the_report_is_json_for_programs(run: Run, db: Any, moved: str) -> None:
    edit(db, User.key.of("u2"), "SET stats.circlesJoined = :count", count={"N": "5"})

    status, out, _ = run(moved, "--json", "--migrations", HISTORY)

    report = json.loads(out)
    assert (status, report["ok"], report["sample"]) == (3, False, None)
    # The history has another name than the plan of the run, so rows without a time differ.
    assert report["counts"]["circles-joined"] == 1


def test_a_sample_is_compared_alone(run: Run, db: Any, moved: str) -> None:
    edit(db, User.key.of("u2"), "SET profile.bio = :bio", bio={"S": "Secret."})

    status, out, _ = run(moved, "--sample", "2")

    assert (status, out.splitlines()[-1]) == (0, "one row of 2 was compared, and holds")


def test_a_table_that_knows_of_no_run_says_so(run: Run, moved: str) -> None:
    without = "The table knows of no run of this plan: rows without any time will differ."

    assert without not in run(moved)[2]
    # The history has another name than the plan of the run.
    status, _, err = run(moved, "--migrations", HISTORY)

    assert status == 3
    assert without in err


def test_what_cannot_be_verified_is_an_error(run: Run, db: Any, moved: str) -> None:
    Path("notes.txt").write_text("mine\n")

    assert run(moved, "--sample", "0")[0] == 2
    status, out, err = run(moved, "--findings", "notes.txt")
    assert (status, out, Path("notes.txt").read_text()) == (2, "", "mine\n")
    assert "notes.txt exists and is not a file of findings; it was left as it is" in err
    db.delete_table()
    assert run(moved)[0] == 2
