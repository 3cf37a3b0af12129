"""Write the legacy table of users."""

from __future__ import annotations

from collections.abc import Iterator

from madmall_models.testing.legacy_chance import DAY, LIFETIME, Chance, moment_text
from madmall_models.testing.legacy_dirt import EMAIL_TAKEN, DirtKind, Row
from madmall_models.testing.legacy_people import BACKGROUNDS, BIOGRAPHIES, CITIES, user_id
from madmall_models.testing.legacy_population import Population, any_tenant
from madmall_models.testing.legacy_schema import USERS

_STYLES = ("direct_supportive", "gentle_encouraging", "gentle_encouraging", "humor_based", "spiritual_grounded",
           "no_preference")  # fmt: skip
_STAGES = (
    "newly_diagnosed",
    "adjusting",
    "managing_well",
    "managing_well",
    "experienced",
    "complications",
    "remission",
)
_NEEDS = ("newly_diagnosed_support", "anxiety_management", "medication_management", "workplace_wellness",
          "family_relationships", "healthcare_advocacy", "nutrition_lifestyle", "self_care")  # fmt: skip
_GOALS = ("emotional_support", "health_education", "community_connection", "stress_relief", "share_story",
          "healthcare_advocacy", "wellness_products")  # fmt: skip
_VISIBILITIES = ("circles_only", "circles_only", "public", "private")
_CONTENT = ("stories", "recipes", "research", "humor", "events")
_INTERESTS = ("newly-diagnosed", "workplace", "motherhood", "nutrition", "mental-health", "rest")
_THEMES = ("auto", "light", "dark")
_LANGUAGES = ("en",) * 18 + ("es", "fr")


def user_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each user, and what is wrong with it."""
    chance = population.chance(USERS.name)
    write = _Writer(population, chance)
    for number in range(population.users):
        row = write.row(number)
        kind = population.user_plan.kind_of(number)
        if kind is EMAIL_TAKEN:
            row[USERS.position["email"]] = _in_other_letters(write.earlier_email(number), chance)
        elif kind is not None and kind.spoil is not None:
            kind.spoil(row, USERS, chance)
        yield row, kind


class _Writer:
    """Write clean rows, with the lists drawn once."""

    def __init__(self, population: Population, chance: Chance) -> None:
        self._population = population
        self._chance = chance
        self._biographies = [None, *(" ".join(chance.some(BIOGRAPHIES, 1, 2)) for _ in range(60))]
        self._backgrounds = chance.lists(BACKGROUNDS, 1, 2)
        self._needs = chance.lists(_NEEDS, 1, 4)
        self._content = chance.lists(_CONTENT, 0, 3)
        self._interests = chance.lists(_INTERESTS, 0, 3)
        self._goals = chance.lists(_GOALS, 1, 3)

    def earlier_email(self, number: int) -> str:
        """Return the address of the nearest earlier user without a defect, who keeps it."""
        earlier = number - 1
        while not self._population.user_plan.is_sound(earlier):
            earlier -= 1
        return self._population.people.email(earlier)

    def row(self, number: int) -> Row:
        """Return the row of user ``number``."""
        chance, people = self._chance, self._population.people
        first, last = people.name(number)
        created = chance.moment()
        return [
            user_id(number),
            people.email(number),
            first,
            last,
            chance.pick(self._biographies),
            chance.pick(self._backgrounds),
            chance.pick(_STYLES),
            chance.pick(_STAGES),
            chance.pick(self._needs),
            chance.pick(_VISIBILITIES),
            chance.flag(0.7),
            chance.flag(0.8),
            chance.flag(0.3),
            chance.flag(0.9),
            chance.flag(0.7),
            chance.flag(0.6),
            chance.flag(0.8),
            chance.pick(self._content),
            chance.pick(self._interests),
            chance.pick(_THEMES),
            chance.pick(_LANGUAGES),
            chance.pick(CITIES)[2],
            chance.pick(self._goals),
            chance.flag(0.3),
            chance.flag(0.95),
            any_tenant(chance),
            moment_text(chance.moment(max(created, LIFETIME - 7 * DAY))),
            moment_text(created),
            moment_text(chance.moment(created)),
        ]


def _in_other_letters(email: str, chance: Chance) -> str:
    return email.upper() if chance.happens(0.5) else email.title()
