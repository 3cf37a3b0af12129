"""Whatever ends a command that moves rows, its last line says how to go on, and works as it is printed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, EndpointUnreachable, SourceError, integrity
from madmall_models.connection.operations import Connection
from madmall_models.migration import Ledger, MigrationService, SQLiteSource, Status, unlock
from madmall_models.migration import transfer as transfers
from tests.integration.command_runs import Command, Ran
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.integration.migrating import Failing, whole_file

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

STOPPED = "Stopped. To go on: "
GO_ON = "To go on: "


@pytest.fixture
def command(
    db: Database,
    engine: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(db, engine, capsys)


@pytest.fixture
def legacy(tmp_path: Path) -> str:
    return str(whole_file(tmp_path / "the legacy.db"))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C mean what it means to whoever types it: tests that run in the background may be told to ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def told(ran: Ran, beginning: str) -> str:
    assert ran.last_line.startswith(beginning), ran.err
    return ran.last_line.removeprefix(beginning)


def without_an_engine(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    call, failing = Connection.call, Failing(EndpointUnreachable("the engine does not answer; start it"), after)

    def told_first(self: Connection, operation: str, request: Any, **options: Any) -> Any:
        failing(operation, request)
        return call(self, operation, request, **options)

    monkeypatch.setattr(Connection, "call", told_first)


def totals(ran: Ran) -> dict[str, tuple[int, ...]]:
    names = ("read", "written", "rejected", "skipped", "bytes")
    return {each["table"]: tuple(each[name] for name in names) for each in json.loads(ran.out)["entities"]}


def test_an_engine_that_stops_answering_is_told_and_the_printed_command_ends_the_run(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned = command("migrate", "plan", legacy, "--json")
    with monkeypatch.context() as patch:
        without_an_engine(patch, 3)
        ended = command("migrate", "run", legacy, "--parallelism", "1", "--batch-size", "5", "--yes")
    unlock(db)

    assert (ended.status, ended.out) == (2, "")
    assert "Error: the engine does not answer; start it" in ended.err.splitlines()
    went_on = command.printed(told(ended, GO_ON) + " --json")

    assert went_on.status == 1
    assert totals(went_on) == totals(planned)
    assert [run.status for run in Ledger(db).runs()] == [Status.APPLIED]
    assert integrity.check(db) == ()


def test_every_option_is_in_the_printed_command(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = [
        *("--policy", "circle_members.userId=stub", "--policy", "stories.author.id=reject"),
        *("--rejects", "my rejects.jsonl", "--journal", "my journal", "--exclusive", "--no-backup"),
        *("--max-wcu", "5000", "--parallelism", "1", "--batch-size", "5", "--max-errors", "50"),
    ]
    with monkeypatch.context() as patch:
        without_an_engine(patch, 2)
        ended = command("migrate", "run", legacy, *options)
    unlock(db)

    line = told(ended, GO_ON)
    assert "--policy circle_members.userId=stub --policy stories.author.id=reject" in line
    went_on = command.printed(line)

    assert went_on.status == 1, went_on.err
    assert "was taken up where it had been" in went_on.out
    assert (Path("my rejects.jsonl").exists(), Path("my journal").exists()) == (True, False)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_run_in_good_order(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    before, checkpoint = signal.getsignal(number), transfers.Transfer._remember

    def signalled(self: Any, row: Any, settled: Any) -> None:
        checkpoint(self, row, settled)
        if row.table == "users" and row.key == (7,):
            signal.raise_signal(number)

    with monkeypatch.context() as patch:
        patch.setattr(transfers.Transfer, "_remember", signalled)
        stopped = command("migrate", "run", legacy, "--parallelism", "1", "--batch-size", "5")

    assert stopped.status == 2
    assert "Stopping after what is on its way; once more to stop at once." in stopped.err
    assert signal.getsignal(number) is before
    assert [run.status for run in Ledger(db).runs()] == [Status.CANCELLED]

    went_on = command.printed(told(stopped, STOPPED))
    assert went_on.status == 1
    assert integrity.check(db) == ()


@pytest.mark.usefixtures("interruptible")
def test_a_second_ctrl_c_stops_at_once_and_says_how_to_go_on(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = transfers.Transfer._remember

    def impatient(self: Any, row: Any, settled: Any) -> None:
        if row.table == "users" and row.key == (7,):
            handler = signal.getsignal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            # Two that come before the first is handled are one to Python.
            while signal.getsignal(signal.SIGINT) is handler:
                continue
            signal.raise_signal(signal.SIGINT)
        remember(self, row, settled)

    with monkeypatch.context() as patch:
        patch.setattr(transfers.Transfer, "_remember", impatient)
        stopped = command("migrate", "run", legacy, "--parallelism", "1", "--batch-size", "5")

    assert stopped.status == 130
    assert stopped.err.splitlines()[-2] == "Stopped."
    went_on = command.printed(told(stopped, GO_ON))
    assert (went_on.status, integrity.check(db)) == (1, ())


def test_a_dry_run_that_is_stopped_can_only_be_run(
    command: Command, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell = MigrationService._tell
    monkeypatch.setattr(MigrationService, "_tell", lambda self, progress: (self.cancel(), tell(self, progress)))

    stopped = command("migrate", "run", legacy, "--dry-run", "--rejects", "r.jsonl")

    assert stopped.status == 2
    assert told(stopped, STOPPED).startswith("madmall migrate run ")


def test_tables_that_an_error_ended_are_resumed_by_the_printed_command(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = SQLiteSource.rows

    def broken(self: SQLiteSource, table: str, **options: Any) -> Any:
        if table == "stories":
            raise SourceError("the table stories is damaged; repair it")
        return rows(self, table, **options)

    with monkeypatch.context() as patch:
        patch.setattr(SQLiteSource, "rows", broken)
        ended = command("migrate", "run", legacy, "--continue-on-error")

    assert ended.status == 2
    assert "stories: stopped: the table stories is damaged" in ended.out
    assert command.printed(told(ended, GO_ON)).status == 1
    assert db.stories.exists("s1")
    assert integrity.check(db) == ()


def test_a_retry_that_is_stopped_is_taken_up_by_a_retry(
    command: Command, db: Database, legacy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert command("migrate", "run", legacy).status == 1
    with closing(sqlite3.connect(legacy)) as connection:
        connection.execute("UPDATE users SET id = 'mended' WHERE id = 'bad#1'")
        connection.commit()
    arguments = ("migrate", "retry-rejects", legacy, "rejects.jsonl", "--rejects", "still.jsonl")
    with monkeypatch.context() as patch:
        without_an_engine(patch, 0)
        ended = command(*arguments)
    unlock(db)
    assert ended.status == 2

    line = told(ended, GO_ON)
    assert line.startswith("madmall migrate retry-rejects ")
    assert command.printed(line).status == 1
    assert db.users.exists("mended")


def test_an_error_before_anything_was_begun_says_only_what_it_is(command: Command, tmp_path: Path) -> None:
    ended = command("migrate", "run", str(tmp_path / "no.db"))

    assert ended.status == 2
    assert ended.last_line.startswith("Error: there is no file ")


@contextlib.contextmanager
def as_somebody_else() -> Iterator[None]:
    """Be nobody in particular for the time of a block, since nothing is hidden from root."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_source_that_may_not_be_read_is_told_and_nothing_is_begun(
    command: Command, db: Database, legacy: str
) -> None:
    Path(legacy).chmod(0)

    with as_somebody_else():
        ended = command("migrate", "run", legacy)

    assert ended.status == 2
    assert ended.last_line.startswith(f"Error: {legacy} cannot be read")
    assert "check its permissions" in ended.last_line
    assert Ledger(db).runs() == ()


