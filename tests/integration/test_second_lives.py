"""Who or what is deleted and created again is another: nothing that was based on the first changes the second."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    AlreadyMember,
    Circle,
    Database,
    DoesNotExist,
    QueryError,
    Story,
    User,
    VersionConflict,
)
from madmall_models.integrity import check
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import mentions, nothing_written


@pytest.fixture
def before_the_first_write(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], None]:
    """Let something happen right before the next transaction is sent."""

    def happen(something: Callable[[], Any]) -> None:
        call = db.connection.call

        def late(operation: str, request: Any, **options: Any) -> Any:
            if operation == "TransactWriteItems":
                monkeypatch.undo()
                something()
            return call(operation, request, **options)

        monkeypatch.setattr(db.connection, "call", late)

    return happen


@pytest.mark.parametrize("change", ["profile", "email"])
def test_what_is_saved_for_the_first_does_not_reach_the_second(change: str, db: Database) -> None:
    first = make_user(db, "u1", email="first@example.org")
    other = db.users.get("u1")
    db.users.delete("u1")
    make_user(db, "u1", email="second@example.org")
    assert first.version == other.version == 1
    if change == "profile":
        other.profile.bio = "Not of the second"
    else:
        other.email = "third@example.org"

    with nothing_written(db), pytest.raises(VersionConflict):
        other.save()
    with nothing_written(db), pytest.raises(VersionConflict):
        first.delete()


def test_a_membership_that_was_ended_and_begun_again_is_not_counted_twice(
    db: Database, before_the_first_write: Callable[[Callable[[], Any]], None]
) -> None:
    make_user(db, "u1")
    make_user(db, "u2")
    make_circle(db, settings={"require_approval": True})
    db.circles.request_to_join("c1", "u2")

    def again() -> None:
        db.circles.remove_member("c1", "u2")
        db.circles.add_member("c1", "u2")

    before_the_first_write(again)
    with pytest.raises(AlreadyMember):
        db.circles.approve_member("c1", "u2")
    assert check(db) == ()
    assert db.circles.get("c1").stats.member_count == 2


def test_who_was_banned_while_being_made_a_moderator_does_not_moderate(
    db: Database, before_the_first_write: Callable[[Callable[[], Any]], None]
) -> None:
    make_user(db, "u1")
    make_user(db, "u2")
    make_circle(db)
    db.circles.add_member("c1", "u2")

    def again() -> None:
        db.circles.remove_member("c1", "u2")
        db.circles.add_member("c1", "u2", role="moderator")

    before_the_first_write(again)
    db.circles.ban_member("c1", "u2")
    assert db.circles.get("c1").moderators == []
    assert check(db) == ()


def test_a_story_that_moved_meanwhile_stays_in_its_new_circle(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db, "u1")
    make_circle(db, "c1")
    make_circle(db, "c2")
    make_story(db, circle_id="c1")
    leave = db.stories.leave_circle

    def moved_first(story_id: str, circle_id: str) -> None:
        db.stories.update(story_id, circle_id="c2")
        leave(story_id, circle_id)

    monkeypatch.setattr(db.stories, "leave_circle", moved_first)
    db.circles.delete("c1")

    assert db.stories.get("s1").circle_id == "c2"
    assert [story.story_id for story in db.stories.get_by_circle("c2")] == ["s1"]


@pytest.mark.parametrize("kind", ["story", "feedback", "review"])
def test_nothing_is_written_for_a_user_who_is_deleted_meanwhile(
    kind: str, db: Database, before_the_first_write: Callable[[Callable[[], Any]], None]
) -> None:
    make_user(db, "u1")
    db.images.create(image_id="i1", url="https://example.org/1.png", alt_text="A walk", category="joy", source="stock")
    before_the_first_write(lambda: db.users.delete("u1"))

    with pytest.raises(DoesNotExist):
        if kind == "story":
            make_story(db)
        elif kind == "feedback":
            db.feedback.create_for_image(image_id="i1", user_id="u1", rating=4)
        else:
            db.reviews.enqueue(target_type="image", target_id="i1", submitted_by="u1")
    assert mentions(db, "u1") == []
    assert mentions(db, "Jane") == []


def test_a_membership_whose_circle_is_gone_can_end(db: Database) -> None:
    make_user(db, "u1")
    make_user(db, "u2")
    make_circle(db)
    db.circles.add_member("c1", "u2")
    key = Circle.key.of("c1").wire
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})

    db.users.delete("u2")
    assert mentions(db, "u2") == []


def test_an_entity_of_another_table_is_refused(db: Database, engine: Any) -> None:
    make_user(db, "u1")
    other = Database(table=f"{db.table_name}-other", **engine.connection_settings())
    other.create_table()
    theirs = make_user(other, "u1")
    theirs.profile.bio = "From elsewhere"

    for write in (db.transaction().save, db.transaction().delete, db.users.save_entity, db.writer.delete):
        with nothing_written(db), pytest.raises(QueryError, match="another database"):
            write(theirs)
    other.delete_table()
    other.close()


def test_a_transaction_that_was_given_up_sends_nothing_later(db: Database) -> None:
    user = make_user(db, "u1")
    transaction = db.transaction()
    with pytest.raises(ZeroDivisionError), transaction:
        user.profile.bio = "Given up"
        transaction.save(user)
        1 / 0  # noqa: B018

    with nothing_written(db), pytest.raises(QueryError):
        transaction.commit()


def test_a_transaction_takes_what_the_entity_has(db: Database) -> None:
    make_user(db, "u1")
    make_circle(db)
    circle = Circle.key.of("c1")
    for refused in (
        lambda to: to.update(circle, User.stats.circles_joined.add(7)),
        lambda to: to.update(circle, "SET name"),
        lambda to: to.check(circle, User.is_verified == False),
        lambda to: to.update(circle, Circle.stats.posts_this_week.add(1), condition=User.is_verified == True),
        lambda to: to.delete(circle),
        lambda to: to.delete(Story.key.of("s1")),
    ):
        with nothing_written(db), pytest.raises(QueryError):
            refused(db.transaction())
