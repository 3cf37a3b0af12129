"""A mock of a database has what the real one has and no more, answers in its shapes, and sends nothing."""

from __future__ import annotations

import inspect
import socket
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    AlreadyMember,
    Circle,
    CircleMember,
    ConfigurationError,
    Database,
    Entity,
    Health,
    IdAttribute,
    InvalidCursor,
    KeyValueError,
    Manager,
    Page,
    Personalization,
    PrimaryKey,
    Query,
    QueryBuilder,
    QueryError,
    Story,
    UnicodeAttribute,
    User,
    ValidationError,
    binding,
)
from madmall_models.declaration import isolated_registry
from madmall_models.testing import Factories, mock_database

JANE = {"user_id": "u1", "email": "jane@example.com", "profile": {"first_name": "Jane", "last_name": "Smith"}}


@pytest.fixture
def db() -> Any:
    return mock_database()


@pytest.fixture
def make() -> Factories:
    return Factories()


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():

        class Event(Entity, discriminator="EVENT"):
            key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{event_id}")
            circle_id = IdAttribute()
            event_id = IdAttribute()
            city = UnicodeAttribute()

        class EventManager(Manager[Event]):
            collection = "events"

            def in_city(self, circle_id: str, city: str) -> Query[Event]:
                return self.query(circle_id=circle_id).filter(Event.city == city)

            def cancel(self, event: Event) -> None:
                self.delete(event.circle_id, event.event_id)

        class Note(Entity, discriminator="NOTE"):
            key = PrimaryKey("NOTE#{note_id}", "METADATA")
            note_id = IdAttribute()

        yield SimpleNamespace(Event=Event, Note=Note)


# -- what it has, and what it has not ------------------------------------------------------------------------------


def test_it_has_every_manager_and_every_method_of_it(db: Any) -> None:
    for name in binding.collection_names():
        manager: Any = binding.collection_manager(name)
        mocked = getattr(db, name)
        methods = [each for each, _ in inspect.getmembers(manager, inspect.isfunction) if not each.startswith("_")]
        assert len(methods) > 15
        assert [each for each in methods if not callable(getattr(mocked, each))] == []
        assert mocked.model is manager.entity


@pytest.mark.parametrize(
    "misspelt",
    [
        lambda db: db.userz,
        lambda db: db.users.gett("u1"),
        lambda db: db.users.create.assert_caled_once(),
        lambda db: db.circles.get_by_type.return_items([]),
        lambda db: db.helth(),
        lambda db: setattr(db, "userz", 1),
        lambda db: setattr(db.users, "gett", 1),
    ],
)
def test_a_misspelt_name_fails(db: Any, misspelt: Any) -> None:
    with pytest.raises(AttributeError):
        misspelt(db)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda db: db.users.create(**JANE, emial="jane@example.com"),
        lambda db: db.users.update("u1", emial="jane@example.com"),
        lambda db: db.users.get(userid="u1"),
        lambda db: db.users.get_by_email(),
        lambda db: db.users.update_profile("u1", first_nam="Jane"),
        lambda db: db.users.increment_stats("u1", stories=1),
        lambda db: db.circles.update_settings("c1", requires_approval=True),
        lambda db: db.circles.query(typ="support_group"),
        lambda db: db.circles.get_by_type("support_group", "private"),
        lambda db: db.stories.add_comment("s1", author="u1", content="Hello."),
        lambda db: db.create_table(waits=True),
    ],
)
def test_an_argument_that_the_method_does_not_have_fails(db: Any, wrong: Any) -> None:
    with pytest.raises(TypeError):
        wrong(db)


