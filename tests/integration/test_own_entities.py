"""An application declares entities, keys and managers of its own, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    GSI1,
    GSI2,
    GSI3,
    AlreadyExists,
    BooleanAttribute,
    ConditionFailed,
    Database,
    Document,
    Entity,
    IdAttribute,
    IntegerAttribute,
    KeyValueError,
    Length,
    Manager,
    Mirror,
    Pointer,
    PrimaryKey,
    Query,
    QueryError,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
    Unique,
    UniqueViolation,
    ValidationError,
    binding,
)
from madmall_models.declaration import isolated_registry
from tests.integration.samples import NOON, make_circle, make_user
from tests.integration.table_content import edit, nothing_sent, nothing_written, places, raw


def declare() -> SimpleNamespace:
    """Declare entities as an application would."""

    class Place(Document):
        city = UnicodeAttribute()
        zip_code = UnicodeAttribute(null=True)

        rules = Rules(city=[Length(min=2)])

    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey(
            "CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}", answers="Which events does a circle have?"
        )
        upcoming = GSI2.key("EVENTS#{place.city:lower}", "STARTS#{starts_at}", when=lambda event: event.is_public)
        by_level = GSI3.key("EVENT_LEVELS", "LEVEL#{level:04}#{event_id}")

        circle_id = IdAttribute()
        event_id = IdAttribute()
        starts_at = TimeAttribute()
        place = Place()
        level = IntegerAttribute(default=1)
        is_public = BooleanAttribute(default=True)

    class EventManager(Manager[Event]):
        collection = "events"

        def in_city(self, city: str) -> Query[Event]:
            return self.asking(Event.upcoming, place_city=city)

    class Account(Entity, discriminator="ACCOUNT"):
        key = PrimaryKey("ACCOUNT#{account_id}", "METADATA")
        by_work = GSI1.key("WORKPLACE#{work.zip_code}", "ACCOUNT#{account_id}")
        unique_handle = Unique("{handle:fold}")
        unique_desk = Unique("{work.city:fold}#{desk}")
        latest = Pointer("ACCOUNTS", "{opened_at}#{account_id}", when=lambda account: account.opened_at is not None)

        account_id = IdAttribute()
        handle = UnicodeAttribute(null=True)
        desk = IdAttribute(null=True)
        work = Place(null=True)
        opened_at = TimeAttribute(null=True)

    class Enrolment(Entity, discriminator="ENROLMENT"):
        key = PrimaryKey("COURSE#{course_id}", "STUDENT#{term:04}#{user_id}")
        of_user = Mirror("USER#{user_id}", "COURSE#{course_id}#{term:04}")

        course_id = IdAttribute()
        term = IntegerAttribute()
        user_id = IdAttribute()
        grade = UnicodeAttribute(null=True)

    return SimpleNamespace(Enrolment=Enrolment, Place=Place, Event=Event, EventManager=EventManager, Account=Account)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():
        yield declare()


def hold(db: Database, own: SimpleNamespace, event_id: str = "e1", at: datetime = NOON, **fields: Any) -> Any:
    given: dict[str, Any] = {"circle_id": "c1", "event_id": event_id, "starts_at": at, "place": {"city": "Atlanta"}}
    return db.manager_of(own.Event).create(**{**given, **fields})


def open_account(db: Database, own: SimpleNamespace, account_id: str = "a1", **fields: Any) -> Any:
    return db.manager_of(own.Account).create(account_id=account_id, **fields)


def names(events: Any) -> list[str]:
    return [event.event_id for event in events]


# -- keys of several parts -----------------------------------------------------------------------------------------


def test_a_key_may_be_of_several_parts(db: Database, own: SimpleNamespace) -> None:
    created = hold(db, own)
    assert places(db) == ["CIRCLE#c1 / EVENT#2024-11-22T12:00:00.000Z#e1"]
    manager = db.manager_of(own.Event)
    assert manager.get("c1", NOON, "e1") == manager.get(circle_id="c1", starts_at=NOON, event_id="e1") == created
    assert manager.get("c1", "2024-11-22T07:00:00-05:00", "e1") == created
    with pytest.raises(AlreadyExists, match="Event: an item with this key exists already"):
        hold(db, own)
    with pytest.raises(KeyValueError, match="Event: starts_at takes an aware datetime"):
        manager.get("c1", datetime(2024, 11, 22), "e1")
    with pytest.raises(own.Event.DoesNotExist, match="there is no Event with this key"):
        manager.get("c1", NOON, "e2")


def test_a_collection_is_read_by_a_range_of_its_next_part(db: Database, own: SimpleNamespace) -> None:
    for day in range(5):
        hold(db, own, f"e{day}", NOON + timedelta(days=day))
    with db.bound():
        events = own.Event.key.query(circle_id="c1")
        assert names(events.between("2024-11-23", "2024-11-25")) == ["e1", "e2"]
        assert names(events.since(NOON + timedelta(days=3))) == ["e3", "e4"]
        assert names(events.until(NOON + timedelta(days=1))) == ["e0", "e1"]
        assert names(own.Event.key.query(circle_id="c1", starts_at=NOON)) == ["e0"]
        assert names(own.Event.key.query(circle_id="c1", starts_at=NOON).begins_with("e")) == ["e0"]


def test_collections_of_several_entities_share_a_partition(db: Database, own: SimpleNamespace) -> None:
    make_user(db)
    make_circle(db)
    hold(db, own)
    assert [member.user_id for member in db.circles.get_members("c1", status=None)] == ["u1"]
    assert names(db.manager_of(own.Event).query(circle_id="c1")) == ["e1"]
    assert db.circles.get("c1").stats.member_count == 1


def test_an_index_of_free_text_knows_no_letter_case(db: Database, own: SimpleNamespace) -> None:
    hold(db, own, "e1", place={"city": " ATLANTA"})
    hold(db, own, "e2", place={"city": "Macon"})
    hold(db, own, "e3", is_public=False)
    assert names(db.events.in_city("atlanta")) == ["e1"]
    with db.bound():
        assert names(own.Event.upcoming.query(place_city="Atlanta").since(NOON).limit(20)) == ["e1"]
    db.events.update("c1", NOON, "e2", place={"city": "Atlanta"})
    assert set(names(db.events.in_city("ATLANTA"))) == {"e1", "e2"}
    db.events.update("c1", NOON, "e1", is_public=False)
    assert names(db.events.in_city("Atlanta")) == ["e2"]


def test_numbers_in_a_key_are_in_the_order_of_numbers(db: Database, own: SimpleNamespace) -> None:
    for level in (10, 9, 100, 1):
        hold(db, own, f"e{level}", level=level)
    levels = db.events.asking(own.Event.by_level)
    assert names(levels) == ["e1", "e9", "e10", "e100"]
    assert names(levels.since(10)) == ["e10", "e100"]
    # Both bounds are included, also where the key goes on after the number.
    assert names(levels.until(10)) == ["e1", "e9", "e10"]
    assert names(levels.between(9, 10)) == ["e9", "e10"]
    with nothing_sent(db), pytest.raises(KeyValueError, match="negative or wider than 4 digits"):
        hold(db, own, "e2", level=10_000)


def test_a_part_of_the_key_cannot_change(db: Database, own: SimpleNamespace) -> None:
    event = hold(db, own)
    event.starts_at = NOON + timedelta(days=1)
    with nothing_sent(db), pytest.raises(KeyValueError, match="a part of the primary key was changed"):
        event.save()


# -- managers ------------------------------------------------------------------------------------------------------


def test_a_manager_registers_itself(db: Database, own: SimpleNamespace) -> None:
    assert type(db.events) is own.EventManager
    with db.bound():
        assert own.Event.objects is db.events


def test_an_entity_without_a_manager_has_a_plain_one(db: Database, own: SimpleNamespace) -> None:
    manager = db.manager_of(own.Account)
    assert type(manager) is Manager
    with db.bound():
        assert own.Account.objects is manager
    open_account(db, own)
    assert manager.get("a1").account_id == "a1"
    assert manager.exists("a1")
    with pytest.raises(QueryError, match="Account is not listed by tenant; ask one of key, by_work"):
        manager.of_tenant()


def test_a_field_inside_a_document_serves_a_query_by_either_name(db: Database, own: SimpleNamespace) -> None:
    open_account(db, own, work={"city": "Atlanta", "zip_code": "30301"})
    manager = db.manager_of(own.Account)
    assert manager.query(**{"work.zip_code": "30301"}).one().account_id == "a1"
    assert manager.query(work_zip_code="30301").one().account_id == "a1"


def test_rules_of_a_document_hold(db: Database, own: SimpleNamespace) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        hold(db, own, place={"city": "A"})
    assert set(refused.value.messages) == {"place.city"}


# -- claims, mirrors, pointers -------------------------------------------------------------------------------------


@pytest.mark.defect(9)
def test_each_claim_is_taken_moved_and_freed_on_its_own(db: Database, own: SimpleNamespace) -> None:
    open_account(db, own, "a1", handle="Jane", work={"city": "Atlanta"}, desk="d1")
    open_account(db, own, "a2", handle="Joan", work={"city": "Atlanta"}, desk="d2")
    manager = db.manager_of(own.Account)
    with nothing_written(db), pytest.raises(UniqueViolation) as refused:
        manager.update("a2", handle="JANE")
    assert refused.value.field == "handle"
    with nothing_written(db), pytest.raises(UniqueViolation) as refused:
        manager.update("a2", desk="d1")
    assert "desk" in refused.value.field
    manager.update("a1", handle=None, desk="d3")
    manager.update("a2", handle="JANE", desk="d1")
    claims = [place for place in places(db) if place.startswith("UNIQUE")]
    assert claims == [
        "UNIQUE#ACCOUNT#HANDLE#jane / CLAIM",
        "UNIQUE#ACCOUNT#WORK_CITY_DESK#atlanta#d1 / CLAIM",
        "UNIQUE#ACCOUNT#WORK_CITY_DESK#atlanta#d3 / CLAIM",
    ]
    manager.delete("a1")
    manager.delete("a2")
    assert places(db) == []


def test_a_value_that_is_absent_claims_nothing(db: Database, own: SimpleNamespace) -> None:
    for account_id in ("a1", "a2"):
        open_account(db, own, account_id)
    assert not [place for place in places(db) if place.startswith("UNIQUE")]


def test_a_pointer_follows_its_item(db: Database, own: SimpleNamespace) -> None:
    account = open_account(db, own, opened_at=NOON)
    assert places(db) == ["ACCOUNT#a1 / METADATA", "ACCOUNTS / 2024-11-22T12:00:00.000Z#a1"]
    with db.bound():
        assert own.Account.latest.query().newest_first().one() == account
    account.opened_at = None
    account.save()
    assert places(db) == ["ACCOUNT#a1 / METADATA"]


def test_a_mirror_follows_its_item_by_a_number_in_its_key_too(db: Database, own: SimpleNamespace) -> None:
    enrolments = db.manager_of(own.Enrolment)
    enrolment = enrolments.create(course_id="k1", term=7, user_id="u1")
    assert places(db) == ["COURSE#k1 / STUDENT#0007#u1", "USER#u1 / COURSE#k1#0007"]
    enrolments.update("k1", 7, "u1", grade="A")
    with db.bound():
        assert own.Enrolment.of_user.query(user_id="u1").one().grade == "A"
        assert own.Enrolment.key.query(course_id="k1", term=7).one().grade == "A"
    with db.transaction() as tx:
        tx.update(enrolment.item_key(), own.Enrolment.grade.set("B"))
    with db.bound():
        assert own.Enrolment.of_user.query(user_id="u1", course_id="k1").one().grade == "B"
    enrolments.delete("k1", 7, "u1")
    assert places(db) == []


def test_two_claims_of_the_same_last_name_are_two_claims(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    class Contact(Document):
        email = UnicodeAttribute(null=True)

    with isolated_registry():

        class Shop(Entity, discriminator="SHOP"):
            key = PrimaryKey("SHOP#{shop_id}", "METADATA")
            unique_login = Unique("{email:fold}")
            unique_contact = Unique("{contact.email:fold}")
            shop_id = IdAttribute()
            email = UnicodeAttribute(null=True)
            contact = Contact(null=True)

        shops = db.manager_of(Shop)
        shops.create(shop_id="s1", email="a@example.org", contact={"email": "b@example.org"})
        for fields in ({"email": "A@example.org"}, {"contact": {"email": "B@example.org"}}):
            with pytest.raises(UniqueViolation):
                shops.create(shop_id="s2", **fields)
        shops.create(shop_id="s3", email="b@example.org", contact={"email": "a@example.org"})


def test_an_item_of_another_entity_under_a_key_is_not_this_one(db: Database, own: SimpleNamespace) -> None:
    account = open_account(db, own)
    edit(db, account.item_key(), "SET entityType = :other", other={"S": "OTHER"})
    manager = db.manager_of(own.Account)
    assert manager.get_or_none("a1") is None
    assert not manager.exists("a1")
    assert db.batch_get([own.Account.key.of("a1")]) == [None]
    account.desk = "d1"
    with nothing_written(db), pytest.raises(own.Account.DoesNotExist):
        account.save()
    assert raw(db, account.item_key())["entityType"] == {"S": "OTHER"}


def test_a_pointer_is_not_taken_from_another_item(db: Database) -> None:
    with isolated_registry():

        class Shelf(Entity, discriminator="SHELF"):
            key = PrimaryKey("ROOM#{room}", "SHELF#{number}")
            listed = Pointer("SHELVES", "NUMBER#{number}")

            room = IdAttribute()
            number = IdAttribute()

        shelves: Manager[Shelf] = db.manager_of(Shelf)
        shelves.create(room="a", number="1")
        with (
            nothing_written(db),
            pytest.raises(ConditionFailed, match="another item has this place"),
        ):
            shelves.create(room="b", number="1")
        assert [shelf.room for shelf in shelves.asking(Shelf.listed)] == ["a"]
