"""Batches of plain entities and of keys: what cannot be written or read is named; nothing is lost silently."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from madmall_models import (
    BatchIncomplete,
    CircleMember,
    Comment,
    Database,
    KeyValueError,
    OutcomeUnknown,
    QueryError,
    ServiceError,
    Throttled,
    User,
    ValidationError,
    binding,
    item_created,
)
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry
from tests.integration.batch_samples import Send, declare, events, refusal, replaced, stored, user
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import nothing_sent, places

pytestmark = pytest.mark.difference("many-requests")


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimpleNamespace]:
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    with isolated_registry():
        yield declare()


@pytest.mark.defect(22, 78)
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


@pytest.mark.defect(22)
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


@pytest.mark.defect(22, 78)
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


@pytest.mark.defect(22)
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


# -- reading -------------------------------------------------------------------------------------------------------


@pytest.mark.defect(22)
def test_any_number_is_read_in_the_order_asked(db: Database) -> None:
    db.users.batch_write([user(f"u{number}") for number in range(130)])
    asked = [f"u{number}" for number in range(129, -1, -1)] + ["nobody", "u5", "u5"]
    found = db.users.batch_get(asked)
    assert [entity.user_id if entity else None for entity in found] == [*asked[:130], None, "u5", "u5"]
    assert db.users.batch_get([]) == []
    with pytest.raises(KeyValueError):
        db.batch_get(["u1"])  # type: ignore[list-item]


@pytest.mark.defect(22)
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


@pytest.mark.parametrize("keys", [None, 5, "u1", b"u1", {}, User.key.of("u1"), [None], ["u1"]])
def test_what_is_no_list_of_keys_is_refused_before_a_request(keys: Any, db: Database) -> None:
    with pytest.raises(KeyValueError):
        db.batch_get(keys)
    assert db.metrics().total == 0
