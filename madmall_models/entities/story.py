"""Declare the story and the comments under it."""

from __future__ import annotations

from collections.abc import Collection

from madmall_models.attributes import (
    BooleanAttribute,
    CounterAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI2, GSI3, GSI4
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.rules import WARNING, Length, Recommended, Rules

MODERATION_STATUSES = ("pending", "approved", "rejected", "needs_review")
AWAITING_MODERATION = ("pending", "needs_review")


class StoryAuthor(Document):
    """Name who wrote a story or a comment, as it was when it was written.

    ``display_name`` is a copy: a later change of the user's name does not reach it, the deletion of the user does.
    """

    id = IdAttribute()
    display_name = UnicodeAttribute(null=True)
    avatar = UnicodeAttribute(null=True)
    is_verified = BooleanAttribute(default=False)

    rules = Rules(display_name=[Recommended()])


class StoryEngagement(Measurements):
    """Count what readers did with a story.

    ``comments`` is maintained: the transactions that add and remove a comment change it.
    """

    likes = CounterAttribute(default=0)
    comments = CounterAttribute(default=0, maintained=True)
    shares = CounterAttribute(default=0)
    saves = CounterAttribute(default=0)
    views = CounterAttribute(default=0)
    helpful_votes = CounterAttribute(default=0)


class StoryMetadata(Document):
    """Hold what is known about the text of a story; ``read_time`` is in minutes."""

    read_time = IntegerAttribute(default=5)
    word_count = IntegerAttribute(default=0)
    cultural_elements = ListAttribute(of=UnicodeAttribute, default=list)
    therapeutic_value = ListAttribute(of=UnicodeAttribute, default=list)
    trigger_warnings = ListAttribute(of=UnicodeAttribute, null=True)
    age_appropriate = BooleanAttribute(default=True)


class Story(Entity, discriminator="STORY"):
    """A text that a member wrote, and the root of its own item collection: the story and its comments.

    The title has 5 to 200 characters. A text under 50 or over 50,000 characters is warned of; note that a whole item
    has at most 400 KB. Only a story that is published and approved is public, and only public stories stand in the
    feed and among the featured ones. While ``deleting_at`` is set the story is being deleted, and nobody can comment.
    """

    key = PrimaryKey("STORY#{story_id}", "METADATA", answers="Which story has this id?")
    by_author = GSI1.key(
        "AUTHOR#{author.id}", "CREATED#{created_at}", answers="Which stories did this author write, oldest first?"
    )
    feed = GSI2.key(
        "STORY_FEED",
        "CREATED#{created_at}",
        answers="Which stories may everybody read, oldest first?",
        when=lambda story: story.is_public,
    )
    by_status = GSI3.key(
        "STORY_STATUS#{status:upper}", "CREATED#{created_at}", answers="Which stories have this status, oldest first?"
    )
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#STORIES",
        "CREATED#{created_at}",
        answers="Which stories belong to this tenant, oldest first?",
    )
    # Every story of a circle has this pointer, drafts too: it is how the circle's own pages and the deletion of the
    # circle find them. Readers are given the public ones by a filter.
    in_circle = Pointer(
        "CIRCLE#{circle_id}",
        "STORY#{created_at}#{story_id}",
        answers="Which stories belong to this circle, oldest first?",
    )
    # What is featured is shown to everybody, so a story that is taken back leaves this list at once, and comes back
    # with its old place when it is published again.
    featured = Pointer(
        "FEATURED#STORY",
        "{featured_at}#{story_id}",
        answers="Which public stories are featured, longest featured first?",
        when=lambda story: story.is_public and story.featured_at is not None,
    )
    # A draft in review waits like a published story does: moderators see both.
    awaiting_moderation = Pointer(
        "MODERATION#STORY",
        "{created_at}#{story_id}",
        answers="Which stories wait for a moderator, oldest first?",
        when=lambda story: story.moderation_status in AWAITING_MODERATION,
    )

    story_id = IdAttribute()
    title = UnicodeAttribute()
    content = UnicodeAttribute()
    excerpt = UnicodeAttribute(null=True)
    author = StoryAuthor()
    type = EnumAttribute(
        "personal_experience",
        "milestone_celebration",
        "challenge_overcome",
        "advice_sharing",
        "gratitude_expression",
        "awareness_raising",
        strict=True,
        default="personal_experience",
    )
    status = EnumAttribute("draft", "published", "archived", "flagged", "removed", strict=True, default="published")
    themes = ListAttribute(of=UnicodeAttribute, default=list)
    tags = ListAttribute(of=UnicodeAttribute, default=list)
    circle_id = IdAttribute(null=True)
    engagement = StoryEngagement(default=StoryEngagement)
    metadata = StoryMetadata(default=StoryMetadata)
    moderation_status = EnumAttribute(*MODERATION_STATUSES, default="approved")
    moderation_notes = UnicodeAttribute(null=True)
    featured_at = TimeAttribute(null=True)
    published_at = TimeAttribute(null=True)
    deleting_at = TimeAttribute(null=True, maintained=True)

    rules = Rules(
        title=[Length(min=5, max=200)],
        content=[Length(min=50, max=50000, severity=WARNING)],
    )

    @property
    def is_public(self) -> bool:
        """Tell whether everybody may read the story: it is published, and moderation approved it."""
        return self.status == "published" and self.moderation_status == "approved"


class Comment(Entity, discriminator="STORY_COMMENT"):
    """What somebody said about a story.

    Replies are stored flat, under the story, and name what they answer in ``parent_comment_id``. Comments are listed in
    the order of their ids, which is the order of time for ids made by :func:`~madmall_models.identifiers.new_id`.
    ``likes`` is a count, changed by addition. A change of the text sets ``is_edited``.
    """

    key = PrimaryKey("STORY#{story_id}", "COMMENT#{comment_id}", answers="Which comments does this story have?")
    by_author = GSI1.key(
        "AUTHOR#{author.id}#COMMENTS",
        "CREATED#{created_at}",
        answers="Which comments did this author write, oldest first?",
    )

    comment_id = IdAttribute()
    story_id = IdAttribute()
    author = StoryAuthor()
    content = UnicodeAttribute()
    parent_comment_id = IdAttribute(null=True)
    likes = CounterAttribute(default=0)
    is_edited: BooleanAttribute = BooleanAttribute(default=False)
    moderation_status = EnumAttribute(*MODERATION_STATUSES, default="approved")

    def reconcile(self, changed: Collection[str]) -> None:
        """Mark a comment as edited once its text is another than it was."""
        if self._stored is not None and self._stored.get("content") != {"S": self.content}:
            self.is_edited = True
