"""Carry what stories can do: publishing, the feed, comments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from madmall_models import clock
from madmall_models.connection.retry import retried
from madmall_models.entities import Comment, Story, User
from madmall_models.errors import AlreadyExists, TransactionCancelled
from madmall_models.identifiers import new_id
from madmall_models.manager import Manager
from madmall_models.managers.matching import any_of
from madmall_models.managers.membership import STATS, CirclesJoined
from madmall_models.query import Query

_RACES = 8
# The stored path of a story's counters.
_ENGAGEMENT = ("engagement",)


class StoryManager(Manager[Story]):
    """Be the operations of stories and their comments; ``db.stories``."""

    collection = "stories"

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
            any_of(Story.themes.contains(theme) for theme in themes),
            any_of(Story.tags.contains(tag) for tag in tags),
            any_of(metadata.cultural_elements.contains(element) for element in cultural_elements),
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
        engagement: Any = Story.engagement
        stats: Any = User.stats
        transaction = self.database.transaction()
        created = transaction.create(comment)
        counted = transaction.update(
            Story.key.of(story_id),
            engagement.comments.add(1),
            condition=Story.deleting_at.does_not_exist(),
            absent_maps={_ENGAGEMENT: CommentCount(self.database, story_id)},
        )
        writer = transaction.update(
            User.key.of(author_id),
            stats.comments_posted.add(1),
            condition=User.deleting_at.does_not_exist(),
            absent_maps={STATS: CirclesJoined(self.database, author_id)},
        )
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(created):
                raise AlreadyExists("Comment: an item with this key exists already; nothing was written") from cancelled
            if cancelled.refused(counted):
                gone = "Story: there is no such story, or it is being deleted; nothing was written"
                raise Story.DoesNotExist(gone) from cancelled
            if cancelled.refused(writer):
                raise User.DoesNotExist("User: there is no such user; nothing was written") from cancelled
            raise
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
        comments = self.database.manager_of(Comment)
        engagement: Any = Story.engagement

        def attempt() -> None:
            comment = comments.get(story_id, comment_id, consistent=True)
            transaction = self.database.transaction()
            transaction.delete(comment)
            maps = {_ENGAGEMENT: CommentCount(self.database, story_id)}
            counted = transaction.update(Story.key.of(story_id), engagement.comments.add(-1), absent_maps=maps)
            try:
                transaction.commit()
            except TransactionCancelled as cancelled:
                reason = cancelled.because_of(counted)
                if reason is None or not reason.is_condition:
                    raise
                # The story is gone; a comment that outlived it can still go.
                comment.delete()

        retried(attempt, lost=TransactionCancelled, most=_RACES)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a story with its comments and pointers.

        The story is marked first, so that nobody comments meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each comment.

        Raises:
            Story.DoesNotExist: there is none.
        """
        story = self.get(*key, consistent=True, **fields)
        if story.deleting_at is None:
            story = self.update(story.story_id, deleting_at=clock.utc_now())
        for comment in self.get_comments(story.story_id).consistent():
            # Somebody else may have removed it; that it is gone is what is wanted.
            with suppress(Comment.DoesNotExist):
                self.remove_comment(story.story_id, comment.comment_id)
        super().delete(story.story_id)


class CommentCount:
    """Make the counters of a story that has none: zeros, and the comments as they really are."""

    def __init__(self, database: Any, story_id: str) -> None:
        self._database = database
        self._story_id = story_id

    def __call__(self) -> Mapping[str, Any]:
        """Return the content of ``engagement``."""
        engagement = type(Story.engagement)()
        engagement.comments = self._database.stories.get_comments(self._story_id).consistent().count()
        return engagement.serialize(engagement)


def _shown_name(user: User) -> str:
    if not user.preferences or not user.preferences.show_real_name or not user.profile:
        return "Member"
    return " ".join(part for part in (user.profile.first_name, user.profile.last_name) if part) or "Member"