def test_a_file_that_changes_while_it_is_read_is_told_of_and_what_came_is_moved_by_the_next_run(
    command: Command, db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_legacy(
        tmp_path / "live.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1")],
    )
    row_count = SQLiteSource.row_count
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("PRAGMA journal_mode = WAL")

        def joined(self: SQLiteSource, table: str) -> int:
            if table == "circles":
                writer.execute("INSERT INTO circle_members VALUES ('c1', 'u2')")
                writer.commit()
            return row_count(self, table)

        with monkeypatch.context() as patch:
            patch.setattr(SQLiteSource, "row_count", joined)
            first = command("migrate", "run", str(path))
        second = command("migrate", "run", str(path), "--json")

    assert first.status == 0
    assert f"{path} was changed while it was read; run again to move what came since." in first.err
    assert totals(second)["circle_members"][:2] == (2, 1)
    assert db.circles.get("c1").stats.member_count == 2


def test_progress_is_told_to_programs_as_json(command: Command, legacy: str) -> None:
    ran = command("migrate", "run", legacy, "--json")

    events = [json.loads(line) for line in ran.err.splitlines() if line.startswith("{")]
    assert {event["event"] for event in events} == {"progress"}
    # A slow engine makes time for more than one.
    users = [event for event in events if event["table"] == "users"][-1]
    assert (users["done"], users["total"], users["rejected"], users["seconds_left"]) == (32, 32, 2, 0.0)
    assert json.loads(ran.out)["status"] == "applied"


def test_nobody_is_told_where_that_is_asked_for(command: Command, legacy: str) -> None:
    ran = command("migrate", "run", legacy, "--progress", "none")

    assert ran.err.splitlines() == ["The 3 rejected rows are in rejects.jsonl."]
