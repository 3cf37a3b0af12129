"""A migration does what its settings say, says what it does not do, and stops when it is stopped."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from madmall_models import BackupFailed, Circle, Database
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Progress,
    SQLiteSource,
    madmall_plan,
)
from madmall_models.migration.export_file import exported_items
from madmall_models.migration.ledger import Ledger, Status
from tests.integration.file_backups import allow_only_files
from tests.integration.legacy_file import circle, user, write_legacy
from tests.integration.samples import make_user
from tests.integration.table_content import edit, everything, in_order, places, without_records

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

ROWS = 40


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(tmp_path / "legacy.db", users=[user(f"u{number}") for number in range(ROWS)])


def users(db: Database) -> int:
    return sum(place.endswith("/ PROFILE") for place in places(db))


def run(db: Database, path: Path, **settings: Any) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1, **settings))


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the file that a backup of the table goes to."""
    allow_only_files(monkeypatch)
    return tmp_path / "saved.jsonl"


@pytest.mark.defect(76)
def test_no_backup_is_claimed_where_none_was_asked_for(db: Database, legacy: Path, saved: Path) -> None:
    make_user(db, "before")

    report = run(db, legacy, backup=False, backup_file=saved)

    assert report.notes == ("no backup was made",)
    assert [record.backup for record in Ledger(db).runs()] == [None]
    assert not saved.exists()


@pytest.mark.defect(76)
def test_a_backup_that_was_asked_for_is_made_before_the_first_row_is_moved_and_told(
    db: Database, legacy: Path, saved: Path
) -> None:
    make_user(db, "before")
    before = everything(db)

    report = run(db, legacy, backup=True, backup_file=saved)

    assert in_order(exported_items(saved)) == before
    assert report.notes[0].startswith(f"the {len(before)} items that table {db.table_name} held at ")
    assert report.notes[0].endswith(f" are in {saved}")
    [record] = Ledger(db).runs()
    assert record.backup is not None
    assert (record.backup["place"], record.backup["count"]) == (str(saved), len(before))


@pytest.mark.defect(76)
def test_of_an_empty_table_it_is_said_that_there_was_nothing_to_save(db: Database, legacy: Path, saved: Path) -> None:
    [note] = run(db, legacy, backup=True, backup_file=saved).notes

    assert note.startswith(f"table {db.table_name} held no items at ")
    assert note.endswith(": there was nothing to save")


@pytest.mark.defect(76)
def test_where_no_backup_could_be_made_nothing_is_moved_until_there_is_one(
    db: Database, legacy: Path, saved: Path
) -> None:
    make_user(db, "before")
    before = everything(db)
    saved.write_text("another backup")
    with pytest.raises(BackupFailed, match="name another file"):
        run(db, legacy, backup=True, backup_file=saved)
    assert without_records(db) == before
    [record] = Ledger(db).runs()
    assert record.status is Status.FAILED
    assert "name another file" in str(record.error)
    saved.unlink()

    report = run(db, legacy, backup=True, backup_file=saved)

    assert in_order(exported_items(saved)) == before
    assert any(f"are in {saved}" in note for note in report.notes)
    assert users(db) == ROWS + 1


@pytest.mark.defect(76)
def test_a_repetition_that_has_something_to_write_saves_the_table_first(
    db: Database, tmp_path: Path, saved: Path
) -> None:
    path = write_legacy(tmp_path / "circle.db", users=[user("u1")], circles=[circle("c1", "u1")])
    run(db, path)
    assert run(db, path, backup=True, backup_file=saved).successful == 0
    assert not saved.exists(), "nothing was to be written"
    edit(db, Circle.key.of("c1"), "SET stats.memberCount = :count", count={"N": "7"})
    before = without_records(db)

    report = run(db, path, backup=True, backup_file=saved)

    assert in_order(exported_items(saved)) == before
    assert any(f"are in {saved}" in note for note in report.notes)
    assert db.circles.get("c1").stats.member_count == 1


@pytest.mark.defect(75)
@pytest.mark.parametrize("level", ["info", "error"])
def test_the_log_speaks_at_the_level_that_was_asked_for(
    level: str, db: Database, legacy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with SQLiteSource(legacy) as source:
        MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1, log_level=level))
    said = [record.levelno for record in caplog.records if record.name == "madmall_models.migration"]
    assert bool(said) is (level == "info")
    assert all(number >= getattr(logging, level.upper()) for number in said)


@pytest.mark.defect(75)
def test_the_rows_go_to_the_table_of_the_database_that_was_given(db: Database, legacy: Path, engine: Any) -> None:
    other = Database(table=f"{db.table_name}-other", **engine.connection_settings())
    other.create_table()
    try:
        with SQLiteSource(legacy) as source:
            MigrationService(other, source).execute(madmall_plan(), MigrationConfig(parallelism=1))
        assert (users(db), users(other)) == (0, ROWS)
    finally:
        other.delete_table()
        other.close()


@pytest.mark.defect(77)
def test_a_run_that_is_interrupted_stops_and_is_completed_by_the_next(db: Database, legacy: Path) -> None:
    def interrupt(progress: Progress) -> None:
        raise KeyboardInterrupt

    config = MigrationConfig(parallelism=1, batch_size=1)
    with SQLiteSource(legacy) as source:
        with pytest.raises(KeyboardInterrupt):
            MigrationService(db, source, progress=interrupt).execute(madmall_plan(), config)
        written = users(db)
        assert written < ROWS
        report = MigrationService(db, source).execute(madmall_plan(), config)
    assert users(db) == ROWS
    assert (report.successful, report.skipped) == (ROWS, 0)
