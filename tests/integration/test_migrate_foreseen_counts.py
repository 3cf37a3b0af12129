"""Counters are written once with their items where they can be foreseen, and are right where they could not be."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, EndpointUnreachable, SourceError, Story, User
from madmall_models.connection.operations import READS
from madmall_models.entities.story import StoryEngagement
from madmall_models.migration import (
    FieldMap,
    Filter,
    ImportRows,
    Mapping,
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    SQLiteSource,
    legacy_content,
    legacy_people,
    madmall_completions,
    madmall_mappings,
    madmall_plan,
    plan_run,
    unlock,
)
from madmall_models.migration.cast import json_object
from madmall_models.migration.run_memory import Touched
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy
from tests.integration.migrating import Failing, before_each_call, go_on, move

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


COMMENTS, MEMBERS, STORIES = legacy_content.STORY_COMMENTS, legacy_people.CIRCLE_MEMBERS, legacy_content.STORIES


def plan_with(mapping: Mapping) -> Plan:
    """Return the plan of the legacy tables with another mapping for one of them."""
    mappings = tuple(mapping if each.table == mapping.table else each for each in madmall_mappings())
    return Plan("other", (ImportRows(mappings, madmall_completions()),))


def counts(db: Database) -> tuple[dict[str, int], dict[str, int]]:
    """Return the comments of each story and the circles of each user, as they are stored."""
    users = {each.user_id: each.stats.circles_joined for each in db.scan(User, consistent=True)}
    return {each.story_id: each.engagement.comments for each in db.scan(Story, consistent=True)}, users


def set_afterwards(report: MigrationReport) -> dict[str, int]:
    return {entity_type: count for entity_type, count in report.completed.items() if count}


@pytest.fixture
def clean(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2"), user("u3")],
        circles=[circle("c1", "u1"), circle("c2", "u1")],
        circle_members=[
            member("c1", "u1", role="admin", status="active"),
            member("c2", "u1", role="admin", status="active"),
            member("c1", "u2", status="active"),
            member("c2", "u2", status="banned"),
        ],
        stories=[story("s1", "u1"), story("s2", "u2")],
        story_comments=[comment("k1", "s1", "u2"), comment("k2", "s1", "u3")],
    )


RIGHT = ({"s1": 2, "s2": 0}, {"u1": 2, "u2": 1, "u3": 0})


@pytest.mark.parametrize("exclusive", [False, True])
def test_what_came_as_foreseen_is_not_written_again(db: Database, clean: Path, exclusive: bool) -> None:
    report = move(db, clean, exclusive=exclusive)

    assert counts(db) == RIGHT
    assert set_afterwards(report) == {"CIRCLE": 2}


@pytest.mark.parametrize("exclusive", [False, True])
def test_rows_that_do_not_land_are_not_counted(db: Database, tmp_path: Path, exclusive: bool) -> None:
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[
            member("c1", "u1", role="admin", status="active"),
            member("gone", "u2", status="active"),
            member("c1", "u2", status="active", joinedAt="no time"),
        ],
        stories=[story("s1", "u1"), story("s2", "u1"), story("s3", "u1")],
        story_comments=[
            comment("k1", "s1", "u1"),
            comment("k1", "s1", "u1"),
            comment("k2", "s1", "u1", content=" "),
            comment("k3", "s2", "u1", content=None),
            comment("k4", "s3", "u1"),
        ],
    )

    report = move(db, path, exclusive=exclusive)

    assert (report.failed, counts(db)) == (5, ({"s1": 1, "s2": 0, "s3": 1}, {"u1": 1, "u2": 0}))
    assert set_afterwards(report)["STORY"] == 2


def test_who_comments_while_rows_are_moved_is_counted_too(db: Database, clean: Path) -> None:
    said: list[str] = []

    def comment_once(operation: str, request: Any) -> None:
        if operation == "TransactWriteItems" and "k1" in str(request) and not said:
            said.append("once")
            db.stories.add_comment("s1", author_id="u1", content="While you move.")

    with before_each_call(db, comment_once):
        move(db, clean)

    assert said
    assert counts(db)[0] == {"s1": 3, "s2": 0}


def test_who_comments_between_a_wrong_forecast_and_its_correction_is_counted_too(
    db: Database, clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("UPDATE story_comments SET content = NULL WHERE id = 'k2'")
        connection.commit()
    set_counts = plan_run.set_counts

    def comment_first(database: Any, completion: Any, touched: list[Touched]) -> list[str]:
        if completion.entity_type == "STORY":
            db.stories.add_comment("s1", author_id="u1", content="While you count.")
        return set_counts(database, completion, touched)

    monkeypatch.setattr(plan_run, "set_counts", comment_first)

    report = move(db, clean)

    assert set_afterwards(report)["STORY"] == 1
    assert counts(db)[0] == {"s1": 2, "s2": 0}


@pytest.mark.parametrize("journal", [False, True])
@pytest.mark.parametrize("writes", range(1, 6))
@pytest.mark.parametrize("exclusive", [False, True])
def test_a_run_that_is_taken_up_counts_what_is_there(
    db: Database, clean: Path, tmp_path: Path, writes: int, exclusive: bool, journal: bool
) -> None:
    config: dict[str, Any] = {"exclusive": exclusive, "parallelism": 1, "batch_size": 1}
    if journal:
        config["journal"] = tmp_path / "run.journal"
    failing = Failing(EndpointUnreachable("the engine is gone"), after=writes)
    with before_each_call(db, failing), pytest.raises(EndpointUnreachable):
        move(db, clean, **config)
    unlock(db)

    go_on(db, clean, **config)

    assert counts(db) == RIGHT


class GoneAtTheFirstComment:
    """Be an engine that answers no more from the first write of a comment on."""

    def __init__(self) -> None:
        self._is_gone = False

    def __call__(self, operation: str, request: Any) -> None:
        self._is_gone = self._is_gone or ("k1" in str(request) and operation not in READS)
        if self._is_gone:
            raise EndpointUnreachable("the engine is gone")


@pytest.mark.parametrize("exclusive", [False, True])
def test_what_a_run_foresaw_that_was_given_up_is_counted_by_the_next_one(
    db: Database, clean: Path, exclusive: bool
) -> None:
    with before_each_call(db, GoneAtTheFirstComment()), pytest.raises(EndpointUnreachable):
        move(db, clean, exclusive=exclusive)
    unlock(db)
    assert counts(db)[0] == {"s1": 2, "s2": 0}
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("DELETE FROM story_comments")
        connection.execute("UPDATE circle_members SET status = 'inactive' WHERE userId = 'u2'")
        connection.commit()

    move(db, clean, exclusive=exclusive)

    assert counts(db)[0] == {"s1": 0, "s2": 0}


@pytest.mark.parametrize("journal", [False, True])
@pytest.mark.parametrize("exclusive", [False, True])
def test_a_run_that_foresaw_nothing_when_it_began_is_taken_up_by_one_that_does(
    db: Database, clean: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exclusive: bool, journal: bool
) -> None:
    config: dict[str, Any] = {"exclusive": exclusive, "parallelism": 1, "batch_size": 1}
    if journal:
        config["journal"] = tmp_path / "run.journal"

    def refuses(self: SQLiteSource, table: str, columns: Any) -> Any:
        raise SourceError("it cannot be tallied")

    with monkeypatch.context() as begun:
        begun.setattr(SQLiteSource, "tallies", refuses)
        with before_each_call(db, GoneAtTheFirstComment()), pytest.raises(EndpointUnreachable):
            move(db, clean, **config)
    unlock(db)
    assert counts(db)[0] == {"s1": 0, "s2": 0}

    go_on(db, clean, **config)

    assert counts(db) == RIGHT


def test_a_story_that_is_deleted_and_made_anew_while_rows_are_moved_is_counted_anew(db: Database, clean: Path) -> None:
    done: list[str] = []

    def make_anew(operation: str, request: Any) -> None:
        if "k1" in str(request) and operation not in READS and not done:
            done.append("once")
            db.stories.delete("s1")
            author = {"id": "u1", "display_name": "Ada"}
            db.stories.create(story_id="s1", title="My second year", content="It was longer.", author=author)

    with before_each_call(db, make_anew):
        move(db, clean)

    assert done
    assert counts(db) == RIGHT


def test_a_second_import_of_the_same_run_counts_on(db: Database, clean: Path) -> None:
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("CREATE TABLE older AS SELECT * FROM story_comments")
        connection.execute("DELETE FROM older WHERE id = 'k2'")
        connection.execute("UPDATE older SET id = 'older'")
        connection.execute("UPDATE story_comments SET content = NULL WHERE id = 'k2'")
        connection.commit()
    older = replace(COMMENTS, table="older")
    steps = (ImportRows(madmall_mappings(), madmall_completions()), ImportRows((older,), madmall_completions()))

    move(db, clean, Plan("twice", steps))

    assert counts(db) == RIGHT


def test_a_row_that_a_filter_leaves_out_is_foreseen_by_no_cast(db: Database, clean: Path) -> None:
    words = {"active": "active", "banned": "banned"}
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("INSERT INTO circle_members (circleId, userId, status) VALUES ('c1', 'u3', 'a test')")
        connection.commit()
    fields = tuple(
        replace(field, cast=lambda value: words[value]) if field.target == "status" else field
        for field in MEMBERS.fields
    )
    tests = Filter("tests", lambda row: row["status"] in words)

    move(db, clean, plan_with(replace(MEMBERS, fields=fields, filters=(tests,))))

    assert counts(db) == RIGHT


@pytest.mark.parametrize("default", [{"likes": 1}, StoryEngagement(likes=1)], ids=["dict", "document"])
def test_a_default_that_rows_share_is_not_changed(db: Database, clean: Path, default: Any) -> None:
    whole = FieldMap("engagement", "engagement", json_object, default=default)
    fields = [field for field in STORIES.fields if not field.target.startswith("engagement")]

    move(db, clean, plan_with(replace(STORIES, fields=(*fields, whole))))

    assert counts(db) == RIGHT
    assert {each.engagement.likes for each in db.scan(Story, consistent=True)} == {1}


def test_a_story_that_is_mended_after_its_comments_were_kept_is_counted(
    db: Database, clean: Path, tmp_path: Path
) -> None:
    plan, rejects = madmall_plan({"story_comments.storyId": "keep"}), tmp_path / "rejects.jsonl"
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("UPDATE stories SET title = NULL WHERE id = 's1'")
        connection.commit()
    move(db, clean, plan, rejects=rejects)
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("UPDATE stories SET title = 'My first year' WHERE id = 's1'")
        connection.commit()

    with SQLiteSource(clean) as source:
        MigrationService(db, source).retry_rejects(plan, rejects, MigrationConfig(parallelism=1))

    assert counts(db) == RIGHT


def test_an_item_that_was_there_keeps_the_count_of_what_is_there(db: Database, clean: Path) -> None:
    move(db, clean)
    db.stories.add_comment("s1", author_id="u1", content="Afterwards.")
    db.stories.delete("s2")
    with closing(sqlite3.connect(clean)) as connection:
        connection.execute("INSERT INTO story_comments (id, storyId, authorId, content) VALUES ('k9', 's1', 'u1', 'x')")
        connection.commit()

    move(db, clean)

    assert counts(db)[0]["s1"] == 4


def test_a_dry_run_foresees_the_bytes_that_are_written(db: Database, clean: Path) -> None:
    plan = move(db, clean, dry_run=True)
    report = move(db, clean)

    assert [each.byte_count for each in plan.results] == [each.byte_count for each in report.results]
