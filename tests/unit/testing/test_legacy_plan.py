"""Which rows are dirty, and what chance has to do with it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from madmall_models.testing.legacy_chance import DAY, LIFETIME, Chance, moment_text
from madmall_models.testing.legacy_dirt import KINDS, STORY_TOO_LARGE, DirtGroup, DirtKind
from madmall_models.testing.legacy_dirt_plan import DirtPlan
from madmall_models.testing.legacy_people import FIRST_NAMES, LAST_NAMES, People, user_id

seeds = st.integers(-(2**40), 2**40)
shares = st.floats(0, 0.5)
sizes = st.integers(1, 400)


def kinds_of(plan: DirtPlan, rows: int) -> list[DirtKind]:
    return [kind for kind in map(plan.kind_of, range(rows)) if kind is not None]


@given(seeds, sizes, shares, st.sampled_from(sorted(KINDS)))
def test_a_plan_has_the_share_or_one_of_each_kind_but_never_more_than_the_rows_can_bear(
    seed: int, rows: int, share: float, table: str
) -> None:
    kinds = KINDS[table]
    planted = kinds_of(DirtPlan(kinds, rows, share, Chance(seed, "test")), rows)
    wanted = min(max(round(rows * share), len(kinds)), rows * 3 // 5) if share else 0
    assert len(planted) == (wanted if rows > 1 else 0)
    if len(planted) >= len(kinds):
        assert set(planted) == set(kinds)


@given(seeds, sizes, shares)
def test_the_first_row_is_clean_and_sound_rows_are_those_without_a_defect(seed: int, rows: int, share: float) -> None:
    plan = DirtPlan(KINDS["stories"], rows, share, Chance(seed, "test"))
    assert plan.kind_of(0) is None
    sound = [
        place for place in range(rows) if (kind := plan.kind_of(place)) is None or kind.group is not DirtGroup.DEFECT
    ]
    assert [place for place in range(rows) if plan.is_sound(place)] == sound
    assert plan.count_sound() == len(sound)


@given(seeds, st.integers(1000, 3000))
def test_a_kind_that_is_costly_is_planted_a_few_times_only(seed: int, rows: int) -> None:
    planted = Counter(kinds_of(DirtPlan(KINDS["stories"], rows, 0.5, Chance(seed, "test")), rows))
    assert planted[STORY_TOO_LARGE] == min(20, max(planted.values()))
    others = [count for kind, count in planted.items() if kind is not STORY_TOO_LARGE]
    assert max(others) - min(others) <= 1


def test_kinds_have_different_names_and_say_what_they_mean() -> None:
    for kinds in KINDS.values():
        assert len({kind.name for kind in kinds}) == len(kinds)
        assert all(kind.meaning for kind in kinds)
    every = {kind for kinds in KINDS.values() for kind in kinds}
    assert len({kind.name for kind in every}) == len(every)


@given(seeds, st.text(max_size=10))
def test_equal_seeds_and_purposes_give_equal_chances_and_others_do_not(seed: int, purpose: str) -> None:
    def drawn(chance: Chance) -> list[float]:
        return [chance.fraction() for _ in range(5)]

    assert drawn(Chance(seed, purpose)) == drawn(Chance(seed, purpose))
    assert drawn(Chance(seed, purpose)) != drawn(Chance(seed, f"{purpose}."))
    assert drawn(Chance(seed, purpose)) != drawn(Chance(seed + 1, purpose))


@given(seeds, st.integers(-100, 100), st.integers(0, 100))
def test_draws_stay_in_their_bounds(seed: int, least: int, width: int) -> None:
    chance = Chance(seed, "test")
    assert least <= chance.between(least, least + width) <= least + width
    assert 0 <= chance.below(width + 1) <= width
    assert 0 <= chance.around(3, width) <= width
    assert chance.flag(1.0) == 1
    assert chance.flag(0.0) == 0
    assert not chance.happens(0.0)


@given(seeds, st.lists(st.text(min_size=1, max_size=3), unique=True, min_size=1, max_size=6), st.integers(0, 6))
def test_some_are_different_ones_and_as_many_as_asked(seed: int, choices: list[str], least: int) -> None:
    some = Chance(seed, "test").some(choices, least, least + 2)
    assert len(set(some)) == len(some)
    assert set(some) <= set(choices)
    assert min(least, len(choices)) <= len(some) <= least + 2


@given(seeds, st.integers(0, LIFETIME))
def test_a_moment_after_another_is_at_least_a_second_later(seed: int, earlier: int) -> None:
    chance = Chance(seed, "test")
    assert earlier + 1000 <= chance.moment(earlier) <= max(LIFETIME, earlier + DAY) + 1000
    chance.fraction = lambda: 0.0
    assert chance.moment(earlier) == earlier + 1000


@given(st.integers(0, LIFETIME + 4 * DAY))
def test_the_text_of_a_moment_is_that_moment(moment: int) -> None:
    read = datetime.fromisoformat(moment_text(moment))
    assert read - datetime.fromisoformat("2024-01-01T00:00:00Z") == timedelta(milliseconds=moment)
    assert len(moment_text(moment)) == 24


@given(seeds, st.lists(st.integers(0, 10**7), unique=True, min_size=2, max_size=50))
def test_nobody_shares_an_address(seed: int, numbers: list[int]) -> None:
    people = People(seed)
    assert len({people.email(number).lower() for number in numbers}) == len(numbers)
    assert len({user_id(number) for number in numbers}) == len(numbers)


@given(seeds, st.integers(0, 10**7))
def test_a_person_is_always_called_the_same(seed: int, number: int) -> None:
    first, last = People(seed).name(number)
    assert People(seed).name(number) == (first, last)
    assert first in FIRST_NAMES
    assert last in LAST_NAMES
    assert People(seed).display_name(number) == f"{first} {last[0]}."


def test_names_are_used_evenly() -> None:
    people = People(1)
    used = Counter(people.name(number)[0] for number in range(10_000))
    assert len(used) == len(FIRST_NAMES)
    assert max(used.values()) < 3 * min(used.values())
