"""A mapping turns a row into keyword arguments, names every column it refuses, and knows what may be shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import MigrationError
from madmall_models.entities import User
from madmall_models.migration.cast import boolean, integer, text, time
from madmall_models.migration.mapping import RUN_START, FieldMap, Mapping, get_dotted, in_order, set_dotted
from madmall_models.migration.rejects import RowRejected

START = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = st.text("abc", min_size=1, max_size=3)


def mapping(*fields: FieldMap, table: str = "users", after: tuple[str, ...] = ()) -> Mapping:
    return Mapping(entity=User, table=table, fields=fields, after=after)


def test_dotted_targets_become_nested_documents() -> None:
    people = mapping(FieldMap("profile.first_name", "firstName", text), FieldMap("profile.bio", "bio", text))

    assert people.arguments({"firstName": "Ada", "bio": "Short."}, START) == {
        "profile": {"first_name": "Ada", "bio": "Short."}
    }


def test_what_a_row_does_not_give_is_left_to_the_entity() -> None:
    people = mapping(FieldMap("profile.bio", "bio", text), FieldMap("is_active", "isActive", boolean))

    assert people.arguments({"bio": "  ", "isActive": None}, START) == {}
    assert people.arguments({}, START) == {}


@pytest.mark.defect(71)
def test_false_and_zero_are_values() -> None:
    people = mapping(FieldMap("is_active", "isActive", boolean, default=True), FieldMap("level", "level", integer))

    assert people.arguments({"isActive": 0, "level": 0}, START) == {"is_active": False, "level": 0}


def test_fallbacks_are_asked_in_turn_then_the_default() -> None:
    joined = mapping(FieldMap("at", "createdAt", time, fallbacks=("joinedAt", "updatedAt"), default=RUN_START))

    assert joined.arguments({"joinedAt": "2024-01-01", "updatedAt": "2025-01-01"}, START)["at"].year == 2024
    assert joined.arguments({"createdAt": "", "joinedAt": None, "updatedAt": "2025-01-01"}, START)["at"].year == 2025
    assert joined.arguments({}, START)["at"] == START


def test_every_refused_column_is_named_once() -> None:
    people = mapping(
        FieldMap("created_at", "createdAt", time),
        FieldMap("profile.join_date", "createdAt", time),
        FieldMap("is_active", "isActive", boolean),
    )

    with pytest.raises(RowRejected) as rejected:
        people.arguments({"createdAt": "soon", "isActive": "perhaps"}, START)

    assert [(fault.field, fault.code) for fault in rejected.value.faults] == [
        ("createdAt", "NOT_A_TIME"),
        ("isActive", "NOT_BOOLEAN"),
    ]
    assert "soon" not in str(rejected.value)


def test_only_mapped_columns_that_are_not_secret_may_be_shown() -> None:
    people = mapping(
        FieldMap("user_id", "id", text),
        FieldMap("email", "email", text, fallbacks=("mail",), secret=True),
    )

    assert people.open_columns == {"id"}
    assert people.columns == {"id", "email", "mail"}


def test_a_mapping_comes_after_the_tables_that_it_names() -> None:
    members = mapping(table="circle_members", after=("users", "circles"))
    circles = mapping(table="circles", after=("users",))
    users = mapping(table="users", after=("a table that nobody maps", "users"))

    assert [each.table for each in in_order((members, circles, users))] == ["users", "circles", "circle_members"]


def test_mappings_that_wait_for_each_other_are_refused() -> None:
    with pytest.raises(MigrationError, match="a, b wait for each other"):
        in_order((mapping(table="a", after=("b",)), mapping(table="b", after=("a",))))


@given(st.lists(NAMES, unique=True, max_size=6), st.randoms())
def test_an_order_that_fits_already_is_kept(tables: list[str], chance: Any) -> None:
    chain = tuple(mapping(table=table, after=tuple(tables[:position])) for position, table in enumerate(tables))
    shuffled = list(chain)
    chance.shuffle(shuffled)

    assert in_order(chain) == chain
    assert in_order(tuple(shuffled)) == chain


@given(st.lists(NAMES, min_size=1, max_size=3).map(".".join), st.integers())
def test_what_is_set_at_a_dotted_name_is_found_there(target: str, value: int) -> None:
    arguments: dict[str, Any] = {}
    set_dotted(arguments, target, value)

    assert get_dotted(arguments, target) == value
    assert get_dotted(arguments, f"{target}.more") is None
    assert get_dotted(arguments, "none.at.all") is None
