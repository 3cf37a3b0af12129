"""Carry what readers say about a story: comments, replies, likes."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import Comment, Story, User
from madmall_models.identifiers import id_or_new
from madmall_models.manager import Manager
from madmall_models.query import Query


class StoryComments:
    """Be the part of ``db.stories`` that is about comments.

    Replies are stored flat: a reply stays, naming what it answered, when that is removed.
    """

    database: Any

    def add_comment(
        self, story_id: str, *, author_id: str, content: str, display_name: str | None = None, **fields: Any
    ) -> Comment:
        """Add a comment and count it, at the story and at its author, in one transaction.

        Args:
            story_id: the story.
            author_id: the user who comments.
            content: the text.
            display_name: the name to show; the author's name, or "Member" for those who hide it, when left out.
            fields: other attributes of the comment, for example ``parent_comment_id``, which must be there.

        Raises:
            Story.DoesNotExist, User.DoesNotExist, Comment.DoesNotExist: the story, the author or the comment that is
                answered is not there; nothing was written. AlreadyExists, ValidationError, KeyValueError.
        """
        # Both ids are checked before either is looked for.
        Story.key.of(story_id)
        author = self.database.users.get(author_id, consistent=True)
        comment = Comment(
            story_id=story_id,
            comment_id=id_or_new(fields.pop("comment_id", None)),
            author={"id": author_id, "display_name": display_name or _shown_name(author)},
            content=content,
            **fields,
        )
        self._comments.create_entity(comment)
        return comment

    def get_comments(self, story_id: str) -> Query[Comment]:
        """Return a lazy query of a story's comments by id, which is the order of writing for ids made here."""
        return self._comments.asking(Comment.key, story_id=story_id)

    def edit_comment(self, story_id: str, comment_id: str, *, content: str) -> Comment:
        """Change the text of a comment, which is marked as edited; the same text again writes nothing.

        Raises:
            Comment.DoesNotExist: there is none. ValidationError: there is no text.
        """
        return self._comments.update(story_id, comment_id, content=content)

    def like_comment(self, story_id: str, comment_id: str, by: int = 1) -> None:
        """Add to the likes of a comment, atomically; ``by`` may be negative.

        Raises:
            Comment.DoesNotExist: there is none. ValidationError: ``by`` is no whole number.
        """
        self._comments.measure(Comment.key.of(story_id, comment_id), {"likes": by})

    def remove_comment(self, story_id: str, comment_id: str) -> None:
        """Remove a comment and uncount it at the story, in one transaction; replies to it stay.

        Raises:
            Comment.DoesNotExist: there is none.
        """
        self._comments.delete(story_id, comment_id)

    @property
    def _comments(self) -> Manager[Comment]:
        manager: Manager[Comment] = self.database.manager_of(Comment)
        return manager


def _shown_name(user: User) -> str:
    if not user.preferences or not user.preferences.show_real_name or not user.profile:
        return "Member"
    return " ".join(part for part in (user.profile.first_name, user.profile.last_name) if part) or "Member"
