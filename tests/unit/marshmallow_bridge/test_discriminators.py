"""Classes that a discriminator tells apart have one schema."""

from __future__ import annotations

import pytest
from pynamodb.attributes import (
    DiscriminatorAttribute,
    NumberAttribute,
    UnicodeAttribute,
)
from pynamodb.models import Model

from madmall_models.errors import DeclarationError
from madmall_models.marshmallow_bridge import schema_of


class Vehicle(Model):
    class Meta:
        table_name = "vehicles"

    id = UnicodeAttribute(hash_key=True)
    cls = DiscriminatorAttribute()


class Car(Vehicle, discriminator="Car"):
    doors = NumberAttribute(default=4)


class Boat(Vehicle, discriminator="Boat"):
    name = UnicodeAttribute()


def test_the_discriminator_says_which_class_it_is() -> None:
    schema = schema_of(Vehicle, load_instance=True)

    boat, car = schema.load([{"id": "1", "cls": "Boat", "name": "Ann"}, {"id": "2", "cls": "Car"}], many=True)
    assert (type(boat), type(car)) == (Boat, Car)
    assert schema.dump([boat, car], many=True) == [
        {"cls": "Boat", "id": "1", "name": "Ann"},
        {"cls": "Car", "doors": 4, "id": "2"},
    ]


def test_keywords_name_the_class_that_they_are_for() -> None:
    loaded = schema_of(Vehicle).load({"id": "2", "cls": "Car", "doors": 2})

    vehicle = loaded["cls"](**loaded)
    assert (type(vehicle), vehicle.doors) == (Car, 2)


def test_each_item_of_several_classes_is_refused_by_its_position() -> None:
    schema = schema_of(Vehicle, many=True)

    assert schema.validate([{"id": "1"}, {"id": "2", "cls": "Boat"}, 5, {"id": "3", "cls": "Car"}]) == {
        0: {"cls": ["must be one of Car, Boat"]},
        1: {"name": ["is required"]},
        2: {"_schema": ["must be a map"]},
    }
    assert schema.validate({"id": "1"}) == {"_schema": ["must be a list"]}
    assert schema_of(Vehicle, partial=True).load({"cls": "Boat"}) == {"cls": Boat}


def test_another_class_cannot_be_dumped_as_one_of_them() -> None:
    with pytest.raises(TypeError, match="object is none of Car, Boat"):
        schema_of(Vehicle).dump(object())


def test_a_discriminator_without_classes_is_a_mistake() -> None:
    class Lonely(Model):
        class Meta:
            table_name = "lonely"

        id = UnicodeAttribute(hash_key=True)
        cls = DiscriminatorAttribute()

    with pytest.raises(DeclarationError, match="no class"):
        schema_of(Lonely)
