"""What validation promises for any data at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.attributes import (
    BooleanAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, encode_attributes
from madmall_models.rules import Email, Length, Range, Recommended, Required, Rules, Url, validate

SECRET = "something-about-a-person"


class Inner(Document):
    """Stand alone and in a list."""

    inner_id = IdAttribute(attr_name="id")
    zip_code = UnicodeAttribute(null=True)
    rules = Rules(zip_code=[Recommended(), Length(min=2, max=9)])


class Outer(Document):
    """Have an attribute of every kind."""

    full_name = UnicodeAttribute()
    email = UnicodeAttribute(null=True)
    web_site = UnicodeAttribute(null=True)
    theme = EnumAttribute("light", "dark", strict=True, default="light")
    stage = EnumAttribute("new", "old", null=True)
    is_active = BooleanAttribute(default=True)
    rating = DecimalAttribute(null=True)
    count = IntegerAttribute(default=0)
    created_at = TimeAttribute(null=True)
    updated_at = TimeAttribute(null=True)
    ttl = EpochAttribute(null=True)
    tags = ListAttribute(of=UnicodeAttribute, null=True)
    needs = ListAttribute(of=EnumAttribute("sleep", "food"), null=True)
    anything = ListAttribute(null=True)
    links = DictAttribute(of=UnicodeAttribute, null=True)
    extras = DictAttribute(null=True)
    inner = Inner(null=True)
    all_inner = ListAttribute(of=Inner, null=True)
    rules = Rules(full_name=[Required(), Length(min=2)], email=Email(), web_site=Url(), rating=Range(1, 5))


any_text = st.text(st.characters(exclude_categories=()), max_size=8)
offsets = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**40, 10**400, -(10**400), Decimal("1E+200"), Decimal("sNaN"), object(), {"a set"}, 1j])
    | st.floats()
    | st.decimals(allow_nan=True, allow_infinity=True)
    | any_text
    | st.binary(max_size=4)
    | st.datetimes()
    | st.datetimes(timezones=offsets)
    | st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
)


def nested(names: st.SearchStrategy[Any], leaves: st.SearchStrategy[Any] = scalars) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inside: st.lists(inside, max_size=3) | st.dictionaries(names, inside, max_size=4),
        max_leaves=8,
    )


declared = st.sampled_from(
    sorted(
        {spelling for cls in (Inner, Outer) for name, a in cls._attributes.items() for spelling in (name, a.attr_name)}
    )
)
junk = nested(declared | any_text | st.integers())


def some_replaced(good: st.SearchStrategy[dict[str, Any]], names: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    replaced = st.dictionaries(st.sampled_from(names), junk, max_size=2)
    return st.tuples(good, replaced).map(lambda both: {**both[0], **both[1]})


inner_values = some_replaced(
    st.fixed_dictionaries({"inner_id": st.just("a1")}, optional={"zip_code": st.just("30301")}),
    ["inner_id", "zip_code"],
)
outer_values = some_replaced(
    st.fixed_dictionaries(
        {"full_name": st.just("Jane Smith")},
        optional={
            "email": st.just("jane@example.com"),
            "web_site": st.just("https://example.com"),
            "theme": st.sampled_from(["light", "dark"]),
            "stage": st.sampled_from(["new", "other"]),
            "is_active": st.booleans(),
            "rating": st.integers(1, 5) | st.floats(1, 5),
            "count": st.integers(0, 9),
            "updated_at": st.datetimes(timezones=offsets),
            "ttl": st.integers(1, 2**31),
            "tags": st.lists(st.text(max_size=3), max_size=3),
            "needs": st.lists(st.sampled_from(["sleep", "wine"]), max_size=3),
            "anything": st.lists(junk, max_size=1),
            "links": st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
            "extras": st.dictionaries(st.text(max_size=3), junk, max_size=1),
            "inner": inner_values,
            "all_inner": st.lists(inner_values, max_size=2),
        },
    ),
    [name for name in Outer._attributes if name not in ("inner", "all_inner")],
)


def in_camel_case(value: Any, cls: type[Document] = Outer) -> Any:
    stored = {name: attribute.attr_name for name, attribute in cls._attributes.items()}
    spelled = {stored[name]: content for name, content in value.items()}
    if "inner" in spelled:
        spelled["inner"] = in_camel_case(spelled["inner"], Inner)
    if "allInner" in spelled:
        spelled["allInner"] = [in_camel_case(member, Inner) for member in spelled["allInner"]]
    return spelled


@pytest.mark.defect(62)
@given(data=junk | outer_values, partial=st.booleans())
def test_any_data_give_a_report(data: Any, partial: bool) -> None:
    report = validate(Outer, data, partial=partial)

    assert report.is_valid is not bool(report.errors)
    assert len(report.entries) == len(report.errors) + len(report.warnings)
    assert all(isinstance(text, str) for entry in report.entries for text in (entry.field, entry.message, entry.code))


@given(data=outer_values)
def test_what_is_valid_can_be_stored(data: dict[str, Any]) -> None:
    if validate(Outer, data).is_valid:
        encode_attributes(Outer(**data))


@given(data=outer_values, partial=st.booleans())
def test_the_spelling_of_names_makes_no_difference(data: dict[str, Any], partial: bool) -> None:
    report = validate(Outer, data, partial=partial)
    other = validate(Outer, in_camel_case(data), partial=partial)

    assert [str(entry) for entry in report.entries] == [str(entry) for entry in other.entries]


@given(data=outer_values)
def test_changes_are_judged_no_stricter_than_the_whole_but_for_what_they_remove(data: dict[str, Any]) -> None:
    data = {name: value for name, value in data.items() if value is not None}
    whole = {str(entry) for entry in validate(Outer, data).entries}

    assert {str(entry) for entry in validate(Outer, data, partial=True).entries if entry.code != "REQUIRED"} <= whole


@given(data=nested(declared, st.just(SECRET) | st.just(SECRET.encode()) | st.just(frozenset({SECRET}))))
def test_no_value_is_quoted(data: Any) -> None:
    report = validate(Outer, data)

    assert SECRET not in repr(report)
    assert not [entry for entry in report.entries if SECRET in str(entry)]


@given(moments=st.lists(st.datetimes(timezones=st.just(UTC)), min_size=2, max_size=2))
def test_creation_comes_first(moments: list[datetime]) -> None:
    first, second = (moment.replace(microsecond=0) for moment in moments)
    report = validate(Outer, {"created_at": first, "updated_at": second}, partial=True)

    assert ("timestamps" in [entry.field for entry in report.errors]) is (first > second)
