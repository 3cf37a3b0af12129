"""Hold a circle with everything that lies in its partition."""

from __future__ import annotations

from madmall_models.entities import Circle, CircleMember, Story
from madmall_models.item_collection import ItemCollection


class CircleCollection(ItemCollection):
    """A circle, its members and its stories, read at once; ``items`` and ``unknown`` have whatever else is there."""

    @property
    def circle(self) -> Circle:
        """Return the circle."""
        return self.of(Circle)[0]

    @property
    def members(self) -> tuple[CircleMember, ...]:
        """Return the members of every status, by the id of the user."""
        return self.of(CircleMember)

    @property
    def stories(self) -> tuple[Story, ...]:
        """Return the stories of every status, by time of creation."""
        return self.of(Story)
