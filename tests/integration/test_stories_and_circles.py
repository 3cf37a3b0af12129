"""Stories between circles, moderation and the front page: what must be there, and what follows from a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Circle,
    Database,
    Story,
    ValidationError,
    VersionConflict,
    item_created,
    utc_now,
)
from madmall_models.integrity import check
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written, places


@pytest.fixture(autouse=True)
def circle(db: Database) -> Circle:
    make_user(db)
    return make_circle(db)


def ids(stories: Any) -> list[str]:
    return [story.story_id for story in stories]


def leaving_circles(db: Database) -> None:
    for circle_id in ("leaving", "expired"):
        make_circle(db, circle_id)
    mark_as_leaving(db, Circle.key.of("leaving"))
    past = {"N": str(int((utc_now() - timedelta(hours=1)).timestamp()))}
    edit(db, Circle.key.of("expired"), "SET #ttl = :past", past=past)


@pytest.mark.parametrize("circle_id", ["nothing", "leaving", "expired"])
def test_a_story_is_not_written_into_a_circle_that_is_not_there(circle_id: str, db: Database) -> None:
    leaving_circles(db)
    heard: list[str] = []

    def created(sender: Any, item: Any) -> None:
        heard.append("created")

    refused = pytest.raises(Circle.DoesNotExist, match="circle_id names no circle")
    with nothing_written(db), item_created.connected_to(created), refused:
        make_story(db, circle_id=circle_id)
    assert heard == []


@pytest.mark.parametrize("circle_id", ["nothing", "leaving", "expired"])
def test_a_story_is_not_moved_into_a_circle_that_is_not_there(circle_id: str, db: Database) -> None:
    leaving_circles(db)
    story = make_story(db, circle_id="c1")
    with nothing_written(db):
        with pytest.raises(Circle.DoesNotExist):
            db.stories.update("s1", circle_id=circle_id)
        story.circle_id = circle_id
        with pytest.raises(Circle.DoesNotExist):
            story.save()
    assert story.version == 1
    story.circle_id = "c1"
    story.title = "Another title"
    assert story.save().version == 2


def test_a_story_whose_circle_vanished_can_still_be_changed(db: Database) -> None:
    make_story(db, circle_id="c1")
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Circle.key.of("c1").wire})
    assert db.stories.update("s1", title="Another title").version == 2
    assert db.stories.update("s1", circle_id=None).circle_id is None


def test_a_move_of_a_stale_story_is_refused_and_a_lost_race_repeated(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_circle(db, "c2")
    stale = make_story(db)
    db.stories.update("s1", title="Another title")
    stale.circle_id = "c2"
    with nothing_written(db), pytest.raises(VersionConflict) as refused:
        stale.save()
    assert refused.value.current.title == "Another title"
    call, done = db.connection.call, []

    def meanwhile(operation: str, request: Any, **options: Any) -> Any:
        if operation == "TransactWriteItems" and not done:
            done.append(True)
            db.stories.update("s1", title="A third title")
        return call(operation, request, **options)

    monkeypatch.setattr(db.connection, "call", meanwhile)
    moved = db.stories.update("s1", circle_id="c2")
    assert (moved.title, moved.circle_id, moved.version) == ("A third title", "c2", 4)
    assert check(db) == ()
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Story.key.of("s1").wire})
    moved.circle_id = "c1"
    with pytest.raises(Story.DoesNotExist):
        moved.save()


def test_a_story_of_the_same_id_is_refused_before_its_circle_is_asked(db: Database) -> None:
    make_story(db)
    with nothing_written(db), pytest.raises(AlreadyExists):
        make_story(db, circle_id="nothing")


# -- moderation ----------------------------------------------------------------------------------------------------


def test_a_decision_takes_a_story_from_the_queue_and_into_the_feed_or_out(db: Database) -> None:
    for number, status in enumerate(("pending", "needs_review", "approved"), 1):
        make_story(db, f"s{number}", moderation_status=status, created_at=NOON + timedelta(hours=number))
    assert ids(db.stories.get_stories_awaiting_moderation()) == ["s1", "s2"]
    approved = db.stories.moderate("s1", "approved")
    assert (approved.moderation_status, approved.moderation_notes) == ("approved", None)
    rejected = db.stories.moderate("s2", "rejected", notes="Names a doctor.")
    assert (rejected.moderation_status, rejected.moderation_notes) == ("rejected", "Names a doctor.")
    assert ids(db.stories.get_stories_awaiting_moderation()) == []
    assert ids(db.stories.get_feed_stories()) == ["s1", "s3"]
    assert db.stories.moderate("s2", "needs_review").moderation_notes == "Names a doctor."
    assert db.stories.moderate("s3", "pending").is_public is False
    assert ids(db.stories.get_stories_awaiting_moderation()) == ["s2", "s3"]
    assert ids(db.stories.get_feed_stories()) == ["s1"]


def test_what_is_no_decision_is_refused(db: Database) -> None:
    make_story(db)
    with nothing_sent(db):
        for status in ("fine", "", None, 1):
            with pytest.raises(ValidationError, match="pending, approved, rejected, needs_review"):
                db.stories.moderate("s1", status)  # type: ignore[arg-type]
    with nothing_written(db), pytest.raises(Story.DoesNotExist):
        db.stories.moderate("nothing", "approved")


# -- featured, published, archived ---------------------------------------------------------------------------------


def test_a_story_is_featured_until_it_is_not(db: Database) -> None:
    make_story(db)
    db.stories.feature("s1")
    assert ids(db.stories.get_featured_stories()) == ["s1"]
    assert db.stories.unfeature("s1").featured_at is None
    assert ids(db.stories.get_featured_stories()) == []
    assert not [place for place in places(db) if place.startswith("FEATURED")]
    with nothing_sent(db):
        db.stories.unfeature("s1")


def test_the_latest_featured_stories_are_as_many_as_asked(db: Database) -> None:
    for number in range(1, 6):
        make_story(db, f"s{number}", featured_at=NOON + timedelta(hours=number))
    make_story(db, "draft", featured_at=NOON + timedelta(hours=9), status="draft")
    assert ids(db.stories.get_featured_stories().newest_first().limit(3)) == ["s5", "s4", "s3"]
    assert db.stories.get_featured_stories().count() == 5


def test_what_is_removed_or_flagged_leaves_the_lists_of_everybody(db: Database) -> None:
    for status in ("archived", "flagged", "removed", "draft"):
        make_story(db, status, status=status, circle_id="c1", featured_at=NOON)
    assert ids(db.stories.get_feed_stories()) == ids(db.stories.get_featured_stories()) == []
    assert set(ids(db.stories.get_by_circle("c1"))) == {"archived", "flagged", "removed", "draft"}


# -- whose ---------------------------------------------------------------------------------------------------------


def test_stories_of_another_tenant_are_not_found(db: Database) -> None:
    make_story(db, "mine", themes=["hope"])
    make_story(db, "theirs", themes=["hope"], tenant_id="other")
    assert ids(db.stories.search_stories(themes=["hope"])) == ["mine"]
    assert ids(db.stories.search_stories(themes=["hope"], tenant_id="other")) == ["theirs"]
    assert ids(db.stories.of_tenant("other")) == ["theirs"]
    edit(db, Story.key.of("mine"), "REMOVE tenantId")
    assert ids(db.stories.search_stories()) == ["mine"]
    assert ids(db.stories.search_stories(tenant_id="other")) == ["theirs"]
