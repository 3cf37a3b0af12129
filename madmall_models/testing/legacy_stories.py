"""Write the legacy tables of stories and of the comments on them."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from madmall_models.testing.legacy_chance import Chance, moment_text
from madmall_models.testing.legacy_circles import circle_id
from madmall_models.testing.legacy_dirt import REPLY_CYCLE, DirtGroup, DirtKind, Row
from madmall_models.testing.legacy_people import user_id
from madmall_models.testing.legacy_population import Population, any_tenant
from madmall_models.testing.legacy_schema import STORIES, STORY_COMMENTS
from madmall_models.testing.legacy_words import (
    COMMENTS,
    CULTURAL_ELEMENTS,
    OPENINGS,
    REPLIES,
    SENTENCES,
    STORY_TAGS,
    THEMES,
    THERAPEUTIC_VALUES,
    TITLE_BEGINNINGS,
    TITLE_ENDINGS,
    TRIGGER_WARNINGS,
)

_MEAN_COMMENTS = 3
_MOST_COMMENTS = 31
_TYPES = ("personal_experience", "personal_experience", "milestone_celebration", "challenge_overcome",
          "advice_sharing", "gratitude_expression", "awareness_raising")  # fmt: skip
_STATUSES = ("published",) * 17 + ("draft", "archived", "flagged")
_MODERATION = ("approved",) * 18 + ("pending", "needs_review")
_NOT_PUBLISHED = ("draft",)
_ID = STORY_COMMENTS.position["id"]
_ANSWERED = STORY_COMMENTS.position["parentCommentId"]
_CONTENT = STORY_COMMENTS.position["content"]


def story_id(number: int) -> str:
    """Return the id of story ``number``."""
    return f"story-{number + 1}"


def comment_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each comment, story by story, and what is wrong with it; count those that arrive."""
    chance = population.chance(STORY_COMMENTS.name)
    counts = _counts(population, chance)
    plan = population.plan(STORY_COMMENTS, sum(counts))
    place = 0
    cycles = 0
    for story, count in enumerate(counts):
        rows = [_comment(population, story, place + rank, chance) for rank in range(count)]
        kinds = [plan.kind_of(place + rank) for rank in range(count)]
        place += count
        cycles += _take_out_cycles(kinds)
        if cycles and kinds.count(None) > 1:
            _close_cycle(rows, kinds)
            cycles -= 1
        _answer(rows, kinds, chance)
        for row, kind in zip(rows, kinds, strict=True):
            if kind is not None and kind.spoil is not None:
                kind.spoil(row, STORY_COMMENTS, chance)
            population.comments[story] += kind is None or kind.group is not DirtGroup.DEFECT
            yield row, kind


def _counts(population: Population, chance: Chance) -> array[int]:
    """Return the number of comments on each story; nobody comments on a story that cannot arrive."""
    return array(
        "B",
        (
            chance.around(_MEAN_COMMENTS, _MOST_COMMENTS) if population.story_plan.is_sound(story) else 0
            for story in range(population.stories)
        ),
    )


def _comment(population: Population, story: int, number: int, chance: Chance) -> Row:
    author = population.any_user(chance)
    created = chance.moment()
    return [
        f"comment-{number + 1}",
        story_id(story),
        user_id(author),
        population.people.display_name(author),
        f"https://example.org/avatars/{author + 1}.png" if chance.happens(0.5) else None,
        " ".join(chance.some(COMMENTS, 1, 2)),
        None,
        chance.around(4, 60),
        chance.flag(0.05),
        chance.pick(_MODERATION),
        moment_text(created),
        moment_text(chance.moment(created)),
    ]


def _take_out_cycles(kinds: list[DirtKind | None]) -> int:
    """Return how many cycles are planned for one story. They need two clean comments, so a later story may get them."""
    planned = kinds.count(REPLY_CYCLE)
    kinds[:] = [None if kind is REPLY_CYCLE else kind for kind in kinds]
    return planned


