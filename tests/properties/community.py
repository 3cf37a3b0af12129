"""Be a small community as plain data: what a table should say after any sequence of operations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class UserState:
    email: str


@dataclass
class CircleState:
    owner: str
    capacity: int | None
    asks_first: bool
    members: dict[str, tuple[str, str]] = field(default_factory=dict)

    def active(self) -> list[str]:
        """Return the active members."""
        return [user for user, (_, status) in self.members.items() if status == "active"]

    def has_room(self) -> bool:
        """Tell whether one more active member fits."""
        return self.capacity is None or len(self.active()) < self.capacity


@dataclass
class StoryState:
    author: str
    circle: str | None
    status: str = "published"
    moderation: str = "approved"
    featured: bool = False
    comments: dict[str, str] = field(default_factory=dict)


@dataclass
class Community:
    """Users, circles and stories by id."""

    users: dict[str, UserState] = field(default_factory=dict)
    circles: dict[str, CircleState] = field(default_factory=dict)
    stories: dict[str, StoryState] = field(default_factory=dict)

    def emails(self) -> set[str]:
        """Return the addresses that are taken, letter case aside."""
        return {user.email.casefold() for user in self.users.values()}

    def owned_by(self, user_id: str) -> list[str]:
        """Return the circles of an owner."""
        return [circle_id for circle_id, circle in self.circles.items() if circle.owner == user_id]

    def joined_by(self, user_id: str) -> int:
        """Return of how many circles somebody is an active member."""
        return sum(user_id in circle.active() for circle in self.circles.values())

    def forget_user(self, user_id: str) -> None:
        """Remove a user and every membership; what was written stays."""
        del self.users[user_id]
        for circle in self.circles.values():
            circle.members.pop(user_id, None)

    def forget_circle(self, circle_id: str) -> None:
        """Remove a circle; its stories stay, in no circle."""
        del self.circles[circle_id]
        for story in self.stories.values():
            if story.circle == circle_id:
                story.circle = None

    def places(self) -> Iterator[str]:
        """Yield the primary key of every item that there should be, moments written as T."""
        for user_id, user in self.users.items():
            yield f"USER#{user_id} / PROFILE"
            yield f"UNIQUE#USER#EMAIL#{user.email.casefold()} / CLAIM"
        for circle_id, circle in self.circles.items():
            yield f"CIRCLE#{circle_id} / METADATA"
            for user_id in circle.members:
                yield f"CIRCLE#{circle_id} / MEMBER#{user_id}"
                yield f"USER#{user_id} / CIRCLE#{circle_id}"
        for story_id, story in self.stories.items():
            yield from self._places_of(story_id, story)

    def _places_of(self, story_id: str, story: StoryState) -> Iterator[str]:
        yield f"STORY#{story_id} / METADATA"
        for comment_id in story.comments:
            yield f"STORY#{story_id} / COMMENT#{comment_id}"
        if story.circle is not None:
            yield f"CIRCLE#{story.circle} / STORY#T#{story_id}"
        if story.featured and (story.status, story.moderation) == ("published", "approved"):
            yield f"FEATURED#STORY / T#{story_id}"
        if story.moderation in ("pending", "needs_review"):
            yield f"MODERATION#STORY / T#{story_id}"
