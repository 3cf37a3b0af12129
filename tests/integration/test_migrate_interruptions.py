"""A run that is stopped, whoever stops it, loses nothing and is taken up again; its totals are those of the whole."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models import (
    ConfigurationError,
    Database,
    EndpointUnreachable,
    MigrationError,
    TooManyRejects,
    integrity,
    signals,
)
from madmall_models.migration import (
    Ledger,
    MigrationConfig,
    MigrationService,
    OnConflict,
    Plan,
    Progress,
    SQLiteSource,
    Status,
    lease_state,
    unlock,
)
from madmall_models.migration import transfer as transfers
from madmall_models.migration.guarded_database import GuardedDatabase
from madmall_models.migration.rejects import RejectFile
from tests.conftest import create_table
from tests.integration.legacy_file import user, write_legacy
from tests.integration.migrating import PLAN, Failing, before_each_call, figures, go_on, move, whole_file
from tests.integration.table_content import places

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return whole_file(tmp_path / "legacy.db")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Any]:
    return {"rejects": tmp_path / "rejects.jsonl", "journal": tmp_path / "journal"}


@pytest.fixture
def calm(db: Database, engine: Any, legacy: Path, tmp_path: Path) -> Any:
    """Return what a run does that nothing interrupts: its figures, its rejects, and the number of items."""
    other = Database(table=f"{db.table_name}-calm", **engine.connection_settings())
    create_table(other)
    rejects = tmp_path / "calm.jsonl"
    try:
        return figures(move(other, legacy, rejects=rejects)), codes(rejects), items(other)
    finally:
        other.delete_table()
        other.close()


def codes(rejects: Path) -> list[tuple[Any, ...]]:
    return [(line["table"], line["rowid"], line["code"]) for line in map(json.loads, rejects.read_text().splitlines())]


def items(db: Database) -> list[str]:
    return [place for place in places(db) if not place.startswith("MIGRATION#")]


def only_run(db: Database) -> Any:
    [run] = Ledger(db).runs()
    return run


def assert_whole(db: Database, report: Any, files: dict[str, Any], calm: Any) -> None:
    assert (figures(report), codes(files["rejects"]), items(db)) == calm
    assert report.status == "applied"
    assert integrity.check(db) == ()
    assert (only_run(db).status, only_run(db).results["written"]) == (Status.APPLIED, report.successful)
    assert not files["journal"].exists()
    assert lease_state(db) is None


# -- somebody stops it ---------------------------------------------------------------------------------------------


def test_a_run_that_is_cancelled_from_another_thread_goes_on_later(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any
) -> None:
    cancelled: list[Any] = []
    config = MigrationConfig(parallelism=1, batch_size=5, **files)
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source, progress=lambda progress: stop(progress))

        def stop(progress: Progress) -> None:
            if progress.table == "users" and progress.done >= 10:
                canceller = threading.Thread(target=service.cancel)
                canceller.start()
                canceller.join()

        with signals.migration_cancelled.connected_to(lambda sender, *, report: cancelled.append(report)):
            stopped = service.execute(PLAN, config)

        assert (stopped.status, stopped.is_cancelled, stopped.ok) == ("cancelled", True, False)
        assert cancelled == [stopped] == [service.report]
        assert 0 < stopped.successful < 30
        assert only_run(db).status is Status.CANCELLED
        assert (lease_state(db), files["journal"].exists()) == (None, True)
        assert sum(place.endswith("/ PROFILE") for place in places(db)) == stopped.successful

        again = MigrationService(db, source).execute(PLAN, config)

    assert f"run {stopped.run} was taken up where it had been" in again.notes
    assert again.run == stopped.run
    assert_whole(db, again, files, calm)


def test_a_keyboard_interrupt_is_raised_and_the_run_can_be_resumed(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any
) -> None:
    with before_each_call(db, Failing(KeyboardInterrupt(), 3)), pytest.raises(KeyboardInterrupt):
        move(db, legacy, **files)
    assert only_run(db).status in (Status.RUNNING, Status.CANCELLED)
    # The interrupted one could not give it back; its holder lives, since it is this very process.
    if lease_state(db) is not None:
            unlock(db)

    assert_whole(db, go_on(db, legacy, **files), files, calm)


def test_an_interrupt_in_the_middle_of_counting_loses_nothing(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember = transfers.Transfer._remember
    seen: list[Any] = []

    def interrupted(self: Any, row: Any, settled: Any) -> None:
        seen.append(row)
        if len(seen) == 12:
            raise KeyboardInterrupt
        remember(self, row, settled)

    with monkeypatch.context() as patch:
        patch.setattr(transfers.Transfer, "_remember", interrupted)
        with pytest.raises(KeyboardInterrupt):
            move(db, legacy, **{**files, "parallelism": 4})

    assert_whole(db, go_on(db, legacy, **files), files, calm)


# -- something breaks ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exclusive", [False, True])
@pytest.mark.parametrize("after", [0, 1, 4, 9, 13])
def test_an_engine_that_stops_answering_ends_the_run_and_loses_nothing(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any, after: int, exclusive: bool
) -> None:
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), after)), pytest.raises(EndpointUnreachable):
        move(db, legacy, exclusive=exclusive, **files)
    unlock(db)

    assert_whole(db, go_on(db, legacy, exclusive=exclusive, **files), files, calm)


class FullDisk:
    """Refuse what is written from the n-th line on; once, or until the end."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int, *, lasting: bool) -> None:
        self._write, self._flush = RejectFile.write, os.fsync
        self._left, self._lasting = at, lasting
        monkeypatch.setattr(transfers.RejectFile, "_typed", self._typed(RejectFile._typed))

    def _typed(self, typed: Any) -> Any:
        disk = self

        def guarded(rejects: Any) -> Any:
            context = typed(rejects)

            class Guard:
                def __enter__(self) -> None:
                    context.__enter__()
                    disk._left -= 1
                    if disk._left == -1 or (disk._lasting and disk._left < 0):
                        error = OSError(errno.ENOSPC, "No space left on device")
                        context.__exit__(OSError, error, None)

                def __exit__(self, *failure: Any) -> Any:
                    return context.__exit__(*failure)

            return Guard()

        return guarded


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_full_disk_for_rejects_is_told_and_no_reject_is_lost(
    db: Database,
    legacy: Path,
    files: dict[str, Any],
    calm: Any,
    monkeypatch: pytest.MonkeyPatch,
    at: int,
    lasting: bool,
) -> None:
    with monkeypatch.context() as patch:
        FullDisk(patch, at, lasting=lasting)
        with pytest.raises(MigrationError, match=r"takes no more \(No space left on device\); make room, then resume"):
            move(db, legacy, **files)
    assert only_run(db).status is Status.FAILED

    assert_whole(db, go_on(db, legacy, **files), files, calm)


