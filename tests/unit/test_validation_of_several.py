"""What validation finds in several attributes together, and which attributes it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from pynamodb.attributes import Attribute

from madmall_models.attributes import (
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import Document
from madmall_models.rules import Entry, Range, Rules, ValidationReport, validate

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)
LATER = datetime(2001, 1, 2, tzinfo=UTC)


def closes_after_it_opens(values: Mapping[str, Any]) -> Iterator[Entry]:
    if "opens" in values and "closes" in values and values["closes"] < values["opens"]:
        yield Entry("closes", "must not be before opens", "CONSISTENCY_ERROR")


class Hours(Document):
    """Have a check about two attributes."""

    opens = IntegerAttribute(null=True)
    closes = IntegerAttribute(null=True)
    rules = Rules(closes_after_it_opens, opens=Range(0, 23))


class Day(Document):
    """Have a document with a check."""

    hours = Hours(null=True)


class Profile(Document):
    """Stand alone."""

    first_name = UnicodeAttribute()


class Author(Document):
    """Stand in a list."""

    author_id = IdAttribute(attr_name="id")


class Stamped(Document):
    """Have the moments of an entity."""

    created_at = TimeAttribute(null=True)
    updated_at = TimeAttribute(null=True)
    ttl = EpochAttribute(null=True)


def found(data: object, cls: type[Any]) -> list[tuple[str, str, str]]:
    return [(entry.field, entry.code, entry.severity.value) for entry in validate(cls, data).entries]


def test_a_check_about_several_attributes_gets_the_values_that_fit_and_its_fields_are_placed() -> None:
    assert found({"hours": {"opens": 9.0, "closes": 8}}, Day) == [("hours.closes", "CONSISTENCY_ERROR", "error")]
    assert found({"hours": {"opens": "nine", "closes": 8}}, Day) == [("hours.opens", "TYPE_ERROR", "error")]
    assert found({"hours": {"closes": 8}}, Day) == []


def test_a_check_sees_documents_and_lists_of_them_by_python_names() -> None:
    seen: list[Mapping[str, Any]] = []

    def look(values: Mapping[str, Any]) -> list[Entry]:
        seen.append(values)
        return []

    class Looked(Document):
        profile = Profile(null=True)
        authors = ListAttribute(of=Author, null=True)
        rules = Rules(look)

    validate(Looked, {"profile": Profile(first_name="Jane"), "authors": [{"id": "a1"}]})

    assert seen == [{"profile": {"first_name": "Jane"}, "authors": [{"author_id": "a1"}]}]


def test_a_check_is_not_given_what_does_not_fit() -> None:
    seen: list[Mapping[str, Any]] = []

    class Looked(Document):
        theme = EnumAttribute("light", "dark", strict=True, null=True)
        stage = EnumAttribute("new", "old", null=True)
        tags = ListAttribute(of=UnicodeAttribute, null=True)
        rules = Rules(lambda values: seen.append(values) or [])

    validate(Looked, {"theme": "pink", "stage": "other", "tags": ["a", 5]})

    assert seen == [{"stage": "other"}]


@pytest.mark.defect(63)
def test_a_moment_of_creation_after_that_of_the_last_change_is_inconsistent() -> None:
    report = validate(Stamped, {"createdAt": LATER, "updatedAt": "2001-01-01T00:00:00Z"})

    (entry,) = report.errors
    assert (entry.field, entry.code) == ("timestamps", "CONSISTENCY_ERROR")
    assert entry.value == {"createdAt": LATER, "updatedAt": LONG_AGO}
    assert validate(Stamped, {"createdAt": LONG_AGO, "updatedAt": LONG_AGO}).is_valid
    assert found({"createdAt": LATER, "updatedAt": "garbage"}, Stamped) == [("updatedAt", "INVALID_FORMAT", "error")]


def test_a_time_to_live_in_the_past_is_warned_of() -> None:
    assert found({"ttl": 1}, Stamped) == [("ttl", "TTL_WARNING", "warning")]
    assert found({"ttl": datetime(9999, 1, 1, tzinfo=UTC)}, Stamped) == []


def test_derived_keys_are_left_to_the_entity() -> None:
    cls = type("Item", (), {"_attributes": {"PK": KeyAttribute(attr_name="PK")}, "rules": None})

    assert validate(cls, {"PK": 5}) == ValidationReport()


def test_an_attribute_that_cannot_judge_values_is_left_alone() -> None:
    cls = type("Item", (), {"_attributes": {"blob": Attribute(attr_name="blob")}})

    assert validate(cls, {"blob": object()}) == ValidationReport()
