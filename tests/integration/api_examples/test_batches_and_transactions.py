"""Batches, transactions and how a connection behaves. Each block is one that the documents show."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    BatchIncomplete,
    Circle,
    CircleMember,
    CircuitOpen,
    Database,
    EndpointUnreachable,
    Entity,
    IdAttribute,
    PrimaryKey,
    TransactionCancelled,
    User,
    binding,
)
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry


def user(user_id: str) -> User:
    profile = {"first_name": "Jane", "last_name": "Smith"}
    return User(user_id=user_id, email=f"{user_id}@example.com", profile=profile)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    with isolated_registry():

        class Event(Entity, discriminator="EVENT"):
            key = PrimaryKey("EVENT#{event_id}", "METADATA")
            event_id = IdAttribute()

        yield SimpleNamespace(Event=Event)


def test_many_users_are_created_at_once(db: Database) -> None:
    user1, user2, user3 = user("user1"), user("user2"), user("user3")
    db.users.batch_write([user1, user2, user3])
    assert db.users.batch_get(["user1", "user2", "nobody", "user3"]) == [user1, user2, None, user3]

    user4, again = user("user4"), user("user1")
    with pytest.raises(BatchIncomplete) as incomplete:
        db.users.batch_write([again, user4])
    assert incomplete.value.unwritten == (again,)
    assert isinstance(incomplete.value.reasons[0], AlreadyExists)
    assert db.users.get("user4") == user4


def test_many_plain_entities_are_put_at_once(db: Database, own: SimpleNamespace) -> None:
    event1, event2 = own.Event(event_id="event1"), own.Event(event_id="event2")
    db.batch_write([event1, event2])
    assert db.batch_get([own.Event.key.of(event_id="event2"), own.Event.key.of(event_id="event1")]) == [event2, event1]


def test_items_of_several_kinds_are_read_at_once(db: Database) -> None:
    db.users.create(user_id="u1", email="u1@example.com", profile={"first_name": "Jane", "last_name": "Smith"})
    db.circles.create(circle_id="c1", name="Circle", type="support_group", created_by="u1")
    keys = [User.key.of(user_id="u1"), Circle.key.of(circle_id="c1")]
    assert [type(item) for item in db.batch_get(keys)] == [User, Circle]

    someone, circle = db.read_transaction(keys)
    assert (someone.user_id, circle.circle_id) == ("u1", "c1")


def test_a_transaction(db: Database) -> None:
    db.users.batch_write([user("owner"), user("u1")])
    db.circles.create(circle_id="c1", name="Circle", type="support_group", created_by="owner")
    cid, uid = "c1", "u1"
    member = CircleMember(circle_id=cid, user_id=uid)
    with db.transaction() as tx:
        tx.create(member)
        tx.update(
            Circle.key.of(circle_id=cid), Circle.stats.member_count.add(1), condition=Circle.stats.member_count < 50
        )
        tx.check(User.key.of(user_id=uid), User.is_active == True)
    assert db.circles.get(cid, consistent=True).stats.member_count == 2

    tx = db.transaction()
    step = tx.create(CircleMember(circle_id=cid, user_id=uid))
    checked = tx.check(User.key.of(user_id=uid), User.is_active == True)
    with pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    assert cancelled.value.because_of(step) is cancelled.value.reasons[0] is not None
    assert cancelled.value.because_of(checked) is cancelled.value.reasons[1] is None


def test_figures_by_operation_and_access_pattern(db: Database) -> None:
    db.users.batch_write([user("u1")])
    db.users.get("u1")
    list(db.circles.get_by_type("support_group"))
    metrics = db.metrics()
    assert (metrics.in_flight, metrics.failed, metrics.retried) == (0, 0, 0)
    assert metrics.total == metrics.succeeded == 3
    for figures in (metrics.operations["Query"], metrics.access_patterns["Circle.by_type"]):
        assert figures.calls == 1
        assert figures.p50_ms <= figures.p99_ms
        assert figures.write_units == 0
    assert metrics.access_patterns["User.key"].calls == 2


def test_calls_are_held_back_while_the_endpoint_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    db = Database(table="custom-table", endpoint="http://127.0.0.1:1", deadline=2.0, breaker_failures=2)
    for _ in range(2):
        with pytest.raises(EndpointUnreachable):
            db.users.get("user1")
    with pytest.raises(CircuitOpen) as held:
        db.users.get("user1")
    assert 0 < held.value.retry_after <= 5.0
    health = db.health()
    assert (health.ok, health.table) == (False, "UNREACHABLE")
    db.close()


def test_settings_of_a_connection_come_from_arguments_and_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_DEADLINE", "7.5")
    monkeypatch.setenv("MADMALL_BREAKER_FAILURES", "9")
    db = Database(table="custom-table", breaker_pause=1.5)
    settings: Any = db.connection.settings
    assert (settings.deadline, settings.breaker_failures, settings.breaker_pause) == (7.5, 9, 1.5)
    assert db.settings["deadline"].source == "MADMALL_DEADLINE"
    assert db.read_only().connection.settings == settings
