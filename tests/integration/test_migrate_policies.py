"""What rows name in vain is rejected, kept or made as a stub, as a plan says; filters and checks choose among rows."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madmall_models.migration import (
    Check,
    Filter,
    ImportRows,
    Mapping,
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    Policies,
    SQLiteSource,
    as_dict,
    as_text,
    madmall_completions,
    madmall_mappings,
    with_policies,
)
from madmall_models.migration.legacy_stubs import stub_user
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

STUB_MEMBERS: Policies = {"circle_members.userId": "stub"}


def migrate(db: Any, path: Path, mappings: tuple[Mapping, ...], **settings: Any) -> MigrationReport:
    plan = Plan("chosen", (ImportRows(mappings, madmall_completions()),))
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(plan, MigrationConfig(**{"parallelism": 1, **settings}))


def stubs(report: MigrationReport) -> dict[str, dict[str, int]]:
    return {result.table: dict(result.stubbed) for result in report.results if result.stubbed}


def test_a_stub_is_made_once_and_marked_and_the_rows_that_name_it_land(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1")],
        circles=[circle("c1", "u1"), circle("c2", "u1")],
        circle_members=[member("c1", "gone", tenantId="sister-city"), member("c2", "gone"), member("c2", "Gone")],
    )

    report = migrate(db, path, with_policies(madmall_mappings(), STUB_MEMBERS))

    assert stubs(report) == {"circle_members": {"userId": 2}}
    assert report.failed == 0
    gone = db.users.get("gone")
    assert (gone.profile.first_name, gone.is_active, gone.tenant_id) == ("Unknown", False, "sister-city")
    assert gone.stats.circles_joined == 2
    assert db.users.get("Gone").stats.circles_joined == 1
    assert db.circles.get("c2").stats.member_count == 3
    assert "circle_members: 2 stubs made for userId" in as_text(report)
    assert as_dict(report)["entities"][2]["stubbed_references"] == {"userId": 2}


def test_a_row_that_cannot_land_leaves_no_stub(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1")],
        circles=[circle("c1", "u1")],
        circle_members=[member("gone", "nobody"), member("c1", "nobody", badges="[broken")],
        stories=[story("s1", "ghost", title=None), story("s2", "u1"), story("s2", "ghost")],
    )

    report = migrate(db, path, with_policies(madmall_mappings(), {**STUB_MEMBERS, "stories.author.id": "stub"}))

    assert stubs(report) == {}
    assert not db.users.exists("nobody")
    assert not db.users.exists("ghost")


def test_where_the_stub_is_refused_the_row_is_rejected(db: Any, tmp_path: Path) -> None:
    [stub] = stub_user("gone", {})
    db.users.create(user_id="u9", email=stub.email, profile={"first_name": "Ada", "last_name": "M."})
    path = write_legacy(
        tmp_path / "legacy.db", users=[user("u1")], circles=[circle("c1", "u1")], circle_members=[member("c1", "gone")]
    )

    report = migrate(db, path, with_policies(madmall_mappings(), STUB_MEMBERS))

    [reject] = report.results[2].errors
    assert (reject.stage, reject.faults[0].field, reject.code) == ("reference", "userId", "STUB_REFUSED")
    assert stubs(report) == {}
    assert not db.users.exists("gone")


def test_owners_and_authors_can_be_refused_too(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "legacy.db", users=[user("u1")], circles=[circle("c1", "gone")], stories=[story("s1", "gone")]
    )
    strict: Policies = {"circles.createdBy": "reject", "stories.author.id": "reject"}

    report = migrate(db, path, with_policies(madmall_mappings(), strict))

    assert report.failed == 2
    assert not db.circles.exists("c1")
    assert not db.stories.exists("s1")


def test_a_reply_to_a_comment_that_only_the_table_has_is_no_loose_end(db: Any, tmp_path: Path) -> None:
    first = write_legacy(
        tmp_path / "first.db",
        users=[user("u1")],
        stories=[story("s1", "u1")],
        story_comments=[comment("k1", "s1", "u1")],
    )
    migrate(db, first, madmall_mappings())
    second = write_legacy(
        tmp_path / "second.db",
        story_comments=[
            comment("k2", "s1", "u1", parentCommentId="k1"),
            comment("k3", "s1", "u1", parentCommentId="k9"),
            comment("k4", "s1", "u1", parentCommentId="k4"),
        ],
    )

    report = migrate(db, second, madmall_mappings())

    [result] = [result for result in report.results if result.table == "story_comments"]
    assert (result.successful, dict(result.dangling), dict(result.circular)) == (
        3,
        {"parentCommentId": 1},
        {"parentCommentId": 1},
    )
    assert "story_comments: 1 kept whose parentCommentId leads back to them" in as_text(report)
    assert db.stories.get("s1").engagement.comments == 4


def test_rows_that_a_filter_leaves_out_are_skipped_and_counted(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("test-1"), user("test-2"), user("u#2")])
    users, *others = madmall_mappings()
    real = replace(users, filters=(Filter("accounts of testers", lambda row: not row["id"].startswith("test-")),))
    rejects = tmp_path / "rejects.jsonl"

    report = migrate(db, path, (real, *others), rejects=rejects, max_errors=1)

    result = report.results[0]
    assert (result.total, result.successful, result.failed, result.skipped) == (4, 1, 1, 2)
    assert dict(result.filtered) == {"accounts of testers": 2}
    assert "users: 2 skipped by a filter: accounts of testers" in as_text(report)
    assert len(rejects.read_text().splitlines()) == 1
    assert not db.users.exists("test-1")


def test_a_row_that_fails_a_check_is_rejected_with_its_field_code_and_message(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1", language="en"), user("u2", language="tlh")])
    users, *others = madmall_mappings()
    spoken = Check("language", lambda row: row["language"] in ("en", "es"), "the language is en or es", "NOT_SPOKEN")
    rejects = tmp_path / "rejects.jsonl"

    migrate(db, path, (replace(users, checks=(spoken,)), *others), rejects=rejects)

    [line] = map(json.loads, rejects.read_text().splitlines())
    assert {name: line[name] for name in ("rowid", "stage", "field", "code", "message")} == {
        "rowid": 2, "stage": "check", "field": "language", "code": "NOT_SPOKEN", "message": "the language is en or es",
    }  # fmt: skip
    assert db.users.exists("u1")
    assert not db.users.exists("u2")
