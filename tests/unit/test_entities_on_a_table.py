from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models import Database
from madmall_models.entities import Business, Circle, CircleMember, Comment, Resource, Story, User

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
COMPLETE: dict[Any, dict[str, Any]] = {
    User: {"user_id": "u1", "email": "Jane@Example.com", "profile": {"first_name": "Jane", "last_name": "Smith"}},
    Circle: {"circle_id": "c1", "name": "Support", "type": "support_group", "created_by": "u1"},
    CircleMember: {"circle_id": "c1", "user_id": "u1"},
    Story: {
        "story_id": "s1",
        "title": "What my sister said",
        "content": "It began on a Monday.",
        "author": {"id": "u1"},
        "circle_id": "c1",
        "featured_at": NOON,
    },
    Comment: {"story_id": "s1", "comment_id": "k1", "author": {"id": "u1"}, "content": "Yes."},
    Business: {
        "business_id": "b1",
        "profile": {"name": "Calm", "contact": {"email": "hello@calm.example"}},
        "owner_id": "u1",
        "verified_at": NOON,
        "featured_until": NOON,
    },
    Resource: {
        "resource_id": "r1",
        "title": "Sleep well",
        "description": "Seven habits",
        "category": "self_care",
        "author": {"id": "u1"},
        "status": "featured",
        "published_at": NOON,
    },
}
# The one list that a published story is not in.
ELSEWHERE = {"awaiting_moderation": {"moderation_status": "pending"}}


def written(db: Database, entity: Any) -> Any:
    """Return an entity that was written for itself, without what its manager would demand or add."""
    db.writer.create(entity)
    return entity


@pytest.mark.parametrize(("cls", "name"), [(cls, name) for cls in COMPLETE for name in cls.keys])
def test_an_entity_is_found_by_every_key_that_it_declares(db: Database, cls: Any, name: str) -> None:
    with db.bound():
        made = written(db, cls(**COMPLETE[cls], **ELSEWHERE.get(name, {})))
        key = getattr(cls, name)
        values = made.field_values()
        asked = {field.replace(".", "_"): values[field] for field in key.partition.field_names}

        assert list(key.query(**asked)) == [made]


def test_a_story_that_is_taken_back_leaves_the_lists_that_everybody_reads(db: Database) -> None:
    with db.bound():
        story = written(db, Story(**COMPLETE[Story]))
        story.status = "draft"
        story.save()

        assert list(Story.feed.query()) == []
        assert list(Story.featured.query()) == []
        assert list(Story.in_circle.query(circle_id="c1")) == [story]


def test_a_circle_that_is_saved_inactive_moves_to_the_inactive_ones(db: Database) -> None:
    with db.bound():
        circle = written(db, Circle(**COMPLETE[Circle]))
        circle.is_active = False
        circle.save()

        assert list(Circle.by_status.query(status="ACTIVE")) == []
        assert list(Circle.by_status.query(status="INACTIVE")) == [circle]


def test_a_circle_that_was_read_and_deleted_can_be_created_again(db: Database) -> None:
    with db.bound():
        User(**COMPLETE[User]).create()
        Circle(**COMPLETE[Circle], privacy_level="closed").create()
        (read,) = Circle.key.query(circle_id="c1")
        read.delete()
        read.create()

        assert (read.privacy_level, read.settings.is_private) == ("closed", True)
