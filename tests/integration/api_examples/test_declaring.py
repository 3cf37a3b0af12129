"""How an application declares its own entities. Each block is one that the documents show."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    GSI1,
    GSI2,
    GSI3,
    GSI4,
    BooleanAttribute,
    Circle,
    CircleMember,
    Database,
    Entity,
    EnumAttribute,
    IdAttribute,
    Length,
    Manager,
    Mirror,
    Pointer,
    PrimaryKey,
    Query,
    Required,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
    Unique,
    User,
    binding,
    utc_now,
)
from madmall_models.declaration import isolated_registry


@pytest.fixture(autouse=True)
def declarations_end_with_their_test(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():
        yield


def declare_events() -> SimpleNamespace:
    class Event(Entity, discriminator="EVENT"):
        key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}")
        upcoming = GSI2.key("EVENTS#{city:lower}", "STARTS#{starts_at}")

        circle_id = IdAttribute()
        event_id = IdAttribute()
        city = UnicodeAttribute()
        starts_at = TimeAttribute()

    class EventManager(Manager[Event]):
        collection = "events"

        def in_city(self, city: str) -> Query[Event]:
            return self.asking(Event.upcoming, city=city).since(utc_now())

    return SimpleNamespace(Event=Event, EventManager=EventManager)


def test_an_entity_of_ones_own(db: Database) -> None:
    Event = declare_events().Event  # noqa: N806
    with db.bound():
        soon = Event(
            circle_id="circle123", event_id="e1", city="Atlanta", starts_at=utc_now() + timedelta(days=1)
        ).create()
        december = Event(
            circle_id="circle123", event_id="e2", city="Macon", starts_at=datetime(2026, 12, 24, tzinfo=UTC)
        )
        december.create()
        assert list(Event.upcoming.query(city="Atlanta").since(utc_now()).limit(20)) == [soon]
        assert december in Event.key.query(circle_id="circle123").between("2026-12-01", "2027-01-01")
        soon.city = "Macon"
        soon.save()
        assert Event.get("circle123", soon.starts_at, "e1").refresh() == soon
        soon.delete()
    assert db.events.exists("circle123", december.starts_at, "e2")
    assert db.manager_of(Event) is db.events


def test_the_words_of_a_declaration() -> None:
    with isolated_registry():

        class Club(Entity, discriminator="CLUB"):
            """A club, and the root of its own item collection."""

            key = PrimaryKey("CLUB#{club_id}", "METADATA")
            by_type = GSI1.key("CLUB_TYPE#{type}", "CREATED#{created_at}")
            by_status = GSI3.key("CLUB_STATUS#{status:upper}", "UPDATED#{updated_at}")
            by_tenant = GSI4.key("TENANT#{tenant_id}#CLUBS", "CREATED#{created_at}")
            feed = GSI2.key("CLUB_FEED", "CREATED#{created_at}", when=lambda club: club.is_open)
            in_list = Pointer("CLUBS", "{created_at}#{club_id}")
            unique_name = Unique("{name:fold}")

            club_id = IdAttribute(attr_name="clubId")
            name = UnicodeAttribute()
            type = EnumAttribute("sport", "music", strict=True)
            status = EnumAttribute("active", "closed", default="active")
            is_open = BooleanAttribute(default=True)

            rules = Rules(name=[Required(), Length(min=3, max=100)])

        class ClubMember(Entity, discriminator="CLUB_MEMBER"):
            """A membership: stored twice, under the club and under the user, always in step."""

            key = PrimaryKey("CLUB#{club_id}", "MEMBER#{user_id}")
            of_user = Mirror("USER#{user_id}", "CLUB#{club_id}")

            club_id = IdAttribute()
            user_id = IdAttribute()

        assert set(Club.keys) == {"key", "by_type", "by_status", "by_tenant", "feed", "in_list"}
        assert set(ClubMember.keys) == {"key", "of_user"}
        assert not Club.validate({"club_id": "c1", "name": "ab", "type": "sport"}).is_valid
        assert Club.validate({"club_id": "c1", "name": "Chess", "type": "sport"}).is_valid


def test_what_every_entity_and_key_has(db: Database) -> None:
    with db.bound():
        user = User(user_id="user123", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"})
        user.create()
        assert User.key.of(user_id="user123") == user.item_key()
        assert User.by_email.query(email="jane@example.com").one() == user
        assert User.objects.exists("user123")
        assert db.users.exists("user123")
    assert db.users.count() == 1
    assert list(db.users.of_tenant("default")) == [user]
    assert db.users.query(email="jane@example.com").one() == user
    assert db.users.get("user123", consistent=True) == user
    assert list(db.users.get_user_circles("user123").consistent()) == []


def test_the_declared_keys_of_the_domain() -> None:
    keys: dict[str, Any] = {
        "Circle.by_status": Circle.by_status,
        "CircleMember.of_user": CircleMember.of_user,
        "User.by_email": User.by_email,
    }
    assert {name: (key.partition.text, key.sort.text) for name, key in keys.items()} == {
        "Circle.by_status": ("CIRCLE_STATUS#{status:upper}", "UPDATED#{updated_at}"),
        "CircleMember.of_user": ("USER#{user_id}", "CIRCLE#{circle_id}"),
        "User.by_email": ("EMAIL#{email:fold}", "USER#{user_id}"),
    }
