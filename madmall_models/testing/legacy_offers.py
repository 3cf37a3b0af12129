"""Write the legacy tables of businesses and of resources."""

from __future__ import annotations

from collections.abc import Iterator

from madmall_models.testing.legacy_chance import Chance, moment_text
from madmall_models.testing.legacy_dirt import DirtKind, Row
from madmall_models.testing.legacy_people import user_id
from madmall_models.testing.legacy_population import Population, any_tenant
from madmall_models.testing.legacy_schema import BUSINESSES, RESOURCES, LegacyTable
from madmall_models.testing.legacy_words import (
    AUDIENCES,
    BRAND_BEGINNINGS,
    BRAND_ENDINGS,
    BUSINESS_CATEGORIES,
    COMPETENCIES,
    CONSIDERATIONS,
    CREDENTIALS,
    MISSIONS,
    OBJECTIVES,
    RESOURCE_BEGINNINGS,
    RESOURCE_SUBJECTS,
    SENTENCES,
    SERVICES,
    SPECIALTIES,
    STORY_TAGS,
    SUBCATEGORIES,
    THERAPEUTIC_VALUES,
)

_BUSINESS_TYPES = ("wellness_center", "healthcare_provider", "supplement_brand", "fitness_studio",
                   "mental_health_service", "nutrition_service", "beauty_wellness", "lifestyle_brand",
                   "educational_service")  # fmt: skip
_BUSINESS_STATUSES = ("active",) * 8 + ("pending_verification", "inactive")
_CERTIFICATIONS = ("black_owned", "woman_owned", "minority_owned", "certified_organic", "culturally_competent")
_RESOURCE_TYPES = ("article", "article", "article", "guide", "checklist", "video", "podcast", "tool")
_RESOURCE_CATEGORIES = ("education", "self_care", "medical_advocacy", "nutrition", "mental_health", "fitness",
                        "relationships", "workplace")  # fmt: skip
_RESOURCE_STATUSES = ("published",) * 8 + ("draft", "under_review")
_DIFFICULTIES = ("beginner", "beginner", "intermediate", "advanced")
_NO_ITEMS = ("[]",)


def business_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each business, and what is wrong with it."""
    chance = population.chance(BUSINESSES.name)
    write = _BusinessWriter(population, chance)
    return _spoilt((write.row(number) for number in range(population.businesses)), population, BUSINESSES, chance)


def resource_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each resource, and what is wrong with it."""
    chance = population.chance(RESOURCES.name)
    write = _ResourceWriter(population, chance)
    return _spoilt((write.row(number) for number in range(population.resources)), population, RESOURCES, chance)


def _spoilt(
    rows: Iterator[Row], population: Population, table: LegacyTable, chance: Chance
) -> Iterator[tuple[Row, DirtKind | None]]:
    count = {BUSINESSES.name: population.businesses, RESOURCES.name: population.resources}[table.name]
    plan = population.plan(table, count)
    for place, row in enumerate(rows):
        kind = plan.kind_of(place)
        if kind is not None and kind.spoil is not None:
            kind.spoil(row, table, chance)
        yield row, kind


class _BusinessWriter:
    """Write clean businesses, with the lists drawn once."""

    def __init__(self, population: Population, chance: Chance) -> None:
        self._population = population
        self._chance = chance
        self._certifications = chance.lists(_CERTIFICATIONS, 1, 3)
        self._specialties = chance.lists(SPECIALTIES, 1, 3)
        self._services = chance.lists(SERVICES, 1, 3)
        self._audiences = chance.lists(AUDIENCES, 1, 2)
        self._competencies = chance.lists(COMPETENCIES, 0, 2)

    def row(self, number: int) -> Row:
        """Return the row of business ``number``."""
        chance = self._chance
        site = f"https://example.com/business-{number + 1}"
        created = chance.moment()
        verified = chance.moment(created) if chance.happens(0.6) else None
        return [
            f"business-{number + 1}",
            f"{chance.pick(BRAND_BEGINNINGS)} {chance.pick(BRAND_ENDINGS)}",
            f"Made with care by women who know. {chance.pick(SENTENCES)}",
            chance.pick(MISSIONS),
            chance.between(1998, 2024),
            chance.pick(SENTENCES) if chance.happens(0.5) else None,
            site if chance.happens(0.8) else None,
            f'{{"instagram": "https://example.net/@b{number + 1}", "facebook": "https://example.net/b{number + 1}"}}',
            f"hello.{number + 1}@example.com",
            f"+1 404 555 01{chance.below(100):02d}" if chance.happens(0.7) else None,
            f"{site}/logo.png",
            None,
            f'["{site}/1.png", "{site}/2.png"]' if chance.happens(0.4) else "[]",
            chance.pick(_BUSINESS_TYPES),
            chance.pick(_BUSINESS_STATUSES),
            chance.pick(BUSINESS_CATEGORIES),
            chance.pick(self._certifications),
            chance.pick(self._specialties),
            chance.pick(self._services),
            chance.pick(self._audiences),
            chance.pick(self._competencies),
            chance.between(35, 50) / 10,
            chance.between(5, 200),
            chance.between(50, 100) / 100,
            chance.between(50, 100) / 100,
            chance.between(600, 86400),
            chance.between(20, 90) / 100,
            user_id(self._population.any_user(chance)),
            moment_text(verified) if verified is not None else None,
            moment_text(chance.moment(created)) if chance.happens(0.05) else None,
            any_tenant(chance),
            moment_text(created),
            moment_text(chance.moment(created)),
        ]


