"""A migration does what its settings say, says what it does not do, and stops when it is stopped."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database
from madmall_models.migration import MigrationConfig, MigrationService, Progress, SQLiteSource, madmall_plan
from tests.integration.legacy_file import user, write_legacy
from tests.integration.table_content import places

ROWS = 40


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(tmp_path / "legacy.db", users=[user(f"u{number}") for number in range(ROWS)])


def users(db: Database) -> int:
    return sum(place.endswith("/ PROFILE") for place in places(db))


@pytest.mark.defect(76)
@pytest.mark.parametrize(
    ("asked", "note"),
    [(True, ": there was nothing to save"), (False, "no backup was made")],
)
def test_a_backup_that_is_not_made_is_not_claimed(asked: bool, note: str, db: Database, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        report = MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1, backup=asked))
    [said] = report.notes
    assert said.endswith(note)


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
