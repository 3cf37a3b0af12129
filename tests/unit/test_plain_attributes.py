"""An entity may have PynamoDB's own attributes; their values are judged before they are written."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from pynamodb import attributes as plain

from madmall_models import codec
from madmall_models.attributes import IdAttribute
from madmall_models.declaration import isolated_registry
from madmall_models.entity import Entity
from madmall_models.keys import PrimaryKey
from madmall_models.marshmallow_bridge import Message

FITTING: dict[str, Any] = {
    "text": "x",
    "flag": True,
    "number": 1.5,
    "at": datetime(2026, 1, 1, tzinfo=UTC),
    "until": timedelta(days=1),
    "picture": b"\x00",
    "tags": {"a"},
    "scores": {1, 2.5},
    "keys": {b"\x00"},
    "parts": ["a", 1, None],
    "map": {"a": {"b": 1}},
    "json": {"a": [1]},
}


@pytest.fixture(scope="module")
def thing() -> Iterator[type[Entity]]:
    with isolated_registry():

        class Thing(Entity, discriminator="PLAIN_THING"):
            key = PrimaryKey("PLAIN_THING#{thing_id}", "METADATA")
            thing_id = IdAttribute()
            text = plain.UnicodeAttribute(null=True)
            flag = plain.BooleanAttribute(null=True)
            number = plain.NumberAttribute(null=True)
            at = plain.UTCDateTimeAttribute(null=True)
            until = plain.TTLAttribute(null=True)
            picture = plain.BinaryAttribute(legacy_encoding=False, null=True)
            tags = plain.UnicodeSetAttribute(null=True)
            scores = plain.NumberSetAttribute(null=True)
            keys_held = plain.BinarySetAttribute(legacy_encoding=False, null=True, attr_name="keys")
            parts: Any = plain.ListAttribute(null=True)
            map: Any = plain.MapAttribute(null=True)
            json = plain.JSONAttribute(null=True)

        yield Thing


@pytest.mark.parametrize("name", FITTING)
def test_what_fits_is_valid_and_can_be_written(name: str, thing: type[Entity]) -> None:
    data = {"thingId": "t1", name: FITTING[name]}

    assert thing.validate(data).is_valid
    assert name in codec.encode(thing(**data))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("text", 5),
        ("text", "\ud800"),
        ("flag", 1),
        ("number", "1"),
        ("number", True),
        ("number", Decimal(1)),
        ("number", float("nan")),
        ("at", "2026-01-01T00:00:00Z"),
        ("until", datetime(2026, 1, 1)),
        ("until", 5),
        ("picture", "x"),
        ("tags", 5),
        ("tags", ["a"]),
        ("tags", {1}),
        ("scores", {"1"}),
        ("keys", {"x"}),
        ("parts", "x"),
        ("parts", [object()]),
        ("map", 5),
        ("map", {"a": object()}),
        ("json", object()),
        ("json", {"a": {1}}),
    ],
)
def test_what_does_not_fit_is_a_finding_and_no_crash(name: str, value: Any, thing: type[Entity]) -> None:
    assert [(entry.field, entry.code) for entry in thing.validate({"thingId": "t1", name: value}).errors] == [
        (name, "TYPE_ERROR")
    ]


def test_a_message_is_copied_with_its_code() -> None:
    message = copy.deepcopy(Message("is required", "REQUIRED"))

    assert (message, message.code) == ("is required", "REQUIRED")
