"""Somebody else acts in the middle of a deletion: it still ends, and nothing is left behind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Circle, Comment, Database, Story
from madmall_models.integrity import check
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import mark_as_leaving

Meanwhile = Callable[[], Any]


def in_the_middle_of(operation: str, manager: Any, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen once, right before the first call of a manager's operation."""
    original = getattr(manager, operation)
    pending = [meanwhile]

    def interrupted(*arguments: Any, **options: Any) -> Any:
        if pending:
            pending.pop()()
        return original(*arguments, **options)

    monkeypatch.setattr(manager, operation, interrupted)


@pytest.fixture
def story(db: Database) -> Story:
    make_user(db, "u1")
    story = make_story(db, "s1", author="u1")
    db.stories.add_comment("s1", author_id="u1", content="first", comment_id="c1")
    db.stories.add_comment("s1", author_id="u1", content="second", comment_id="c2")
    return story


def test_nobody_comments_on_a_story_that_is_being_deleted(
    db: Database, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    def comment() -> None:
        with pytest.raises(Story.DoesNotExist):
            db.stories.add_comment("s1", author_id="u1", content="late")

    in_the_middle_of("remove_comment", db.stories, comment, monkeypatch)
    db.stories.delete("s1")

    assert check(db) == ()
    assert list(db.stories.get_comments("s1")) == []


def test_a_comment_that_was_removed_meanwhile_does_not_stop_the_deletion_of_its_story(
    db: Database, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    comments = db.manager_of(Comment)
    remove = db.stories.remove_comment
    in_the_middle_of("get", comments, lambda: remove("s1", "c1"), monkeypatch)
    db.stories.delete("s1")

    assert db.stories.get_or_none("s1") is None
    assert check(db) == ()


def test_a_comment_that_outlived_its_story_can_be_removed(db: Database, story: Story) -> None:
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Story.key.of("s1").wire})

    db.stories.remove_comment("s1", "c1")

    assert [comment.comment_id for comment in db.stories.get_comments("s1")] == ["c2"]


@pytest.mark.difference("missing-maps")
def test_a_story_without_counters_counts_the_comments_that_it_has(db: Database, story: Story) -> None:
    request = {"Key": Story.key.of("s1").wire, "UpdateExpression": "REMOVE engagement"}
    db.connection.call("UpdateItem", {"TableName": db.table_name, **request})

    db.stories.add_comment("s1", author_id="u1", content="third")

    assert db.stories.get("s1", consistent=True).engagement.comments == 3


def test_a_role_that_changes_meanwhile_does_not_stop_the_deletion_of_a_circle(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in ("u1", "u2"):
        make_user(db, user)
    make_circle(db, "c1", owner="u1")
    db.circles.add_member("c1", "u2")
    change = db.circles.update_member_role
    in_the_middle_of("_end", db.circles, lambda: change("c1", "u2", "moderator"), monkeypatch)

    db.circles.delete("c1")

    assert db.circles.get_or_none("c1") is None
    assert check(db) == ()


def test_nobody_becomes_owner_of_a_circle_that_is_being_deleted(db: Database) -> None:
    for user in ("u1", "u2"):
        make_user(db, user)
    make_circle(db, "c1", owner="u1")
    db.circles.add_member("c1", "u2")
    mark_as_leaving(db, Circle.key.of("c1"))

    with pytest.raises(Circle.DoesNotExist, match="being deleted"):
        db.circles.transfer_ownership("c1", to="u2")


def test_a_story_that_is_deleted_meanwhile_does_not_stop_the_deletion_of_its_author(
    db: Database, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    delete = db.stories.delete
    in_the_middle_of("update", db.stories, lambda: delete("s1"), monkeypatch)

    db.users.delete("u1")

    assert db.users.get_or_none("u1") is None
    assert check(db) == ()