def test_a_full_disk_for_the_journal_is_told_and_nothing_is_lost(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute, commits = GuardedDatabase.execute, iter(range(100))

    def failing(self: Any, statement: str, values: Any = ()) -> Any:
        if statement == "COMMIT" and next(commits) == 1:
            execute(self, "ROLLBACK")
            raise self._failed(sqlite3.OperationalError("database or disk is full"))
        return execute(self, statement, values)

    with monkeypatch.context() as patch:
        patch.setattr(GuardedDatabase, "execute", failing)
        with pytest.raises(MigrationError, match=r"could not be kept .*make room .*then resume"):
            move(db, legacy, **files)

    assert_whole(db, go_on(db, legacy, **files), files, calm)


@pytest.mark.parametrize("lost", ["journal", "rejects"])
def test_a_file_that_is_gone_makes_the_run_begin_at_the_first_row(
    db: Database, legacy: Path, files: dict[str, Any], calm: Any, lost: str
) -> None:
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), 9)), pytest.raises(EndpointUnreachable):
        move(db, legacy, **files)
    unlock(db)
    files[lost].unlink()

    report = go_on(db, legacy, **files)

    assert f"run {report.run} was taken up from the first row: its journal or rejects were not there" in report.notes
    assert_whole(db, report, files, calm)


def test_a_failure_of_code_that_is_not_ours_is_a_failure_and_its_words_are_kept_nowhere(
    db: Database, legacy: Path
) -> None:
    def hook(_: Any) -> None:
        raise ValueError("jane@example.com")

    with pytest.raises(ValueError, match="jane"):
        move(db, legacy, Plan("hooked", PLAN.operations, before=(hook,)))

    assert (only_run(db).status, only_run(db).error) == (Status.FAILED, "ValueError")


# -- what cannot be resumed ----------------------------------------------------------------------------------------


def stop_in_the_middle(db: Database, legacy: Path, **config: Any) -> str:
    """Leave a run unfinished, and return its id."""
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source, progress=lambda progress: service.cancel())
        report = service.execute(PLAN, MigrationConfig(**{"parallelism": 1, "batch_size": 5, **config}))
    assert report.is_cancelled
    return str(report.run)


