"""Carry what stories can do: publishing, the feed, comments."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from madmall_models import clock
from madmall_models.entities import Circle, Comment, Story
from madmall_models.entities.story import MODERATION_STATUSES
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import TransactionCancelled, ValidationError
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.authorship import author_of, create_by, no_circle
from madmall_models.managers.matching import contains_any, equals, in_tenant, narrowed
from madmall_models.managers.pointers_left import clear_pointers
from madmall_models.managers.presence import stays
from madmall_models.managers.story_collection import StoryCollection
from madmall_models.managers.story_comments import StoryComments
from madmall_models.query import Query
from madmall_models.sending import Refused
from madmall_models.writer import change_error


class StoryManager(StoryComments, Manager[Story]):
    """Be the operations of stories and their comments; ``db.stories``."""

    collection = "stories"
    by_recipe = frozenset(["deleting_at"])

    def create_entity(self, entity: Story) -> None:
        """Write a new story, unless its author is being deleted or its circle is not there.

        Raises:
            User.DoesNotExist: the author is being deleted. Circle.DoesNotExist: there is no such circle, or it is being
                deleted. AlreadyExists, ValidationError, KeyValueError.
        """
        create_by(self.database, entity, author_of(entity), circle_id=entity.circle_id)

    def save_entity(self, entity: Story) -> None:
        """Write what changed of a story.

        Raises:
            Circle.DoesNotExist: it was moved to a circle that is not there, or is being deleted.
        """
        was = None if entity._stored is None else entity._stored.get("circleId", {}).get("S")
        if entity._stored is None or entity.circle_id in (None, was):
            super().save_entity(entity)
        else:
            self._move(entity, entity.circle_id)

    def delete_entity(self, entity: Story) -> None:
        """Delete a story as it was loaded, with its comments; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.story_id)

    def leave_circle(self, story_id: str, circle_id: str) -> None:
        """Take a story out of a circle that is being deleted, if it is still in it.

        Raises:
            Story.DoesNotExist: there is none.
        """

        Circle.key.of(circle_id)
        self._leave(Story.key.of(story_id), circle_id)

    def forget_circle(self, circle_id: str) -> None:
        """Take every story out of a circle that is being deleted; may be repeated. One transaction for each."""
        stories = self.get_by_circle(circle_id)
        for story in stories.consistent().including_expired():
            with suppress(Story.DoesNotExist):
                self.leave_circle(story.story_id, circle_id)
        clear_pointers(stories, lambda key: self._leave(key, circle_id))

    def _leave(self, key: ItemKey, circle_id: str) -> None:
        def leave(story: Story) -> None:
            # Moved to another circle meanwhile, it stays there.
            if story.circle_id == circle_id:
                story.circle_id = None

        self._rewrite(key, leave)

    def in_full(self, story_id: str, *, consistent: bool = False) -> StoryCollection:
        """Return a story with its comments and whatever else lies with it, in one read.

        Raises:
            Story.DoesNotExist: there is none.
        """
        return self._collection(StoryCollection, Story.key.of(story_id), consistent=consistent, whole=True)

    def get_feed_stories(self) -> Query[Story]:
        """Return a lazy query of the published and approved stories; add ``.newest_first()`` for a feed."""
        return self.asking(Story.feed)

    def get_by_author(self, author_id: str) -> Query[Story]:
        """Return a lazy query of an author's stories of any status, by time of creation."""
        return self.asking(Story.by_author, author_id=author_id)

    def get_by_circle(self, circle_id: str) -> Query[Story]:
        """Return a lazy query of a circle's stories of any status, by time of creation; each is fetched."""
        return self.asking(Story.in_circle, circle_id=circle_id)

    def get_published_stories(self) -> Query[Story]:
        """Return a lazy query of the stories with status published, approved or not, by time of creation."""
        return self.asking(Story.by_status, status="published")

    def get_featured_stories(self) -> Query[Story]:
        """Return a lazy query of the featured stories that are public; add ``.newest_first()`` for the latest."""
        return self.asking(Story.featured)

    def get_stories_awaiting_moderation(self) -> Query[Story]:
        """Return a lazy query of the moderation queue, longest waiting first."""
        return self.asking(Story.awaiting_moderation)

    def search_stories(
        self,
        *,
        type: str | None = None,
        themes: Iterable[str] = (),
        tags: Iterable[str] = (),
        cultural_elements: Iterable[str] = (),
        tenant_id: str = DEFAULT_TENANT,
    ) -> Query[Story]:
        """Return a lazy query of a tenant's part of the feed: any of each list, all of the criteria.

        What the criteria drop is read and paid for.
        """
        query = self.get_feed_stories().filter(in_tenant(Story, tenant_id))
        return narrowed(
            query,
            equals(Story.type, type, name="type"),
            contains_any(Story.themes, themes, name="themes"),
            contains_any(Story.tags, tags, name="tags"),
            contains_any(Story.metadata.cultural_elements, cultural_elements, name="cultural_elements"),
        )

    def moderate(self, story_id: str, status: str, *, notes: str | None = None) -> Story:
        """Give a moderator's decision: ``approved``, ``rejected``, ``needs_review``, or ``pending`` again.

        A story that is published and approved is in the feed from then on; any other leaves it.

        Args:
            story_id: the story.
            status: the decision.
            notes: the reason, kept with the story; earlier ones stay where it is left out.

        Raises:
            ValidationError: it is no such status. Story.DoesNotExist: there is none.
        """
        if status not in MODERATION_STATUSES:
            raise ValidationError(f"Story.moderation_status takes one of {', '.join(MODERATION_STATUSES)}")
        changes: dict[str, Any] = {} if notes is None else {"moderation_notes": notes}
        return self.update(story_id, moderation_status=status, **changes)

    def publish(self, story_id: str) -> Story:
        """Publish a story; it is in the feed while its moderation status is approved."""
        return self.update(story_id, status="published", published_at=clock.utc_now())

    def feature(self, story_id: str) -> Story:
        """Feature a story; it is listed while it is public."""
        return self.update(story_id, featured_at=clock.utc_now())

    def unfeature(self, story_id: str) -> Story:
        """Take a story off the list of the featured ones."""
        return self.update(story_id, featured_at=None)

    def archive(self, story_id: str) -> Story:
        """Archive a story: out of the feed, still there for its author."""
        return self.update(story_id, status="archived")

    def update_engagement(self, story_id: str, **deltas: int) -> None:
        """Add to a story's counters. ``comments`` is kept by the comments themselves; a delta stays until a recount."""
        self.measure(Story.key.of(story_id), deltas, within="engagement")

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a story with its comments and pointers.

        The story is marked first, so that nobody comments meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each comment.

        Raises:
            Story.DoesNotExist: there is none.
        """
        story = self._stored_at(Story.key.of(*key, **fields))
        if story.deleting_at is None:
            self._rewrite(story.item_key(), _mark)
        for comment in self.get_comments(story.story_id).consistent().including_expired():
            # Somebody else may have removed it; that it is gone is what is wanted.
            with suppress(Comment.DoesNotExist):
                self.remove_comment(story.story_id, comment.comment_id)
        self._remove(story.item_key())

    def _move(self, entity: Story, circle_id: str) -> None:
        """Write what changed of a story, on condition that its new circle is there."""
        key = Circle.key.of(circle_id)
        transaction = self.database.transaction()
        saved = transaction.save(entity)
        circle = transaction.check(key, stays(Circle))
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(circle):
                raise no_circle(entity) from cancelled
            if not cancelled.refused(saved):
                raise
            raise change_error(entity, Refused([cancelled.because_of(saved)], cancelled)) from cancelled


def _mark(story: Story) -> None:
    story.deleting_at = clock.utc_now()
