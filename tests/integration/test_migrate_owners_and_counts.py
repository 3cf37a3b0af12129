"""Owners are members, counts are what is really there, and a second run finds nothing to do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Circle, Query, footprint, signals
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    SQLiteSource,
    legacy_completions,
    madmall_plan,
)
from madmall_models.migration.legacy_completions import complete_circle, complete_story, complete_user
from madmall_models.writer import prepare_creation
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


def migrate(db: Any, path: Path) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=1))


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2"), user("u3")],
        circles=[
            circle("own", "u1", memberCount=99, moderators='["u3"]', createdAt="2024-01-01"),
            circle("row", "u1", memberCount=-1),
            circle("orphan", "gone", memberCount=7),
        ],
        circle_members=[
            member("own", "u2", role="moderator"),
            member("own", "u3", role="moderator", status="banned"),
            member("row", "u1", role="member", status="inactive"),
            member("row", "u2", status="pending"),
            member("orphan", "u2"),
        ],
        stories=[story("s1", "u1", comments=50)],
        story_comments=[comment("k1", "s1", "u1"), comment("k2", "s1", "gone")],
    )


def test_a_creator_without_a_row_becomes_an_admin(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    owner = db.circles.get_member("own", "u1")
    assert (owner.role, owner.status) == ("admin", "active")
    assert owner.joined_at == db.circles.get("own").created_at


def test_a_creator_with_a_row_of_another_kind_is_an_active_admin(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    owner = db.circles.get_member("row", "u1")
    assert (owner.role, owner.status) == ("admin", "active")


def test_a_creator_who_is_no_user_keeps_the_circle_without_a_membership(db: Any, legacy: Path) -> None:
    report = migrate(db, legacy)

    assert db.circles.get("orphan").created_by == "gone"
    assert list(db.users.get_user_circles("gone")) == []
    assert [dict(result.dangling) for result in report.results if result.table == "circles"] == [{"createdBy": 1}]

    db.users.create(user_id="gone", email="back@example.com", profile={"first_name": "Back", "last_name": "M."})
    migrate(db, legacy)

    assert db.circles.is_member("orphan", "gone")
    assert db.circles.get("orphan").stats.member_count == 2


def test_counts_are_counted_not_taken(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    assert {name: db.circles.get(name).stats.member_count for name in ("own", "row", "orphan")} == {
        "own": 2,
        "row": 1,
        "orphan": 1,
    }
    # A moderator who is banned moderates nothing, and the list of the source is no role.
    assert db.circles.get("own").moderators == ["u2"]
    assert db.stories.get("s1").engagement.comments == 2
    joined = {name: db.users.get(name).stats.circles_joined for name in ("u1", "u2", "u3")}
    assert joined == {"u1": 2, "u2": 2, "u3": 0}


def test_a_circle_can_be_used_like_any_other_afterwards(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    db.circles.approve_member("row", "u2")
    db.circles.transfer_ownership("own", to="u2")

    assert db.circles.get("row").stats.member_count == 2
    assert db.circles.get("own").created_by == "u2"


@pytest.mark.defect(81)
def test_a_second_run_writes_nothing(db: Any, legacy: Path) -> None:
    first = migrate(db, legacy)
    wrote = Counter[str]()

    def note(sender: Any, *, operation: str, **_: Any) -> None:
        wrote[operation] += 1

    with signals.operation_completed.connected_to(note):
        second = migrate(db, legacy)

    assert (second.successful, second.skipped) == (0, first.successful)
    assert second.failed == first.failed
    assert set(second.completed.values()) == {0}
    assert set(wrote) <= {"BatchGetItem", "DescribeTable", "GetItem", "Query"}


def test_a_run_that_was_cut_short_is_completed_by_the_next(db: Any, legacy: Path, tmp_path: Path) -> None:
    half = write_legacy(tmp_path / "half.db", users=[user("u1"), user("u2")], circles=[circle("own", "u1")])
    migrate(db, half)
    assert db.circles.get("own").stats.member_count == 1

    report = migrate(db, legacy)

    assert report.skipped == 3
    assert db.circles.get("own").stats.member_count == 2
    assert db.circles.get("own").moderators == ["u2"]


def test_counting_what_is_not_there_does_nothing(db: Any) -> None:
    assert not complete_circle(db, "none")
    assert not complete_story(db, "none")
    assert not complete_user(db, "none")


def test_counts_are_mended_even_where_the_counters_are_missing(db: Any, legacy: Path) -> None:
    migrate(db, legacy)
    for key in ({"PK": "CIRCLE#own", "SK": "METADATA"}, {"PK": "USER#u2", "SK": "PROFILE"}):
        request = {
            "TableName": db.table_name,
            "Key": {name: {"S": text} for name, text in key.items()},
            "UpdateExpression": "REMOVE stats",
        }
        db.connection.call("UpdateItem", request)

    assert complete_circle(db, "own")
    assert complete_user(db, "u2")

    assert db.circles.get("own").stats.member_count == 2
    assert db.users.get("u2").stats.circles_joined == 2


def test_a_count_that_moves_meanwhile_is_counted_again(db: Any, legacy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(db, legacy)
    db.stories.update_engagement("s1", comments=7)
    count = Query.count
    said: list[str] = []

    def count_then_comment(query: Any) -> int:
        found = count(query)
        if not said:
            said.append("u1")
            db.stories.add_comment("s1", author_id="u1", content="While you count.")
        return found

    monkeypatch.setattr(Query, "count", count_then_comment)

    assert complete_story(db, "s1")

    assert db.stories.get("s1").engagement.comments == 3


def test_rows_may_name_what_only_the_table_has(db: Any, tmp_path: Path) -> None:
    for name in ("u1", "u2"):
        db.users.create(user_id=name, email=f"{name}@example.com", profile={"first_name": "Ada", "last_name": "M."})
    db.circles.create(circle_id="c1", name="Newly diagnosed", type="support_group", created_by="u1")
    db.stories.create(
        story_id="s1", title="My first year", content="It was long.", author={"id": "u1", "display_name": "Ada"}
    )
    path = write_legacy(
        tmp_path / "legacy.db",
        circle_members=[member("c1", "u2", role="moderator"), member("c1", "u1", role="member", status="banned")],
        story_comments=[comment("k1", "s1", "u2")],
    )

    report = migrate(db, path)

    assert (report.successful, report.skipped, report.failed) == (2, 1, 0)
    assert db.circles.get_member("c1", "u1").role == "admin"
    assert (db.circles.get("c1").stats.member_count, db.circles.get("c1").moderators) == (2, ["u2"])
    assert db.stories.get("s1").engagement.comments == 1


def test_an_owner_whom_another_run_adds_meanwhile_is_counted(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    db.users.create(user_id="u1", email="u1@example.com", profile={"first_name": "Jane", "last_name": "Smith"})
    lone = Circle(circle_id="lone", name="Evenings", type="support_group", created_by="u1")
    send = legacy_completions.send
    send(db.connection, footprint.creation(prepare_creation(lone)))

    def sent_by_both(connection: Any, actions: Any) -> None:
        # The other run is stopped before it counts.
        monkeypatch.setattr(legacy_completions, "send", send)
        send(connection, actions)
        send(connection, actions)

    monkeypatch.setattr(legacy_completions, "send", sent_by_both)
    assert complete_circle(db, "lone")
    assert (db.circles.is_member("lone", "u1"), db.circles.get("lone").stats.member_count) == (True, 1)
