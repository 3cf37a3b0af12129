"""Several writers give what one gives: the first row wins, every dirty row gets its due, and every count is right."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from madmall_models import LeaseHeld
from madmall_models.entities import CircleMember
from madmall_models.migration import MigrationConfig, MigrationReport, MigrationService, SQLiteSource, madmall_plan
from madmall_models.testing.legacy import LegacySummary, make_legacy_database
from madmall_models.testing.legacy_dirt import KINDS, DirtGroup
from tests.integration.legacy_file import circle, member, user, write_legacy

pytestmark = [pytest.mark.difference("no-lock"), pytest.mark.difference("many-rows")]

GROUPS = {(table, kind.name): kind.group for table, kinds in KINDS.items() for kind in kinds}


def migrate(db: Any, path: Path, **settings: Any) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(madmall_plan(), MigrationConfig(**settings))


@pytest.fixture
def dirty(tmp_path: Path) -> LegacySummary:
    return make_legacy_database(tmp_path / "dirty.db", users=100, seed=11, dirty=0.1)


@pytest.mark.parametrize("batch_size", [1, 7])
def test_the_first_row_wins_whatever_the_number_of_writers(db: Any, tmp_path: Path, batch_size: int) -> None:
    rows = [user(f"u{n}", email=f"{'Same' if n % 2 else 'same'}{n // 4}@example.com") for n in range(80)]
    path = write_legacy(tmp_path / "legacy.db", users=rows)

    report = migrate(db, path, parallelism=8, batch_size=batch_size)

    assert (report.successful, report.failed) == (20, 60)
    assert [db.users.get_by_email(f"same{n}@example.com").user_id for n in range(20)] == [
        f"u{4 * n}" for n in range(20)
    ]


def test_every_dirty_row_gets_its_due(db: Any, dirty: LegacySummary, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"

    report = migrate(db, dirty.path, parallelism=4, rejects=rejects)

    defects = {(row.table, row.rowid) for row in dirty.planted if GROUPS[row.table, row.kind] is DirtGroup.DEFECT}
    lines = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert {(line["table"], line["rowid"]) for line in lines} == defects
    assert {result.table: result.total for result in report.results} == dict(dirty.rows)
    assert all(result.total == result.successful + result.failed for result in report.results)


def test_counts_are_right_after_several_writers(db: Any, dirty: LegacySummary) -> None:
    migrate(db, dirty.path, parallelism=8, batch_size=5)

    members = db.manager_of(CircleMember)
    for found in db.circles.of_tenant("default"):
        active = [
            each for each in members.asking(CircleMember.key, circle_id=found.circle_id) if each.status == "active"
        ]
        circle = db.circles.get(found.circle_id, consistent=True)
        assert circle.stats.member_count == len(active)
        assert set(circle.moderators) == {each.user_id for each in active if each.role == "moderator"}


def test_of_two_runs_at_once_one_works_and_the_other_is_told_who_does(db: Any, dirty: LegacySummary) -> None:
    ended: list[MigrationReport | LeaseHeld] = []

    def run() -> None:
        try:
            ended.append(migrate(db, dirty.path, parallelism=3, batch_size=10))
        except LeaseHeld as error:
            ended.append(error)

    runs = [threading.Thread(target=run) for _ in range(2)]
    for each in runs:
        each.start()
    for each in runs:
        each.join()

    [refused] = [each for each in ended if isinstance(each, LeaseHeld)]
    [report] = [each for each in ended if isinstance(each, MigrationReport)]
    assert f"process {os.getpid()} on" in str(refused)
    assert report.successful == report.total - report.failed
    assert migrate(db, dirty.path).successful == 0


def test_somebody_who_joins_while_it_is_counted_is_counted(db: Any, tmp_path: Path) -> None:
    users = [user(f"u{n}") for n in range(40)]
    path = write_legacy(
        tmp_path / "legacy.db",
        users=users,
        circles=[circle("c1", "u0")],
        circle_members=[member("c1", f"u{n}") for n in range(20)],
    )
    migrate(db, path)
    joining = threading.Thread(target=lambda: [db.circles.add_member("c1", f"u{n}") for n in range(20, 40)])

    joining.start()
    for _ in range(3):
        migrate(db, path)
    joining.join()

    assert db.circles.get("c1", consistent=True).stats.member_count == 40
