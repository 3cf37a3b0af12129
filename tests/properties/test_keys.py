"""Every declared key tells its values and no others, and no query of one entity meets the key of another."""

from __future__ import annotations

from itertools import combinations_with_replacement, permutations
from typing import Any

import pytest
from hypothesis import given, settings

from madmall_models.key_template import KeyTemplate
from madmall_models.keys import IndexKey, Key
from tests.properties.declared_keys import ENTITIES, KEYS, Pool, kind_of, normalised, pools, templates

TEMPLATES = templates()
# Each example is one for every template.
MANY = settings(max_examples=500)


@pytest.mark.defect(57)
@MANY
@given(pools(2))
def test_different_values_never_give_one_key(pool: Pool) -> None:
    for declared in TEMPLATES:
        template = declared.template
        keys = [(template.render(values), normalised(template, values)) for values in declared.assignments(pool)]
        for (one, said), (other, otherwise) in combinations_with_replacement(keys, 2):
            assert (one is None) is (said is None), declared.label
            assert (one == other) is (said == otherwise), declared.label


@pytest.mark.defect(57)
@MANY
@given(pools(2))
def test_a_key_gives_its_values_back(pool: Pool) -> None:
    for declared in TEMPLATES:
        for values in declared.assignments(pool):
            key = declared.template.render(values)
            if key is not None:
                assert declared.template.match(key) == normalised(declared.template, values), declared.label


# -- one entity's queries and another's keys -----------------------------------------------------------------------


def place(key: Key) -> str:
    return key.index_name if isinstance(key, IndexKey) else "table"


PAIRS = [(one, other) for one, other in permutations(KEYS, 2) if place(one) == place(other)]


def rendered(key: Key, pool: Pool) -> tuple[str | None, str | None, str]:
    """Return both halves of a key, and what every sort key that its query asks for begins with.

    All entities take the first value of a kind, so that the partitions of different entities meet.
    """

    def text(template: KeyTemplate) -> str | None:
        values: dict[str, Any] = {field.name: pool[kind_of(key.entity, field)][0] for field in template.fields}
        return template.render(values)

    return text(key.partition), text(key.sort), key.sort.prefix({}).text


@pytest.mark.defect(49, 57)
@MANY
@given(pools(1))
def test_no_query_of_a_key_meets_what_another_key_wrote(pool: Pool) -> None:
    texts = {key.label: rendered(key, pool) for key in KEYS}
    for asked, other in PAIRS:
        partition, _, beginning = texts[asked.label]
        met_partition, met_sort, _ = texts[other.label]
        met = None not in (partition, met_sort) and partition == met_partition and str(met_sort).startswith(beginning)
        assert not met, f"a query of {asked.label} meets the key of {other.label}"


def test_the_keys_of_every_entity_are_among_these() -> None:
    assert {key.entity for key in KEYS} == set(ENTITIES)
    assert len({key.label for key in KEYS}) == len(KEYS)
    # Some partitions do meet, or the property above would show nothing.
    assert any(one.partition.text == other.partition.text for one, other in PAIRS)
