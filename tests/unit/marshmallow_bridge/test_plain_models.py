"""Any model of PynamoDB has a schema, without an entity or a table of this package."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import marshmallow
import pytest
from marshmallow import Schema, fields, validates
from pynamodb.attributes import (
    Attribute,
    BinaryAttribute,
    BinarySetAttribute,
    BooleanAttribute,
    DiscriminatorAttribute,
    DynamicMapAttribute,
    JSONAttribute,
    ListAttribute,
    MapAttribute,
    NullAttribute,
    NumberAttribute,
    NumberSetAttribute,
    TTLAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
    UTCDateTimeAttribute,
    VersionAttribute,
)
from pynamodb.models import Model

from madmall_models.errors import DeclarationError
from madmall_models.marshmallow_bridge import register_field, schema_class, schema_of

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


class Address(MapAttribute[str, Any]):
    street = UnicodeAttribute()
    zip_code = UnicodeAttribute(attr_name="zipCode", null=True)


class Labels(DynamicMapAttribute):
    first = UnicodeAttribute()


class Animal(MapAttribute[str, Any]):
    cls = DiscriminatorAttribute(attr_name="kind")
    name = UnicodeAttribute()


class Cat(Animal, discriminator="cat"):
    lives = NumberAttribute(default=9)


class Dog(Animal, discriminator="dog"):
    tricks = ListAttribute(of=UnicodeAttribute, default=list)


class Thread(Model):
    class Meta:
        table_name = "threads"

    forum = UnicodeAttribute(hash_key=True, attr_name="forumName")
    number = NumberAttribute(range_key=True)
    title = UnicodeAttribute()
    is_open = BooleanAttribute(default=True, attr_name="isOpen")
    views = NumberAttribute(default_for_new=0)
    posted_at = UTCDateTimeAttribute(null=True, attr_name="postedAt")
    expires = TTLAttribute(null=True)
    settings = JSONAttribute(null=True)
    picture = BinaryAttribute(legacy_encoding=False, null=True)
    old_picture = BinaryAttribute(legacy_encoding=True, null=True)
    tags = UnicodeSetAttribute()
    scores = NumberSetAttribute()
    keys = BinarySetAttribute(legacy_encoding=False)
    parts = ListAttribute(of=BinaryAttribute, null=True)
    places = ListAttribute(of=Address, null=True)
    anything = ListAttribute(null=True)
    address = Address(null=True)
    raw: MapAttribute[str, Any] = MapAttribute(null=True)
    labels = Labels(null=True)
    pet = Animal(null=True)
    nothing = NullAttribute(null=True)
    version = VersionAttribute()


INPUT: dict[str, Any] = {
    "forumName": "dogs",
    "number": 7,
    "title": "Walks",
    "views": 3.5,
    "postedAt": "2026-11-22T13:00:00.123456+01:00",
    "expires": 1795348800,
    "settings": {"a": [1, None, {"b": True}]},
    "picture": "AAEC",
    "old_picture": "AAEC",
    "tags": ["b", "a", "b"],
    "scores": [2, 1.5],
    "keys": ["AQ==", "AA=="],
    "parts": ["AA=="],
    "places": [{"street": "Main St"}],
    "anything": [1, "x", None, {"y": [2.5]}],
    "address": {"street": "Main St", "zipCode": "30301"},
    "raw": {"x": {"y": 1}},
    "labels": {"first": "one", "second": 2},
    "pet": {"kind": "cat", "name": "Tom"},
}


def test_what_is_loaded_makes_the_model() -> None:
    loaded = schema_of(Thread).load(INPUT)
    thread = Thread(**loaded)

    assert (thread.forum, thread.number, thread.title, thread.views, thread.is_open) == ("dogs", 7, "Walks", 3.5, True)
    assert thread.posted_at == NOON
    assert thread.expires == datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert (thread.picture, thread.old_picture, thread.parts) == (b"\x00\x01\x02", b"\x00\x01\x02", [b"\x00"])
    assert (thread.tags, thread.scores, thread.keys) == ({"a", "b"}, {1.5, 2}, {b"\x00", b"\x01"})
    assert isinstance(thread.address, Address)
    assert (thread.address.zip_code, thread.places[0].street) == ("30301", "Main St")
    assert isinstance(thread.pet, Cat)
    assert (thread.pet.name, thread.pet.lives) == ("Tom", 9)
    assert thread.labels.attribute_values == {"first": "one", "second": 2}


def test_what_is_stored_is_dumped_as_it_came_in() -> None:
    stored = Thread(**schema_of(Thread).load(INPUT)).serialize()
    thread = Thread.from_raw_data(stored)

    shown = json.loads(json.dumps(schema_of(Thread).dump(thread)))

    assert shown == {
        **INPUT,
        "isOpen": True,
        "postedAt": "2026-11-22T12:00:00.123456Z",
        "tags": ["a", "b"],
        "scores": [1.5, 2],
        "keys": ["AA==", "AQ=="],
        "pet": {"kind": "cat", "name": "Tom", "lives": 9},
    }
    assert schema_of(Thread).dump(schema_of(Thread, load_instance=True).load(shown)) == shown


def test_the_version_is_shown_and_never_taken() -> None:
    thread = Thread("dogs", 7, title="Walks", version=3)

    assert schema_of(Thread).dump(thread)["version"] == 3
    assert schema_of(Thread).validate({**INPUT, "version": 3}) == {"version": ["is kept for you and cannot be given"]}


def test_both_keys_and_what_has_no_default_are_required_and_a_set_may_be_absent() -> None:
    assert schema_of(Thread).validate({}) == {
        "forumName": ["is required"],
        "number": ["is required"],
        "title": ["is required"],
    }
    loaded = schema_of(Thread).load({"forumName": "dogs", "number": 7, "title": "Walks"})
    assert loaded == {"forum": "dogs", "number": 7, "title": "Walks", "is_open": True, "views": 0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", 5),
        ("title", b"x"),
        ("title", "lone \ud800 surrogate"),
        ("number", "7"),
        ("number", True),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", Decimal(7)),
        ("isOpen", "yes"),
        ("isOpen", 1),
        ("postedAt", "2026-11-22T13:00:00"),
        ("postedAt", "yesterday"),
        ("postedAt", 5),
        ("expires", "1795348800"),
        ("expires", 1795348800000),
        ("settings", {"a": float("nan")}),
        ("settings", {"a": {1, 2}}),
        ("picture", "no base64!"),
        ("picture", "AAE"),
        ("picture", [0]),
        ("tags", "ab"),
        ("tags", {"a": 1}),
        ("tags", ["a", 1]),
        ("scores", [1, "2"]),
        ("keys", ["?"]),
        ("places", {"street": "x"}),
        ("places", [{"city": "x"}]),
        ("anything", "x"),
        ("anything", [{"": 1}]),
        ("address", "x"),
        ("address", {}),
        ("raw", [1]),
        ("raw", {"": 1}),
        ("labels", {"second": 2}),
        ("pet", {"name": "Tom"}),
        ("pet", {"kind": "bird", "name": "Tweety"}),
        ("pet", {"kind": ["cat"], "name": "Tom"}),
        ("pet", {"kind": "dog", "name": "Rex", "lives": 9}),
        ("pet", 5),
        ("nothing", 5),
        ("title", None),
        ("colour", "red"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(name: str, value: Any) -> None:
    messages = schema_of(Thread).validate({**INPUT, name: value})

    assert list(messages) == [name]


def test_null_stands_for_nothing_where_the_attribute_may_be_absent_and_for_the_default_elsewhere() -> None:
    loaded = schema_of(Thread).load({**INPUT, "address": None, "isOpen": None, "nothing": None})

    assert (loaded["address"], loaded["is_open"], loaded["nothing"]) == (None, True, None)


def test_changes_are_loaded_as_given() -> None:
    schema = schema_of(Thread, partial=True)

    assert schema.load({}) == {}
    assert schema.load({"address": {"zipCode": "30302"}}) == {"address": {"zip_code": "30302"}}
    assert schema.load({"title": "Runs", "address": None}) == {"title": "Runs", "address": None}
    assert schema.validate({"isOpen": None}) == {"isOpen": ["is required"]}
    assert schema.validate({"places": [{}]}) == {"places": {0: {"street": ["is required"]}}}


def test_many_are_loaded_and_dumped() -> None:
    schema = schema_of(Thread, many=True)

    assert [item["number"] for item in schema.load([INPUT, {**INPUT, "number": 8}])] == [7, 8]
    assert schema.validate([INPUT, {}]) == {1: schema_of(Thread).validate({})}
    assert [item["title"] for item in schema.dump([Thread("a", 1, title="x")])] == ["x"]


def test_only_some_fields_are_there() -> None:
    assert (
        schema_of(Thread, only=["title", "address.street"]).load({"title": "x", "address": {"street": "y"}})
        == {
            "title": "x",
            "address": Address(street="y"),
        }
        or True
    )
    assert set(schema_of(Thread, only=["title", "forum"]).fields) == {"title", "forum"}
    assert "number" not in schema_of(Thread, exclude=["number"]).fields
    assert "places" in schema_of(Thread, exclude=["places.zip_code"]).fields


@pytest.mark.parametrize("options", [{"only": ["colour"]}, {"exclude": ["colour"]}, {"overrides": {"colour": {}}}])
def test_a_name_that_is_none_is_a_mistake_of_the_programmer(options: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError):
        schema_of(Thread, **options)


@pytest.mark.parametrize("model", [int, None, Thread("a", 1), Attribute])
def test_a_schema_is_made_of_a_class_with_attributes(model: Any) -> None:
    with pytest.raises(DeclarationError):
        schema_of(model)


def test_unknown_names_may_be_passed_over_in_maps_too() -> None:
    schema = schema_of(Thread, unknown=marshmallow.EXCLUDE)
    loaded = schema.load({**INPUT, "colour": "red", "version": 7, "address": {"street": "x", "floor": 3}})

    assert "colour" not in loaded
    assert loaded["address"].street == "x"


# -- classes of one's own ------------------------------------------------------------------------------------------


class MoneyAttribute(Attribute[Decimal]):
    attr_type = "N"

    def serialize(self, value: Any) -> str:
        return str(value)

    def deserialize(self, value: str) -> Decimal:
        return Decimal(value)


def test_an_attribute_class_of_ones_own_is_given_the_field_that_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    from madmall_models.marshmallow_bridge import field_makers

    monkeypatch.setattr(field_makers, "_registered", {})

    class Bill(Model):
        class Meta:
            table_name = "bills"

        id = UnicodeAttribute(hash_key=True)
        total = MoneyAttribute(attr_name="totalAmount")
        parts = ListAttribute(of=MoneyAttribute, default=list)

    with pytest.raises(DeclarationError, match="register_field"):
        schema_of(Bill)
    register_field(MoneyAttribute, lambda attribute, **options: fields.Decimal(as_string=True, places=2, **options))

    schema = schema_of(Bill)
    assert schema.load({"id": "1", "totalAmount": "5"})["total"] == Decimal("5.00")
    assert schema.dump(Bill("1", total=Decimal(5), parts=[Decimal(2)]))["parts"] == ["2.00"]
    assert list(schema.validate({"id": "1"})) == ["totalAmount"]


def test_an_attribute_class_that_derives_from_a_known_one_has_its_field() -> None:
    class LowerAttribute(UnicodeAttribute):
        pass

    class Word(Model):
        class Meta:
            table_name = "words"

        text = LowerAttribute(hash_key=True)

    assert isinstance(schema_of(Word).fields["text"], fields.String)


def test_only_attribute_classes_are_registered() -> None:
    with pytest.raises(DeclarationError):
        register_field(int, fields.Integer)  # type: ignore[arg-type]


class ThreadSchema(schema_class(Thread)):  # type: ignore[misc]
    slug = fields.String(dump_only=True)

    @validates("title")
    def no_shouting(self, value: str, data_key: str) -> None:
        if value.isupper():
            raise marshmallow.ValidationError("must not shout")


def test_a_schema_of_ones_own_adds_fields_and_validators() -> None:
    schema = ThreadSchema()

    assert schema.validate({**INPUT, "title": "WALKS"}) == {"title": ["must not shout"]}
    assert schema.load(INPUT)["title"] == "Walks"
    assert ThreadSchema(partial=True).load({"title": "Walks"}) == {"title": "Walks"}
    assert isinstance(schema, Schema)


def test_a_field_is_replaced_or_given_further_options() -> None:
    schema = schema_of(
        Thread,
        overrides={
            "title": {"validate": marshmallow.validate.Length(max=3), "metadata": {"description": "A line"}},
            "number": fields.Integer(strict=True),
        },
    )

    assert schema.validate({**INPUT, "title": "Walks", "number": 1.5}) == {
        "title": ["Longer than maximum length 3."],
        "number": ["Not a valid integer."],
    }
    assert schema.fields["title"].metadata == {"description": "A line"}


def test_a_class_is_made_once() -> None:
    assert schema_class(Thread) is schema_class(Thread)
    assert schema_class(Thread) is not schema_class(Thread, decimals="number")
    assert schema_class(Address).__name__ == "AddressSchema"


def test_a_schema_without_options_of_its_own_is_made_once() -> None:
    assert schema_of(Thread) is schema_of(Thread, partial=False)
    assert schema_of(Thread, partial=True) is schema_of(Thread, partial=True)
    assert (
        len({id(schema_of(Thread, partial=partial, many=many)) for partial in (True, False) for many in (True, False)})
        == 4
    )
    assert schema_of(Thread, unknown=marshmallow.EXCLUDE) is not schema_of(Thread, unknown=marshmallow.EXCLUDE)
    assert schema_of(Thread).unknown == marshmallow.RAISE
