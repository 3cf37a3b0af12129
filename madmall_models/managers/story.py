"""Carry what stories can do: publishing, the feed, comments."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from madmall_models import clock
from madmall_models.entities import Comment, Story, User
from madmall_models.identifiers import new_id
from madmall_models.manager import Manager
from madmall_models.managers.authorship import create_by
from madmall_models.managers.matching import contains_any
from madmall_models.managers.story_collection import StoryCollection
from madmall_models.query import Query


class StoryManager(Manager[Story]):
    """Be the operations of stories and their comments; ``db.stories``."""

    collection = "stories"

    def create_entity(self, entity: Story) -> None:
        """Write a new story, unless its author is being deleted.

        Raises:
            User.DoesNotExist: the author is being deleted. AlreadyExists, ValidationError, KeyValueError.
        """
        create_by(self.database, entity, entity.author.id if entity.author else None)

    def delete_entity(self, entity: Story) -> None:
        """Delete a story as it was loaded, with its comments; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.story_id)

    def leave_circle(self, story_id: str) -> None:
        """Take a story out of its circle; for a circle that is being deleted.

        Raises:
            Story.DoesNotExist: there is none.
        """
        self._rewrite(Story.key.of(story_id), _out_of_circle)

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
    ) -> Query[Story]:
        """Return a lazy query of the feed: of a type, with any of each list. What the criteria drop is paid for."""
        query = self.get_feed_stories()
        metadata: Any = Story.metadata
        for condition in (
            None if type is None else Story.type == type,
            contains_any(Story.themes, themes, name="themes"),
            contains_any(Story.tags, tags, name="tags"),
            contains_any(metadata.cultural_elements, cultural_elements, name="cultural_elements"),
        ):
            query = query if condition is None else query.filter(condition)
        return query

    def publish(self, story_id: str) -> Story:
        """Publish a story; it is in the feed while its moderation status is approved."""
        return self.update(story_id, status="published", published_at=clock.utc_now())

    def feature(self, story_id: str) -> Story:
        """Feature a story; it is listed while it is public."""
        return self.update(story_id, featured_at=clock.utc_now())

    def archive(self, story_id: str) -> Story:
        """Archive a story: out of the feed, still there for its author."""
        return self.update(story_id, status="archived")

    def update_engagement(self, story_id: str, **deltas: int) -> None:
        """Add to a story's counters. ``comments`` is kept by the comments themselves; a delta stays until a recount."""
        self.measure(Story.key.of(story_id), deltas, within="engagement")

    # -- comments --------------------------------------------------------------------------------------------------

    def add_comment(
        self, story_id: str, *, author_id: str, content: str, display_name: str | None = None, **fields: Any
    ) -> Comment:
        """Add a comment and count it, at the story and at its author, in one transaction.

        Args:
            story_id: the story.
            author_id: the user who comments.
            content: the text.
            display_name: the name to show; the author's name, or "Member" for those who hide it, when left out.
            fields: other attributes of the comment.

        Raises:
            Story.DoesNotExist, User.DoesNotExist: nothing was written. ValidationError, KeyValueError.
        """
        author = self.database.users.get(author_id, consistent=True)
        comment = Comment(
            story_id=story_id,
            comment_id=fields.pop("comment_id", None) or new_id(),
            author={"id": author_id, "display_name": display_name or _shown_name(author)},
            content=content,
            **fields,
        )
        self.database.manager_of(Comment).create_entity(comment)
        return comment

    def get_comments(self, story_id: str) -> Query[Comment]:
        """Return a lazy query of a story's comments by id, which is the order of writing for ids made here."""
        query: Query[Comment] = self.database.query_of(Comment.key, Comment.key.checked_fields({"story_id": story_id}))
        return query

    def remove_comment(self, story_id: str, comment_id: str) -> None:
        """Remove a comment and uncount it at the story, in one transaction.

        Raises:
            Comment.DoesNotExist: there is none.
        """
        self.database.manager_of(Comment).delete(story_id, comment_id)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a story with its comments and pointers.

        The story is marked first, so that nobody comments meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each comment.

        Raises:
            Story.DoesNotExist: there is none.
        """
        story = self.get(*key, consistent=True, **fields)
        if story.deleting_at is None:
            self._rewrite(story.item_key(), _mark)
        for comment in self.get_comments(story.story_id).consistent():
            # Somebody else may have removed it; that it is gone is what is wanted.
            with suppress(Comment.DoesNotExist):
                self.remove_comment(story.story_id, comment.comment_id)
        self._remove(story.item_key())


def _shown_name(user: User) -> str:
    if not user.preferences or not user.preferences.show_real_name or not user.profile:
        return "Member"
    return " ".join(part for part in (user.profile.first_name, user.profile.last_name) if part) or "Member"


def _mark(story: Story) -> None:
    story.deleting_at = clock.utc_now()


def _out_of_circle(story: Story) -> None:
    story.circle_id = None
