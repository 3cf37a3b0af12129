"""What would put an item in another one's place, or nowhere, is refused when the class is defined."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import (
    GSI1,
    DeclarationError,
    Entity,
    IdAttribute,
    IntegerAttribute,
    KeyValueError,
    Length,
    ListAttribute,
    Mirror,
    PrimaryKey,
    UnicodeAttribute,
)
from madmall_models.declaration import isolated_registry


def declare(**members: Any) -> type[Entity]:
    given = {
        "key": PrimaryKey("PLACE#{x}", "AT#{y}"),
        "x": IdAttribute(),
        "y": IdAttribute(),
        "__module__": __name__,
        "__qualname__": "Place",
    }
    with isolated_registry():
        return type(Entity)("Place", (Entity,), {**given, **members}, discriminator="PLACE")


@pytest.mark.parametrize(
    ("members", "fact"),
    [
        ({"z": UnicodeAttribute(attr_name="PK")}, "stored as 'PK', which is taken"),
        ({"z": UnicodeAttribute(attr_name="entityType")}, "stored as 'entityType', which is taken"),
        ({"z": UnicodeAttribute(attr_name="version")}, "stored as 'version', which is taken"),
        ({"z": UnicodeAttribute(attr_name="GSI3SK")}, "stored as 'GSI3SK', which is taken"),
        ({"z": UnicodeAttribute(attr_name="targetPK")}, "stored as 'targetPK', which is taken"),
        ({"z": UnicodeAttribute(attr_name="x")}, "is taken by"),
        ({"a_b": UnicodeAttribute(), "aB": UnicodeAttribute()}, "is taken by"),
        ({"PK": UnicodeAttribute()}, "every entity has this attribute already"),
        ({"keys": ListAttribute()}, "every entity has this attribute already"),
        ({"claims": UnicodeAttribute()}, "every entity has this attribute already"),
        ({"objects": UnicodeAttribute()}, "every entity has this attribute already"),
        ({"attribute_values": UnicodeAttribute()}, "every entity has this attribute already"),
        ({"_stored": UnicodeAttribute()}, "every entity has this attribute already"),
        ({"copy": Mirror("OTHER", "AT#{x}")}, "lacks y: two items would have one mirror"),
        ({"copy": Mirror("OTHER#{x}", "AT#{y}", when=lambda place: True)}, "is always there and takes no when="),
        ({"key": PrimaryKey("PLACE#{x}", "AT#{y}", when=lambda place: True)}, "is always there and takes no when="),
        ({"by_x": GSI1.key("X#{x}", "Y#{y}", when=5)}, "when= takes a function of the entity"),
        ({"rules": {"x": [Length(max=1)]}}, "rules is no Rules"),
    ],
)
def test_it_is_refused(members: dict[str, Any], fact: str) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare(**members)
    assert fact in str(refused.value)


def test_a_predicate_that_fails_is_named() -> None:
    place = declare(n=IntegerAttribute(null=True), many=GSI1.key("MANY#{x}", "AT#{y}", when=lambda place: place.n > 3))

    with pytest.raises(KeyValueError, match=r"Place\.many: its when= raised TypeError"):
        place(x="1", y="2").rendered_keys()
    assert place(x="1", y="2", n=4).rendered_keys()["GSI1PK"] == "MANY#1"
