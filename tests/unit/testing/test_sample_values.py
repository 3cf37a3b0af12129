"""What a factory derives from a declaration keeps its rules, whatever they bound, and tells items apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import BinaryAttribute, JSONAttribute, NumberAttribute, UnicodeSetAttribute
from pynamodb.attributes import UnicodeAttribute as PlainUnicodeAttribute

from madmall_models import (
    BooleanAttribute,
    DecimalAttribute,
    DictAttribute,
    Document,
    Email,
    Entity,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    Length,
    ListAttribute,
    OneOf,
    Pattern,
    Phone,
    PrimaryKey,
    Range,
    Recommended,
    Required,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
    Unique,
    Url,
    ValidationError,
    clock,
    new_id,
)
from madmall_models.declaration import entity_classes, isolated_registry
from madmall_models.rules import WARNING
from madmall_models.testing import Factory
from madmall_models.testing.factories import MAKERS, Factories
from madmall_models.testing.sample_values import NOON, sample_fields

numbers = st.integers(1, 5000)
bounds = st.tuples(st.integers(0, 300), st.integers(0, 300)).map(sorted)


@pytest.fixture(autouse=True)
def declarations_end_with_their_test() -> Iterator[None]:
    with isolated_registry():
        yield


def declared(**members: Any) -> Any:
    """Return an entity class with these members and a key."""
    key = {"key": PrimaryKey("THING#{thing_id}", "METADATA"), "thing_id": IdAttribute()}
    with isolated_registry():
        return type(Entity)("Thing", (Entity,), {**key, **members}, discriminator="THING")


@given(numbers, bounds)
def test_a_text_has_the_length_that_is_asked(number: int, bounds: list[int]) -> None:
    least, most = bounds[0], max(bounds[1], 1)
    cls = declared(name=UnicodeAttribute(), rules=Rules(name=[Length(min=least, max=most)]))
    assert cls.validate(sample_fields(cls, number)).is_valid


@given(numbers, bounds)
def test_a_number_lies_within_its_bounds(number: int, bounds: list[int]) -> None:
    least, most = bounds[0] - 150, bounds[1] - 150
    for rule in (Range(min=least, max=most), Range(min=least), Range(max=most)):
        cls = declared(seats=IntegerAttribute(), share=DecimalAttribute(), rules=Rules(seats=[rule], share=[rule]))
        assert cls.validate(sample_fields(cls, number)).is_valid, rule


@given(numbers, numbers)
def test_two_items_differ_in_key_and_claim_and_one_is_the_same_each_time(one: int, other: int) -> None:
    cls = declared(slug=UnicodeAttribute(), unique_slug=Unique("{slug}"))
    first, second = sample_fields(cls, one), sample_fields(cls, other)
    assert (first == second) is (one == other)
    assert (first["thing_id"] == second["thing_id"]) is (first["slug"] == second["slug"]) is (one == other)


def test_every_kind_of_attribute_and_of_rule_has_a_value() -> None:
    class Place(Document):
        city = UnicodeAttribute()
        street = UnicodeAttribute(null=True)

    cls = declared(
        kind=EnumAttribute("small", "large"),
        level=IntegerAttribute(),
        mail=UnicodeAttribute(),
        page=UnicodeAttribute(),
        phone=UnicodeAttribute(null=True),
        tags=ListAttribute(of=UnicodeAttribute),
        places=ListAttribute(of=Place),
        extra=DictAttribute(),
        place=Place(),
        open=BooleanAttribute(),
        starts_at=TimeAttribute(),
        plain=PlainUnicodeAttribute(),
        plain_number=NumberAttribute(),
        plain_set=UnicodeSetAttribute(),
        plain_bytes=BinaryAttribute(legacy_encoding=False),
        plain_json=JSONAttribute(),
        given_by_default=IdAttribute(default=new_id),
        may_be_absent=UnicodeAttribute(null=True),
        rules=Rules(
            level=[OneOf(3, 5)],
            mail=[Email()],
            page=[Url()],
            phone=[Recommended(), Phone()],
            tags=[Length(min=2, severity=WARNING)],
            places=[Length(min=1), Required()],
        ),
    )
    fields = sample_fields(cls, 7)
    report = cls.validate(fields)
    assert (report.errors, report.warnings) == ((), ())
    assert "given_by_default" not in fields
    assert "may_be_absent" not in fields
    assert fields["kind"] == "small"
    assert fields["level"] == 3
    assert fields["place"] == {"city": "City 7"}
    assert len(fields["tags"]) == 2
    assert isinstance(fields["starts_at"], datetime)
    thing = cls(**fields)
    assert cls.from_raw_data(thing.serialize()).to_dict() == thing.to_dict()


def test_what_cannot_be_derived_is_asked_for_once_and_for_all() -> None:
    cls = declared(time=UnicodeAttribute(), rules=Rules(time=[Pattern(r"\d\d:\d\d\Z", form="a time such as 18:30")]))
    with pytest.raises(ValidationError) as asked:
        Factory(cls).build()
    assert str(asked.value) == (
        "Thing: a test has to give what its factory cannot derive, or gave what breaks a rule: "
        "time must be a time such as 18:30"
    )
    assert Factory(cls, defaults={"time": "18:30"}).build().time == "18:30"


@pytest.mark.parametrize("entity", MAKERS.values(), ids=lambda entity: entity.__name__)
def test_an_entity_of_the_platform_is_built_without_a_table_and_without_a_warning(entity: Any) -> None:
    with clock.told_by(lambda: NOON):
        built, again = Factories().of(entity).build(), Factories().of(entity).build()
        report = entity.validate(built)
    assert (report.errors, report.warnings) == ((), ())
    assert (built.version, built.created_at, built.updated_at) == (1, NOON, NOON)
    assert again == built


def test_every_entity_of_the_platform_has_a_factory() -> None:
    ours = {cls for cls in entity_classes() if cls.__module__.startswith("madmall_models.")}
    assert ours == set(MAKERS.values())
