"""Hold a story with everything that lies in its partition."""

from __future__ import annotations

from madmall_models.entities import Comment, Story
from madmall_models.item_collection import ItemCollection


class StoryCollection(ItemCollection):
    """A story and its comments, read at once; ``items`` and ``unknown`` have whatever else is there."""

    @property
    def story(self) -> Story:
        """Return the story."""
        return self.of(Story)[0]

    @property
    def comments(self) -> tuple[Comment, ...]:
        """Return the comments by id, which is the order of writing for ids made here."""
        return self.of(Comment)
