"""A bad row never stops a run: it is rejected with its reason, and what depends on it follows its policy."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from madmall_models import SourceError, TooManyRejects, signals
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    OnConflict,
    SQLiteSource,
    madmall_plan,
)
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


def migrate(db: Any, path: Path, **settings: Any) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(madmall_plan(), MigrationConfig(**{"parallelism": 1, **settings}))


def codes(report: MigrationReport) -> dict[str, dict[str, int]]:
    return {result.table: dict(result.codes) for result in report.results if result.codes}


@pytest.mark.defect(74, 79)
def test_each_bad_row_is_in_the_reject_file_and_the_others_arrive(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[
            user("u1"), user("u2", email=" "), user("u#3"), user("u4", isActive="maybe", theme="neon"),
            user("u5", supportNeeds="[broken"), user("u6", theme="neon"), user("u7"),
        ],
        stories=[story("s1", "u1", type="audio"), story("s2", "u1", content="x" * 420_000), story("s3", "u1")],
    )  # fmt: skip
    rejects = tmp_path / "rejects.jsonl"

    report = migrate(db, path, rejects=rejects)

    lines = [json.loads(line) for line in rejects.read_text().splitlines()]
    assert [(line["table"], line["rowid"], line["stage"], line["code"]) for line in lines] == [
        ("users", 2, "validate", "REQUIRED"), ("users", 3, "cast", "NOT_AN_ID"), ("users", 4, "cast", "NOT_BOOLEAN"),
        ("users", 5, "cast", "NOT_JSON"), ("users", 6, "validate", "INVALID_VALUE"),
        ("stories", 1, "validate", "INVALID_VALUE"), ("stories", 2, "validate", "ITEM_TOO_LARGE"),
    ]  # fmt: skip
    assert "example.com" not in rejects.read_text()
    assert [(result.total, result.successful, result.failed) for result in report.results if result.total] == [
        (7, 2, 5),
        (3, 1, 2),
    ]
    assert [error.row.rowid for error in report.results[0].errors] == [2, 3, 4, 5, 6]
    assert db.users.exists("u7")


def test_members_and_comments_of_nobody_are_rejected(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("bad", email=None)],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1"), member("c1", "bad"), member("c1", "gone"), member("gone", "u1")],
        stories=[story("s1", "u1")],
        story_comments=[comment("k1", "s1", "u1"), comment("k2", "gone", "u1")],
    )

    report = migrate(db, path)

    assert codes(report)["circle_members"] == {"MISSING_REFERENCE": 3}
    assert codes(report)["story_comments"] == {"MISSING_REFERENCE": 1}
    assert db.circles.get("c1").stats.member_count == 1
    assert list(db.users.get_user_circles("gone")) == []


def test_authors_owners_and_circles_of_stories_are_kept_and_told(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1")],
        stories=[story("s1", "gone"), story("s2", "u1", circleId="gone")],
        story_comments=[comment("k1", "s1", "gone")],
        businesses=[{"id": "b1", "name": "Calm Teas", "email": "tea@example.com", "ownerId": "gone"}],
    )

    report = migrate(db, path)

    dangling = {result.table: dict(result.dangling) for result in report.results if result.dangling}
    assert dangling == {
        "stories": {"author.id": 1, "circleId": 1},
        "story_comments": {"author.id": 1},
        "businesses": {"ownerId": 1},
    }
    assert report.failed == 0
    assert db.stories.get("s1").author.id == "gone"


@pytest.mark.defect(81)
def test_of_two_rows_with_one_email_the_first_wins(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1", email="Jane@Example.com"), user("u2", email="jane@example.COM"), user("u3")],
    )

    report = migrate(db, path)

    assert codes(report) == {"users": {"DUPLICATE_VALUE": 1}}
    assert db.users.get_by_email("jane@example.com").user_id == "u1"
    assert not db.users.exists("u2")


def test_an_invalid_row_does_not_take_the_email_of_a_valid_one(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1", email="jane@example.com", theme="neon"), user("u2", email="jane@example.com")],
    )

    migrate(db, path)

    assert db.users.get_by_email("jane@example.com").user_id == "u2"


def test_of_a_pair_given_twice_the_first_row_wins(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u2", role="moderator"), member("c1", "u2", role="member")],
    )

    report = migrate(db, path)

    assert codes(report) == {"circle_members": {"DUPLICATE_KEY": 1}}
    assert db.circles.get_member("c1", "u2").role == "moderator"
    assert db.circles.get("c1").stats.member_count == 2


@pytest.mark.defect(81)
def test_an_email_that_somebody_in_the_table_has_rejects_the_row(db: Any, tmp_path: Path) -> None:
    db.users.create(user_id="old", email="u1@example.com", profile={"first_name": "Ada", "last_name": "M."})
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("u2")])

    planned = migrate(db, path, dry_run=True)
    report = migrate(db, path)

    assert codes(planned) == codes(report) == {"users": {"VALUE_TAKEN": 1}}
    assert db.users.get_by_email("u1@example.com").user_id == "old"
    assert db.users.exists("u2")


@pytest.mark.defect(81)
def test_an_item_that_is_there_is_left_as_it_is(db: Any, tmp_path: Path) -> None:
    db.users.create(user_id="u1", email="now@example.com", profile={"first_name": "Now", "last_name": "M."})
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("u2")])

    skipped = migrate(db, path)
    failed = migrate(db, path, on_conflict=OnConflict.FAIL)

    assert (skipped.successful, skipped.skipped, skipped.failed) == (1, 1, 0)
    assert codes(failed) == {"users": {"ALREADY_EXISTS": 2}}
    assert db.users.get("u1").profile.first_name == "Now"


@pytest.mark.defect(75, 82)
def test_too_many_bad_rows_are_found_before_the_first_write(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("u#2"), user("u#3")])
    wrote = Counter[str]()

    def note(sender: Any, *, operation: str, **_: Any) -> None:
        wrote[operation] += operation in ("PutItem", "TransactWriteItems")

    with signals.operation_completed.connected_to(note), pytest.raises(TooManyRejects, match="nothing was written"):
        migrate(db, path, max_errors=1, rejects=tmp_path / "rejects.jsonl")

    assert wrote.total() == 0
    assert len((tmp_path / "rejects.jsonl").read_text().splitlines()) == 2
    assert migrate(db, path, max_errors=2).failed == 2


def test_without_the_check_beforehand_a_run_stops_at_the_limit(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("u#2"), user("u#3"), user("u4")])

    with pytest.raises(TooManyRejects):
        migrate(db, path, max_errors=0, validate=False, batch_size=1)

    assert not db.users.exists("u4")


class BrokenAt(SQLiteSource):
    """Be a source whose circles cannot be read."""

    def rows(self, table: str, **options: Any) -> Any:
        if table == "circles":
            raise SourceError("the table circles is damaged")
        return super().rows(table, **options)


@pytest.mark.defect(82)
def test_an_error_ends_the_run_unless_it_is_to_go_on(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db", users=[user("u1")], circles=[circle("c1", "u1")], stories=[story("s1", "u1")]
    )
    with BrokenAt(path) as source:
        service = MigrationService(db, source)

        with pytest.raises(SourceError):
            service.execute(madmall_plan(), MigrationConfig(parallelism=1))
        assert not db.stories.exists("s1")
        assert service.report is not None
        assert [result.table for result in service.report.results] == ["users", "circles"]

        report = service.execute(madmall_plan(), MigrationConfig(parallelism=1, continue_on_error=True))

    assert [result.table for result in report.stopped_steps] == ["circles"]
    assert not report.ok
    assert db.stories.exists("s1")