def _close_cycle(rows: list[Row], kinds: list[DirtKind | None]) -> None:
    """Let the first two clean comments of a story answer each other."""
    one, other, *_ = (rank for rank, kind in enumerate(kinds) if kind is None)
    kinds[one] = kinds[other] = REPLY_CYCLE
    rows[one][_ANSWERED] = rows[other][_ID]
    rows[other][_ANSWERED] = rows[one][_ID]


def _answer(rows: list[Row], kinds: list[DirtKind | None], chance: Chance) -> None:
    """Let some clean comments of a story answer an earlier clean one."""
    clean = [row for row, kind in zip(rows, kinds, strict=True) if kind is None]
    for rank in range(1, len(clean)):
        if chance.happens(0.3):
            clean[rank][_ANSWERED] = clean[chance.below(rank)][_ID]
            clean[rank][_CONTENT] = chance.pick(REPLIES)


def story_rows(population: Population) -> Iterator[tuple[Row, DirtKind | None]]:
    """Yield each story, and what is wrong with it; the comments must have been written."""
    chance = population.chance(STORIES.name)
    write = _StoryWriter(population, chance)
    for number in range(population.stories):
        row = write.row(number)
        kind = population.story_plan.kind_of(number)
        if kind is not None and kind.spoil is not None:
            kind.spoil(row, STORIES, chance)
        yield row, kind


class _StoryWriter:
    """Write clean stories, with lists and passages drawn once."""

    def __init__(self, population: Population, chance: Chance) -> None:
        self._population = population
        self._chance = chance
        self._titles = tuple(first + second for first in TITLE_BEGINNINGS for second in TITLE_ENDINGS)
        self._passages = tuple(" ".join(chance.some(SENTENCES, 2, 3)) for _ in range(300))
        self._paragraphs = tuple(" ".join(chance.some(SENTENCES, 4, 5)) for _ in range(100))
        self._themes = chance.lists(THEMES, 1, 3)
        self._tags = chance.lists(STORY_TAGS, 1, 4)
        self._elements = chance.lists(CULTURAL_ELEMENTS, 0, 2)
        self._values = chance.lists(THERAPEUTIC_VALUES, 1, 3)
        self._warnings = chance.lists(TRIGGER_WARNINGS, 1, 2)

    def row(self, number: int) -> Row:
        """Return the row of story ``number``."""
        chance, population = self._chance, self._population
        author = population.any_user(chance)
        created = chance.moment()
        content = self._content()
        status = chance.pick(_STATUSES)
        published = None if status in _NOT_PUBLISHED else chance.moment(created)
        featured = published is not None and chance.happens(0.03)
        likes = chance.between(5, 95)
        return [
            story_id(number),
            chance.pick(self._titles),
            content,
            content[:120] if chance.happens(0.5) else None,
            user_id(author),
            "Anonymous" if chance.happens(0.05) else population.people.display_name(author),
            f"https://example.org/avatars/{author + 1}.png" if chance.happens(0.5) else None,
            chance.flag(0.3),
            chance.pick(_TYPES),
            status,
            chance.pick(self._themes),
            chance.pick(self._tags),
            circle_id(population.any_circle(chance)) if chance.happens(0.6) else None,
            likes,
            population.comments[number],
            chance.between(0, 28),
            chance.between(0, 41),
            likes + chance.between(20, 203),
            chance.between(0, 52),
            chance.between(4, 8),
            content.count(" ") + 1,
            chance.pick(self._elements),
            chance.pick(self._values),
            chance.pick(self._warnings) if chance.happens(0.1) else None,
            chance.flag(0.97),
            chance.pick(_MODERATION),
            "Checked by a second reader." if chance.happens(0.02) else None,
            moment_text(chance.moment(published)) if featured and published is not None else None,
            moment_text(published) if published is not None else None,
            any_tenant(chance),
            moment_text(created),
            moment_text(chance.moment(created)),
        ]

    def _content(self) -> str:
        """Return a story of some sentences, now and then of some paragraphs."""
        chance = self._chance
        opening = chance.pick(OPENINGS)
        if chance.happens(0.1):
            return "\n\n".join((opening, *(chance.pick(self._paragraphs) for _ in range(chance.between(3, 5)))))
        return f"{opening} {chance.pick(self._passages)}"
