"""Transformations, filters and checks see a row before its columns are cast, and break nothing but their row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping as Values
from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models.entities import User
from madmall_models.migration import CastError, Check, FieldMap, Filter, Mapping
from madmall_models.migration.cast import text
from madmall_models.migration.rejects import RowFiltered, RowRejected

START = datetime(2026, 1, 1, tzinfo=UTC)


def split_name(row: Values[str, Any]) -> Values[str, Any]:
    first, last = row["name"].split()
    return {**row, "firstName": first, "lastName": last}


PEOPLE = Mapping(
    entity=User,
    table="users",
    fields=(FieldMap("profile.first_name", "firstName", text), FieldMap("profile.last_name", "lastName", text)),
    transformations=(split_name,),
    filters=(Filter("accounts of testers", lambda row: row["lastName"] != "Tester"),),
    checks=(
        Check("firstName", lambda row: row["firstName"].isalpha(), "a first name has letters only", "LETTERS"),
        Check(None, lambda row: row["firstName"] != row["lastName"], "first and last name differ"),
    ),
)


def refused(row: dict[str, Any], mapping: Mapping = PEOPLE) -> RowRejected:
    with pytest.raises(RowRejected) as rejected:
        mapping.arguments(row, START)
    return rejected.value


def test_a_transformation_gives_columns_to_all_that_follows() -> None:
    given = {"name": "Ada Okafor"}

    assert PEOPLE.arguments(given, START) == {"profile": {"first_name": "Ada", "last_name": "Okafor"}}
    assert given == {"name": "Ada Okafor"}


def test_a_row_that_a_filter_leaves_out_says_why_and_is_not_checked() -> None:
    left_out = refused({"name": "Ada1 Tester"})

    assert isinstance(left_out, RowFiltered)
    assert left_out.reason == "accounts of testers"


def test_every_check_that_fails_is_named_with_its_code() -> None:
    rejected = refused({"name": "Ada1 Ada1"})

    assert rejected.stage == "check"
    assert [(fault.field, fault.code, fault.message) for fault in rejected.faults] == [
        ("firstName", "LETTERS", "a first name has letters only"),
        (None, "CHECK_FAILED", "first and last name differ"),
    ]


def test_what_a_function_raises_befalls_its_row_only_and_quotes_nothing() -> None:
    rejected = refused({"name": "Secret"})

    assert (rejected.stage, rejected.faults[0].code) == ("transform", "FUNCTION_FAILED")
    assert rejected.faults[0].message == "split_name raised ValueError"
    assert "Secret" not in str(rejected)
    assert rejected.__cause__ is None


def test_a_function_may_refuse_as_a_cast_does() -> None:
    def refuse(row: Values[str, Any]) -> bool:
        raise CastError("TOO_OLD", "the row is of a system before this one", field="name")

    rejected = refused({"name": "Ada M"}, dataclasses.replace(PEOPLE, filters=(Filter("old", refuse),)))

    assert (rejected.stage, rejected.faults[0].field, rejected.faults[0].code) == ("filter", "name", "TOO_OLD")
    assert not isinstance(rejected, RowFiltered)


def test_a_mapping_stays_as_it_was_declared() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        PEOPLE.filters = ()  # type: ignore[misc]
