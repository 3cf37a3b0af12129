"""A wrong declaration is refused when the class is defined; the message names the class, the key and the fix."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from madmall_models import GSI1, GSI2, Document, Entity, Manager, Mirror, Pointer, PrimaryKey, Rules, Unique
from madmall_models.attributes import (
    DecimalAttribute,
    IdAttribute,
    IntegerAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.clock import to_text
from madmall_models.declaration import entity_class, entity_classes, isolated_registry
from madmall_models.errors import DeclarationError
from madmall_models.rules import Length
from madmall_models.writer import prepare_creation


class Place(Document):
    city = UnicodeAttribute(null=True)


@pytest.fixture(autouse=True)
def nothing_is_registered_for_others() -> Iterator[None]:
    with isolated_registry():
        yield


def without_discriminator() -> None:
    class Event(Entity):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def discriminator_with_a_separator() -> None:
    class Event(Entity, discriminator="EV#ENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def empty_discriminator() -> None:
    class Event(Entity, discriminator=""):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def taken_discriminator() -> None:
    class Event(Entity, discriminator="CIRCLE"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def derived_from_an_entity() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()

    class Party(Event, discriminator="PARTY"):
        key = PrimaryKey("PARTY#{event_id}", "METADATA")


def no_primary_key() -> None:
    class Event(Entity, discriminator="EVENT"):
        by_city = GSI1.key("CITY#{event_id}", "EVENT")
        event_id = IdAttribute()


def primary_key_of_another_name() -> None:
    class Event(Entity, discriminator="EVENT"):
        main = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def two_primary_keys() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        other = PrimaryKey("OTHER#{event_id}", "METADATA")
        event_id = IdAttribute()


def primary_key_of_what_may_be_absent() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute(null=True)


def misspelt_field() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_city = GSI1.key("CITY#{citi:lower}", "EVENT#{event_id}")
        event_id = IdAttribute()
        city = UnicodeAttribute()


def misspelt_field_of_a_document() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_city = GSI1.key("CITY#{place.citi:lower}", "EVENT#{event_id}")
        event_id = IdAttribute()
        place = Place()


def field_that_is_a_document() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_place = GSI1.key("PLACE#{place}", "EVENT#{event_id}")
        event_id = IdAttribute()
        place = Place()


def field_that_is_a_key() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_key = GSI1.key("KEY#{PK}", "EVENT#{event_id}")
        event_id = IdAttribute()


def number_without_a_width() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_level = GSI1.key("LEVEL", "LEVEL#{level}")
        event_id = IdAttribute()
        level = IntegerAttribute()


def fraction_in_a_key() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_level = GSI1.key("LEVEL", "LEVEL#{level:06}")
        event_id = IdAttribute()
        level = DecimalAttribute()


def width_of_a_text() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id:06}", "METADATA")
        event_id = IdAttribute()


def two_keys_in_one_index() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        by_city = GSI1.key("CITY#{city:lower}", "EVENT#{event_id}")
        by_name = GSI1.key("NAME#{city:lower}", "EVENT#{event_id}")
        event_id = IdAttribute()
        city = UnicodeAttribute()


def claim_without_a_field() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        unique_name = Unique("NAME")
        event_id = IdAttribute()


def claim_of_a_misspelt_field() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        unique_name = Unique("{nam:fold}")
        event_id = IdAttribute()
        name = UnicodeAttribute()


def rules_of_a_misspelt_attribute() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()
        name = UnicodeAttribute()
        rules = Rules(nmae=[Length(min=3)])


def the_key_of_another_entity() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{event_id}", "METADATA")
        event_id = IdAttribute()


def a_key_that_reads_another_entity() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{circle_id}", "MEMBER#{event_id}#EVENT")
        circle_id = IdAttribute()
        event_id = IdAttribute()


def a_key_without_a_beginning() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{circle_id}", "{event_id}#EVENT")
        circle_id = IdAttribute()
        event_id = IdAttribute()


def the_key_of_an_entity_of_the_same_name() -> None:
    class Circle(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{event_id}", "METADATA")
        event_id = IdAttribute()


def a_mirror_on_its_own_key() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        copy = Mirror("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()


def a_mirror_that_could_move() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        in_city = Mirror("CITY#{city:fold}", "EVENT#{event_id}")
        event_id = IdAttribute()
        city = UnicodeAttribute()


def a_pointer_where_members_are() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        in_circle = Pointer("CIRCLE#{circle_id}", "MEMBER#{event_id}")
        circle_id = IdAttribute()
        event_id = IdAttribute()


def an_attribute_that_hides_a_method() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()
        refresh = TimeAttribute(null=True)


WRONG: list[tuple[Callable[[], None], list[str]]] = [
    (without_discriminator, ["Event declares key but no discriminator", 'discriminator="EVENT"']),
    (discriminator_with_a_separator, ["Event", "a text without #"]),
    (empty_discriminator, ["Event", "a text without #"]),
    (taken_discriminator, ["Event", "'CIRCLE' belongs to Circle already"]),
    (derived_from_an_entity, ["Party derives from the entity Event", "abstract class"]),
    (no_primary_key, ["Event needs one PrimaryKey named key", "key = PrimaryKey("]),
    (primary_key_of_another_name, ["Event needs one PrimaryKey named key"]),
    (two_primary_keys, ["Event needs one PrimaryKey named key"]),
    (primary_key_of_what_may_be_absent, ["Event.key", "event_id may be null", "drop null=True"]),
    (misspelt_field, ["Event.by_city", "'CITY#{citi:lower}' names citi", "Did you mean city?"]),
    (misspelt_field_of_a_document, ["Event.by_city", "names place.citi", "Did you mean place.city?"]),
    (field_that_is_a_document, ["Event.by_place", "names place, which"]),
    (field_that_is_a_key, ["Event.by_key", "names PK, which"]),
    (number_without_a_width, ["Event.by_level", "level is a number", "write {level:06}"]),
    (fraction_in_a_key, ["Event.by_level", "level is a number", "use an IntegerAttribute"]),
    (width_of_a_text, ["Event.key", "{event_id:06} gives a width to what is no number"]),
    (two_keys_in_one_index, ["Event.by_name and Event.by_city both use GSI1", "one key in an index"]),
    (claim_without_a_field, ["Event.unique_name", "a Unique needs a field", "Unique('{email:fold}')"]),
    (claim_of_a_misspelt_field, ["Event.unique_name", "names nam, which", "Did you mean name?"]),
    (rules_of_a_misspelt_attribute, ["Event.rules names nmae", "Did you mean name?"]),
    (the_key_of_another_entity, ["Event.key and Circle.key could give two items the same key", "change one template"]),
    (a_key_that_reads_another_entity, ["Event.key and CircleMember.key share a partition", "different beginnings"]),
    (a_key_without_a_beginning, ["Event.key and", "share a partition", "different beginnings"]),
    (the_key_of_an_entity_of_the_same_name, ["Circle.key", "could give two items the same key"]),
    (a_mirror_that_could_move, ["Event.in_city", "city", "a mirror never moves"]),
    (a_mirror_on_its_own_key, ["Event.key and Event.copy could give two items the same key"]),
    (a_pointer_where_members_are, ["Event.in_circle and CircleMember.key could give two items the same key"]),
    (an_attribute_that_hides_a_method, ["Event.refresh hides the method refresh()", "attr_name="]),
]


@pytest.mark.parametrize(("declare", "words"), WRONG, ids=[declare.__name__ for declare, _ in WRONG])
def test_a_wrong_declaration_says_where_and_how_to_mend_it(declare: Callable[[], None], words: list[str]) -> None:
    with pytest.raises(DeclarationError) as refused:
        declare()
    for text in words:
        assert text in str(refused.value)


@pytest.mark.parametrize("declare", [declare for declare, _ in WRONG], ids=[declare.__name__ for declare, _ in WRONG])
def test_a_refused_entity_is_not_registered(declare: Callable[[], None]) -> None:
    before = set(entity_classes())
    with pytest.raises(DeclarationError):
        declare()
    added = {cls.__name__ for cls in set(entity_classes()) - before}
    # One of them needs a good entity to derive from.
    assert added <= ({"Event"} if declare is derived_from_an_entity else set())


def test_a_declared_entity_is_found_by_its_discriminator() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}")
        upcoming = GSI2.key("EVENTS#{city:lower}", "STARTS#{starts_at}")
        circle_id = IdAttribute()
        event_id = IdAttribute()
        city = UnicodeAttribute()
        starts_at = TimeAttribute()

    assert entity_class("EVENT") is Event
    assert Event in entity_classes()
    assert list(Event.keys) == ["key", "upcoming"]
    assert (Event.upcoming.label, Event.key.label) == ("Event.upcoming", "Event.key")


def test_the_moment_of_creation_may_be_a_part_of_the_primary_key() -> None:
    class Note(Entity, discriminator="NOTE"):
        key = PrimaryKey("NOTES#{note_id}", "AT#{created_at}")
        note_id = IdAttribute()

    note = Note(note_id="n1")
    assert prepare_creation(note).item["SK"] == {"S": f"AT#{to_text(note.created_at)}"}


def test_an_isolated_registry_forgets_what_was_defined_in_it() -> None:
    with isolated_registry():
        without_errors()
        assert entity_class("EVENT") is not None
    assert entity_class("EVENT") is None


def test_the_same_class_may_be_defined_again() -> None:
    first = without_errors()
    second = without_errors()
    assert entity_class("EVENT") is second is not first


def without_errors() -> Any:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()

    return Event


def test_keys_of_an_abstract_class_belong_to_each_entity_of_it() -> None:
    class Dated(Entity):
        note = UnicodeAttribute(null=True)

    class Event(Dated, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()

    assert Event(event_id="e1", note="x").note == "x"
    with pytest.raises(DeclarationError, match="Dated is abstract; make an entity with a discriminator"):
        Dated(note="x")


def test_a_stored_name_is_the_camel_case_of_the_python_name_unless_stated() -> None:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("EVENT#{event_id}", "METADATA")
        event_id = IdAttribute()
        starts_at = TimeAttribute(null=True, attr_name="begin")
        place_of_meeting = Place(null=True)

    names = {name: Event._attributes[name].attr_name for name in ("event_id", "starts_at", "place_of_meeting")}
    assert names == {"event_id": "eventId", "starts_at": "begin", "place_of_meeting": "placeOfMeeting"}


def test_each_entity_has_its_own_does_not_exist_which_is_also_pynamodbs() -> None:
    from pynamodb.exceptions import DoesNotExist as PynamoDBDoesNotExist

    from madmall_models import Circle, DoesNotExist, User

    for entity in (User, Circle):
        assert issubclass(entity.DoesNotExist, DoesNotExist)
        assert issubclass(entity.DoesNotExist, PynamoDBDoesNotExist)
        assert issubclass(entity.DoesNotExist, LookupError)
    assert not issubclass(User.DoesNotExist, Circle.DoesNotExist)


def test_a_manager_of_nothing_is_refused() -> None:
    with pytest.raises(DeclarationError, match=r"EventManager manages nothing; write class EventManager\(Manager\["):

        class EventManager(Manager):  # type: ignore[type-arg]
            pass


def test_two_entities_cannot_share_a_place_on_the_database() -> None:
    event = without_errors()
    with pytest.raises(DeclarationError, match=r"db\.circles is already CircleManager"):

        class EventManager(Manager[event]):  # type: ignore[valid-type]
            collection = "circles"
