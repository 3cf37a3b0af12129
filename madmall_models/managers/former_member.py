"""Take a person's name out of what they wrote, although an index shows it late."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from madmall_models.entities import Comment, Resource, Story
from madmall_models.entities.former_member import as_former_member, is_former_member
from madmall_models.errors import DoesNotExist, VersionConflict
from madmall_models.keys import IndexKey, ItemKey
from madmall_models.managers.pointers_left import clear_pointers

# Between two readings of an index; DynamoDB is behind by less, as a rule by some milliseconds.
SECONDS = 0.5
_MOST_READINGS = 20
_QUIET_READINGS = 2


class Forgetting:
    """The names of a user who is being deleted, on their way out of stories, comments and resources.

    Args:
        database: where to write.
        user_id: the user, who is marked: nothing new is written in their name.
        pause: waits so many seconds.
    """

    def __init__(self, database: Any, user_id: str, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._database = database
        self._user_id = user_id
        self._pause = pause

    def finish(self) -> None:
        """Forget the names everywhere; may be repeated.

        An index shows a write late, so it is read until two readings, half a second apart, found no name.

        Raises:
            VersionConflict: somebody kept writing in the user's name.
        """
        # Pointers are read consistently, and none is left.
        resources = self._database.resources.get_by_author(self._user_id)
        clear_pointers(resources, lambda key: self._forget_at(Resource, key))
        quiet = 0
        for _ in range(_MOST_READINGS):
            quiet = 0 if self._forget_in_indexes() else quiet + 1
            if quiet == _QUIET_READINGS:
                return
            self._pause(SECONDS)
        raise VersionConflict("User: something kept being written in their name; delete the user again")

    def _forget_in_indexes(self) -> bool:
        """Read each index once, and tell whether there was a name."""
        found = [
            self._forget_at(key.entity, written.item_key())
            for key in (Story.by_author, Comment.by_author)
            for written in list(self._named(key))
        ]
        return any(found)

    def _named(self, key: IndexKey) -> Iterator[Any]:
        """Yield what an index shows with a name; what was forgotten may still be among it."""
        query = self._database.query_of(key, {"author.id": self._user_id}).including_expired()
        return (written for written in query if not is_former_member(written.author))

    def _forget_at(self, entity: type[Any], key: ItemKey) -> bool:
        """Take the name out of an item, and tell whether it was there; gone meanwhile is forgotten too."""
        found: list[bool] = []
        with suppress(DoesNotExist):
            self._database.manager_of(entity)._rewrite(key, lambda written: found.append(self._forget_name(written)))
        return any(found)

    def _forget_name(self, written: Any) -> bool:
        """Take the name out of what the user wrote, as it is stored now, and tell whether there was one.

        Where it is stored so that nobody can read whose it is, the list that names the user decides.
        """
        author = written.author
        if author is None:
            written.author = None
            return "author" in written.unknown_attributes()
        if author.id not in (None, self._user_id) or is_former_member(author):
            return False
        written.author = as_former_member(author)
        return True
