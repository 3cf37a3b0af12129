"""What validation finds in data, attribute by attribute and document by document."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from madmall_models.attributes import (
    BooleanAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document
from madmall_models.entities import User
from madmall_models.rules import (
    WARNING,
    Email,
    Length,
    OneOf,
    Range,
    Recommended,
    Required,
    Rules,
    ValidationReport,
    validate,
)

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


class Place(Document):
    """Have a required and an optional part."""

    zip_code = UnicodeAttribute()
    city = UnicodeAttribute(null=True)


class Profile(Document):
    """Have rules of its own, and a document inside."""

    first_name = UnicodeAttribute()
    bio = UnicodeAttribute(null=True)
    home = Place(null=True)
    rules = Rules(first_name=Length(max=20), bio=[Recommended(), Length(max=10, severity=WARNING)])


class Author(Document):
    """Stand in a list."""

    author_id = IdAttribute(attr_name="id")


class Thing(Document):
    """Have an attribute of every kind; only ``thing_id``, ``name`` and ``profile`` are required."""

    thing_id = IdAttribute()
    name = UnicodeAttribute()
    profile = Profile()
    email = UnicodeAttribute(null=True)
    language = UnicodeAttribute(default="en")
    country = UnicodeAttribute(default="US")
    motto = UnicodeAttribute(null=True)
    theme = EnumAttribute("light", "dark", strict=True, default="light")
    stage = EnumAttribute("new", "old", null=True)
    role = EnumAttribute("member", "admin", read_only=("founder",), default="member")
    circle_id = IdAttribute(null=True)
    is_active = BooleanAttribute(default=True)
    rating = DecimalAttribute(null=True)
    share = DecimalAttribute(null=True)
    count = IntegerAttribute(default=0)
    joined_at = TimeAttribute(null=True)
    tags = ListAttribute(of=UnicodeAttribute, default=list)
    needs = ListAttribute(of=EnumAttribute("sleep", "food"), null=True)
    must_haves = ListAttribute(of=EnumAttribute("sleep", "food", strict=True), null=True)
    authors = ListAttribute(of=Author, null=True)
    anything = ListAttribute(null=True)
    links = DictAttribute(of=UnicodeAttribute, null=True)
    extras = DictAttribute(null=True)
    rules = Rules(
        name=Length(min=3, max=100),
        email=Email(),
        country=Required(),
        motto=Required(),
        rating=Range(1, 5),
        share=OneOf(Decimal("0.85")),
        tags=Length(max=2),
    )


GOOD: dict[str, Any] = {
    "thing_id": "t1",
    "name": "Thing",
    "motto": "Onward",
    "profile": {"first_name": "Jane", "bio": "Hello"},
}


def found(data: object, cls: type[Any] = Thing, **options: Any) -> list[tuple[str, str, str]]:
    return [(entry.field, entry.code, entry.severity.value) for entry in validate(cls, data, **options).entries]


def found_in(**changes: Any) -> list[tuple[str, str, str]]:
    return found({**GOOD, **changes})


def test_data_that_keep_every_rule_give_an_empty_report() -> None:
    assert validate(Thing, GOOD) == ValidationReport()


@pytest.mark.parametrize("absent", [None, "", "   ", "\t\n"])
def test_an_attribute_without_null_and_default_is_required(absent: str | None) -> None:
    assert found_in(name=absent) == [("name", "REQUIRED", "error")]
    assert found_in(thing_id=absent) == [("thingId", "REQUIRED", "error")]


def test_everything_required_is_missed_in_empty_data_but_nothing_inside_a_document_that_is_missing() -> None:
    assert found({}) == [
        ("motto", "REQUIRED", "error"),
        ("name", "REQUIRED", "error"),
        ("profile", "REQUIRED", "error"),
        ("thingId", "REQUIRED", "error"),
    ]


def test_a_default_fills_what_is_missing_even_where_a_rule_requires_it() -> None:
    assert found_in(country=None, language=None) == []


@pytest.mark.defect(63)
def test_a_blank_text_does_not_pass_for_a_value_where_a_rule_requires_one() -> None:
    assert found_in(country=" ", motto=" ") == [("country", "REQUIRED", "error"), ("motto", "REQUIRED", "error")]


@pytest.mark.parametrize("absent", [None, "", "  "])
def test_what_is_recommended_is_only_warned_of(absent: str | None) -> None:
    report = validate(Thing, {**GOOD, "profile": {"first_name": "Jane", "bio": absent}})

    assert report.is_valid
    assert [(entry.field, entry.code) for entry in report.warnings] == [("profile.bio", "RECOMMENDED")]


def test_an_optional_blank_text_keeps_every_rule_but_is_no_id_and_no_choice() -> None:
    assert found_in(email=" ", language="") == []
    assert found_in(circle_id="") == [("circleId", "INVALID_FORMAT", "error")]
    assert found_in(theme="") == [("theme", "INVALID_VALUE", "error")]
    assert found_in(stage=" ") == [("stage", "INVALID_VALUE", "warning")]


@pytest.mark.defect(63)
@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", 5),
        ("name", b"Thing"),
        ("name", "lone \ud800 surrogate"),
        ("thing_id", 5),
        ("is_active", "yes"),
        ("is_active", 1),
        ("rating", "5"),
        ("rating", float("nan")),
        ("rating", 10**200),
        ("count", 1.5),
        ("count", True),
        ("joined_at", 5),
        ("joined_at", datetime(2026, 1, 1)),
        ("tags", "support"),
        ("tags", {"support"}),
        ("links", ["x"]),
        ("links", {5: "x"}),
        ("links", {"x": 5}),
        ("extras", {"x": object()}),
        ("extras", {"x": [float("inf")]}),
        ("anything", [set()]),
        ("profile", "Jane"),
        ("profile", Place(zip_code="30301")),
        ("theme", 5),
    ],
)
def test_a_value_of_another_type_is_an_error(attribute: str, value: object) -> None:
    stored = {"thing_id": "thingId", "is_active": "isActive", "joined_at": "joinedAt"}.get(attribute, attribute)

    assert found_in(**{attribute: value}) == [(stored, "TYPE_ERROR", "error")]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("rating", 5),
        ("rating", 4.5),
        ("rating", Decimal("4.5")),
        ("count", 3.0),
        ("joined_at", "2026-11-22T13:45:00+01:00"),
        ("joined_at", LONG_AGO),
        ("tags", ("a", "b")),
        ("extras", {"x": [1, None, {"y": b"z"}], "when": LONG_AGO}),
        ("links", {"web": "https://x.org"}),
    ],
)
def test_what_an_attribute_can_turn_into_its_own_form_is_taken(attribute: str, value: object) -> None:
    assert found_in(**{attribute: value}) == []


def test_a_text_that_is_no_id_and_no_time_is_of_the_wrong_form() -> None:
    assert found_in(thing_id="a b", joined_at="yesterday") == [
        ("joinedAt", "INVALID_FORMAT", "error"),
        ("thingId", "INVALID_FORMAT", "error"),
    ]


def test_a_moment_that_the_calendar_of_utc_does_not_have_is_of_the_wrong_form() -> None:
    assert found_in(joined_at="0001-01-01T00:00:00+14:00") == [("joinedAt", "INVALID_FORMAT", "error")]


def test_what_nests_without_end_is_of_the_wrong_type() -> None:
    endless: dict[str, Any] = {}
    endless["again"] = [endless]

    assert found_in(extras=endless) == [("extras", "TYPE_ERROR", "error")]


@pytest.mark.defect(64)
def test_an_unknown_choice_is_an_error_where_the_choice_is_strict_and_a_warning_elsewhere() -> None:
    assert found_in(theme="pink") == [("theme", "INVALID_VALUE", "error")]
    assert found_in(stage="pink") == [("stage", "INVALID_VALUE", "warning")]


def test_a_choice_that_is_only_read_is_not_among_those_that_are_written() -> None:
    report = validate(Thing, {**GOOD, "role": "founder"})

    assert [(entry.code, entry.message) for entry in report.entries] == [
        ("INVALID_VALUE", "must be one of member, admin")
    ]


def test_rules_see_the_value_in_the_form_that_the_attribute_holds() -> None:
    assert found_in(rating=5.5) == [("rating", "RANGE_ERROR", "error")]
    assert found_in(email="jane") == [("email", "INVALID_FORMAT", "error")]
    assert found_in(tags=["a", "b", "c"]) == [("tags", "MAX_LENGTH", "error")]
    assert found_in(share=0.85) == []


def test_no_rule_is_asked_about_a_value_that_does_not_fit() -> None:
    assert found_in(tags=["a", "b", 5]) == [("tags[2]", "TYPE_ERROR", "error")]


@pytest.mark.defect(65)
def test_every_broken_rule_of_every_attribute_is_reported_at_once() -> None:
    assert found_in(name="ab", rating=0, profile={"firstName": "J" * 21, "bio": "x" * 11}) == [
        ("name", "MIN_LENGTH", "error"),
        ("profile.bio", "LENGTH_WARNING", "warning"),
        ("profile.firstName", "MAX_LENGTH", "error"),
        ("rating", "RANGE_ERROR", "error"),
    ]


def test_names_are_taken_in_either_spelling_at_every_level() -> None:
    snake = {"thing_id": "t 1", "profile": {"first_name": "", "home": {"zip_code": 5}}, "authors": [{"author_id": ""}]}
    camel = {"thingId": "t 1", "profile": {"firstName": "", "home": {"zipCode": 5}}, "authors": [{"id": ""}]}

    assert found(snake) == found(camel)
    assert ("authors[0].id", "REQUIRED", "error") in found(snake)
    assert ("profile.home.zipCode", "TYPE_ERROR", "error") in found(snake)


def test_a_name_in_both_spellings_has_the_later_value_unless_that_is_none() -> None:
    assert found_in(profile={"first_name": 5, "firstName": "Jane", "bio": "Hi"}) == []
    assert found_in(profile={"firstName": "Jane", "first_name": None, "bio": "Hi"}) == []
    assert found_in(profile={"first_name": None, "firstName": "Jane", "bio": "Hi"}) == []


def test_an_instance_is_examined_as_a_mapping_is() -> None:
    profile = Profile(bio="x" * 11)
    thing = Thing(thing_id="t1", name="Thing", motto="Onward", profile=profile)

    assert found(thing) == [
        ("profile.bio", "LENGTH_WARNING", "warning"),
        ("profile.firstName", "REQUIRED", "error"),
    ]


def test_names_that_the_class_does_not_declare_are_passed_over() -> None:
    assert found_in(nickname=5, **{"": 1}) == []
    assert found({**GOOD, 5: 6, None: 7}) == []


def test_members_of_a_list_are_reported_one_by_one() -> None:
    assert found_in(tags=["a", 5]) == [("tags[1]", "TYPE_ERROR", "error")]
    assert found_in(tags=[None, "b"]) == [("tags[0]", "TYPE_ERROR", "error")]
    assert found_in(needs=["sleep", "wine", "song"]) == [
        ("needs[1]", "INVALID_VALUE", "warning"),
        ("needs[2]", "INVALID_VALUE", "warning"),
    ]
    assert found_in(must_haves=["wine"]) == [("mustHaves[0]", "INVALID_VALUE", "error")]
    assert found_in(authors=[{"id": "a1"}, "a2", {"id": "a 3"}]) == [
        ("authors[1]", "TYPE_ERROR", "error"),
        ("authors[2].id", "INVALID_FORMAT", "error"),
    ]


def test_changes_are_not_asked_for_what_they_leave_alone() -> None:
    assert found({}, partial=True) == []
    assert found({"profile": {"home": {}}}, partial=True) == []
    assert found({"name": "ab"}, partial=True) == [("name", "MIN_LENGTH", "error")]


def test_changes_cannot_remove_what_is_required() -> None:
    assert found({"name": None, "profile": {"first_name": None}}, partial=True) == [
        ("name", "REQUIRED", "error"),
        ("profile.firstName", "REQUIRED", "error"),
    ]
    assert found({"country": None, "motto": None}, partial=True) == [
        ("country", "REQUIRED", "error"),
        ("motto", "REQUIRED", "error"),
    ]
    assert found({"language": None}, partial=True) == [("language", "REQUIRED", "error")]
    assert found({"stage": None}, partial=True) == []
    assert found({"language": ""}, partial=True) == []


def test_a_list_in_changes_replaces_the_old_one_so_its_documents_are_examined_in_full() -> None:
    assert found({"authors": [{}]}, partial=True) == [("authors[0].id", "REQUIRED", "error")]


def test_the_value_of_an_entry_is_what_was_given() -> None:
    given = object()

    (entry,) = validate(Thing, {**GOOD, "name": given}).entries

    assert entry.value is given
    assert entry.message == "must be text"


@pytest.mark.defect(62)
@pytest.mark.parametrize("data", [None, [], "text", 5, object(), Thing])
def test_what_is_no_data_at_all_is_reported(data: object) -> None:
    assert found(data) == [("data", "TYPE_ERROR", "error")]


def test_a_document_that_is_an_attribute_and_holds_nothing_is_no_data() -> None:
    report = User.validate(User.profile)
    assert [entry.code for entry in report.errors] == ["TYPE_ERROR"]
