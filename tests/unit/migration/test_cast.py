"""Casts read what legacy columns hold, refuse what they would have to guess, and never quote a value."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration import cast
from madmall_models.migration.cast import CastError
from madmall_models.migration.source import UndecodableText

MOMENT = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
ALL = [
    cast.text,
    cast.identifier,
    cast.boolean,
    cast.integer,
    cast.decimal,
    cast.time,
    cast.json_list,
    cast.json_object,
]


def said_about(read: cast.Cast, value: Any) -> str:
    try:
        read(value)
    except CastError as refused:
        return str(refused)
    return ""


@pytest.mark.defect(72)
@pytest.mark.parametrize("read", ALL)
@pytest.mark.parametrize("nothing", [None, "", "  ", "\t\n"])
def test_null_and_blank_text_give_nothing(read: cast.Cast, nothing: Any) -> None:
    assert read(nothing) is None


@pytest.mark.parametrize("read", ALL)
def test_text_that_is_not_utf8_is_refused_by_every_cast(read: cast.Cast) -> None:
    with pytest.raises(CastError) as refused:
        read(UndecodableText(b"caf\xe9"))

    assert refused.value.code == "INVALID_UTF8"


@pytest.mark.parametrize("read", ALL)
@given(st.one_of(st.text(min_size=12), st.integers(min_value=10**12), st.floats(1e6, 1e9), st.binary(min_size=12)))
def test_a_refusal_never_quotes_the_value(read: cast.Cast, value: Any) -> None:
    assert str(value) not in said_about(read, value)


@pytest.mark.defect(71)
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, True), (0, False), (1.0, True), (0.0, False), (True, True), (False, False),
        ("1", True), ("0", False), ("t", True), ("f", False), ("true", True), ("FALSE", False),
        ("Yes", True), ("no", False), ("on", True), ("off", False), (" t ", True), (b"1", True),
    ],
)  # fmt: skip
def test_a_boolean_is_read_in_every_usual_spelling(value: Any, expected: bool) -> None:
    assert cast.boolean(value) is expected


@pytest.mark.parametrize("value", [2, -1, 0.5, "maybe", "10", "truee", b"x"])
def test_what_is_neither_yes_nor_no_is_refused_rather_than_guessed(value: Any) -> None:
    with pytest.raises(CastError) as refused:
        cast.boolean(value)

    assert refused.value.code == "NOT_BOOLEAN"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (5, 5),
        (5.0, 5),
        ("5", 5),
        ("5.0", 5),
        (" -7 ", -7),
        ("+3", 3),
        (2**63 - 1, 2**63 - 1),
        (str(-(2**63)), -(2**63)),
    ],
)
def test_a_whole_number_is_read_from_numbers_and_digits(value: Any, expected: int) -> None:
    assert cast.integer(value) == expected


@pytest.mark.parametrize(
    "value", ["6 min read", 5.5, "5.5", "1e3", "\u0665", True, float("inf"), float("nan"), 1e300, "9" * 39]
)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(CastError) as refused:
        cast.integer(value)

    assert refused.value.code == "NOT_AN_INTEGER"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1, Decimal("0.1")),
        (3, Decimal(3)),
        ("4.90", Decimal("4.90")),
        ("-.5", Decimal("-0.5")),
        ("1e-3", Decimal("0.001")),
    ],
)
def test_a_decimal_is_exact(value: Any, expected: Decimal) -> None:
    assert cast.decimal(value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("4,9", "NOT_A_NUMBER"),
        ("NaN", "NOT_A_NUMBER"),
        (float("inf"), "OUT_OF_RANGE"),
        ("1." + "1" * 40, "OUT_OF_RANGE"),
        ("1e200", "OUT_OF_RANGE"),
        (True, "NOT_A_NUMBER"),
    ],
)
def test_what_dynamodb_cannot_hold_as_a_number_is_refused(value: Any, code: str) -> None:
    with pytest.raises(CastError) as refused:
        cast.decimal(value)

    assert refused.value.code == code


@pytest.mark.defect(67)
@pytest.mark.parametrize(
    "value",
    [
        "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.000Z", "2024-01-02 03:04:05", "2024-01-02T03:04:05",
        "2024-01-02T05:04:05+02:00", "2024-01-01 22:04:05-05:00", " 2024-01-02T03:04:05Z ",
        1704164645, 1704164645.0, "1704164645", 1704164645000, "1704164645000", "1704164645.0",
        MOMENT, MOMENT.replace(tzinfo=None), MOMENT.astimezone(timezone(timedelta(hours=9))),
    ],
)  # fmt: skip
def test_one_moment_is_read_from_every_spelling_of_it(value: Any) -> None:
    assert cast.time(value) == MOMENT


@pytest.mark.parametrize("value", [0, 1, "0", 0.0, 2024, "2024", 2460311.5, -1, "99999999"])
def test_a_number_that_would_be_a_time_of_1970_is_refused_rather_than_guessed(value: Any) -> None:
    with pytest.raises(CastError) as refused:
        cast.time(value)

    assert refused.value.code == "OUT_OF_RANGE"


def test_a_date_alone_is_its_midnight_in_utc() -> None:
    assert cast.time("2024-01-02") == cast.time("20240102") == datetime(2024, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "code"),
    [("yesterday", "NOT_A_TIME"), ("2024-13-01", "NOT_A_TIME"), ("2024-02-30 00:00:00", "NOT_A_TIME"),
     ("0001-01-01T00:00:00+14:00", "NOT_A_TIME"), (True, "NOT_A_TIME"), (10**16, "OUT_OF_RANGE"),
     (float("inf"), "OUT_OF_RANGE"), (float("nan"), "OUT_OF_RANGE"), ("-1e13", "OUT_OF_RANGE")],
)  # fmt: skip
def test_what_is_no_plausible_time_is_refused(value: Any, code: str) -> None:
    with pytest.raises(CastError) as refused:
        cast.time(value)

    assert refused.value.code == code


@given(st.datetimes(min_value=datetime(1974, 1, 1), max_value=datetime(2199, 12, 31)))
def test_every_moment_is_the_same_as_text_seconds_and_milliseconds(naive: datetime) -> None:
    moment = naive.replace(microsecond=naive.microsecond // 1000 * 1000, tzinfo=UTC)
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)

    assert cast.time(moment.isoformat()) == moment
    assert cast.time(milliseconds) == moment
    assert cast.time(milliseconds / 1000) == moment


def test_json_fractions_stay_exact() -> None:
    assert cast.json_list('[1, 0.1, "a", {"b": null}]') == [1, Decimal("0.1"), "a", {"b": None}]
    assert cast.json_object('{"a": [0.85]}') == {"a": [Decimal("0.85")]}


@pytest.mark.defect(74)
@pytest.mark.parametrize(
    ("read", "value", "code"),
    [
        (cast.json_list, "{}", "NOT_A_LIST"), (cast.json_list, '"a"', "NOT_A_LIST"), (cast.json_list, "[1", "NOT_JSON"),
        (cast.json_list, "a, b", "NOT_JSON"), (cast.json_list, "[NaN]", "NOT_JSON"), (cast.json_list, 7, "NOT_JSON"),
        (cast.json_list, "[" * 100_000, "NOT_JSON"), (cast.json_object, "[]", "NOT_AN_OBJECT"),
        (cast.json_object, "{'a': 1}", "NOT_JSON"), (cast.json_list, "[1e99999999999999999999]", "NOT_JSON"),
        (cast.json_list, "[" + "1" * 5000 + "]", "NOT_JSON"), (cast.json_list, "[" + "1" * 40 + "]", "OUT_OF_RANGE"),
        (cast.json_list, "[-Infinity]", "NOT_JSON"), (cast.json_list, "[1e999]", "OUT_OF_RANGE"),
        (cast.json_object, '{"a": 1, "a": 2}', "REPEATED_NAME"),
        (cast.json_list, '[{"a": 1, "a": 1}]', "REPEATED_NAME"),
        (cast.json_list, "[" * 900 + "]" * 900, "TOO_DEEP"), (cast.json_list, '["\\ud800"]', "INVALID_UTF8"),
        (cast.json_object, '{"\\udfff": 1}', "INVALID_UTF8"),
        (cast.json_object, '{"a": [{"b": 1e-200}]}', "OUT_OF_RANGE"),
    ],
)  # fmt: skip
def test_json_of_another_kind_is_refused(read: cast.Cast, value: Any, code: str) -> None:
    with pytest.raises(CastError) as refused:
        read(value)

    assert refused.value.code == code


def test_json_may_nest_as_deep_as_dynamodb_does() -> None:
    assert cast.json_list("[" * 32 + "]" * 32) is not None
    with pytest.raises(CastError):
        cast.json_list("[" * 33 + "]" * 33)


JSON = st.recursive(
    st.one_of(st.text(), st.integers(-(10**37), 10**37), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), JSON), st.booleans())
def test_an_object_written_as_json_is_read_back(document: dict[str, Any], ascii_only: bool) -> None:
    assert cast.json_object(json.dumps(document, ensure_ascii=ascii_only)) == document


@given(st.lists(st.one_of(st.text(), st.integers(-(10**37), 10**37), st.booleans(), st.none())))
def test_a_list_written_as_json_is_read_back(members: list[Any]) -> None:
    assert cast.json_list(json.dumps(members)) == members


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_kept_as_it_is_unless_it_is_blank(value: str) -> None:
    assert cast.text(value) == (value if value.strip() else None)


@pytest.mark.parametrize("value", ["\ud800", "a\udc00b"])
def test_half_a_character_is_refused(value: str) -> None:
    with pytest.raises(CastError) as refused:
        cast.text(value)

    assert refused.value.code == "INVALID_UTF8"


@pytest.mark.parametrize("read", [cast.text, cast.identifier])
@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_a_number_without_digits_is_no_text_and_no_id(read: cast.Cast, value: float) -> None:
    with pytest.raises(CastError) as refused:
        read(value)

    assert refused.value.code == "NOT_TEXT"


def test_a_nul_character_is_kept() -> None:
    assert cast.text("before\0after") == "before\0after"
    assert cast.text("\0") == "\0"


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_integer_of_sqlite_is_read_as_number_and_as_text(number: int) -> None:
    assert cast.integer(number) == cast.integer(str(number)) == number
    assert cast.decimal(number) == cast.decimal(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=1e-100, max_value=1e100))
def test_a_float_keeps_the_digits_that_name_it(number: float) -> None:
    assert float(str(cast.decimal(number))) == number
    assert cast.decimal(number) == cast.decimal(repr(number))


def test_text_is_read_from_numbers_and_bytes() -> None:
    assert cast.text(12) == "12"
    assert cast.text("caf\u00e9".encode()) == "caf\u00e9"


@pytest.mark.parametrize(("value", "expected"), [(17, "17"), (17.0, "17"), ("user-1", "user-1"), (b"u_1", "u_1")])
def test_an_id_becomes_text(value: Any, expected: str) -> None:
    assert cast.identifier(value) == expected


@pytest.mark.parametrize("value", ["a#b", "jane@example.com", "x" * 129, "two words", 1.5])
def test_what_cannot_stand_in_a_key_is_no_id(value: Any) -> None:
    with pytest.raises(CastError) as refused:
        cast.identifier(value)

    assert refused.value.code == "NOT_AN_ID"
