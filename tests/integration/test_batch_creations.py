"""Batches of whole creations: all that can be created is, and each that cannot is named with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from madmall_models import (
    AlreadyExists,
    BatchIncomplete,
    Circle,
    Comment,
    Database,
    Manager,
    OutcomeUnknown,
    QueryError,
    Story,
    TableNotFound,
    TransactionCancelled,
    UniqueViolation,
    User,
    WriteRefused,
    binding,
    item_created,
)
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry
from madmall_models.integrity import check
from tests.integration.batch_samples import Send, declare, events, refusal, replaced, stored, user
from tests.integration.samples import LONG_TEXT, make_story, make_user
from tests.integration.table_content import everything, nothing_sent, nothing_written, places


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():
        yield declare()


def test_whole_creations_are_packed(db: Database) -> None:
    new = [user(f"u{number}") for number in range(120)]
    heard: list[Any] = []

    def hear(sender: Any, item: Any) -> None:
        heard.append(item)

    with item_created.connected_to(hear):
        db.users.batch_write(new)
    assert db.metrics().operations["TransactWriteItems"].calls == 3
    assert heard == new
    assert len(everything(db)) == 240
    assert check(db) == ()
    assert db.users.get_by_email("u77@example.org") == new[77]
    new[3].profile.bio = "Hello"
    assert new[3].save().version == 2


@pytest.mark.defect(11, 22)
def test_each_is_created_or_named_with_its_reason(db: Database) -> None:
    make_user(db, "there")
    new = [
        user("a"),
        user("there", "new@example.org"),
        user("b", "THERE@example.org"),
        user("c", "not an address"),
        user("d"),
        User(email="e@example.org", profile={"first_name": "-", "last_name": "-"}),
        user("f", profile={"first_name": "x" * 420_000, "last_name": "-"}),
        user("g"),
    ]
    with pytest.raises(BatchIncomplete, match="5 of 8 entities were not written") as incomplete:
        db.users.batch_write(new)
    assert incomplete.value.unwritten == (new[1], new[2], new[3], new[5], new[6])
    kinds = [type(reason).__name__ for reason in incomplete.value.reasons]
    assert kinds[:4] == ["AlreadyExists", "UniqueViolation", "ValidationError", "KeyValueError"]
    assert kinds[4] in ("ValidationError", "ItemTooLarge")
    assert incomplete.value.reasons[1].field == "email"
    assert {name for name in places(db) if name.startswith("USER#")} == {
        f"USER#{user_id} / PROFILE" for user_id in ("a", "d", "g", "there")
    }
    assert check(db) == ()
    assert "@" not in str(incomplete.value)
    assert [entity._stored is None for entity in new] == [False, True, True, True, False, True, True, False]


def test_what_stands_twice_in_a_batch_is_created_once_and_named(db: Database) -> None:
    first = user("a")
    new = [first, user("b"), user("a", "other@example.org"), user("c", "B@example.org"), first]
    with pytest.raises(BatchIncomplete) as incomplete:
        db.users.batch_write(new)
    assert incomplete.value.unwritten == (new[2], new[3])
    same_id, same_address = incomplete.value.reasons
    assert isinstance(same_id, AlreadyExists)
    assert isinstance(same_address, UniqueViolation)
    assert same_address.field == "email"
    assert db.users.get("a").email == "a@example.org"
    assert check(db) == ()


def test_the_second_with_a_key_is_created_where_the_first_cannot_be(db: Database) -> None:
    new = [user("a", "not an address"), user("a")]
    with pytest.raises(BatchIncomplete) as incomplete:
        db.users.batch_write(new)
    assert incomplete.value.unwritten == (new[0],)
    assert db.users.get("a").email == "a@example.org"


def test_entities_of_another_kind_are_refused_before_anything_is_sent(db: Database) -> None:
    circle = Circle(circle_id="c1", name="Circle", type="support_group", created_by="u1")
    with nothing_sent(db), pytest.raises(QueryError, match="takes entities of User, not Circle; none was sent"):
        db.users.batch_write([user("a"), circle])


def test_a_manager_with_a_recipe_follows_it_for_each(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    circles = [
        Circle(circle_id=f"c{number}", name="Circle", type="support_group", created_by=owner)
        for number, owner in enumerate(["u1", "nobody", "u2", "u1"])
    ]
    with pytest.raises(BatchIncomplete) as incomplete:
        db.circles.batch_write(circles)
    assert incomplete.value.unwritten == (circles[1],)
    assert isinstance(incomplete.value.reasons[0], User.DoesNotExist)
    assert db.circles.get_member("c3", "u1").role == "admin"
    assert db.users.get("u1", consistent=True).stats.circles_joined == 2
    make_story(db)
    author = {"id": "u1", "display_name": "Jane"}
    db.manager_of(Comment).batch_write(
        [Comment(story_id="s1", comment_id=f"k{n}", author=author, content="Thank you.") for n in range(5)]
    )
    assert db.stories.get("s1", consistent=True).engagement.comments == 5
    assert check(db) == ()


def test_an_application_may_batch_its_own_entities_by_their_manager(db: Database, own: SimpleNamespace) -> None:
    class EventManager(Manager[own.Event]):  # type: ignore[name-defined,misc]
        collection = "events"

    new = events(own, 3)
    db.events.batch_write(new)
    with pytest.raises(BatchIncomplete) as incomplete:
        db.events.batch_write([*events(own, 4)])
    assert [type(reason) for reason in incomplete.value.reasons] == [AlreadyExists] * 3
    assert len(stored(db)) == 4


# -- whole creations on a bad day ----------------------------------------------------------------------------------


@pytest.mark.difference("tokens")
def test_a_pack_whose_answer_was_lost_is_written_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens: list[str] = []

    def lost(send: Send, request: Any) -> Any:
        tokens.append(request["ClientRequestToken"])
        answer = send(**request)
        if len(tokens) < 5:
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return answer

    replaced(db, monkeypatch, "transact_write_items", lost)
    new = [user(f"u{number}") for number in range(3)]
    db.users.batch_write(new)
    assert len(set(tokens)) == 1
    assert [entity.version for entity in new] == [1, 1, 1]
    assert check(db) == ()


@pytest.mark.difference("tokens")
def test_a_creation_of_ones_own_is_known_again_when_every_answer_is_lost(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(send: Send, request: Any) -> Any:
        send(**request)
        raise ReadTimeoutError(endpoint_url="http://localhost")

    for method in ("transact_write_items", "put_item"):
        replaced(db, monkeypatch, method, lost)
    db.users.batch_write([user(f"u{number}") for number in range(3)])
    assert len(everything(db)) == 6


def test_a_single_creation_of_ones_own_is_known_again_when_it_stands_in_its_own_way(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def lost_once_and_then_gone(send: Send, request: Any) -> Any:
        sent.append(request)
        if len(sent) in (2, 3):
            raise EndpointConnectionError(endpoint_url="http://localhost")
        answer = send(**request)
        if len(sent) == 1:
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return answer

    replaced(db, monkeypatch, "put_item", lost_once_and_then_gone)
    [event] = events(own, 1)
    db.manager_of(own.Event).batch_write([event])
    assert len(sent) == 4
    assert (event.version, stored(db)) == (1, ["e0000"])


def test_an_item_that_somebody_else_created_is_not_taken_for_ones_own(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def overtaken(send: Send, request: Any) -> Any:
        sent.append(request)
        if len(sent) == 1:
            send(**{**request, "Item": {**request["Item"], "title": {"S": "Theirs"}}})
            raise ReadTimeoutError(endpoint_url="http://localhost")
        if len(sent) <= 3:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        return send(**request)

    replaced(db, monkeypatch, "put_item", overtaken)
    with pytest.raises(BatchIncomplete) as incomplete:
        db.manager_of(own.Event).batch_write(events(own, 1))
    assert isinstance(incomplete.value.reasons[0], AlreadyExists)


def test_each_content_has_a_token_of_its_own(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db, "u1")
    sent: dict[str, list[Any]] = {}

    def seen(send: Send, request: Any) -> Any:
        sent.setdefault(request["ClientRequestToken"], []).append(request["TransactItems"])
        return send(**request)

    replaced(db, monkeypatch, "transact_write_items", seen)
    with pytest.raises(BatchIncomplete):
        db.users.batch_write([user(f"u{number}") for number in range(4)])
    assert [len(contents) for contents in sent.values()] == [1, 1]
    assert [len(contents[0]) for contents in sent.values()] == [8, 6]


def test_a_pack_that_may_not_have_been_written_is_named_as_unknown(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(send: Send, request: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="http://localhost")

    replaced(db, monkeypatch, "transact_write_items", silent)
    new = [user(f"u{number}") for number in range(60)]
    with nothing_written(db), pytest.raises(BatchIncomplete) as incomplete:
        db.users.batch_write(new)
    assert incomplete.value.unwritten == tuple(new)
    assert {type(reason) for reason in incomplete.value.reasons} == {OutcomeUnknown}


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_what_meets_another_transaction_is_sent_again_with_the_same_token(
    code: str, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def busy(send: Send, request: Any) -> Any:
        sent.append(request)
        if len(sent) > 6:
            return send(**request)
        error: Any = refusal("TransactionCanceledException")
        error.response["CancellationReasons"] = [{"Code": code}, *[{"Code": "None"}] * 5]
        raise error

    replaced(db, monkeypatch, "transact_write_items", busy)
    db.users.batch_write([user(f"u{number}") for number in range(3)])
    assert len(sent) == 7
    assert all(request == sent[0] for request in sent)


def test_a_conflict_that_does_not_end_names_all_of_its_pack_and_not_the_next(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def busy(send: Send, request: Any) -> Any:
        if "USER#u0" not in {action["Put"]["Item"]["PK"]["S"] for action in request["TransactItems"]}:
            return send(**request)
        sent.append(request)
        error: Any = refusal("TransactionCanceledException")
        error.response["CancellationReasons"] = [{"Code": "TransactionConflict"}] * len(request["TransactItems"])
        raise error

    replaced(db, monkeypatch, "transact_write_items", busy)
    new = [user(f"u{number}") for number in range(60)]
    with pytest.raises(BatchIncomplete) as incomplete:
        db.users.batch_write(new)
    assert incomplete.value.unwritten == tuple(new[:50])
    assert {type(reason) for reason in incomplete.value.reasons} == {TransactionCancelled}
    assert len(sent) <= 8 * 3


@pytest.mark.parametrize("kind", ["plain", "whole", "recipe"])
def test_an_endpoint_that_is_gone_ends_the_batch_and_all_is_named(
    kind: str, db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(send: Send, request: Any) -> Any:
        sent.append(request)
        raise EndpointConnectionError(endpoint_url="http://localhost")

    sent: list[Any] = []
    for method in ("batch_write_item", "transact_write_items", "put_item"):
        replaced(db, monkeypatch, method, gone)
    new: list[Any]
    if kind == "plain":
        new, write = events(own, 100), db.batch_write
    elif kind == "whole":
        new, write = [user(f"u{number}") for number in range(200)], db.users.batch_write
    else:
        author = {"id": "u1", "display_name": "Jane"}
        new = [Story(story_id=f"s{n}", title="A story", content=LONG_TEXT, author=author) for n in range(9)]
        write = db.stories.batch_write
    with pytest.raises(BatchIncomplete) as incomplete:
        write(new)
    assert incomplete.value.unwritten == tuple(new)
    assert {type(reason).__name__ for reason in incomplete.value.reasons} == {"EndpointUnreachable"}
    assert len(sent) == 3


@pytest.mark.parametrize("kind", ["plain", "whole"])
def test_what_refuses_every_write_is_raised_as_it_is(kind: str, db: Database, own: SimpleNamespace) -> None:
    def write(database: Database) -> None:
        if kind == "plain":
            database.batch_write(events(own, 3))
        else:
            database.users.batch_write([user("a")])

    with nothing_written(db), pytest.raises(WriteRefused):
        write(db.read_only())
    db.delete_table()
    with pytest.raises(TableNotFound):
        write(db)
