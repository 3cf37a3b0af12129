"""The command moves a legacy file: data on stdout, talk on stderr, a status that scripts can use."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from madmall_models import cli
from madmall_models.migration import Ledger
from tests.integration.legacy_file import circle, member, user, write_legacy

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
        status = cli.run([*arguments, "--table", db.table_name, "--region", settings["region"], *endpoint])
        said = capsys.readouterr()
        return status, said.out, said.err

    return ran


@pytest.fixture
def legacy(tmp_path: Path) -> str:
    return str(
        write_legacy(
            tmp_path / "legacy.db",
            users=[user("u1"), user("u2")],
            circles=[circle("c1", "u1")],
            circle_members=[member("c1", "u2")],
        )
    )


@pytest.fixture
def dirty(tmp_path: Path) -> str:
    return str(write_legacy(tmp_path / "dirty.db", users=[user("u1"), user("u#2")]))


def test_a_run_moves_the_file_and_says_so(run: Run, db: Any, legacy: str) -> None:
    status, out, err = run("migrate", "run", legacy, "--parallelism", "1", "--yes")

    assert status == 0
    assert out.splitlines()[0].split()[:3] == ["entity", "read", "written"]
    assert "users: moving 2 of 2" in err
    assert db.circles.get("c1").stats.member_count == 2
    assert not Path("rejects.jsonl").exists()


def test_rejected_rows_are_a_finding_and_lie_in_a_file(run: Run, db: Any, dirty: str) -> None:
    status, out, err = run("migrate", "run", dirty, "--parallelism", "1", "--yes")

    assert status == 1
    assert "users: 1 rejected, NOT_AN_ID" in out
    assert "The 1 rejected rows are in rejects.jsonl." in err
    assert json.loads(Path("rejects.jsonl").read_text())["code"] == "NOT_AN_ID"
    assert db.users.exists("u1")


def test_too_many_rejected_rows_are_an_error(run: Run, db: Any, dirty: str) -> None:
    status, out, err = run("migrate", "run", dirty, "--max-errors", "0", "--yes", "--rejects", "bad.jsonl")

    assert (status, out) == (2, "")
    assert "Error: nothing was written: 1 rows were rejected, max_errors allows 0" in err
    assert not db.users.exists("u1")


def test_a_plan_says_what_a_run_would_do_and_writes_nothing(run: Run, db: Any, legacy: str) -> None:
    status, out, _ = run("migrate", "plan", legacy, "--migrations", HISTORY)

    assert status == 0
    assert out.splitlines()[:2] == [
        "1. Create the table with its keys and indexes, if it is not there",
        "2. Move the rows of users, circles, circle_members, stories, story_comments, businesses, resources, "
        "images, feedback, then count what was moved",
    ]
    assert "dry run: nothing was written" in out
    assert not db.users.exists("u1")


@pytest.mark.parametrize("command", [("plan",), ("run", "--dry-run", "--rejects", "bad.jsonl")])
def test_reports_are_json_for_programs(run: Run, db: Any, dirty: str, command: tuple[str, ...]) -> None:
    status, out, _ = run("migrate", command[0], dirty, *command[1:], "--json", "--parallelism", "1")

    report = json.loads(out)
    assert status == 1
    assert (report["dry_run"], report["read"], report["written"], report["rejected"]) == (True, 2, 1, 1)
    assert report["entities"][0]["reject_codes"] == {"NOT_AN_ID": 1}
    assert not db.users.exists("u1")


def test_what_was_moved_before_an_error_is_told(
    run: Run, db: Any, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from madmall_models import SourceError
    from madmall_models.migration import SQLiteSource

    rows = SQLiteSource.rows

    def broken(self: SQLiteSource, table: str, **options: Any) -> Any:
        if table == "circles":
            raise SourceError("the table circles is damaged; repair it")
        return rows(self, table, **options)

    monkeypatch.setattr(SQLiteSource, "rows", broken)

    status, out, err = run("migrate", "run", legacy, "--parallelism", "1", "--yes")

    assert (status, out) == (2, "")
    assert "circles: stopped: the table circles is damaged; repair it" in err
    assert err.splitlines()[-2:] == [
        "Error: the table circles is damaged; repair it",
        f"To go on: madmall migrate resume {legacy} --parallelism 1 --table {db.table_name} "
        f"--endpoint {db.connection.settings.endpoint} --region us-east-1",
    ]
    assert run("migrate", "run", legacy, "--parallelism", "1", "--yes", "--continue-on-error")[0] == 2


def test_the_table_is_created_again_without_harm_and_described(run: Run, db: Any) -> None:
    assert run("table", "create", "--yes")[0] == 0

    status, out, _ = run("table", "describe")
    assert status == 0
    described = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
    assert described["table"] == [db.table_name]
    assert described["keys"] == ["PK", "/", "SK"]
    assert described["GSI3"] == ["GSI3PK", "/", "GSI3SK", "KEYS_ONLY", "ACTIVE"]
    assert "createdAt, entityType, status, updatedAt" in out
    assert json.loads(run("table", "describe", "--json")[1])["TableName"] == db.table_name


def test_a_table_that_serves_is_well(run: Run, db: Any) -> None:
    status, out, _ = run("health", "--json")

    assert status == 0
    health = json.loads(out)
    assert (health["ok"], health["table"], health["name"]) == (True, "ACTIVE", db.table_name)


@pytest.mark.parametrize("name", ["report.xyz", "nowhere/report.csv"])
def test_a_summary_that_cannot_be_written_is_said_before_anything_is_moved(
    run: Run, db: Any, legacy: str, name: str
) -> None:
    status, out, err = run("migrate", "run", legacy, "--yes", "--summary", name)

    assert (status, out) == (2, "")
    assert f"--summary {name}" in err
    assert not db.users.exists("u1")


def test_a_wrong_file_leaves_a_run_that_was_interrupted_as_it_was(
    run: Run, db: Any, legacy: str, dirty: str, tmp_path: Path
) -> None:
    other = write_legacy(tmp_path / "other.db", foo=[{"id": 1}])
    run("migrate", "run", dirty, "--yes", "--parallelism", "1")
    kept = Path("rejects.jsonl").read_text()
    runs = Ledger(db).runs()

    status, out, err = run("migrate", "run", str(other), "--yes")

    assert (status, out) == (2, "")
    assert "the source has none of the tables" in err
    assert "To go on" not in err
    assert Path("rejects.jsonl").read_text() == kept
    assert Ledger(db).runs() == runs


def test_rejected_rows_are_tried_again_as_the_page_says(run: Run, db: Any, dirty: str) -> None:
    run("migrate", "run", dirty, "--yes", "--parallelism", "1")

    status, _, err = run("migrate", "retry-rejects", dirty, "rejects.jsonl", "--yes")

    assert status == 1
    assert "still-rejected.jsonl" in err
    assert json.loads(Path("still-rejected.jsonl").read_text())["code"] == "NOT_AN_ID"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--policy", "circle_members.userId", "write REFERENCE=POLICY"),
        ("--image-address", "somewhere", "is a URL such as"),
    ],
)
def test_an_option_of_the_plan_that_makes_no_sense_is_said_at_once(
    run: Run, legacy: str, option: str, value: str, said: str
) -> None:
    status, _, err = run("migrate", "run", legacy, "--yes", option, value)

    assert status == 2
    assert said in err
