from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from madmall_models import entities
from madmall_models.entity import Entity
from tests.catalogue import catalogue_facts, declared_facts, patterns
from tests.catalogue.facts import Difference, Place, differences

# What has no class yet. The list can only get shorter: a name that has one fails below.
NOT_DECLARED_YET: set[str] = set()
# What decision 11 adds, and the catalogue has no entity for.
ADDED = {"ACTIVITY", "COHORT_MEMBERSHIP"}

DECISIONS = range(1, 19)
DEFECTS = range(1, 96)
CATALOGUE = catalogue_facts.load()
CLASSES: dict[str, Any] = {
    cls.discriminator: cls
    for cls in vars(entities).values()
    if isinstance(cls, type) and issubclass(cls, Entity) and cls.discriminator is not None
}


def discriminator(entity: str) -> str:
    return CATALOGUE["entities"][entity]["entity_type"] or entity


DECLARED = {name: CLASSES[discriminator(name)] for name in CATALOGUE["entities"] if name not in NOT_DECLARED_YET}


def read_deviations() -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "deviations.yaml").read_text(encoding="utf-8"))
    return read


def by_place(deviations: list[dict[str, Any]]) -> dict[Place, Difference]:
    places = [
        (Place(entry["entity"], path, entry["aspect"]), Difference(entry["catalogue"], entry["declared"]))
        for entry in deviations
        for path in entry["paths"]
    ]
    assert len(places) == len(dict(places)), "a place is listed twice in deviations.yaml"
    return dict(places)


DEVIATIONS = read_deviations()
LISTED = by_place(DEVIATIONS)


def listed(entity: str, *, pattern: bool) -> dict[Place, Difference]:
    return {
        place: difference
        for place, difference in LISTED.items()
        if place.entity == entity and (place.aspect == "pattern") is pattern
    }


@pytest.mark.defect(56, 64)
@pytest.mark.parametrize("entity", DECLARED)
def test_a_class_says_what_the_catalogue_says_but_where_a_decision_differs(entity: str) -> None:
    said = catalogue_facts.catalogue_facts(CATALOGUE, entity)
    declared = declared_facts.declared_facts(DECLARED[entity], entity)

    assert differences(said, declared) == listed(entity, pattern=False)


def test_what_every_item_has_is_what_the_catalogue_says_but_where_a_decision_differs() -> None:
    found = differences(catalogue_facts.common_facts(CATALOGUE), declared_facts.common_facts())

    assert found == listed(catalogue_facts.COMMON, pattern=False)


@pytest.mark.defect(88)
@pytest.mark.parametrize("entity", DECLARED)
def test_every_access_pattern_is_asked_of_a_declared_key_but_where_a_decision_differs(entity: str) -> None:
    asked = patterns.pattern_facts(CATALOGUE, DECLARED[entity], entity)

    assert asked, "the catalogue knows a question about every entity"
    expected = dict.fromkeys(asked, patterns.SERVED)
    assert differences(expected, asked) == listed(entity, pattern=True)


def test_every_entity_of_the_catalogue_is_declared_or_listed_as_not_yet() -> None:
    undeclared = {name for name in CATALOGUE["entities"] if discriminator(name) not in CLASSES}

    assert undeclared == NOT_DECLARED_YET


def test_every_declared_entity_is_compared() -> None:
    assert {*DECLARED.values(), *(CLASSES[name] for name in ADDED)} == set(CLASSES.values())
    assert not ADDED & set(DECLARED)


def test_every_deviation_names_the_decision_or_the_defect_and_the_reason() -> None:
    for entry in DEVIATIONS:
        assert entry.get("decided_by") in DECISIONS or entry.get("defect") in DEFECTS, entry
        assert entry["why"].strip(), entry
        assert entry["paths"], entry


def test_every_deviation_is_about_something_that_is_compared() -> None:
    assert {place.entity for place in LISTED} <= {*DECLARED, catalogue_facts.COMMON}


def test_every_key_says_in_english_what_it_answers() -> None:
    unsaid = [key.label for cls in CLASSES.values() for key in cls.keys.values() if not key.answers.endswith("?")]

    assert unsaid == []


A: Mapping[Place, str] = {Place("E", "name", "type"): "text", Place("E", "name", "rules"): "MIN_LENGTH error min 3"}


@pytest.mark.parametrize(
    ("declared", "found"),
    [
        pytest.param(A, {}, id="the same"),
        pytest.param(
            {**A, Place("E", "name", "rules"): "MIN_LENGTH error min 2"},
            {Place("E", "name", "rules"): Difference("MIN_LENGTH error min 3", "MIN_LENGTH error min 2")},
            id="another text",
        ),
        pytest.param(
            {Place("E", "name", "type"): "text"},
            {Place("E", "name", "rules"): Difference("MIN_LENGTH error min 3", "absent")},
            id="an aspect is missing",
        ),
        pytest.param({}, {Place("E", "name", "presence"): Difference("text", "absent")}, id="a field is missing"),
        pytest.param(
            {**A, Place("E", "more", "type"): "time", Place("E", "more", "given"): "optional"},
            {Place("E", "more", "presence"): Difference("absent", "time, optional")},
            id="a field is added",
        ),
    ],
)
def test_a_difference_is_found_in_both_directions(
    declared: Mapping[Place, str], found: Mapping[Place, Difference]
) -> None:
    assert differences(A, declared) == found
