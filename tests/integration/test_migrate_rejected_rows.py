"""Rows that were rejected and then mended in the source are moved by a run on the file of rejects, and only they."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    RejectedRows,
    SQLiteSource,
    madmall_plan,
)
from tests.integration.legacy_file import circle, member, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u#2"), user("u3", isActive="perhaps"), user("u4")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1"), member("c1", "u3"), member("c1", "u4")],
    )


def run(db: Any, legacy: Path, rejects: Path) -> MigrationReport:
    with SQLiteSource(legacy) as source:
        return MigrationService(db, source).execute(madmall_plan(), MigrationConfig(rejects=rejects))


def run_again(db: Any, legacy: Path, rejects: Path, still: Path) -> MigrationReport:
    with SQLiteSource(legacy) as source, RejectedRows(source, rejects) as rejected:
        return MigrationService(db, rejected).execute(madmall_plan(), MigrationConfig(rejects=still))


def mend(legacy: Path, statement: str) -> None:
    with closing(sqlite3.connect(legacy)) as connection:
        connection.execute(statement)
        connection.commit()


def test_what_was_mended_arrives_with_what_depends_on_it(db: Any, legacy: Path, tmp_path: Path) -> None:
    first = run(db, legacy, tmp_path / "rejects.jsonl")
    assert (first.successful, first.failed) == (5, 3)
    mend(legacy, "UPDATE users SET isActive = 1 WHERE id = 'u3'")

    second = run_again(db, legacy, tmp_path / "rejects.jsonl", tmp_path / "still.jsonl")

    assert {result.table: (result.total, result.successful, result.failed) for result in second.results[:3]} == {
        "users": (2, 1, 1), "circles": (0, 0, 0), "circle_members": (1, 1, 0),
    }  # fmt: skip
    assert db.users.get("u3").is_active
    assert db.circles.get("c1").stats.member_count == 3
    assert [json.loads(line)["code"] for line in (tmp_path / "still.jsonl").read_text().splitlines()] == ["NOT_AN_ID"]


def test_a_second_time_there_is_nothing_left_to_write(db: Any, legacy: Path, tmp_path: Path) -> None:
    run(db, legacy, tmp_path / "rejects.jsonl")
    mend(legacy, "UPDATE users SET isActive = 1 WHERE id = 'u3'")
    run_again(db, legacy, tmp_path / "rejects.jsonl", tmp_path / "still.jsonl")

    again = run_again(db, legacy, tmp_path / "rejects.jsonl", tmp_path / "still.jsonl")

    assert (again.successful, again.skipped, again.failed) == (0, 2, 1)