def test_what_the_real_one_would_refuse_is_refused(db: Any) -> None:
    with pytest.raises(ValidationError, match="email is required"):
        db.users.create(user_id="u1", profile=JANE["profile"])
    for ask in (db.users.get, db.users.exists, db.users.delete):
        with pytest.raises(KeyValueError):
            ask("no#id")
    with pytest.raises(QueryError):
        db.circles.get_by_type("support_group").filter(User.email == "jane@example.com")
    with pytest.raises(KeyValueError):
        list(db.circles.get_members("no#id"))
    for key in (("u1", {"email": "jane@example.com"}), ("no#id",), ()):
        with pytest.raises(KeyValueError):
            db.users.update(*key, is_verified=True)
    with pytest.raises(KeyValueError):
        db.users.measure("u1", {"stories_shared": 1}, within="stats")
    for name, within in (("storis_shared", "stats"), ("stories_shared", "statz"), ("email", "")):
        with pytest.raises(ValidationError):
            db.users.measure(User.key.of("u1"), {name: 1}, within=within)
    for configure in (db.configure, db.for_environment):
        with pytest.raises(ConfigurationError, match="did you mean 'table'"):
            configure("development", tabel="people")


# -- what it answers -----------------------------------------------------------------------------------------------


def test_calls_are_asserted_as_of_any_mock(db: Any) -> None:
    jane = db.users.create(**JANE)
    db.users.create.assert_called_once_with(**JANE)
    assert (jane.version, jane.email, jane.profile.first_name) == (1, "jane@example.com", "Jane")
    assert db.mock_calls[-1] == ("users.create", (), JANE)
    db.circles.add_member("c1", user_id="u1")
    db.circles.add_member.assert_called_once_with("c1", "u1")


def test_answers_have_the_shape_of_the_real_ones(db: Any) -> None:
    assert isinstance(db.users.get("u7"), User)
    changed = db.users.update("u7", email="new@example.com")
    assert (changed.user_id, changed.email) == ("u7", "new@example.com")
    assert (db.users.get_or_none("u7"), db.users.exists("u7"), db.users.count()) == (None, False, 0)
    member = db.circles.update_member_role("c1", "u1", "moderator")
    assert (type(member), member.circle_id, member.user_id, member.role) == (CircleMember, "c1", "u1", "moderator")
    assert db.circles.is_member("c1", "u1") is False
    assert db.circles.in_full("c9").circle.circle_id == "c9"
    assert db.users.update_last_active("u1") is None
    assert db.users.batch_get(["u1", "u2"]) == db.batch_get([1, 2]) == [None, None]
    assert db.health() == Health(ok=True, table="ACTIVE", latency_ms=0.0)
    assert db.metrics().total == 0
    assert (db.diff_table().is_equal, db.apply_table(db.diff_table()).changes) == (True, ())
    assert db.describe_table()["TableStatus"] == "ACTIVE"
    assert db.configure("development") is db.for_environment("dev") is db
    assert db.users.measure(User.key.of("u1"), {"stories_shared": 1}, within="stats") is None
    assert db.run(QueryBuilder.by_partition_key("PK", "USER#u1")) == Page((), None, has_more=False)
    assert list(db.scan(User)) == []
    assert isinstance(db, Database)


def test_a_test_says_what_is_answered(db: Any, make: Factories) -> None:
    jane = make.of(User).build(user_id="jane")
    db.users.get.return_value = jane
    assert db.users.get("anybody") is jane
    db.users.get.side_effect = User.DoesNotExist
    with pytest.raises(User.DoesNotExist):
        db.users.get("jane")
    db.circles.add_member.side_effect = AlreadyMember("here already")
    with pytest.raises(AlreadyMember):
        db.circles.add_member("c1", "jane")
    db.users.get_or_none.return_value = None
    assert db.users.get_or_none("jane") is None


def test_a_lazy_query_answers_with_the_items_it_is_given(db: Any, make: Factories) -> None:
    make_circle = make.of(Circle)
    one, two, three = make_circle.build(), make_circle.build(is_active=False), make_circle.build()
    assert list(db.circles.get_by_type("support_group")) == []
    db.circles.get_by_type.returns_items([one, two, three])
    asked = db.circles.get_by_type("support_group")
    assert list(asked) == [one, two, three]
    assert asked.filter(Circle.is_active == True).newest_first().limit(1).first() == three
    assert (asked.count(), asked.filter(Circle.is_active == True).count(), asked.first()) == (3, 2, one)
    assert asked.only("name").first().name == one.name
    assert asked.explain().index == "GSI1"
    assert list(asked.since("2026-01-01")) == [one, two, three]
    with pytest.raises(QueryError, match="several items"):
        asked.one()
    db.circles.get_by_type.assert_called_with("support_group")


