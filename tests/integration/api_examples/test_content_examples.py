"""What is done with stories, businesses and resources. Each block is one that the documents show."""

from __future__ import annotations

from datetime import timedelta

import pytest

from madmall_models import Database, User, utc_now


@pytest.fixture
def jane(db: Database) -> User:
    return db.users.create(
        user_id="user123", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"}
    )


def test_stories(db: Database, jane: User) -> None:
    story = db.stories.create(
        story_id="story1",
        title="How it began",
        content="A text that is long enough for a story, since a short one is warned of.",
        author={"id": "user123", "display_name": "Jane"},
        status="draft",
        themes=["hope"],
        tags=["first"],
        metadata={"cultural_elements": ["song"]},
    )
    assert list(db.stories.get_feed_stories()) == []
    db.stories.publish("story1")
    db.stories.feature("story1")
    db.stories.update_engagement("story1", likes=1)
    for stories in (
        db.stories.get_feed_stories(),
        db.stories.get_by_author("user123"),
        db.stories.get_published_stories(),
        db.stories.get_featured_stories(),
        db.stories.search_stories(themes=["hope"], tags=["first"], cultural_elements=["song"], type=story.type),
    ):
        assert [found.story_id for found in stories] == ["story1"]
    assert list(db.stories.get_by_circle("circle123")) == []
    comment = db.stories.add_comment("story1", author_id="user123", content="Thank you.")
    assert list(db.stories.get_comments("story1")) == [comment]
    db.stories.remove_comment("story1", comment.comment_id)
    assert db.stories.get("story1").engagement.likes == 1
    db.stories.archive("story1")
    assert list(db.stories.get_feed_stories()) == []


def test_moderation_and_comments(db: Database, jane: User) -> None:
    db.stories.create(
        story_id="story1",
        title="How it began",
        content="A text that is long enough for a story, since a short one is warned of.",
        author={"id": "user123", "display_name": "Jane"},
        moderation_status="pending",
    )
    assert [story.story_id for story in db.stories.get_stories_awaiting_moderation()] == ["story1"]
    db.stories.moderate("story1", "approved", notes="Kind.")
    assert [story.story_id for story in db.stories.get_feed_stories()] == ["story1"]
    first = db.stories.add_comment("story1", author_id="user123", content="Thank you.")
    db.stories.add_comment("story1", author_id="user123", content="Yes.", parent_comment_id=first.comment_id)
    db.stories.edit_comment("story1", first.comment_id, content="Thank you all.")
    db.stories.like_comment("story1", first.comment_id)
    full = db.stories.in_full("story1")
    assert full.story.engagement.comments == 2
    assert [(comment.content, comment.likes) for comment in full.comments] == [("Thank you all.", 1), ("Yes.", 0)]


def test_businesses(db: Database) -> None:
    business = db.businesses.create(
        business_id="business1",
        owner_id="user123",
        category="Wellness",
        profile={"name": "Rest & Care", "contact": {"email": "care@example.com", "address": {"city": "Atlanta"}}},
        certifications=["black_owned"],
        verified_at=utc_now(),
        featured_until=utc_now() + timedelta(days=30),
    )
    for businesses in (
        db.businesses.get_by_category("wellness"),
        db.businesses.get_by_owner("user123"),
        db.businesses.search_businesses(certifications=["black_owned"], location={"city": "Atlanta"}),
        db.businesses.get_verified_businesses(),
        db.businesses.get_featured_businesses(),
    ):
        assert list(businesses) == [business]
    db.businesses.verify("business1")
    db.businesses.feature("business1", until=utc_now() + timedelta(days=60))
    db.businesses.update_metrics("business1", rating=4.5, review_count=12)
    assert db.businesses.get("business1").metrics.review_count == 12


def test_resources(db: Database) -> None:
    resource = db.resources.create(
        resource_id="resource1",
        title="Eating well",
        description="What to eat.",
        category="nutrition",
        author={"id": "user123", "name": "Jane"},
        tags=["food"],
    )
    for resources in (
        db.resources.get_by_type("article"),
        db.resources.get_by_category("nutrition"),
        db.resources.get_by_author("user123"),
        db.resources.search_resources(category="nutrition", tags=["food"]),
        db.resources.get_published_resources(),
        db.resources.get_resources_by_tenant("default"),
    ):
        assert list(resources) == [resource]
    db.resources.update_engagement("resource1", views=1, average_rating=4.5)
    db.resources.feature("resource1")
    assert [found.resource_id for found in db.resources.get_featured_resources()] == ["resource1"]
