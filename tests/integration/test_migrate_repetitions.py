"""A source that was moved is not moved again: what is there stays, and what was deleted since stays deleted."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models import (
    Circle,
    ConfigurationError,
    Database,
    EndpointUnreachable,
    MigrationError,
    TooManyRejects,
    integrity,
)
from madmall_models.migration import (
    Ledger,
    MigrationConfig,
    MigrationService,
    OnConflict,
    Policy,
    RejectedRows,
    SQLiteSource,
    Status,
    madmall_plan,
    madmall_rollback,
    roll_back,
    unlock,
)
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.integration.marked_run import content
from tests.integration.migrating import PLAN, Failing, before_each_call, figures, go_on, move, whole_file, writes_sent
from tests.integration.table_content import edit, nothing_written

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return whole_file(tmp_path / "legacy.db")


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def ended(db: Database) -> list[Status]:
    return [run.status for run in Ledger(db).runs()]


@pytest.mark.parametrize("exclusive", [False, True])
def test_a_second_run_writes_nothing_not_even_in_the_ledger(db: Database, legacy: Path, exclusive: bool) -> None:
    first = move(db, legacy, exclusive=exclusive)

    with nothing_written(db), writes_sent(db) as sent:
        second = move(db, legacy, exclusive=exclusive)

    assert sent.total() == 0
    assert (second.successful, second.skipped, second.failed) == (0, first.successful, first.failed)
    assert second.run is None


def test_a_person_who_was_deleted_since_stays_deleted_and_is_told_of(db: Database, legacy: Path) -> None:
    move(db, legacy)
    db.users.delete("u05")

    second = move(db, legacy)

    assert not db.users.exists("u05")
    gone = {result.table: result.gone for result in second.results if result.gone}
    assert gone["users"] == 1
    assert second.successful == 0
    assert integrity.check(db) == ()


def test_who_was_deleted_comes_back_where_that_is_asked_for(db: Database, legacy: Path) -> None:
    move(db, legacy)
    before = content(db)
    db.circles.remove_member("c1", "u05")
    assert content(db) != before

    report = move(db, legacy, restore_deleted=True)

    assert (report.successful, figures(report)["circle_members"][1]) == (1, 1)
    assert content(db).count == before.count
    assert integrity.check(db) == ()


def test_a_count_that_is_wrong_is_mended_by_a_repetition_that_restores_nobody(db: Database, legacy: Path) -> None:
    move(db, legacy)
    db.users.delete("u05")
    edit(db, Circle.key.of("c1"), "SET stats.memberCount = :count", count={"N": "99"})

    report = move(db, legacy)

    assert not db.users.exists("u05")
    assert db.circles.get("c1").stats.member_count == 29
    assert report.successful == 0
    assert ended(db) == [Status.APPLIED, Status.APPLIED]


@pytest.mark.parametrize("how", [move, go_on])
def test_an_interrupted_repetition_restores_nobody_when_it_is_taken_up(db: Database, legacy: Path, how: Any) -> None:
    move(db, legacy)
    db.users.delete("u05")
    edit(db, Circle.key.of("c1"), "SET stats.memberCount = :count", count={"N": "99"})

    def fail(operation: str, request: Any) -> None:
        if operation == "UpdateItem" or operation == "TransactWriteItems":
            raise EndpointUnreachable("no answer")

    with before_each_call(db, fail), pytest.raises(EndpointUnreachable):
        move(db, legacy)
    assert Status.APPLIED in ended(db)
    assert any(status.is_open for status in ended(db))

    how(db, legacy)

    assert not db.users.exists("u05")
    assert db.circles.get("c1").stats.member_count == 29
    assert ended(db) == [Status.APPLIED, Status.APPLIED]


def test_a_run_of_another_source_that_came_to_nothing_restores_nobody(
    db: Database, legacy: Path, tmp_path: Path
) -> None:
    move(db, legacy)
    db.users.delete("u05")
    other = write_legacy(tmp_path / "other.db", users=[user("new")])
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), 0)), pytest.raises(EndpointUnreachable):
        move(db, other)
    unlock(db)

    report = move(db, legacy)

    assert not db.users.exists("u05")
    assert report.successful == 0


def test_a_run_that_was_rolled_back_is_no_reason_to_leave_rows_out(db: Database, legacy: Path) -> None:
    first = move(db, legacy)
    [run] = Ledger(db).runs()
    for person in ("u05", "u06"):
        db.users.delete(person)
    Ledger(db).end_run(run, Status.ROLLED_BACK)

    second = move(db, legacy)

    assert db.users.exists("u05")
    assert (second.total, second.status) == (first.total, "applied")


def test_a_run_that_found_everything_there_is_no_reason_either_once_that_was_rolled_back(
    db: Database, legacy: Path
) -> None:
    first = move(db, legacy)
    change(legacy, "CREATE TABLE other (id)")
    assert move(db, legacy).successful == 0
    assert first.run is not None
    roll_back(db, first.run, madmall_rollback(PLAN.mappings))

    again = move(db, legacy)

    assert (again.successful, again.skipped) == (first.successful, 0)


def test_a_source_that_was_moved_replaces_what_was_changed_since_where_that_is_asked_for(
    db: Database, legacy: Path
) -> None:
    move(db, legacy)
    db.users.update_profile("u05", bio="Changed since.")

    report = move(db, legacy, on_conflict=OnConflict.REPLACE)

    assert sum(result.replaced for result in report.results) > 0
    assert db.users.get("u05").profile.bio is None


def test_too_many_bad_rows_are_found_before_deleted_ones_are_restored(db: Database, legacy: Path) -> None:
    move(db, legacy)
    db.users.delete("u05")

    with nothing_written(db), pytest.raises(TooManyRejects, match="nothing was written"):
        move(db, legacy, restore_deleted=True, max_errors=0)


# -- rejected rows that were mended --------------------------------------------------------------------------------


@pytest.fixture
def rejects(tmp_path: Path) -> Path:
    return tmp_path / "rejects.jsonl"


def retry(db: Database, path: Path, read: Path, **config: Any) -> Any:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).retry_rejects(
            PLAN, read, MigrationConfig(**{"parallelism": 1, "batch_size": 1, **config})
        )


def test_mended_rows_arrive_and_no_others(db: Database, legacy: Path, rejects: Path, tmp_path: Path) -> None:
    move(db, legacy, rejects=rejects)
    db.users.delete("u05")
    change(legacy, "UPDATE users SET id = 'mended' WHERE id = 'bad#1'")
    change(legacy, "UPDATE users SET email = 'own@example.com' WHERE id = 'u98'")

    still = tmp_path / "still.jsonl"
    report = retry(db, legacy, rejects, rejects=still)

    assert (report.total, report.successful, report.failed) == (3, 2, 1)
    assert db.users.exists("mended")
    assert db.users.get("u98").email == "own@example.com"
    assert not db.users.exists("u05")
    assert len(still.read_text().splitlines()) == 1
    assert integrity.check(db) == ()
    assert ended(db) == [Status.APPLIED, Status.APPLIED]


def test_a_retry_over_a_mended_file_says_nothing_of_the_rows_that_are_new_in_it(
    db: Database, legacy: Path, rejects: Path, tmp_path: Path
) -> None:
    move(db, legacy, rejects=rejects)
    change(legacy, "UPDATE users SET id = 'mended' WHERE id = 'bad#1'")
    change(legacy, "INSERT INTO users (id, email, firstName, lastName) VALUES ('new', 'new@example.com', 'New', 'M.')")
    with SQLiteSource(legacy) as source:
        MigrationService(db, source).retry_rejects(PLAN, rejects, MigrationConfig(rejects=tmp_path / "again.jsonl"))
    assert not db.users.exists("new")

    report = move(db, legacy)

    assert (report.successful, sum(result.gone for result in report.results)) == (1, 0)
    assert db.users.exists("new")


@pytest.mark.parametrize("on_conflict", [OnConflict.SKIP, OnConflict.REPLACE])
def test_the_second_row_of_a_key_stays_rejected_and_replaces_nothing(
    db: Database, tmp_path: Path, rejects: Path, on_conflict: OnConflict
) -> None:
    rows = [member("c1", "u2", role="moderator"), member("c1", "u2", role="member")]
    people = [user("u1"), user("u2")]
    path = write_legacy(tmp_path / "twice.db", users=people, circles=[circle("c1", "u1")], circle_members=rows)
    assert move(db, path, rejects=rejects).failed == 1

    report = retry(db, path, rejects, rejects=tmp_path / "still.jsonl", on_conflict=on_conflict)

    assert (report.total, report.failed) == (1, 1)
    assert len((tmp_path / "still.jsonl").read_text().splitlines()) == 1
    assert db.circles.get_member("c1", "u2").role == "moderator"


def test_the_file_that_is_read_is_never_written(db: Database, legacy: Path, rejects: Path) -> None:
    move(db, legacy, rejects=rejects)
    before = rejects.read_bytes()

    with pytest.raises(ConfigurationError, match="name another file for what is rejected again"):
        retry(db, legacy, rejects, rejects=rejects.parent / "." / rejects.name)

    assert rejects.read_bytes() == before


def test_while_a_run_is_unfinished_its_rejects_are_not_tried_again(
    db: Database, legacy: Path, rejects: Path
) -> None:
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), 8)), pytest.raises(EndpointUnreachable):
        move(db, legacy, rejects=rejects)
    unlock(db)

    with pytest.raises(MigrationError, match=r"a run of .* is unfinished on this table; resume it first"):
        retry(db, legacy, rejects)


def test_a_retry_that_was_interrupted_is_taken_up_by_another_and_restores_nobody(
    db: Database, legacy: Path, rejects: Path
) -> None:
    move(db, legacy, rejects=rejects)
    db.users.delete("u05")
    change(legacy, "UPDATE users SET id = 'mended' WHERE id = 'bad#1'")
    change(legacy, "UPDATE users SET email = 'own@example.com' WHERE id = 'u98'")
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), 1)), pytest.raises(EndpointUnreachable):
        retry(db, legacy, rejects)
    unlock(db)

    with pytest.raises(MigrationError, match="all rows or only rejected ones"):
        go_on(db, legacy)
    report = retry(db, legacy, rejects)

    assert (report.successful, report.failed) == (2, 1)
    assert not db.users.exists("u05")
    assert ended(db) == [Status.APPLIED, Status.APPLIED]


def test_a_retry_can_be_cancelled(db: Database, legacy: Path, rejects: Path) -> None:
    move(db, legacy, rejects=rejects)
    change(legacy, "UPDATE users SET email = 'own@example.com' WHERE id = 'u98'")
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source, progress=lambda progress: service.cancel())
        report = service.retry_rejects(PLAN, rejects, MigrationConfig(parallelism=1))

    assert report.is_cancelled
    assert service.report is report


def test_a_retry_that_is_cancelled_while_it_reads_the_file_does_not_begin(
    db: Database, legacy: Path, rejects: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(db, legacy, rejects=rejects)
    take_in = RejectedRows._take_in
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source)
        monkeypatch.setattr(RejectedRows, "_take_in", lambda rows: (service.cancel(), take_in(rows)))
        report = service.retry_rejects(PLAN, rejects)

    assert (report.is_cancelled, report.successful) == (True, 0)


def test_the_row_of_a_stub_takes_its_place(db: Database, tmp_path: Path, rejects: Path) -> None:
    plan = madmall_plan({"circle_members.userId": Policy.STUB})
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2", isActive="perhaps")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1"), member("c1", "u2")],
    )
    first = move(db, path, plan, rejects=rejects)
    assert (first.failed, db.users.get("u2").profile.first_name != "Ada") == (1, True)
    change(path, "UPDATE users SET isActive = 1 WHERE id = 'u2'")

    with SQLiteSource(path) as source:
        service = MigrationService(db, source)
        planned = service.execute(plan, MigrationConfig(parallelism=1, dry_run=True))
        report = service.retry_rejects(plan, rejects, MigrationConfig(parallelism=1))

    found = db.users.get("u2")
    assert (found.profile.first_name, found.email, found.stats.circles_joined) == ("Ada", "u2@example.com", 1)
    assert (report.successful, report.results[0].replaced) == (1, 1)
    assert (planned.successful, planned.results[0].replaced) == (1, 1)
    assert integrity.check(db) == ()
