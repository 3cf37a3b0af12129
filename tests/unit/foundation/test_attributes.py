"""An attribute takes what people write, says in words what does not fit, and gives back what it was given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.attributes import (
    BooleanAttribute,
    Checked,
    CounterAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
    camel_case,
)
from madmall_models.errors import ValidationError

CANARY = "canary@example.org"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

zones = st.timedeltas(timedelta(hours=-12), timedelta(hours=14)).map(
    lambda offset: timezone(timedelta(minutes=int(offset.total_seconds() // 60)))
)
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=zones)


def named(kind: type[Checked[Any]], **options: Any) -> Checked[Any]:
    return kind(attr_name="thing", **options)


def stored(attribute: Checked[Any], value: object) -> Any:
    return attribute.serialize(value)


@pytest.mark.parametrize(
    ("name", "spelling"),
    [("created_at", "createdAt"), ("name", "name"), ("PK", "PK"), ("is_up_to_date", "isUpToDate"), ("a_1", "a1")],
)
def test_a_stored_name_is_in_camel_case(name: str, spelling: str) -> None:
    assert camel_case(name) == spelling


@pytest.mark.parametrize(
    ("attribute", "value", "fact"),
    [
        (named(UnicodeAttribute), 5, "takes text, not int"),
        (named(UnicodeAttribute), CANARY + "\ud800", "takes text without lone surrogates, not str"),
        (named(IdAttribute), CANARY, "takes an id (1 to 128 of A-Z a-z 0-9 _ -), not str"),
        (named(IdAttribute), "", "takes an id"),
        (named(IdAttribute), "x" * 129, "takes an id"),
        (named(IdAttribute), "a\n", "takes an id"),
        (named(BooleanAttribute), 1, "takes True or False, not int"),
        (named(BooleanAttribute), CANARY, "takes True or False, not str"),
        (named(IntegerAttribute), 1.5, "takes a whole number, not float"),
        (named(IntegerAttribute), True, "takes a whole number, not bool"),
        (named(IntegerAttribute), "5", "takes a whole number, not str"),
        (named(CounterAttribute), float("inf"), "takes a whole number, not float"),
        (named(DecimalAttribute), True, "takes a number, not bool"),
        (named(DecimalAttribute), "1.5", "takes a number, not str"),
        (named(TimeAttribute), datetime(2026, 11, 22), "takes an aware datetime or ISO 8601 text with an offset"),
        (named(TimeAttribute), "2026-11-22T12:00:00", "takes an aware datetime or ISO 8601 text with an offset"),
        (named(TimeAttribute), CANARY, "takes an aware datetime or ISO 8601 text with an offset, not str"),
        (named(TimeAttribute), 1_795_348_800, "takes an aware datetime or ISO 8601 text with an offset, not int"),
        (named(EpochAttribute), 1_795_348_800_000, "seconds since 1970 (not milliseconds), not int"),
        (named(EpochAttribute), datetime(2026, 11, 22), "takes an aware datetime"),
        (named(EpochAttribute), True, "takes an aware datetime"),
        (named(ListAttribute), CANARY, "takes a list, not str"),
        (named(ListAttribute, of=UnicodeAttribute), ["a", 5], "takes a list of text, not list"),
        (named(ListAttribute, of=IdAttribute), [CANARY], "takes a list of an id"),
        (named(DictAttribute), [CANARY], "takes a dict with text keys, not list"),
        (named(DictAttribute), {5: CANARY}, "takes a dict with text keys, not dict"),
        (named(DictAttribute, of=UnicodeAttribute), {"a": 5}, "takes a dict of text, not dict"),
        (named(ListAttribute), [object()], "DynamoDB has no form for a value of type object"),
        (named(DictAttribute), {"a": {"b": {CANARY: object()}}}, "DynamoDB has no form for a value of type object"),
        (named(ListAttribute), [float("nan")], "a finite number"),
    ],
)
def test_what_does_not_fit_is_refused_in_words_and_not_shown(attribute: Checked[Any], value: object, fact: str) -> None:
    with pytest.raises(ValidationError) as refused:
        stored(attribute, value)
    assert fact in str(refused.value)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        (named(TimeAttribute), NOON, "2026-11-22T12:00:00.000Z"),
        (named(TimeAttribute), "2026-11-22T07:00:00-05:00", "2026-11-22T12:00:00.000Z"),
        (named(TimeAttribute), "2026-11-22T12:00:00.1239Z", "2026-11-22T12:00:00.123Z"),
        (named(EpochAttribute), NOON, "1795348800"),
        (named(EpochAttribute), 1795348800, "1795348800"),
        (named(EpochAttribute), NOON.replace(microsecond=999_999), "1795348800"),
        (named(IntegerAttribute), 5.0, "5"),
        (named(IntegerAttribute), -0, "0"),
        (named(CounterAttribute), 7, "7"),
        (named(EnumAttribute), "whatever", "whatever"),
        (named(ListAttribute, of=TimeAttribute), (NOON,), [{"S": "2026-11-22T12:00:00.000Z"}]),
        (named(ListAttribute), [None, True, 1, "a"], [{"NULL": True}, {"BOOL": True}, {"N": "1"}, {"S": "a"}]),
        (named(DictAttribute, of=DecimalAttribute), {"a": 0.5, "b": 2}, {"a": {"N": "0.5"}, "b": {"N": "2"}}),
        (named(DictAttribute), {"a": [{"b": NOON}]}, {"a": {"L": [{"M": {"b": {"S": "2026-11-22T12:00:00.000Z"}}}]}}),
    ],
)
def test_what_people_write_is_stored_in_one_form(attribute: Checked[Any], value: object, text: object) -> None:
    assert stored(attribute, value) == text


@pytest.mark.defect(37)
@given(moments)
def test_a_moment_comes_back_cut_to_milliseconds(moment: datetime) -> None:
    attribute = named(TimeAttribute)
    back = attribute.deserialize(attribute.serialize(moment))
    assert timedelta(0) <= moment - back < timedelta(milliseconds=1)
    assert back.utcoffset() == timedelta(0)


@given(moments.filter(lambda moment: moment.timestamp() >= 0))
def test_a_time_to_live_comes_back_cut_to_seconds(moment: datetime) -> None:
    attribute = named(EpochAttribute)
    back = attribute.deserialize(attribute.serialize(moment))
    assert timedelta(0) <= moment - back < timedelta(seconds=1)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_moment_that_utc_cannot_express_does_not_fit(text: str) -> None:
    with pytest.raises(ValidationError, match="takes an aware datetime"):
        stored(named(TimeAttribute), text)
    with pytest.raises(ValidationError, match="takes an aware datetime"):
        stored(named(TimeAttribute), datetime.fromisoformat(text))


leaves = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])) | st.binary()
map_keys = st.text("abc", min_size=1, max_size=3)
anything = st.recursive(
    leaves.filter(lambda value: not isinstance(value, int) or abs(value) < 10**38),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(map_keys, inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(anything, max_size=3))
def test_a_list_of_any_kind_comes_back(values: list[Any]) -> None:
    attribute = named(ListAttribute)
    assert attribute.deserialize(attribute.serialize(values)) == values


@given(st.dictionaries(map_keys, anything, max_size=3))
def test_a_map_of_any_kind_comes_back(values: dict[str, Any]) -> None:
    attribute = named(DictAttribute)
    assert attribute.deserialize(attribute.serialize(values)) == values


def test_an_attribute_that_no_kind_can_hold_is_found_before_anything_is_sent() -> None:
    for attribute in (named(UnicodeAttribute), named(IdAttribute), named(ListAttribute), named(DictAttribute)):
        assert attribute.fault(object()) is not None


def test_a_choice_takes_any_text_and_leaves_the_judgement_to_the_rules() -> None:
    lenient = named(EnumAttribute)
    assert lenient.fault("anything") is None
    assert EnumAttribute("a", "b", strict=True).choices == ("a", "b")


@pytest.mark.parametrize("name", ["", "lone \ud800 surrogate"])
def test_a_map_with_a_name_that_the_table_refuses_is_refused_before(name: str) -> None:
    assert named(DictAttribute).fault({name: 1}) is not None
    for attribute, value in [
        (named(DictAttribute), {name: 1}),
        (named(DictAttribute), {"inside": {name: 1}}),
        (named(ListAttribute), [{name: 1}]),
    ]:
        with pytest.raises(ValidationError, match="lone surrogates"):
            stored(attribute, value)


def test_a_map_inside_a_map_may_have_whole_numbers_for_names_and_nothing_else() -> None:
    assert stored(named(DictAttribute), {"a": {5: "x"}}) == {"a": {"M": {"5": {"S": "x"}}}}
    with pytest.raises(ValidationError, match="names in a map"):
        stored(named(DictAttribute), {"a": {b"5": "x"}})


def test_what_the_package_maintains_says_so() -> None:
    assert named(CounterAttribute, maintained=True).maintained
    assert named(ListAttribute, maintained=True).maintained
    assert not named(CounterAttribute).maintained


class CodeAttribute(UnicodeAttribute[str]):
    """Hold a text in capitals."""

    def coerce(self, value: Any) -> Any:
        return value.upper() if isinstance(value, str) else value


class DayAttribute(TimeAttribute[datetime]):
    """Hold the beginning of a day."""

    def coerce(self, value: Any) -> Any:
        found = super().coerce(value)
        return found.replace(hour=0, minute=0, second=0, microsecond=0) if isinstance(found, datetime) else found


class OddAttribute(IntegerAttribute[int]):
    """Hold an odd number, which an even one is brought up to."""

    def coerce(self, value: Any) -> Any:
        found = super().coerce(value)
        return found + 1 if isinstance(found, int) and found % 2 == 0 else found


class OnlyYesAttribute(BooleanAttribute[bool]):
    """Hold True."""

    def fault(self, value: Any) -> str | None:
        return None if value is True else "True"


@pytest.mark.parametrize(
    ("attribute", "given", "stored"),
    [
        (CodeAttribute(), "ab", "AB"),
        (DayAttribute(), datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T00:00:00.000Z"),
        (OddAttribute(), 4, "5"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_attribute_of_an_application_looks_for_what_it_stores(attribute: Any, given: Any, stored: Any) -> None:
    assert attribute.serialize(given) == stored


def test_an_attribute_of_an_application_refuses_what_does_not_fit_it() -> None:
    with pytest.raises(ValidationError, match="takes True"):
        OnlyYesAttribute(attr_name="agreed").serialize(False)
