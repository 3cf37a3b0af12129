"""Decide how much of everything a legacy database holds, and which of it is sound enough to be referred to."""

from __future__ import annotations

from array import array

from madmall_models.testing.legacy_chance import Chance
from madmall_models.testing.legacy_dirt import KINDS
from madmall_models.testing.legacy_dirt_plan import DirtPlan
from madmall_models.testing.legacy_people import People
from madmall_models.testing.legacy_schema import CIRCLES, IMAGES, STORIES, USERS, LegacyTable

_USERS_PER_CIRCLE = 20
_FEWEST_CIRCLES = 3
_USERS_PER_STORY = 2
_USERS_PER_BUSINESS = 20
_USERS_PER_RESOURCE = 10
_USERS_PER_IMAGE = 5
_VOTES_PER_IMAGE = 3
_OTHER_TENANT = "sister-city"


class Population:
    """Hold the numbers that all tables share: some bytes for each user, circle and story, whatever their rows weigh.

    ``members`` and ``comments`` are filled by the tables that hold them, and read by those that state their counts:
    for each circle its active members that arrive, for each story its comments that arrive.
    """

    def __init__(self, *, users: int, seed: int, dirty: float) -> None:
        self.seed = seed
        self.dirty = dirty
        self.users = users
        self.circles = max(users // _USERS_PER_CIRCLE, _FEWEST_CIRCLES)
        self.stories = max(users // _USERS_PER_STORY, 1)
        self.businesses = max(users // _USERS_PER_BUSINESS, 1)
        self.resources = max(users // _USERS_PER_RESOURCE, 1)
        self.images = max(users // _USERS_PER_IMAGE, 1)
        self.votes = self.images * _VOTES_PER_IMAGE
        self.people = People(seed)
        self.user_plan = self.plan(USERS, users)
        self.circle_plan = self.plan(CIRCLES, self.circles)
        self.story_plan = self.plan(STORIES, self.stories)
        self.image_plan = self.plan(IMAGES, self.images)
        self.creators = array("L", bytes(array("L").itemsize * self.circles))
        self.moderators = array("L", self.creators)
        self.members = array("L", self.creators)
        self.comments = array("L", bytes(array("L").itemsize * self.stories))

    def chance(self, purpose: str) -> Chance:
        """Return the stream of choices for ``purpose``."""
        return Chance(self.seed, purpose)

    def plan(self, table: LegacyTable, rows: int) -> DirtPlan:
        """Return the plan of the dirt of ``table``."""
        return DirtPlan(KINDS[table.name], rows, self.dirty, self.chance(f"dirt of {table.name}"))

    def any_user(self, chance: Chance) -> int:
        """Return the number of a user without a defect."""
        return _any_sound(self.user_plan, self.users, chance)

    def any_circle(self, chance: Chance) -> int:
        """Return the number of a circle without a defect."""
        return _any_sound(self.circle_plan, self.circles, chance)

    def any_image(self, chance: Chance) -> int:
        """Return the number of an image without a defect."""
        return _any_sound(self.image_plan, self.images, chance)


def _any_sound(plan: DirtPlan, rows: int, chance: Chance) -> int:
    # The first row of a table is always clean, so this ends.
    while not plan.is_sound(place := chance.below(rows)):
        pass
    return place


def any_tenant(chance: Chance) -> str:
    """Return the tenant of a row: the default one, now and then another."""
    return _OTHER_TENANT if chance.happens(0.1) else "default"
