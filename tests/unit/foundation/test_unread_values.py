"""Reading refuses nothing, and what a class cannot read is written back as it was."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from madmall_models import codec
from madmall_models.attributes import (
    BooleanAttribute,
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
)
from madmall_models.declaration import isolated_registry
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.expression import same
from madmall_models.identifiers import is_id
from madmall_models.keys import PrimaryKey
from madmall_models.writer import Revision

KEY = {"PK": {"S": "EVENT#e1"}, "SK": {"S": "METADATA"}, "entityType": {"S": "EVENT"}, "eventId": {"S": "e1"}}


class Place(Document):
    zip_code = UnicodeAttribute(null=True)
    floor = IntegerAttribute(null=True)


class Figures(Measurements):
    views = CounterAttribute(null=True)


def event_class() -> Any:
    with isolated_registry():

        class Event(Entity, discriminator="EVENT"):
            key = PrimaryKey("EVENT#{event_id}", "METADATA")
            event_id = IdAttribute()
            text = UnicodeAttribute(null=True)
            choice = EnumAttribute("a", "b", null=True)
            owner = IdAttribute(null=True)
            flag = BooleanAttribute(null=True)
            whole = IntegerAttribute(null=True)
            exact = DecimalAttribute(null=True)
            moment = TimeAttribute(null=True)
            expiry = EpochAttribute(null=True)
            texts = ListAttribute(of=UnicodeAttribute, null=True)
            places = ListAttribute(of=Place, null=True)
            many = ListAttribute(null=True)
            labels = DictAttribute(of=UnicodeAttribute, null=True)
            whatever = DictAttribute(null=True)
            place = Place(null=True)
            figures = Figures(null=True)

    return Event


Event = event_class()
STORED_NAMES = {attribute.attr_name for attribute in Event._attributes.values()}
DECLARED = sorted(STORED_NAMES - {*KEY, "version"} - codec._DERIVED)


@pytest.fixture(autouse=True)
def event_is_registered() -> Iterator[None]:
    with isolated_registry():
        from madmall_models import declaration

        declaration._registry["EVENT"] = Event
        yield


texts = st.sampled_from(["", "a", "e1", "2026-11-22T12:00:00.000Z", "2026-11-22", "no id"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=4
)
digits = st.sampled_from(["0", "1", "2.5", "-3", "1E+20", "100000000000000000", "-1E+30", "9E+125", "1E-130", "0.10"])


def sets_of(members: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(members, min_size=1, max_size=3, unique=True)


scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    digits.map(lambda number: {"N": number}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    st.binary(max_size=3).map(lambda content: {"B": content}),
    sets_of(st.text("ab", max_size=2)).map(lambda members: {"SS": members}),
    sets_of(st.sampled_from(["1", "2.5", "-3"])).map(lambda members: {"NS": members}),
    sets_of(st.binary(max_size=2)).map(lambda members: {"BS": members}),
)
names = st.sampled_from(["zipCode", "floor", "views", "zip_code", "other", "a.b", "#x"])
wires = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(names, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)


def can_be_meant(found: dict[str, Any]) -> bool:
    """Leave out texts that are no ids, which are read, but which no save of the entity puts up with."""
    return all(is_id(found[name].get("S", "id")) for name in ("owner", "tenantId") if name in found)


items = st.dictionaries(
    st.sampled_from(DECLARED) | st.sampled_from(["shoe_size", "eventid", "other"]), wires, max_size=6
).filter(can_be_meant)


@given(items)
def test_whatever_is_stored_can_be_read(found: dict[str, Any]) -> None:
    event = codec.decode(Event, {**KEY, **found})
    assert event.event_id == "e1"


@given(items)
def test_what_was_read_is_written_back_as_it_was(found: dict[str, Any]) -> None:
    # A time to live is in whole seconds; a save does not send a fraction that was there.
    stored = {**KEY, **{name: wire for name, wire in found.items() if name not in ("ttl", "expiry")}}
    written = codec.encode(codec.decode(Event, copy.deepcopy(stored)))
    assert same({"M": written}, {"M": stored})


@given(items)
@example({"ttl": {"N": "-3"}})
def test_saving_what_was_read_and_not_changed_sends_nothing(found: dict[str, Any]) -> None:
    event = codec.decode(Event, {**KEY, **found})
    with Revision(event) as revision:
        assert revision.actions == []


@given(items.map(lambda found: {name: wire for name, wire in found.items() if name not in ("text", "version")}))
def test_saving_one_change_sends_that_change_only(found: dict[str, Any]) -> None:
    event = codec.decode(Event, {**KEY, **found})
    event.text = "changed"
    with Revision(event) as revision:
        (action,) = revision.actions
        names = action.request["ExpressionAttributeNames"]
    update = action.request["UpdateExpression"]
    sent = {names[part.split(" = ")[0]] for part in update.removeprefix("SET ").split(", ")}
    assert sent == {"text", "version", "updatedAt"}


# -- what a person sees of it --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stored_name", "wire"),
    [
        ("text", "text", {"N": "5"}),
        ("text", "text", {"NULL": True}),
        ("whole", "whole", {"S": "5"}),
        ("flag", "flag", {"N": "1"}),
        ("moment", "moment", {"S": "yesterday"}),
        ("moment", "moment", {"S": "2026-11-22T12:00:00"}),
        ("expiry", "expiry", {"N": "100000000000000000"}),
        ("expiry", "expiry", {"S": "soon"}),
        ("places", "places", {"S": "none"}),
        ("place", "place", {"L": []}),
        ("figures", "figures", {"N": "1"}),
    ],
)
def test_a_value_of_another_type_is_unread_and_kept(name: str, stored_name: str, wire: dict[str, Any]) -> None:
    event = codec.decode(Event, {**KEY, stored_name: wire})
    assert getattr(event, name) is None
    assert event.unknown_attributes() == {stored_name: wire}
    assert codec.encode(event)[stored_name] == wire


def test_an_unread_value_is_replaced_when_a_new_one_is_assigned() -> None:
    event = codec.decode(Event, {**KEY, "text": {"N": "5"}})
    event.text = "five"
    assert codec.encode(event)["text"] == {"S": "five"}


def test_unknown_attributes_are_kept_at_every_depth() -> None:
    hat = {"hat": {"SS": ["a", "b"]}}
    stored = {
        **KEY,
        **hat,
        "place": {"M": {"zipCode": {"S": "30301"}, **hat}},
        "places": {"L": [{"M": {"zipCode": {"S": "1"}, **hat}}, {"M": hat}]},
        "figures": {"M": {"views": {"N": "1"}, **hat}},
    }
    event = codec.decode(Event, stored)
    event.place.zip_code = "30302"
    event.places[0].floor = 3
    written = codec.encode(event)
    assert written["hat"] == hat["hat"]
    assert written["place"] == {"M": {"zipCode": {"S": "30302"}, **hat}}
    assert written["places"] == {"L": [{"M": {"zipCode": {"S": "1"}, "floor": {"N": "3"}, **hat}}, {"M": hat}]}
    assert written["figures"] == stored["figures"]


MIXED = {
    **KEY,
    "texts": {"L": [{"S": "a"}, {"N": "5"}, {"NULL": True}]},
    "labels": {"M": {"a": {"N": "2.5"}, "b": {"S": "text"}}},
    "whatever": {"M": {"set": {"SS": ["x"]}, "numbers": {"NS": ["1"]}, "bytes": {"B": b"1"}}},
}


def test_a_list_or_map_with_a_member_of_another_type_is_left_unread() -> None:
    event = codec.decode(Event, MIXED)
    assert event.texts is None
    assert event.labels is None
    assert event.whatever == {"set": {"x"}, "numbers": {Decimal(1)}, "bytes": b"1"}


def test_members_of_another_type_are_written_back_as_they_were() -> None:
    assert codec.encode(codec.decode(Event, MIXED)) == MIXED


def test_an_item_of_another_type_is_of_no_class() -> None:
    assert codec.stored_class({"entityType": {"S": "EVENT"}}) is Event
    assert codec.stored_class({"entityType": {"S": "UNKNOWN"}}) is None
    assert codec.stored_class({"entityType": {"N": "5"}}) is None
    assert codec.stored_class({}) is None
