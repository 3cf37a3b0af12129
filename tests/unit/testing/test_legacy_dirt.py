"""How a row is spoilt: in one value, and, where it is only spelt otherwise, without losing what was meant."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.testing import legacy_dirt
from madmall_models.testing.legacy_chance import Chance, moment_text
from madmall_models.testing.legacy_dirt import KINDS, DirtKind, Row
from madmall_models.testing.legacy_schema import STORIES, TABLES, LegacyTable

SPOILING = [
    pytest.param(table, kind, id=f"{table.name}-{kind.name}")
    for table in TABLES
    for kind in KINDS[table.name]
    if kind.spoil is not None
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
seeds = st.integers(0, 10**6)
moments = st.integers(0, 270 * 86_400_000)


def good_row(table: LegacyTable, moment: int = 1001, flag: int = 1) -> Row:
    """A row with a good value in every column that can be spoilt."""
    row: Row = ["good"] * len(table.columns)
    for columns, value in (
        (table.moments, moment_text(moment)),
        (table.booleans, flag),
        (table.lists, "[]"),
        ((table.mistakable, table.counted), 5),
    ):
        for column in filter(None, columns):
            row[table.position[column]] = value
    return row


def spoilt(kind: DirtKind, table: LegacyTable, row: Row, seed: int) -> dict[str, Any]:
    """The columns that ``kind`` has changed, with what they hold now."""
    assert kind.spoil is not None
    before = list(row)
    kind.spoil(row, table, Chance(seed, "test"))
    return {
        column: now
        for column, was, now in zip(table.columns, before, row, strict=True)
        if (was, type(was)) != (now, type(now))
    }


@pytest.mark.parametrize(("table", "kind"), SPOILING)
def test_one_value_is_spoilt_or_the_two_of_a_lifetime(table: LegacyTable, kind: DirtKind) -> None:
    for seed in range(10):
        changed = spoilt(kind, table, good_row(table), seed)
        assert len(changed) == 1 or (kind.name, tuple(sorted(changed))) == (
            "moments_missing",
            tuple(sorted(table.lifetime)),
        )


@pytest.mark.parametrize(
    ("name", "kind_of_value", "read", "loses_milliseconds"),
    [
        ("moment_without_milliseconds", str, datetime.fromisoformat, True),
        ("moment_with_space", str, lambda text: datetime.fromisoformat(f"{text}+00:00"), True),
        ("moment_in_seconds", int, lambda number: EPOCH + timedelta(seconds=number), True),
        ("moment_in_seconds_text", str, lambda text: EPOCH + timedelta(seconds=int(text)), True),
        ("moment_in_milliseconds", int, lambda number: EPOCH + timedelta(milliseconds=number), False),
        ("moment_in_milliseconds_text", str, lambda text: EPOCH + timedelta(milliseconds=int(text)), False),
    ],
)
@given(moment=moments, seed=seeds)
def test_a_moment_spelt_otherwise_is_the_same_moment(
    name: str, kind_of_value: type, read: Callable[[Any], datetime], loses_milliseconds: bool, moment: int, seed: int
) -> None:
    (kind,) = (known for known in legacy_dirt.MOMENTS if known.name == name)
    (now,) = spoilt(kind, STORIES, good_row(STORIES, moment), seed).values()
    assert type(now) is kind_of_value
    exact = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(milliseconds=moment)
    assert read(now) == (exact.replace(microsecond=0) if loses_milliseconds else exact)


@given(seeds)
def test_a_moment_that_is_not_there_is_not_spelt(seed: int) -> None:
    row = good_row(STORIES)
    for column in ("publishedAt", "featuredAt"):
        row[STORIES.position[column]] = None
    for kind in legacy_dirt.MOMENTS:
        assert set(spoilt(kind, STORIES, list(row), seed)) <= {"createdAt", "updatedAt"}


@pytest.mark.parametrize(
    ("kind", "flag", "spelt"),
    [
        ("boolean_letter", 1, "t"),
        ("boolean_letter", 0, "f"),
        ("boolean_word", 1, "true"),
        ("boolean_word", 0, "false"),
        ("boolean_null", 1, None),
        ("boolean_null", 0, None),
    ],
)
def test_a_boolean_spelt_otherwise_is_the_same_boolean(kind: str, flag: int, spelt: str | None) -> None:
    (found,) = (known for known in legacy_dirt.BOOLEANS if known.name == kind)
    assert list(spoilt(found, STORIES, good_row(STORIES, flag=flag), 1).values()) == [spelt]


@given(seeds)
def test_a_broken_list_is_not_json_and_a_spoilt_text_is_not_utf8(seed: int) -> None:
    (broken,) = spoilt(legacy_dirt.BROKEN_LIST, STORIES, good_row(STORIES), seed).values()
    with pytest.raises(ValueError, match="Expecting"):
        json.loads(broken)
    (text,) = spoilt(legacy_dirt.TEXT_NOT_UTF8, STORIES, good_row(STORIES), seed).values()
    with pytest.raises(UnicodeDecodeError):
        text.decode()


def test_a_story_that_is_too_large_is_half_a_megabyte_of_its_own_words() -> None:
    changed = spoilt(legacy_dirt.STORY_TOO_LARGE, STORIES, good_row(STORIES), 1)
    assert len(changed["content"]) == 500 * 1024
    assert changed["content"].startswith("good\n\ngood\n\n")


def test_a_count_is_one_that_a_float_cannot_hold() -> None:
    (count,) = spoilt(legacy_dirt.FAR_COUNT, STORIES, good_row(STORIES), 1).values()
    assert int(float(count)) != count
    assert count < 2**63
