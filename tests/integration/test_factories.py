"""What a factory creates is valid, whole, as it is stored, and unlike the others, for every entity there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    GSI2,
    Circle,
    CircleMember,
    Comment,
    CounterAttribute,
    Database,
    Entity,
    EnumAttribute,
    IdAttribute,
    Length,
    Manager,
    Measurements,
    Mirror,
    PrimaryKey,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
    Unique,
    User,
    ValidationError,
    binding,
)
from madmall_models.declaration import isolated_registry
from madmall_models.integrity import check
from madmall_models.testing import Factories
from madmall_models.testing.factories import MAKERS


@pytest.fixture
def factories(db: Database) -> Factories:
    return Factories(lambda: db)


@pytest.mark.parametrize("entity", MAKERS.values(), ids=lambda entity: entity.__name__)
def test_an_entity_is_created_as_it_is_stored(entity: Any, db: Database, factories: Factories) -> None:
    one, other = factories.of(entity).many(2)
    manager = db.manager_of(entity)
    assert (one.item_key() == other.item_key(), one.warnings, other.warnings) == (False, (), ())
    for made in (one, other):
        stored = manager.get_by_key(made.item_key(), consistent=True)
        report = entity.validate(stored)
        assert (stored.version, report.errors, report.warnings) == (1, (), ())
    # What was created later may have counted at an earlier one.
    assert manager.get_by_key(other.item_key(), consistent=True) == other
    assert check(db) == ()


def test_all_of_them_together_leave_nothing_broken(db: Database, factories: Factories) -> None:
    for entity in MAKERS.values():
        factories.of(entity)()
    factories.of(CircleMember)(role="moderator", status="pending")
    factories.of(Comment).many(2, story_id=factories.of(Comment)().story_id)
    assert check(db) == ()


def test_what_is_needed_is_created_once_and_only_if_it_is_not_given(db: Database, factories: Factories) -> None:
    jane, make_member = factories.of(User)(), factories.of(CircleMember)
    circle = factories.of(Circle)(created_by=jane)
    assert db.circles.get_member(circle.circle_id, jane.user_id).role == "admin"
    assert db.users.count() == 1
    member = make_member(circle_id=circle, role="moderator")
    assert db.circles.get(circle.circle_id).moderators == [member.user_id]
    assert (db.users.count(), db.circles.count()) == (2, 1)


def test_what_is_refused_leaves_nothing_behind(db: Database, factories: Factories) -> None:
    with pytest.raises(ValidationError, match="name must have a length of 3 to 100"):
        factories.of(Circle)(name="x")
    assert (db.users.count(), db.circles.count()) == (0, 0)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():

        class EventStats(Measurements):
            seats_taken = CounterAttribute(default=0)

        class Event(Entity, discriminator="EVENT"):
            key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{event_id}")
            copy = Mirror("EVENT#{event_id}", "CIRCLE#{circle_id}")
            upcoming = GSI2.key("EVENTS#{city:lower}", "STARTS#{starts_at}")
            unique_title = Unique("{title:fold}")

            event_id = IdAttribute()
            circle_id = IdAttribute()
            starts_at = TimeAttribute()
            city = UnicodeAttribute()
            title = UnicodeAttribute()
            status = EnumAttribute("planned", "cancelled", strict=True)
            stats = EventStats(default=EventStats)
            rules = Rules(title=[Length(min=12, max=40)])

        class EventManager(Manager[Event]):
            collection = "events"

        yield SimpleNamespace(Event=Event)


def test_an_application_s_own_entity_has_a_factory_by_its_declaration(
    own: SimpleNamespace, db: Database, factories: Factories
) -> None:
    make_event = factories.made(own.Event, circle_id=factories.of(Circle), city="Atlanta")
    one, two = make_event.many(2)
    other = make_event(circle_id="c9", city="Savannah", status="cancelled")
    assert db.circles.exists(one.circle_id)
    assert list(db.manager_of(own.Event).asking(own.Event.upcoming, city="ATLANTA")) == [one, two]
    assert two.starts_at - one.starts_at == timedelta(minutes=1)
    assert (other.status, db.circles.exists("c9")) == ("cancelled", False)
    assert check(db) == ()


def test_factories_of_one_class_stand_side_by_side(db: Database, factories: Factories) -> None:
    make_user, make_verified = factories.of(User), factories.made(User, is_verified=True)
    made = [make_user(), make_verified(), make_user(), factories.made(User)()]
    assert len({user.user_id for user in made}) == len({user.email for user in made}) == db.users.count() == 4
    assert [user.is_verified for user in made] == [False, True, False, False]
