"""Carry what comments can do: being written and removed with the counts that depend on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.connection.retry import retried
from madmall_models.entities import Comment, Story, StoryEngagement, User
from madmall_models.errors import AlreadyExists, MadMallError, TransactionCancelled, ValidationError
from madmall_models.manager import Manager
from madmall_models.managers.membership import STATS, CirclesJoined
from madmall_models.managers.presence import stays

_RACES = 8
# The stored path of a story's counters.
_ENGAGEMENT = ("engagement",)


class CommentManager(Manager[Comment]):
    """Be the operations of comments; ``Comment.objects``. ``db.stories`` has them by their usual names."""

    def create_entity(self, entity: Comment) -> None:
        """Write a new comment and count it, at the story and at its author, in one transaction.

        Raises:
            AlreadyExists, Story.DoesNotExist, User.DoesNotExist: nothing was written. Comment.DoesNotExist: what it
                answers is not there. ValidationError: it answers itself.
        """
        if entity.parent_comment_id is not None and entity.parent_comment_id == entity.comment_id:
            raise ValidationError("Comment.parent_comment_id: a comment cannot answer itself; name another or none")
        transaction = self.database.transaction()
        created = transaction.create(entity)
        counted = transaction.update(
            Story.key.of(entity.story_id),
            Story.engagement.comments.add(1),
            condition=stays(Story),
            absent_maps={_ENGAGEMENT: CommentCount(self, entity.story_id)},
        )
        author_id = entity.author.id
        writer = transaction.update(
            User.key.of(author_id),
            User.stats.comments_posted.add(1),
            condition=stays(User),
            absent_maps={STATS: CirclesJoined(self.database, author_id)},
        )
        answered = None
        if entity.parent_comment_id is not None:
            answered = transaction.check(Comment.key.of(entity.story_id, entity.parent_comment_id))
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            missing: tuple[tuple[Any, MadMallError], ...] = (
                (created, AlreadyExists("Comment: an item with this key exists already; nothing was written")),
                (counted, Story.DoesNotExist("Story: there is none, or it is being deleted; nothing was written")),
                (writer, User.DoesNotExist("User: there is none, or it is being deleted; nothing was written")),
                (answered, Comment.DoesNotExist("Comment: what it answers is not there; nothing was written")),
            )
            for step, error in missing:
                if step is not None and cancelled.refused(step):
                    raise error from cancelled
            raise

    def delete_entity(self, entity: Comment) -> None:
        """Remove a comment as it was loaded; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.story_id, entity.comment_id)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Remove a comment and uncount it at the story, in one transaction.

        Raises:
            Comment.DoesNotExist: there is none.
        """

        def attempt() -> None:
            comment = self._stored_at(Comment.key.of(*key, **fields))
            transaction = self.database.transaction()
            transaction.delete(comment)
            maps = {_ENGAGEMENT: CommentCount(self, comment.story_id)}
            story = Story.key.of(comment.story_id)
            counted = transaction.update(story, Story.engagement.comments.add(-1), absent_maps=maps)
            try:
                transaction.commit()
            except TransactionCancelled as cancelled:
                if not cancelled.refused(counted):
                    raise
                # The story is gone; a comment that outlived it can still go.
                self._remove(comment.item_key())

        retried(attempt, lost=TransactionCancelled, most=_RACES)


class CommentCount:
    """Make the counters of a story that has none: zeros, and the comments as they really are."""

    def __init__(self, comments: CommentManager, story_id: str) -> None:
        self._comments = comments
        self._story_id = story_id

    def __call__(self) -> Mapping[str, Any]:
        """Return the content of ``engagement``."""
        engagement = StoryEngagement()
        query = self._comments.asking(Comment.key, story_id=self._story_id)
        engagement.comments = query.consistent().including_expired().count()
        return engagement.serialize(engagement)