def test_the_items_of_a_search_are_not_searched_again(db: Any, make: Factories) -> None:
    circle = make.of(Circle).build(tags=[])
    db.circles.search_circles.returns_items([circle])
    assert list(db.circles.search_circles(tags=["support"], is_private=True)) == [circle]
    profile = make.of(Personalization).build(user_id="u1")
    db.personalization.list_by_cohort.returns_items([profile])
    asked = db.personalization.list_by_cohort("early")
    assert list(asked.filter(Personalization.user_id == "u1")) == [profile]
    assert list(asked.filter(Personalization.user_id == "u2")) == []


@pytest.mark.parametrize("forward", [True, False])
def test_pages_of_a_given_query_hold_every_item_once(db: Any, make: Factories, forward: bool) -> None:
    stories = [make.of(Story).build(status="published" if number % 3 else "draft") for number in range(10)]
    db.stories.get_feed_stories.returns_items(stories)

    def ask() -> Any:
        query = db.stories.get_feed_stories().filter(Story.status == "published").limit(5)
        return query if forward else query.newest_first()

    found, cursor = [], None
    while True:
        page = ask().page(size=2, after=cursor)
        found += page.items
        cursor = page.cursor
        if not page.has_more:
            break
    wanted = [story for story in stories if story.status == "published"]
    assert found == list(ask()) == (wanted if forward else wanted[::-1])[:5]
    with pytest.raises(InvalidCursor):
        db.stories.get_feed_stories().page(size=2, after=ask().page(size=2).cursor)


def test_what_is_no_entity_is_no_item_of_a_query(db: Any) -> None:
    with pytest.raises(TypeError, match=r"give returns_items\(\) such as make_user\.build\(\) makes"):
        db.circles.get_by_type.returns_items([{"circle_id": "c1"}])


def test_bound_it_is_what_objects_keys_and_entities_mean(db: Any, make: Factories) -> None:
    with db.bound():
        assert User.objects is db.users
        assert CircleMember.objects is db.manager_of(CircleMember)
        circle = make.of(Circle).build()
        db.query_of.returns_items([circle])
        assert list(Circle.by_type.query(type="support_group")) == [circle]
        jane = User(**JANE)
        jane.create()
    db.create_entity.assert_called_once_with(jane)


def test_a_transaction_is_a_block_whose_steps_are_seen(db: Any) -> None:
    jane = User(**JANE)
    with db.transaction() as transaction:
        transaction.create(jane)
        with pytest.raises(AttributeError):
            transaction.creates(jane)
    transaction.create.assert_called_once_with(jane)
    with pytest.raises(ZeroDivisionError), db.transaction():
        _ = 1 / 0


def test_an_application_s_own_entities_have_their_managers(own: SimpleNamespace) -> None:
    db = mock_database()
    event = db.events.create(circle_id="c1", event_id="tea", city="Atlanta")
    assert isinstance(event, own.Event)
    db.events.in_city.returns_items([event])
    assert list(db.events.in_city("c1", "Atlanta")) == [event]
    db.events.cancel(event)
    db.events.cancel.assert_called_once_with(event)
    with pytest.raises(TypeError):
        db.events.create(circle_id="c1", event_id="tea", town="Atlanta")
    with pytest.raises(AttributeError):
        db.events.cancels(event)
    assert db.manager_of(own.Note).get("n1").note_id == "n1"
    assert binding.manager_class(own.Event).__name__ == "EventManager"


def test_nothing_is_sent_and_no_client_is_made(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.session.get_session", lambda *_: pytest.fail("a client was made"))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("something was sent"))
    db.users.create(**JANE)
    db.users.get("u1")
    list(db.circles.get_members("c1"))
    with pytest.raises(AssertionError, match="a mock database sends nothing, and Scan was asked for"):
        db.connection.call("Scan", {})
    with pytest.raises(AssertionError, match="has no client"):
        _ = db.connection.client


def test_two_mocks_know_nothing_of_each_other() -> None:
    one, other = mock_database(), mock_database()
    one.users.get.return_value = "somebody"
    one.users.get("u1")
    other.users.get.assert_not_called()
    assert isinstance(other.users.get("u1"), User)