def test_where_no_run_is_unfinished_there_is_nothing_to_resume(db: Database, legacy: Path) -> None:
    with pytest.raises(MigrationError, match=r"no run of .* is unfinished on this table; `madmall migrate run`"):
        go_on(db, legacy)
    move(db, legacy)
    with pytest.raises(MigrationError, match="no run of"):
        go_on(db, legacy)


def test_another_source_other_models_or_another_way_of_writing_is_not_resumed(
    db: Database, legacy: Path, tmp_path: Path
) -> None:
    run = stop_in_the_middle(db, legacy)
    other = whole_file(tmp_path / "other.db", users=31)
    fewer = Plan(PLAN.name, (type(PLAN.imports[0])(PLAN.mappings[:1]),))

    for path, plan, config, what in (
        (other, PLAN, {}, "the source is"),
        (legacy, fewer, {}, "the models or mappings are"),
        (legacy, PLAN, {"exclusive": True}, r"the way of writing \(exclusive, on conflict"),
        (legacy, PLAN, {"on_conflict": OnConflict.FAIL}, r"the way of writing"),
    ):
        with pytest.raises(MigrationError, match=f"run {run} cannot be resumed: {what}.*begin a new run"):
            go_on(db, path, plan, **config)
    assert only_run(db).status is Status.CANCELLED


def test_a_source_that_changed_between_is_a_new_run_and_the_old_one_is_abandoned(db: Database, legacy: Path) -> None:
    old = stop_in_the_middle(db, legacy)
    with closing(sqlite3.connect(legacy)) as connection:
        connection.execute("INSERT INTO users (id, email, firstName, lastName) VALUES ('new', 'n@x.org', 'N', 'N')")
        connection.commit()

    report = move(db, legacy)

    first, second = Ledger(db).runs()
    assert (first.run, first.status) == (old, Status.ABANDONED)
    assert (second.run, second.status) == (report.run, Status.APPLIED)
    assert f"run {old} was left unfinished: it began with something else" in report.notes
    assert db.users.exists("new")
    assert integrity.check(db) == ()


def test_what_came_while_the_source_was_open_is_moved_by_the_next_run(db: Database, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1")])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        with SQLiteSource(path) as source:
            connection.execute("INSERT INTO users (id, email, firstName, lastName) VALUES ('u2', 'b@x.org', 'B', 'B')")
            connection.commit()
            assert source.changed()
            first = MigrationService(db, source).execute(PLAN, MigrationConfig(parallelism=1))
        second = move(db, path)

    assert [(report.successful, report.skipped) for report in (first, second)] == [(1, 0), (1, 1)]
    assert db.users.exists("u2")


def test_more_errors_than_allowed_end_a_resumed_run_too(db: Database, tmp_path: Path, files: dict[str, Any]) -> None:
    rows = [user(f"bad#{n}") for n in range(2)] + [user(f"u{n}") for n in range(30)] + [user("bad#2")]
    path = write_legacy(tmp_path / "bad.db", users=rows)
    stop_in_the_middle(db, path, **files)
    assert len(codes(files["rejects"])) == 2

    with pytest.raises(TooManyRejects, match="3 rows were rejected, max_errors allows 2"):
        go_on(db, path, max_errors=2, **files)
    report = go_on(db, path, max_errors=3, **files)

    assert (report.successful, report.failed, len(codes(files["rejects"]))) == (30, 3, 3)


# -- what is refused before anything is read -----------------------------------------------------------------------


def test_a_table_that_is_not_what_the_models_declare_is_refused(db: Database, legacy: Path, engine: Any) -> None:
    other = Database(table=f"{db.table_name}-other", **engine.connection_settings())
    other.connection.call(
        "CreateTable",
        {
            "TableName": other.table_name,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    try:
        with pytest.raises(ConfigurationError, match=other.table_name):
            move(other, legacy)
    finally:
        other.delete_table()
        other.close()


def test_one_service_executes_one_plan_at_a_time(db: Database, legacy: Path) -> None:
    refusals: list[str] = []

    def again(_: Progress) -> None:
        if not refusals:
            with pytest.raises(MigrationError, match="this service is executing a plan") as refused:
                service.execute(PLAN)
            refusals.append(str(refused.value))

    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source, progress=again)
        assert service.execute(PLAN, MigrationConfig(parallelism=1, batch_size=5)).status == "applied"
    assert refusals


