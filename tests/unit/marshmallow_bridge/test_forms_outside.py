"""Values have the nearest form that JSON has outside, and their own inside."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import Circle, Resource, User
from madmall_models import codec as item_codec
from madmall_models.attributes import DictAttribute, IdAttribute, ListAttribute, UnicodeAttribute
from madmall_models.document import Document
from madmall_models.marshmallow_bridge import schema_of
from madmall_models.rules import Entry, Rules
from tests.unit.marshmallow_bridge.test_entity_schemas import INPUT, RESOURCE, refusal


def test_decimals_are_exact_texts_outside_or_numbers_if_asked_for() -> None:
    loaded = Resource.schema().load(RESOURCE)
    resource = Resource(**loaded)

    assert loaded["price"]["amount"] == Decimal("19.9")
    assert Resource.schema().dump(resource)["price"]["amount"] == "19.9"
    assert Resource.schema(decimals="number").dump(resource)["price"]["amount"] == 19.9
    for amount in (19.9, 20, "1E+3", "-0.5"):
        assert Resource.schema().validate({**RESOURCE, "price": {"amount": amount}}) == {}
    for amount in ("", "x", "1_0", " 1", "NaN", "1E+999", "1" * 39, True, [], float("nan")):
        assert Resource.schema().validate({**RESOURCE, "price": {"amount": amount}}), amount


def test_times_are_iso_texts_in_utc_with_milliseconds() -> None:
    data = {**RESOURCE, "publishedAt": "2026-11-22T13:00:00.123456+01:00", "ttl": 4102444800}
    loaded = Resource.schema().load(data)

    assert loaded["published_at"] == datetime(2026, 11, 22, 12, 0, 0, 123000, tzinfo=UTC)
    shown = Resource.schema().dump(Resource(**loaded))
    assert (shown["publishedAt"], shown["ttl"]) == ("2026-11-22T12:00:00.123Z", 4102444800)
    assert list(Resource.schema().validate({**data, "publishedAt": "2026-11-22T13:00:00"})) == ["publishedAt"]


def test_what_an_item_lacks_is_not_in_the_dump() -> None:
    shown = User.schema().dump(User(**User.schema().load(INPUT)))

    assert {"version", "createdAt", "deletingAt", "GSI2PK"}.isdisjoint(shown)
    assert "bio" not in shown["profile"]
    assert (shown["PK"], shown["entityType"]) == ("USER#u1", "USER")
    assert User.schema().dump(User(user_id="a#b"))["userId"] == "a#b"


def test_what_is_stored_in_another_way_than_declared_is_dumped_as_far_as_it_is_read() -> None:
    item = item_codec.encode(User(**User.schema().load(INPUT)))
    item["settings"]["M"]["theme"] = {"S": "pink"}
    item["isActive"] = {"S": "yes"}
    item["GSI1PK"] = {"S": "EMAIL#old@example.com"}
    shown = User.schema().dump(item_codec.decode(User, item))

    assert shown["settings"]["theme"] == "pink"
    assert "isActive" not in shown
    assert shown["GSI1PK"] == "EMAIL#old@example.com"


class Box(Document):
    box_id = IdAttribute()
    anything = DictAttribute(null=True)
    links = DictAttribute(of=UnicodeAttribute, null=True)
    plenty = ListAttribute(null=True)
    rules = Rules(
        lambda values: (
            [Entry("links.web", "must not go with plenty", "CONSISTENCY_ERROR")]
            if "plenty" in values and "links" in values
            else []
        )
    )


def test_values_of_no_declared_type_are_shown_as_json() -> None:
    box = Box(
        box_id="b",
        anything={"at": datetime(2026, 1, 1, tzinfo=UTC), "n": Decimal("1.5"), "whole": Decimal(2), "s": {"b", "a"}},
        plenty=[b"\x00", {"x": (1, None)}],
    )

    assert schema_of(Box).dump(box) == {
        "boxId": "b",
        "anything": {"at": "2026-01-01T00:00:00.000Z", "n": 1.5, "whole": 2, "s": ["a", "b"]},
        "plenty": ["AA==", {"x": [1, None]}],
    }


def test_checks_of_a_class_are_made_by_its_schema() -> None:
    data = {"boxId": "b", "links": {"web": "x"}, "plenty": []}

    assert schema_of(Box).validate(data) == {"links": {"web": ["must not go with plenty"]}}
    assert schema_of(Box).validate({**data, "plenty": None}) == {}


@pytest.mark.parametrize("links", [{"": "x"}, {5: "x"}, ["x"], {"web": 5}, {"web": None}])
def test_a_map_of_one_type_has_names_and_values_that_fit(links: Any) -> None:
    assert list(schema_of(Box).validate({"boxId": "b", "links": links})) == ["links"]


@pytest.mark.defect(66)
@pytest.mark.parametrize(
    "data",
    [{"status": "ACTIVE", "isActive": False}, {"privacyLevel": "public", "settings": {"isPrivate": True}}],
)
def test_what_contradicts_each_other_is_refused(data: dict[str, Any]) -> None:
    given = {"circleId": "c1", "name": "Rest", "type": "support_group", "createdBy": "u1", **data}

    assert [entry.code for entry in refusal(Circle.schema(), given).errors] == ["CONSISTENCY_ERROR"]
