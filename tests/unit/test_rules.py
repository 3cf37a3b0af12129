"""What each rule takes, and which code it gives when it is broken."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import marshmallow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.errors import DeclarationError
from madmall_models.rules import (
    ERROR,
    WARNING,
    Email,
    Length,
    OneOf,
    Pattern,
    Phone,
    Range,
    Recommended,
    Required,
    Rule,
    Rules,
    Url,
)

# The patterns of the system being replaced, as its catalogue has them; ``\Z`` is JavaScript's ``$``.
EMAIL_OF_THE_CATALOGUE = re.compile(r"^[^\s@]+@[^\s@]+\.[^\s@]+\Z")
URL_OF_THE_CATALOGUE = re.compile(r"^https?://.+")
PHONE_OF_THE_CATALOGUE = re.compile(r"^\+?[\d\s\-\(\)]+\Z", re.ASCII)

RULES_OF_A_TEXT = [
    Required(),
    Recommended(),
    Length(3, 100),
    Length(min=3),
    Length(max=100, severity=WARNING),
    OneOf("light", "dark"),
    Email(),
    Url(severity=WARNING),
    Phone(),
    Pattern(r"\d\d:\d\d\Z", form="a time such as 18:30"),
]


@pytest.mark.parametrize(
    ("rule", "codes", "bounds", "sentence"),
    [
        (Required(), ("REQUIRED",), {}, "is required"),
        (Recommended(), ("RECOMMENDED",), {}, "is recommended"),
        (Length(3, 100), ("MIN_LENGTH", "MAX_LENGTH"), {"min": 3, "max": 100}, "must have a length of 3 to 100"),
        (Length(min=3), ("MIN_LENGTH",), {"min": 3}, "must have a length of at least 3"),
        (Length(max=9), ("MAX_LENGTH",), {"max": 9}, "must have a length of at most 9"),
        (Length(0, 9, severity=WARNING), ("LENGTH_WARNING",), {"min": 0, "max": 9}, "must have a length of 0 to 9"),
        (Range(2, 10000), ("RANGE_ERROR",), {"min": 2, "max": 10000}, "must be 2 to 10000"),
        (Range(max=1, severity=WARNING), ("RANGE_WARNING",), {"max": 1}, "must be at most 1"),
        (OneOf("light", "dark"), ("INVALID_VALUE",), {"choices": ("light", "dark")}, "must be one of light, dark"),
        (Pattern("x", form="an x"), ("INVALID_FORMAT",), {"pattern": "x"}, "must be an x"),
        (Pattern("x", form="an x", severity=WARNING), ("FORMAT_WARNING",), {"pattern": "x"}, "must be an x"),
    ],
    ids=repr,
)
def test_a_rule_tells_what_it_asks(rule: Rule, codes: tuple[str, ...], bounds: dict[str, Any], sentence: str) -> None:
    assert rule.codes == codes
    assert rule.code == codes[0]
    assert rule.bounds() == bounds
    assert rule.describe() == sentence


@pytest.mark.parametrize(
    ("rule", "severity", "code"),
    [
        (Email(), ERROR, "INVALID_FORMAT"),
        (Email(severity=WARNING), WARNING, "FORMAT_WARNING"),
        (Url(), ERROR, "INVALID_FORMAT"),
        (Url(severity=WARNING), WARNING, "FORMAT_WARNING"),
        (Phone(), WARNING, "FORMAT_WARNING"),
        (Phone(severity=ERROR), ERROR, "INVALID_FORMAT"),
        (Required(), ERROR, "REQUIRED"),
        (Recommended(), WARNING, "RECOMMENDED"),
        (OneOf(1, severity=WARNING), WARNING, "INVALID_VALUE"),
    ],
    ids=repr,
)
def test_the_code_follows_the_severity(rule: Rule, severity: object, code: str) -> None:
    assert rule.severity is severity
    assert rule.code == code


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("ab", "MIN_LENGTH"),
        ("  ab  ", "MIN_LENGTH"),
        ("abc", None),
        ("a" * 100, None),
        (" " + "a" * 100 + " ", None),
        ("a" * 101, "MAX_LENGTH"),
        (["a", "b"], "MIN_LENGTH"),
        (["a", "b", "c"], None),
        (["a"] * 101, "MAX_LENGTH"),
    ],
)
def test_length_includes_its_bounds_and_leaves_out_the_spaces_around(value: Any, code: str | None) -> None:
    assert Length(3, 100).broken_by(value) == code


def test_a_length_that_warns_has_one_code_for_both_ends() -> None:
    assert Length(3, 5, severity=WARNING).broken_by("ab") == "LENGTH_WARNING"
    assert Length(3, 5, severity=WARNING).broken_by("abcdef") == "LENGTH_WARNING"


@pytest.mark.parametrize(
    ("value", "kept"),
    [(1, True), (5, True), (0, False), (6, False), (Decimal("0.9999"), False), (Decimal("5.0"), True)],
)
def test_range_includes_its_bounds(value: Any, kept: bool) -> None:
    assert (Range(1, 5).broken_by(value) is None) is kept


def test_a_choice_is_taken_as_it_is_written() -> None:
    rule = OneOf("light", "dark")

    assert rule.broken_by("dark") is None
    assert rule.broken_by("Dark") == "INVALID_VALUE"


@pytest.mark.parametrize(
    ("rule", "original", "alphabet"),
    [
        (Email(), EMAIL_OF_THE_CATALOGUE, "a.@ \nß"),
        (Url(), URL_OF_THE_CATALOGUE, ["http", "s", "://", "x", " ", "\n", "H"]),
        (Phone(), PHONE_OF_THE_CATALOGUE, "+1( )-\na٣"),
    ],
    ids=["email", "url", "phone"],
)
@given(data=st.data())
def test_a_format_takes_what_the_system_being_replaced_took(
    rule: Rule, original: re.Pattern[str], alphabet: Any, data: st.DataObject
) -> None:
    text = "".join(data.draw(st.lists(st.sampled_from(alphabet), max_size=9)))

    assert (rule.broken_by(text) is None) is (original.search(text) is not None)


@pytest.mark.parametrize("text", ["jane@example.com", "a@b.c", "j+x@sub.example.org", "ä@ö.de"])
def test_an_address_is_taken(text: str) -> None:
    assert Email().broken_by(text) is None


@pytest.mark.parametrize("text", ["jane", "jane@localhost", "ja ne@x.org", "jane@x.org\n", "@x.org", "j@.x", "j@x."])
def test_what_is_no_address_is_refused(text: str) -> None:
    assert Email().broken_by(text) == "INVALID_FORMAT"


@pytest.mark.parametrize(
    ("text", "taken"),
    [("https://x", True), ("http://x.org/a b", True), ("http://", False), ("ftp://x.org", False), ("x.org", False)],
)
def test_a_url_is_of_the_web_and_goes_on(text: str, taken: bool) -> None:
    assert (Url().broken_by(text) is None) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [("+1 (404) 555-0100", True), ("555", True), ("+", False), ("1+1", False), ("555x", False), ("٣", False)],
)
def test_a_phone_number_is_made_of_digits_and_what_groups_them(text: str, taken: bool) -> None:
    assert (Phone().broken_by(text) is None) is taken


def test_an_address_of_many_dots_takes_no_longer_than_others() -> None:
    # The pattern of the catalogue needs time in the square of the length for this one.
    assert Email().broken_by("a@" + "." * 400_000 + " ") == "INVALID_FORMAT"


@pytest.mark.parametrize("rule", RULES_OF_A_TEXT, ids=repr)
@given(value=st.text(max_size=8))
def test_the_validator_for_a_schema_refuses_exactly_what_the_rule_reports(rule: Rule, value: str) -> None:
    assert (rule.broken_by(value) is None) is accepts(rule.validator(), value)


@pytest.mark.parametrize("rule", [Required(), Recommended()], ids=repr)
@pytest.mark.parametrize(("value", "present"), [(None, False), ("", False), (" \t", False), (0, True), ([], True)])
def test_presence_is_about_texts_and_none_only(rule: Rule, value: Any, present: bool) -> None:
    assert accepts(rule.validator(), value) is present


def test_the_length_of_a_schema_made_from_a_rule_is_one_of_marshmallow() -> None:
    validator = Length(3, 100).validator()

    assert isinstance(validator, marshmallow.validate.Length)
    assert (validator.min, validator.max) == (3, 100)
    assert validator("  abc ") == "  abc "


@pytest.mark.parametrize(
    ("declare", "complaint"),
    [
        (lambda: Length(), "bounds nothing"),
        (lambda: Range(), "bounds nothing"),
        (lambda: Length(5, 3), "min is over max"),
        (lambda: Range(1, 0), "min is over max"),
        (lambda: OneOf(), "name the values"),
        (lambda: Rules(name="Required"), "the rules of name"),
        (lambda: Rules(name=[Required]), "the rules of name"),
        (lambda: Rules("name"), "takes callables"),
    ],
)
def test_a_declaration_that_says_nothing_is_refused(declare: Callable[[], object], complaint: str) -> None:
    with pytest.raises(DeclarationError, match=complaint):
        declare()


def test_rules_hold_one_rule_or_several_by_attribute() -> None:
    required, length = Required(), Length(max=9)
    rules = Rules(name=[required, length], email=required)

    assert rules.attributes == ("name", "email")
    assert rules.of("name") == (required, length)
    assert rules.of("email") == (required,)
    assert rules.of("other") == ()


def test_rules_name_what_the_class_does_not_declare() -> None:
    assert Rules(name=[], emial=[]).unknown(["name", "email"]) == ["emial"]
    assert Rules(name=[]).unknown({"name": object()}) == []


def accepts(validator: Any, value: object) -> bool:
    try:
        validator(value)
    except marshmallow.ValidationError:
        return False
    return True


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b", "\x7f", "\x9f"])
@pytest.mark.parametrize("address", ["ja{}ne@example.com", "{}jane@example.com", "jane@exam{}ple.com", "jane@a.c{}"])
def test_an_address_has_no_characters_that_nobody_sees(address: str, character: str) -> None:
    assert Email().broken_by(address.format(character)) == "INVALID_FORMAT"
