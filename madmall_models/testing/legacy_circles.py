"""Write the legacy tables of circles and of their members."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from math import gcd

from madmall_models.testing.legacy_chance import Chance, moment_text
from madmall_models.testing.legacy_dirt import (
    CREATOR_MISSING,
    CREATOR_NOT_MEMBER,
    PAIR_TWICE,
    WRONG_COUNT,
    DirtGroup,
    DirtKind,
    Row,
)
from madmall_models.testing.legacy_people import CITIES, user_id
from madmall_models.testing.legacy_population import Population, any_tenant
from madmall_models.testing.legacy_schema import CIRCLE_MEMBERS, CIRCLES
from madmall_models.testing.legacy_words import CIRCLE_TOPICS, GUIDELINES

_FEWEST_MEMBERS = 15
_MOST_MEMBERS = 500
_MEAN_OVER_FEWEST = 65
# The first two rows of a circle are its creator's and its moderator's; they are always clean.
_CLEAN_ROWS = 2
_SIZES = (50, 100, 250, 500, 1000)
_STATUSES = ("active",) * 37 + ("pending", "inactive", "banned")
_BADGES = ("welcomer", "listener", "early_bird", "storyteller", "one_year")
_NOTES = ("Asked for a quiet welcome.", "Prefers to read first.", "Drives others to meetings.")
_MODERATION = ("light", "moderate", "moderate", "strict")
_WRONG_COUNT_SHARE = 0.2


def circle_id(number: int) -> str:
    """Return the id of circle ``number``."""
    return f"circle-{number + 1}"


def member_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each membership, circle by circle, and what is wrong with it; count the active ones that arrive."""
    chance = population.chance(CIRCLE_MEMBERS.name)
    sizes = _sizes(population, chance)
    plan = population.plan(CIRCLE_MEMBERS, sum(max(size - _CLEAN_ROWS, 0) for size in sizes))
    write = _MemberWriter(chance)
    place = 0
    for circle, size in enumerate(sizes):
        last_clean: Row = []
        for rank, user in enumerate(_different_users(population, size, chance)):
            row = write.row(circle, user, rank)
            kind = None
            if rank >= _CLEAN_ROWS:
                kind = plan.kind_of(place)
                place += 1
            elif not _takes_part(population, circle, user, rank):
                continue
            if kind is PAIR_TWICE:
                row[:2] = last_clean[:2]
            elif kind is not None and kind.spoil is not None:
                kind.spoil(row, CIRCLE_MEMBERS, chance)
            else:
                last_clean = row
            population.members[circle] += _counts(row, kind)
            yield row, kind


def _takes_part(population: Population, circle: int, user: int, rank: int) -> bool:
    """Note creator and moderator, and tell whether the person has a row among the members."""
    if rank == 1:
        population.moderators[circle] = user
        return True
    population.creators[circle] = user
    return population.circle_plan.kind_of(circle) not in (CREATOR_NOT_MEMBER, CREATOR_MISSING)


def _counts(row: Row, kind: DirtKind | None) -> bool:
    return row[CIRCLE_MEMBERS.position["status"]] == "active" and not (kind and kind.group is DirtGroup.DEFECT)


def _sizes(population: Population, chance: Chance) -> array[int]:
    """Return the number of members of each circle; nobody joins a circle that cannot arrive."""
    most = min(_MOST_MEMBERS, population.user_plan.count_sound())
    return array(
        "L",
        (
            min(_FEWEST_MEMBERS + chance.around(_MEAN_OVER_FEWEST, most), most)
            if population.circle_plan.is_sound(circle)
            else 0
            for circle in range(population.circles)
        ),
    )


def _different_users(population: Population, size: int, chance: Chance) -> Iterator[int]:
    """Yield ``size`` users without a defect, none twice, without remembering any."""
    users = population.users
    user = chance.below(users)
    # A step that shares no factor with the number of users comes past each of them once.
    step = chance.between(1, users)
    while gcd(step, users) != 1:
        step += 1
    found = 0
    while found < size:
        user = (user + step) % users
        if population.user_plan.is_sound(user):
            found += 1
            yield user


class _MemberWriter:
    """Write clean memberships."""

    def __init__(self, chance: Chance) -> None:
        self._chance = chance
        self._badges = ("[]",) * 60 + chance.lists(_BADGES, 1, 2)

    def row(self, circle: int, user: int, rank: int) -> Row:
        """Return the membership of ``user``, who has this rank among the members of ``circle``."""
        chance = self._chance
        joined = chance.moment()
        return [
            circle_id(circle),
            user_id(user),
            ("admin", "moderator")[rank] if rank < _CLEAN_ROWS else "member",
            "active" if rank < _CLEAN_ROWS else chance.pick(_STATUSES),
            moment_text(joined),
            moment_text(chance.moment(joined)),
            chance.around(40, 1000),
            chance.pick(self._badges),
            chance.pick(_NOTES) if chance.happens(0.05) else None,
        ]


def circle_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each circle, and what is wrong with it; the members must have been written."""
    chance = population.chance(CIRCLES.name)
    write = _CircleWriter(population, chance)
    for number in range(population.circles):
        row = write.row(number)
        kind = population.circle_plan.kind_of(number)
        if kind is None and population.dirty and chance.happens(_WRONG_COUNT_SHARE):
            kind = WRONG_COUNT
        if kind is WRONG_COUNT:
            row[CIRCLES.position["memberCount"]] = population.members[number] + chance.between(1, 30)
        elif kind is not None and kind.spoil is not None:
            kind.spoil(row, CIRCLES, chance)
        yield row, kind


class _CircleWriter:
    """Write clean circles, with the lists drawn once."""

    def __init__(self, population: Population, chance: Chance) -> None:
        self._population = population
        self._chance = chance
        self._topics = [
            (name, text, kind, chance.lists(tags, 2, 3), chance.lists(focus, 0, 1))
            for name, text, kind, tags, focus in CIRCLE_TOPICS
        ]

    def row(self, number: int) -> Row:
        """Return the row of circle ``number``."""
        chance, population = self._chance, self._population
        topic, text, kind, tags, focus = chance.pick(self._topics)
        created = chance.moment()
        private = chance.flag(0.2)
        members = population.members[number]
        has_moderator = population.circle_plan.is_sound(number) and members > 1
        return [
            circle_id(number),
            f"{topic}, {chance.pick(CITIES)[0]} {number + 1}",
            text,
            kind,
            "private" if private else "public",
            private,
            private or chance.flag(0.2),
            self._room(members),
            chance.pick(focus),
            chance.flag(0.9),
            chance.pick(_MODERATION),
            chance.pick(GUIDELINES),
            f'["{user_id(population.moderators[number])}"]' if has_moderator else "[]",
            chance.pick(tags),
            f"https://example.org/covers/{number + 1}.png" if chance.happens(0.6) else None,
            members,
            int(members * chance.fraction() * 0.6),
            chance.around(12, 60),
            chance.around(50, 240),
            round(chance.fraction(), 2),
            chance.between(300, 7200),
            user_id(population.creators[number]),
            chance.flag(0.95),
            any_tenant(chance),
            moment_text(created),
            moment_text(chance.moment(created)),
        ]

    def _room(self, members: int) -> int | None:
        """Return the size of the smallest room with space for twice the members, or no limit."""
        if self._chance.happens(0.4):
            return None
        return next((size for size in _SIZES if size >= 2 * members), _SIZES[-1])
