"""Comments: edited, answered, liked and removed, with the counts that depend on them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    Comment,
    Database,
    Story,
    User,
    ValidationError,
    VersionConflict,
    item_updated,
    stats_incremented,
    utc_now,
)
from madmall_models.integrity import check
from tests.integration.samples import make_story, make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written


@pytest.fixture(autouse=True)
def comment(db: Database) -> Comment:
    make_user(db)
    make_story(db)
    return db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id="k1")


def test_an_edited_comment_says_so(db: Database, comment: Comment) -> None:
    assert comment.is_edited is False
    edited = db.stories.edit_comment("s1", "k1", content="Thank you all.")
    assert (edited.content, edited.is_edited, edited.version) == ("Thank you all.", True, 2)
    assert db.stories.get_comments("s1").one() == edited
    assert db.stories.get("s1").engagement.comments == 1


def test_the_same_text_again_is_no_edit(db: Database) -> None:
    with nothing_sent(db):
        assert db.stories.edit_comment("s1", "k1", content="Thank you.").is_edited is False


def test_a_comment_that_edits_itself_says_so_and_other_changes_do_not(db: Database) -> None:
    first = db.stories.get_comments("s1").one()
    first.moderation_status = "needs_review"
    assert first.save().is_edited is False
    first.content = "Thanks."
    assert first.save().is_edited is True


def test_an_edit_is_refused_where_it_cannot_be(db: Database) -> None:
    with nothing_written(db):
        with pytest.raises(Comment.DoesNotExist):
            db.stories.edit_comment("s1", "nothing", content="Thanks.")
        with pytest.raises(ValidationError):
            db.stories.edit_comment("s1", "k1", content=" ")
    stale = db.stories.get_comments("s1").one()
    db.stories.edit_comment("s1", "k1", content="Thanks.")
    stale.content = "Late."
    with nothing_written(db), pytest.raises(VersionConflict):
        stale.save()


def test_a_reply_answers_a_comment_of_the_same_story_that_is_there(db: Database) -> None:
    make_story(db, "s2")
    reply = db.stories.add_comment("s1", author_id="u1", content="Yes.", parent_comment_id="k1", comment_id="k2")
    assert reply.parent_comment_id == "k1"
    with nothing_written(db):
        for story_id, parent in (("s1", "nothing"), ("s2", "k1")):
            with pytest.raises(Comment.DoesNotExist, match="what it answers is not there"):
                db.stories.add_comment(story_id, author_id="u1", content="Yes.", parent_comment_id=parent)
        with pytest.raises(ValidationError, match="cannot answer itself"):
            db.stories.add_comment("s1", author_id="u1", content="Yes.", parent_comment_id="k3", comment_id="k3")
    assert db.stories.get("s1").engagement.comments == 2


def test_replies_stay_when_what_they_answer_is_removed(db: Database) -> None:
    db.stories.add_comment("s1", author_id="u1", content="Yes.", parent_comment_id="k1", comment_id="k2")
    db.stories.remove_comment("s1", "k1")
    [reply] = db.stories.get_comments("s1")
    assert (reply.comment_id, reply.parent_comment_id) == ("k2", "k1")
    assert db.stories.get("s1").engagement.comments == 1
    assert check(db) == ()


def test_likes_are_added_and_leave_the_comment_unedited(db: Database) -> None:
    db.stories.like_comment("s1", "k1")
    db.stories.like_comment("s1", "k1", by=3)
    db.stories.like_comment("s1", "k1", by=-1)
    comment = db.stories.get_comments("s1").one()
    assert (comment.likes, comment.version, comment.is_edited) == (3, 1, False)
    with nothing_written(db):
        with pytest.raises(Comment.DoesNotExist):
            db.stories.like_comment("s1", "nothing")
        with pytest.raises(ValidationError):
            db.stories.like_comment("s1", "k1", by=0.5)  # type: ignore[arg-type]


def test_nobody_comments_on_what_is_leaving(db: Database) -> None:
    make_user(db, "u2")
    make_story(db, "s2")
    mark_as_leaving(db, Story.key.of("s1"))
    mark_as_leaving(db, User.key.of("u2"))
    past = {"N": str(int((utc_now() - timedelta(hours=1)).timestamp()))}
    edit(db, Story.key.of("s2"), "SET #ttl = :past", past=past)
    with nothing_written(db):
        for story_id, author_id, error in (
            ("s1", "u1", Story.DoesNotExist),
            ("s2", "u1", Story.DoesNotExist),
            ("s1", "u2", Story.DoesNotExist),
        ):
            with pytest.raises(error):
                db.stories.add_comment(story_id, author_id=author_id, content="Thank you.")
        make = Comment(story_id="s1", comment_id="k9", author={"id": "u2"}, content="Thank you.")
        with pytest.raises(Story.DoesNotExist):
            db.create_entity(make)


def test_edits_and_likes_are_announced(db: Database) -> None:
    heard: list[Any] = []

    def updated(sender: Any, item: Any, changed: Any) -> None:
        heard.append((sender.__name__, changed))

    def counted(sender: Any, key: Any, changes: Any) -> None:
        heard.append((sender.__name__, changes))

    with item_updated.connected_to(updated), stats_incremented.connected_to(counted):
        db.stories.edit_comment("s1", "k1", content="Thanks.")
        db.stories.edit_comment("s1", "k1", content="Thanks.")
        db.stories.like_comment("s1", "k1")
    assert heard == [("Comment", ("content",)), ("Comment", {"likes": 1})]
