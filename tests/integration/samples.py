"""Make users, circles, stories, businesses and resources with the least that each needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from madmall_models import Business, Circle, Database, Resource, Story, User

# In the past whenever the tests run, so that what is changed is changed later.
NOON = datetime(2024, 11, 22, 12, tzinfo=UTC)
LONG_TEXT = "A text that is long enough for a story, since a short one is warned of."


def make_user(db: Database, user_id: str = "u1", **fields: Any) -> User:
    given: dict[str, Any] = {
        "user_id": user_id,
        "email": f"{user_id}@example.org",
        "profile": {"first_name": "Jane", "last_name": "Smith"},
    }
    return db.users.create(**{**given, **fields})


def make_circle(db: Database, circle_id: str = "c1", owner: str = "u1", **fields: Any) -> Circle:
    given: dict[str, Any] = {
        "circle_id": circle_id,
        "name": "Newly Diagnosed Support",
        "type": "support_group",
        "created_by": owner,
    }
    return db.circles.create(**{**given, **fields})


def make_story(db: Database, story_id: str = "s1", author: str = "u1", **fields: Any) -> Story:
    given: dict[str, Any] = {
        "story_id": story_id,
        "title": "How it began",
        "content": LONG_TEXT,
        "author": {"id": author, "display_name": "Jane"},
    }
    return db.stories.create(**{**given, **fields})


def make_business(
    db: Database, business_id: str = "b1", owner: str = "u1", name: str = "Rest", **fields: Any
) -> Business:
    profile = {"name": name, "contact": {"email": "contact@example.org"}}
    given: dict[str, Any] = {"business_id": business_id, "owner_id": owner, "profile": profile}
    return db.businesses.create(**{**given, **fields})


def make_resource(db: Database, resource_id: str = "r1", author: str = "u1", **fields: Any) -> Resource:
    given: dict[str, Any] = {
        "resource_id": resource_id,
        "title": "Eating well",
        "description": "What to eat.",
        "category": "nutrition",
        "author": {"id": author, "name": "Jane"},
    }
    return db.resources.create(**{**given, **fields})
