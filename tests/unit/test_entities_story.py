from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import codec
from madmall_models.entities import Comment, Story
from madmall_models.footprint import footprint, measured_paths

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = ["draft", "published", "archived", "flagged", "removed"]
MODERATION = ["pending", "approved", "rejected", "needs_review"]
SAMPLE: dict[str, Any] = {
    "story_id": "s1",
    "title": "What my sister said",
    "content": "It began on a Monday, with a phone call that I did not want to take.",
    "author": {"id": "u1", "display_name": "Jane"},
    "created_at": NOON,
    "updated_at": NOON,
}


def story(**changes: Any) -> Story:
    return Story(**{**SAMPLE, **changes})


def codes(findings: Any) -> dict[str, str]:
    return {finding.field: finding.code for finding in findings}


def pointer_keys(entity: Any) -> dict[str, tuple[str, str]]:
    return {name: (item["PK"]["S"], item["SK"]["S"]) for name, item in footprint(entity).pointers.items()}


def test_a_published_story_is_in_every_list_that_it_belongs_to() -> None:
    made = story(circle_id="c1", featured_at=NOON)

    assert made.rendered_keys() == {
        "PK": "STORY#s1",
        "SK": "METADATA",
        "GSI1PK": "AUTHOR#u1",
        "GSI1SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI2PK": "STORY_FEED",
        "GSI2SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI3PK": "STORY_STATUS#PUBLISHED",
        "GSI3SK": "CREATED#2026-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#STORIES",
        "GSI4SK": "CREATED#2026-11-22T12:00:00.000Z",
    }
    assert pointer_keys(made) == {
        "in_circle": ("CIRCLE#c1", "STORY#2026-11-22T12:00:00.000Z#s1"),
        "featured": ("FEATURED#STORY", "2026-11-22T12:00:00.000Z#s1"),
    }


@given(st.sampled_from(STATUSES), st.sampled_from(MODERATION), st.booleans())
def test_only_what_is_published_and_approved_is_shown_to_everybody(
    status: str, moderation: str, featured: bool
) -> None:
    made = story(status=status, moderation_status=moderation, featured_at=NOON if featured else None)
    public = status == "published" and moderation == "approved"

    assert made.is_public is public
    assert (("STORY_FEED", "CREATED#2026-11-22T12:00:00.000Z") if public else (None, None)) == (
        made.GSI2PK,
        made.GSI2SK,
    )
    assert ("featured" in pointer_keys(made)) is (public and featured)


@pytest.mark.parametrize("moderation", MODERATION)
@pytest.mark.parametrize("status", STATUSES)
def test_moderators_see_what_waits_whatever_its_status(status: str, moderation: str) -> None:
    waiting = pointer_keys(story(status=status, moderation_status=moderation)).get("awaiting_moderation")

    expected = ("MODERATION#STORY", "2026-11-22T12:00:00.000Z#s1")
    assert waiting == (expected if moderation in ("pending", "needs_review") else None)


@pytest.mark.parametrize("status", STATUSES)
def test_a_circle_finds_its_stories_of_any_status(status: str) -> None:
    assert "in_circle" in pointer_keys(story(status=status, circle_id="c1"))


def test_a_story_outside_of_circles_points_to_none() -> None:
    assert pointer_keys(story()) == {}


@pytest.mark.parametrize(
    ("changes", "errors", "warnings"),
    [
        ({}, {}, {}),
        ({"title": "abcd"}, {"title": "MIN_LENGTH"}, {}),
        ({"title": "x" * 201}, {"title": "MAX_LENGTH"}, {}),
        ({"content": "short"}, {}, {"content": "LENGTH_WARNING"}),
        ({"content": "x" * 50001}, {}, {"content": "LENGTH_WARNING"}),
        ({"content": ""}, {"content": "REQUIRED"}, {}),
        ({"author": {"display_name": "Jane"}}, {"author.id": "REQUIRED"}, {}),
        ({"author": {"id": "u1"}}, {}, {"author.displayName": "RECOMMENDED"}),
        ({"author": None}, {"author": "REQUIRED"}, {}),
        ({"type": "video"}, {"type": "INVALID_VALUE"}, {}),
        ({"status": "PUBLISHED"}, {"status": "INVALID_VALUE"}, {}),
        ({"moderation_status": "odd"}, {}, {"moderationStatus": "INVALID_VALUE"}),
    ],
)
def test_rules(changes: dict[str, Any], errors: dict[str, str], warnings: dict[str, str]) -> None:
    report = Story.validate({**SAMPLE, **changes})

    assert (codes(report.errors), codes(report.warnings)) == (errors, warnings)


def test_a_new_story_has_its_defaults() -> None:
    made = story()

    assert (made.type, made.status, made.moderation_status) == ("personal_experience", "published", "approved")
    assert (made.metadata.read_time, made.metadata.age_appropriate, made.metadata.trigger_warnings) == (5, True, None)
    assert (made.engagement.likes, made.engagement.comments) == (0, 0)
    assert made.author.is_verified is False


def test_engagement_is_measured_and_comments_are_maintained() -> None:
    assert measured_paths(Story) == {("engagement",)}
    counters = type(Story.engagement)._attributes
    assert [name for name, counter in counters.items() if counter.maintained] == ["comments"]


def test_a_comment_lives_under_its_story() -> None:
    made = Comment(
        story_id="s1",
        comment_id="k2",
        parent_comment_id="k1",
        author={"id": "u2", "display_name": "Ann"},
        content="Yes.",
    )

    assert made.rendered_keys() == {"PK": "STORY#s1", "SK": "COMMENT#k2"}
    assert codec.encode(made)["parentCommentId"] == {"S": "k1"}
    assert (made.likes, made.is_edited, made.moderation_status) == (0, False, "approved")
    assert Comment.validate(made).entries == ()


@pytest.mark.parametrize(
    ("missing", "field"),
    [("story_id", "storyId"), ("comment_id", "commentId"), ("content", "content"), ("author", "author")],
)
def test_a_comment_of_nobody_or_without_words_is_refused(missing: str, field: str) -> None:
    sample = {"story_id": "s1", "comment_id": "k1", "author": {"id": "u2", "display_name": "Ann"}, "content": "Yes."}

    assert codes(Comment.validate({**sample, missing: None}).errors) == {field: "REQUIRED"}


def test_likes_of_a_comment_are_counted_apart_from_edits() -> None:
    assert measured_paths(Comment) == {("likes",)}
