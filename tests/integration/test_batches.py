"""Batches: all that can be written is, what cannot is named with its reason, and nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from madmall_models import (
    AlreadyExists,
    BatchIncomplete,
    Circle,
    CircleMember,
    Comment,
    Database,
    Entity,
    IdAttribute,
    KeyValueError,
    Length,
    Manager,
    OutcomeUnknown,
    PrimaryKey,
    QueryError,
    Required,
    Rules,
    ServiceError,
    Story,
    TableNotFound,
    Throttled,
    TransactionCancelled,
    UnicodeAttribute,
    UniqueViolation,
    User,
    ValidationError,
    WriteRefused,
    binding,
    item_created,
)
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry
from madmall_models.integrity import check
from tests.integration.samples import LONG_TEXT, make_circle, make_story, make_user
from tests.integration.table_content import everything, nothing_sent, nothing_written, places

Send = Callable[..., Any]


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    """Declare plain entities as an application would."""
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():

        class Event(Entity, discriminator="EVENT"):
            key = PrimaryKey("EVENTS#{event_id}", "METADATA")
            event_id = IdAttribute()
            title = UnicodeAttribute(null=True)
            rules = Rules(title=[Required(), Length(max=400_000)])

        class Visit(Entity, discriminator="VISIT"):
            key = PrimaryKey("VISITS#{visit_id}", "METADATA")
            visit_id = IdAttribute()

        yield SimpleNamespace(Event=Event, Visit=Visit)


def events(own: SimpleNamespace, count: int, title: str = "Meeting") -> list[Any]:
    return [own.Event(event_id=f"e{number:04}", title=title) for number in range(count)]


def user(user_id: str, email: str | None = None, **fields: Any) -> User:
    profile = {"first_name": "Jane", "last_name": "Smith"}
    return User(user_id=user_id, email=email or f"{user_id}@example.org", **{"profile": profile, **fields})


def stored(db: Database) -> list[str]:
    return sorted(item["eventId"]["S"] for item in everything(db) if item["entityType"]["S"] == "EVENT")


def replaced(db: Database, monkeypatch: pytest.MonkeyPatch, method: str, by: Callable[..., Any]) -> None:
    """Put ``by(send, request)`` in the place of a method of the client."""
    send = getattr(db.connection.client, method)
    monkeypatch.setattr(db.connection.client, method, lambda **request: by(send, request))


def refusal(code: str, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


# -- plain entities ------------------------------------------------------------------------------------------------


def test_any_number_is_written_and_each_knows_that_it_is(db: Database, own: SimpleNamespace) -> None:
    new = events(own, 60)
    heard: list[Any] = []

    def hear(sender: Any, item: Any) -> None:
        heard.append(item)

    with item_created.connected_to(hear):
        db.batch_write(iter(new))
    assert stored(db) == [event.event_id for event in new]
    assert heard == new
    assert db.metrics().operations["BatchWriteItem"].calls == 3
    assert {(event.version, event.created_at == event.updated_at) for event in new} == {(1, True)}
    new[0].title = "Changed"
    assert new[0].save().version == 2


def test_nothing_is_nothing_to_do(db: Database) -> None:
    with nothing_sent(db):
        db.batch_write([])
        db.users.batch_write([])


def test_several_kinds_may_share_a_batch(db: Database, own: SimpleNamespace) -> None:
    db.batch_write([own.Event(event_id="e", title="Meeting"), own.Visit(visit_id="v")])
    assert places(db) == ["EVENTS#e / METADATA", "VISITS#v / METADATA"]


@pytest.mark.parametrize(
    ("make", "fact"),
    [
        (lambda: user("u9"), "User has unique values, mirrors or pointers"),
        (lambda: CircleMember(circle_id="c1", user_id="u9"), "CircleMember has unique values, mirrors or pointers"),
        (lambda: Comment(story_id="s", comment_id="k", content="-"), "creating a Comment changes other items too"),
        (lambda: {"event_id": "e"}, "this batch_write takes entities of Entity, not dict"),
        (lambda: User.key.of("u1"), "takes entities of Entity, not ItemKey"),
        (lambda: None, "takes entities of Entity, not NoneType; none was sent"),
    ],
)
def test_what_needs_more_than_a_put_is_refused_before_anything_is_sent(
    make: Callable[[], Any], fact: str, db: Database, own: SimpleNamespace
) -> None:
    with nothing_sent(db), pytest.raises(QueryError, match=fact):
        db.batch_write([*events(own, 3), make()])


@pytest.mark.parametrize("given", ["canary", b"canary", {"canary": 1}, None, 5])
def test_a_batch_takes_a_list(given: Any, db: Database) -> None:
    for write in (db.batch_write, db.users.batch_write):
        with nothing_sent(db), pytest.raises(QueryError, match="batch_write takes a list of entities") as refused:
            write(given)
        assert "canary" not in str(refused.value)


def test_all_are_checked_before_the_first_request(db: Database, own: SimpleNamespace) -> None:
    new = events(own, 30)
    for spoilt, error in (
        (own.Event(event_id="e", title=None), ValidationError),
        (own.Event(title="Meeting"), KeyValueError),
        (own.Event(event_id="e", title="x" * 500_000), ValidationError),
    ):
        with nothing_sent(db), pytest.raises(error):
            db.batch_write([*new, spoilt])


def test_two_with_one_key_are_refused_since_one_would_be_lost(db: Database, own: SimpleNamespace) -> None:
    with nothing_sent(db), pytest.raises(QueryError, match="two Event with one key, and one would be lost"):
        db.batch_write([*events(own, 30), own.Event(event_id="e0000", title="Another")])


def test_the_same_object_twice_is_written_once(db: Database, own: SimpleNamespace) -> None:
    new = events(own, 1)
    db.batch_write(new * 3)
    assert db.metrics().operations["BatchWriteItem"].write_units <= 1.0


def test_a_loaded_entity_is_refused_since_newer_data_would_be_written_over(db: Database, own: SimpleNamespace) -> None:
    db.batch_write(events(own, 1))
    loaded = db.manager_of(own.Event).get("e0000")
    with nothing_sent(db), pytest.raises(QueryError, match=r"this Event was loaded.*use its save"):
        db.batch_write([loaded])


def test_a_put_replaces_what_is_there_as_it_says(db: Database, own: SimpleNamespace) -> None:
    db.batch_write(events(own, 1, title="Before"))
    db.batch_write(events(own, 1, title="After"))
    assert db.manager_of(own.Event).get("e0000").title == "After"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_what_is_left_unprocessed_is_sent_again(
    share: float, db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []

    def partly(send: Send, request: Any) -> Any:
        puts = request["RequestItems"][db.table_name]
        sent.append(len(puts))
        taken = max(1, round(len(puts) * (1 - share)))
        answer = send(RequestItems={db.table_name: puts[:taken]})
        return {**answer, "UnprocessedItems": {db.table_name: puts[taken:]} if puts[taken:] else {}}

    replaced(db, monkeypatch, "batch_write_item", partly)
    new = events(own, 100)
    missing: list[str] = []
    try:
        db.batch_write(new)
    except BatchIncomplete as incomplete:
        missing = [event.event_id for event in incomplete.unwritten]
    assert sorted(stored(db) + missing) == [event.event_id for event in new]
    assert (share > 0.5) == bool(missing)
    assert len(sent) <= 4 * 8


def test_what_never_is_processed_is_named_in_order_after_a_bounded_number_of_requests(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def never(send: Send, request: Any) -> Any:
        sent.append(request)
        return {"UnprocessedItems": request["RequestItems"]}

    replaced(db, monkeypatch, "batch_write_item", never)
    new = events(own, 60)
    with pytest.raises(BatchIncomplete, match=r"60 of 60 entities were not written \(Throttled 60\)") as incomplete:
        db.batch_write(new)
    assert list(incomplete.value.unwritten) == new
    assert len(incomplete.value.reasons) == 60
    # The later requests of a batch are not tried where the first found no capacity.
    assert len(sent) == 8
    assert [event._stored for event in new] == [None] * 60


def test_a_failure_in_a_later_request_names_what_is_missing_and_it_can_be_written_then(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []

    def second_fails(send: Send, request: Any) -> Any:
        sent.append(request)
        if 2 <= len(sent) <= 4:
            raise refusal("InternalServerError", 500)
        return send(**request)

    replaced(db, monkeypatch, "batch_write_item", second_fails)
    new = events(own, 100)
    with pytest.raises(BatchIncomplete) as incomplete:
        db.batch_write(new)
    assert list(incomplete.value.unwritten) == new[25:]
    assert {type(reason) for reason in incomplete.value.reasons} == {OutcomeUnknown}
    assert stored(db) == [event.event_id for event in new[:25]]
    assert "canary" not in str(incomplete.value)
    db.batch_write(incomplete.value.unwritten)
    assert len(stored(db)) == 100


def test_one_item_that_the_service_refuses_costs_the_others_nothing(
    db: Database, own: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(send: Send, request: Any) -> Any:
        if any(put["PutRequest"]["Item"]["eventId"]["S"] == "e0007" for put in request["RequestItems"][db.table_name]):
            raise refusal("ValidationException")
        return send(**request)

    replaced(db, monkeypatch, "batch_write_item", strict)
    new = events(own, 30)
    with pytest.raises(BatchIncomplete) as incomplete:
        db.batch_write(new)
    assert [event.event_id for event in incomplete.value.unwritten] == ["e0007"]
    assert isinstance(incomplete.value.reasons[0], ServiceError)
    assert len(stored(db)) == 29


def test_large_items_travel_in_several_requests(db: Database, own: SimpleNamespace) -> None:
    # In JSON, a letter that is not ASCII takes three times the bytes that it has in the table.
    db.batch_write(events(own, 25, title="é" * 190_000))
    assert len(stored(db)) == 25
    assert db.metrics().operations["BatchWriteItem"].calls == 2


# -- whole creations -----------------------------------------------------------------------------------------------


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


@pytest.mark.not_on("moto", reason="it applies a repeated idempotency token twice")
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


@pytest.mark.not_on("moto", reason="it applies a repeated idempotency token twice")
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


# -- reading -------------------------------------------------------------------------------------------------------


def test_any_number_is_read_in_the_order_asked(db: Database) -> None:
    db.users.batch_write([user(f"u{number}") for number in range(130)])
    asked = [f"u{number}" for number in range(129, -1, -1)] + ["nobody", "u5", "u5"]
    found = db.users.batch_get(asked)
    assert [entity.user_id if entity else None for entity in found] == [*asked[:130], None, "u5", "u5"]
    assert db.users.batch_get([]) == []
    with pytest.raises(KeyValueError):
        db.batch_get(["u1"])  # type: ignore[list-item]


def test_what_could_not_be_read_is_named_by_its_keys(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    db.users.batch_write([user(f"u{number}") for number in range(120)])

    def partly(send: Send, request: Any) -> Any:
        asked = request["RequestItems"][db.table_name]
        answer = send(RequestItems={db.table_name: {**asked, "Keys": asked["Keys"][:40]}})
        return {**answer, "UnprocessedKeys": {db.table_name: {**asked, "Keys": asked["Keys"][-7:]}}}

    replaced(db, monkeypatch, "batch_get_item", partly)
    keys = [User.key.of(f"u{number}") for number in range(120)]
    with pytest.raises(Throttled, match=r"left 7 keys unread.*27 of 120 are left to read, see keys") as refused:
        db.batch_get(keys)
    assert refused.value.keys == tuple(keys[93:])
    assert "USER#u" not in str(refused.value)


def test_reading_is_counted_by_what_was_asked(db: Database) -> None:
    make_user(db)
    make_circle(db)
    before = db.metrics().access_patterns
    list(db.circles.get_by_type("support_group"))
    list(db.circles.get_active_circles())
    db.users.batch_get(["u1", "nobody"])
    db.users.get_by_email("u1@example.org")
    after = db.metrics().access_patterns

    def calls(name: str) -> int:
        return after[name].calls - (before[name].calls if name in before else 0)

    # An index that holds keys only is followed by a read of the items, which belongs to the same question.
    assert (calls("Circle.by_type"), calls("Circle.by_status"), calls("User.key")) == (1, 2, 2)
    assert calls("User.unique_email") == 1
    assert after["Circle.by_type"].read_units > 0
    assert after["Circle.by_type"].p50_ms <= after["Circle.by_type"].p99_ms
