"""Hold a user with everything that lies in their partition."""

from __future__ import annotations

from madmall_models.entities import CircleMember, Resource, User
from madmall_models.item_collection import ItemCollection


class UserCollection(ItemCollection):
    """A user with memberships and resources, read at once; ``items`` has everything else that is personal."""

    @property
    def user(self) -> User:
        """Return the user."""
        return self.of(User)[0]

    @property
    def memberships(self) -> tuple[CircleMember, ...]:
        """Return the memberships of every status, by circle."""
        return self.of(CircleMember)

    @property
    def resources(self) -> tuple[Resource, ...]:
        """Return the resources that the user made, by time of creation."""
        return self.of(Resource)
