"""Write the legacy tables of images and of the votes on them."""

from __future__ import annotations

from collections.abc import Iterator

from madmall_models.testing.legacy_chance import Chance, moment_text
from madmall_models.testing.legacy_dirt import DirtKind, Row
from madmall_models.testing.legacy_population import Population
from madmall_models.testing.legacy_schema import FEEDBACK, IMAGES
from madmall_models.testing.legacy_words import FEEDBACK_REASONS, IMAGE_SUBJECTS

_SOURCES = ("generated",) * 6 + ("unsplash", "unsplash", "pexels", "upload")
_CATEGORIES = ("wellness", "community", "empowerment", "joy")
_STATUSES = ("approved",) * 7 + ("pending", "pending", "rejected")


def image_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each image, and what is wrong with it."""
    chance = population.chance(IMAGES.name)
    for number in range(population.images):
        row = _image(number, chance)
        kind = population.image_plan.kind_of(number)
        if kind is not None and kind.spoil is not None:
            kind.spoil(row, IMAGES, chance)
        yield row, kind


def feedback_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each vote, and what is wrong with it."""
    chance = population.chance(FEEDBACK.name)
    plan = population.plan(FEEDBACK, population.votes)
    for number in range(population.votes):
        row = _vote(number, population.any_image(chance), chance)
        kind = plan.kind_of(number)
        if kind is not None and kind.spoil is not None:
            kind.spoil(row, FEEDBACK, chance)
        yield row, kind


def _image(number: int, chance: Chance) -> Row:
    category = chance.pick(_CATEGORIES)
    return [
        number + 1,
        chance.pick(_SOURCES),
        category,
        f"{category}/{number + 1}.png",
        f"authentic {chance.pick(IMAGE_SUBJECTS)} \u2013 {category}",
        chance.pick(_STATUSES),
        moment_text(chance.moment()),
    ]


def _vote(number: int, image: int, chance: Chance) -> Row:
    """Return a vote; whoever votes against an image says why."""
    vote = 1 if chance.happens(0.8) else -1
    return [
        number + 1,
        image + 1,
        vote,
        "; ".join(chance.some(FEEDBACK_REASONS, 1, 2)) if vote < 0 else None,
        moment_text(chance.moment()),
    ]
