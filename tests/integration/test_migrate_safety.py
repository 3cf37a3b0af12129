"""What a wrong path on the command line must never cost."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from madmall_models import ConfigurationError, Database, SourceError
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from madmall_models.testing.legacy import make_legacy_database

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    path = tmp_path / "legacy.db"
    make_legacy_database(path, users=20)
    return path


def execute(db: Database, source: Path, rejects: Path) -> None:
    MigrationService(db, SQLiteSource(source)).execute(madmall_plan(), MigrationConfig(rejects=rejects, parallelism=1))


def test_the_legacy_database_is_never_taken_for_the_file_of_rejects(db: Database, legacy: Path) -> None:
    before = legacy.read_bytes()

    with pytest.raises(ConfigurationError, match="is not a file of rejects; it was left as it is"):
        execute(db, legacy, legacy)

    assert legacy.read_bytes() == before


def test_a_link_is_never_followed_to_a_file_of_rejects(db: Database, legacy: Path, tmp_path: Path) -> None:
    link = tmp_path / "rejects.jsonl"
    link.symlink_to(legacy)

    with pytest.raises(ConfigurationError, match="cannot be written"):
        execute(db, legacy, link)

    assert legacy.stat().st_size > 0


def test_somebody_s_notes_are_left_as_they_are(db: Database, legacy: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("call Ruth\n")

    with pytest.raises(ConfigurationError, match="Name a file that does not exist"):
        execute(db, legacy, notes)

    assert notes.read_text() == "call Ruth\n"


def test_the_rejects_of_an_earlier_run_are_replaced(db: Database, legacy: Path, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    execute(db, legacy, rejects)
    first = rejects.read_text()

    execute(db, legacy, rejects)

    assert rejects.read_text() == first
    assert rejects.stat().st_mode & 0o777 == 0o600


def test_a_database_without_any_of_the_tables_is_the_wrong_file(db: Database, tmp_path: Path) -> None:
    other = tmp_path / "music.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE albums (id INTEGER)")
    connection.close()

    said = r"none of the tables users, .* its tables are 'albums'\. Name another file, .*: madmall migrate scaffold"
    with pytest.raises(SourceError, match=said):
        execute(db, other, tmp_path / "rejects.jsonl")
