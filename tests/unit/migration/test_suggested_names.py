"""Names of a database become names of this package: singular, whole, and none that is taken."""

from __future__ import annotations

import keyword
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.declaration import entity_class
from madmall_models.entity import Entity
from madmall_models.migration.suggested_names import (
    AttributeNames,
    EntityNames,
    class_name,
    discriminator,
    singular,
    words,
)


@pytest.mark.defect(84)
@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("users", "user"), ("stories", "story"), ("businesses", "business"), ("addresses", "address"),
        ("statuses", "status"), ("analyses", "analysis"), ("boxes", "box"), ("people", "person"), ("news", "news"),
        ("movies", "movie"), ("branches", "branch"), ("gas", "ga"), ("as", "as"), ("address", "address"),
    ],
)  # fmt: skip
def test_a_table_of_many_is_an_entity_of_one(plural: str, expected: str) -> None:
    assert singular(plural) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("PlaylistTrack", ["playlist", "track"]),
        ("HTTPServer", ["http", "server"]),
        ("customer_id", ["customer", "id"]),
        ("IDs", ["i", "ds"]),
        ("größe in cm", ["grosse", "in", "cm"]),
        ("名前", []),
        ("a1b", ["a", "1", "b"]),
    ],
)
def test_words_are_found_whatever_the_spelling(name: str, expected: list[str]) -> None:
    assert words(name) == expected


@pytest.mark.defect(84)
def test_an_entity_takes_no_name_that_is_taken() -> None:
    names = EntityNames()
    tables = ["users", "User", "mapping", "exceptions", "metadata", "none", "2020", "名", "order line", "OrderLines"]

    found = [class_name(names.name(table, position)) for position, table in enumerate(tables)]

    assert found == [
        "LegacyUser", "LegacyUser2", "LegacyMapping", "LegacyException", "LegacyMetadata", "LegacyNone", "Legacy2020",
        "Table7", "OrderLine", "OrderLine2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("id", "song_id"),
        ("SongId", "song_id"),
        ("class", "song_class"),
        ("key", "song_key"),
        ("version", "song_version"),
        ("save", "song_save"),
        ("objects", "song_objects"),
        ("discriminator", "song_discriminator"),
        ("created_at", "song_created_at"),
        ("_hidden", "hidden"),
        ("2nd", "song_2_nd"),
        ("名前", "column_9"),
    ],
)
def test_an_attribute_takes_no_name_that_every_entity_has(column: str, expected: str) -> None:
    assert AttributeNames(["song"]).name(column, 9) == expected


def test_columns_that_would_be_stored_alike_get_numbers() -> None:
    names = AttributeNames(["song"])

    assert [names.name(column, 0) for column in ("a1", "a_1", "A 1", "b")] == ["a_1", "a_1_2", "a_1_3", "b"]


@given(st.lists(st.text(max_size=80), unique=True, max_size=8))
def test_any_names_become_names_that_can_be_declared(tables: list[str]) -> None:
    names = EntityNames()
    found = [names.name(table, position) for position, table in enumerate(tables)]
    attributes = AttributeNames(["song"])
    columns = [attributes.name(table, position) for position, table in enumerate(tables)]

    assert len({discriminator(each) for each in found}) == len(tables)
    for each in found:
        assert class_name(each).isidentifier()
        assert not keyword.iskeyword(class_name(each))
        assert entity_class(discriminator(each)) is None
    assert all(one.lower() != other.lower() for one, other in pairwise(sorted(columns)))
    assert all(name.isidentifier() and name.isascii() and len(name) < 60 for name in columns)
    assert not any(keyword.iskeyword(name) or hasattr(Entity, name) for name in columns)
