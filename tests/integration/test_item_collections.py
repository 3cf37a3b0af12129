"""Item collections: everything in a partition, each item by its own class, nothing dropped and nothing fatal."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    Circle,
    CircleMember,
    Comment,
    Database,
    Entity,
    EpochAttribute,
    IdAttribute,
    ItemCollection,
    Pointer,
    PrimaryKey,
    Resource,
    Story,
    TimeAttribute,
    utc_now,
)
from madmall_models.declaration import isolated_registry
from tests.integration.samples import NOON, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit, nothing_sent

NOTE = {
    "PK": {"S": "CIRCLE#c1"},
    "SK": {"S": "NOTE#1"},
    "entityType": {"S": "NOTE"},
    "text": {"S": "of somebody else's program"},
}


@pytest.fixture
def circle(db: Database) -> Circle:
    for number in range(1, 5):
        make_user(db, f"u{number}")
    circle = make_circle(db)
    db.circles.add_member("c1", "u2", role="moderator")
    db.circles.add_member("c1", "u3")
    db.circles.ban_member("c1", "u3")
    return circle


@pytest.fixture
def own() -> Iterator[SimpleNamespace]:
    with isolated_registry():

        class Gathering(Entity, discriminator="GATHERING"):
            key = PrimaryKey("CIRCLE#{circle_id}", "GATHERING#{starts_at}#{gathering_id}")
            on_board = Pointer("BOARD#{board_id}", "GATHERING#{starts_at}#{gathering_id}")

            circle_id = IdAttribute()
            gathering_id = IdAttribute()
            starts_at = TimeAttribute()
            board_id = IdAttribute(null=True)
            ends = EpochAttribute(null=True)

        class Board(Entity, discriminator="BOARD"):
            key = PrimaryKey("BOARD#{board_id}", "METADATA")
            board_id = IdAttribute()

        yield SimpleNamespace(Gathering=Gathering, Board=Board)


def put(db: Database, item: dict[str, Any]) -> None:
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})


def test_a_circle_is_read_with_its_members_and_stories(db: Database, circle: Circle) -> None:
    make_circle(db, "c2")
    for number in range(3, 0, -1):
        make_story(db, f"s{number}", circle_id="c1", created_at=NOON + timedelta(hours=number), status="draft")
    make_story(db, "elsewhere", circle_id="c2")

    full = db.circles.in_full("c1", consistent=True)

    assert full.circle == db.circles.get("c1")
    assert [(member.user_id, member.status) for member in full.members] == [
        ("u1", "active"),
        ("u2", "active"),
        ("u3", "banned"),
    ]
    assert [story.story_id for story in full.stories] == ["s1", "s2", "s3"]
    assert full.stories[0] == db.stories.get("s1")
    assert (full.unknown, len(full)) == ((), 7)
    assert repr(full) == "<CircleCollection of 3 CircleMember, 1 Circle, 3 Story>"


def test_it_is_one_query_and_one_read_of_the_stories(db: Database, circle: Circle) -> None:
    for number in range(3):
        make_story(db, f"s{number}", circle_id="c1")
    before = {name: figures.calls for name, figures in db.metrics().operations.items()}
    with nothing_sent(db):
        db.circles.in_full("c1")
    after = {name: figures.calls for name, figures in db.metrics().operations.items()}
    asked = {name: calls - before.get(name, 0) for name, calls in after.items() if calls != before.get(name, 0)}
    assert asked == {"Query": 1, "BatchGetItem": 1}


def test_what_is_read_can_be_changed(db: Database, circle: Circle) -> None:
    make_story(db, circle_id="c1")
    full = db.circles.in_full("c1")
    full.circle.name = "Another name"
    full.circle.save()
    full.stories[0].title = "Another title"
    full.stories[0].save()
    assert (db.circles.get("c1").name, db.stories.get("s1").title) == ("Another name", "Another title")


@pytest.mark.parametrize("collection", ["circles", "stories", "users"])
def test_a_collection_without_its_root_is_none(collection: str, db: Database) -> None:
    manager = getattr(db, collection)
    with pytest.raises(manager.model.DoesNotExist):
        manager.in_full("nothing")
    assert len(manager.collection_of("nothing")) == 0
    assert repr(manager.collection_of("nothing")) == "<ItemCollection of nothing>"


def test_members_that_outlived_their_circle_are_no_circle(db: Database, circle: Circle) -> None:
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Circle.key.of("c1").wire})
    with pytest.raises(Circle.DoesNotExist):
        db.circles.in_full("c1")
    assert len(db.circles.collection_of("c1").of(CircleMember)) == 3


def test_a_story_is_read_with_its_comments(db: Database) -> None:
    make_user(db)
    story = make_story(db)
    comments = [db.stories.add_comment("s1", author_id="u1", content=f"Number {number}.") for number in range(3)]
    full = db.stories.in_full("s1")
    assert (full.story.story_id, full.comments) == (story.story_id, tuple(comments))
    assert full.of(Comment) == full.comments


def test_a_user_is_read_with_memberships_and_resources(db: Database, circle: Circle) -> None:
    make_circle(db, "c2", owner="u2")
    make_resource(db, author="u2")
    full = db.users.in_full("u2")
    assert full.user == db.users.get("u2")
    assert [member.circle_id for member in full.memberships] == ["c1", "c2"]
    assert [resource.resource_id for resource in full.resources] == ["r1"]
    assert full.of(Resource) == full.resources
    # A copy is the membership itself: what it is changed to, it is changed to on both sides.
    full.memberships[0].notes = "Kind."
    full.memberships[0].save()
    assert db.circles.get_member("c1", "u2").notes == "Kind."


def test_what_no_class_knows_is_handed_out_as_it_is_stored(
    db: Database, circle: Circle, caplog: pytest.LogCaptureFixture
) -> None:
    untyped = {"PK": {"S": "CIRCLE#c1"}, "SK": {"S": "ZZZ"}, "text": {"S": "?"}}
    misplaced = {"PK": {"S": "CIRCLE#c1"}, "SK": {"S": "ELSEWHERE#1"}, "entityType": {"S": "CIRCLE"}}
    pointing = {"PK": {"S": "CIRCLE#c1"}, "SK": {"S": "ZEBRA#1"}, "entityType": {"S": "ZEBRA_POINTER"}}
    for item in (NOTE, untyped, misplaced, pointing):
        put(db, item)
    with caplog.at_level(logging.WARNING):
        full = db.circles.in_full("c1")
    assert full.unknown == (misplaced, NOTE, pointing, untyped)
    assert (full.circle.circle_id, len(full.members)) == ("c1", 3)
    assert "PK=CIRCLE#...: 4 items" in caplog.text
    assert "CIRCLE, NOTE, ZEBRA_POINTER" in caplog.text
    assert "somebody else" not in caplog.text
    assert repr(full).endswith("4 unknown>")


def test_an_application_s_own_entities_are_decoded_too(db: Database, circle: Circle, own: SimpleNamespace) -> None:
    manager = db.manager_of(own.Gathering)
    gathering = manager.create(circle_id="c1", gathering_id="g1", starts_at=NOON, board_id="b1")
    full = db.circles.in_full("c1")
    assert full.of(own.Gathering) == (gathering,)
    assert full.unknown == ()
    assert manager.collection_of("c1", NOON, "g1").of(Circle) == (full.circle,)
    db.manager_of(own.Board).create(board_id="b1")
    board = db.manager_of(own.Board).collection_of("b1")
    assert [type(item).__name__ for item in board] == ["Gathering", "Board"]
    assert board.of(own.Gathering) == (gathering,)


def test_what_is_gone_moved_or_expired_is_left_out(db: Database, circle: Circle) -> None:
    for name in ("gone", "moved", "expired", "stays"):
        make_story(db, name, circle_id="c1")
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Story.key.of("gone").wire})
    edit(db, Story.key.of("moved"), "SET circleId = :other", other={"S": "c9"})
    past = {"N": str(int((utc_now() - timedelta(hours=1)).timestamp()))}
    edit(db, Story.key.of("expired"), "SET #ttl = :past", past=past)
    edit(db, CircleMember.key.of("c1", "u2"), "SET #ttl = :past", past=past)
    put(db, {**NOTE, "ttl": past})

    full = db.circles.in_full("c1")

    assert [story.story_id for story in full.stories] == ["stays"]
    assert [member.user_id for member in full.members] == ["u1", "u3"]
    assert full.unknown == ()
    everything = ItemCollection.read(db, "CIRCLE#c1", including_expired=True)
    assert {story.story_id for story in everything.of(Story)} == {"expired", "stays"}
    assert (len(everything.of(CircleMember)), len(everything.unknown)) == (3, 1)


def test_an_expired_circle_is_none(db: Database, circle: Circle) -> None:
    past = {"N": str(int((utc_now() - timedelta(hours=1)).timestamp()))}
    edit(db, Circle.key.of("c1"), "SET #ttl = :past", past=past)
    with pytest.raises(Circle.DoesNotExist):
        db.circles.in_full("c1")


def test_a_collection_of_several_pages_is_read_to_its_end(db: Database, circle: Circle) -> None:
    # 12 items of 100 KB are more than the megabyte of one answer.
    for number in range(12):
        put(db, {**NOTE, "SK": {"S": f"NOTE#{number:02}"}, "text": {"S": "x" * 100_000}})
    full = db.circles.in_full("c1")
    assert [item["SK"]["S"] for item in full.unknown] == [f"NOTE#{number:02}" for number in range(12)]
    assert len(full.members) == 3