class _ResourceWriter:
    """Write clean resources, with the lists drawn once."""

    def __init__(self, population: Population, chance: Chance) -> None:
        self._population = population
        self._chance = chance
        self._titles = tuple(f"{first} {second}" for first in RESOURCE_BEGINNINGS for second in RESOURCE_SUBJECTS)
        self._texts = tuple(" ".join(chance.some(SENTENCES, 6, 12)) for _ in range(100))
        self._subcategories = chance.lists(SUBCATEGORIES, 0, 2)
        self._credentials = chance.lists(CREDENTIALS, 1, 2)
        self._specialties = chance.lists(SPECIALTIES, 0, 2)
        self._prerequisites = _NO_ITEMS * 80 + chance.lists(RESOURCE_SUBJECTS, 1, 1)
        self._objectives = chance.lists(OBJECTIVES, 1, 3)
        self._considerations = chance.lists(CONSIDERATIONS, 0, 2)
        self._values = chance.lists(THERAPEUTIC_VALUES, 1, 2)
        self._tags = chance.lists(STORY_TAGS, 1, 4)

    def row(self, number: int) -> Row:
        """Return the row of resource ``number``."""
        chance, people = self._chance, self._population.people
        author = self._population.any_user(chance)
        created = chance.moment()
        status = chance.pick(_RESOURCE_STATUSES)
        published = chance.moment(created) if status == "published" else None
        title = chance.pick(self._titles)
        page = f"https://example.org/resources/{number + 1}"
        return [
            f"resource-{number + 1}",
            title,
            f"{title}: what helped us, and what we wish we had known.",
            chance.pick(self._texts),
            chance.pick(SENTENCES),
            chance.pick(_RESOURCE_TYPES),
            chance.pick(_RESOURCE_CATEGORIES),
            chance.pick(self._subcategories),
            status,
            user_id(author),
            " ".join(people.name(author)),
            chance.pick(self._credentials),
            "Writes about thyroid care." if chance.happens(0.5) else None,
            f"https://example.org/avatars/{author + 1}.png" if chance.happens(0.5) else None,
            chance.flag(0.5),
            chance.pick(self._specialties),
            chance.between(6, 14),
            chance.pick(_DIFFICULTIES),
            chance.pick(self._prerequisites),
            chance.pick(self._objectives),
            chance.pick(self._considerations),
            chance.pick(self._values),
            chance.flag(0.6),
            chance.between(100, 3000),
            chance.between(5, 300),
            chance.between(0, 90),
            chance.between(0, 60),
            chance.between(25, 175),
            chance.between(44, 49) / 10,
            chance.between(3, 120),
            chance.pick(self._tags),
            f'["resource-{chance.below(self._population.resources) + 1}"]' if chance.happens(0.3) else "[]",
            page if chance.happens(0.3) else None,
            f"{page}.pdf" if chance.happens(0.2) else None,
            f"{page}.png" if chance.happens(0.5) else None,
            chance.flag(0.9),
            chance.flag(0.1),
            moment_text(published) if published is not None else None,
            any_tenant(chance),
            moment_text(created),
            moment_text(chance.moment(created)),
        ]
