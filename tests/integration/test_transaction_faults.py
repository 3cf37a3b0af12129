"""A transaction is sent again as it was, with the token that it had, or it is refused for a reason with a name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from madmall_models import (
    Circle,
    Database,
    Entity,
    IdAttribute,
    LimitExceeded,
    Mirror,
    OutcomeUnknown,
    PrimaryKey,
    QueryError,
    ServiceError,
    Story,
    TransactionCancelled,
    UnicodeAttribute,
    User,
    item_deleted,
    new_id,
)
from madmall_models.connection.retry import Backoff
from madmall_models.declaration import isolated_registry
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import edit, nothing_sent, nothing_written, places, raw

C1 = Circle.key.of("c1")
Answer = Callable[[Callable[[], Any], int], Any]


@pytest.fixture(autouse=True)
def content(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db)
    make_user(db, "u2")
    make_circle(db)
    make_story(db)


def failing(code: str, status: int = 400, **more: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "canary"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError({**answer, **more}, "TransactWriteItems")


def cancelled(*codes: str) -> ClientError:
    return failing("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


def answering(db: Database, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> list[Any]:
    """Answer each transaction by ``answer(send, number)``; return what was sent."""
    send, sent = db.connection.client.transact_write_items, []

    def answered(**request: Any) -> Any:
        sent.append(request)
        return answer(lambda: send(**request), len(sent))

    monkeypatch.setattr(db.connection.client, "transact_write_items", answered)
    return sent


def change_much(db: Database) -> None:
    """Do a bit of everything in one transaction."""
    user = db.users.get("u1")
    user.profile.bio = "Hello"
    with db.transaction() as tx:
        tx.create(User(user_id="u3", email="u3@example.org", profile={"first_name": "Jane", "last_name": "Smith"}))
        tx.save(user)
        tx.update(C1, Circle.stats.posts_this_week.add(1))
        tx.check(Story.key.of("s1"), Story.title.exists())


# -- sent again ----------------------------------------------------------------------------------------------------


@pytest.mark.defect(23)
@pytest.mark.parametrize(
    "failure",
    [
        cancelled("TransactionConflict"),
        cancelled("None", "ThrottlingError", "TransactionConflict"),
        cancelled("ProvisionedThroughputExceeded", "None"),
        failing("TransactionInProgressException"),
        failing("ProvisionedThroughputExceededException"),
        failing("ThrottlingException"),
        failing("InternalServerError", 500),
        ReadTimeoutError(endpoint_url="http://localhost"),
    ],
    ids=str,
)
def test_what_passes_is_sent_again_with_the_same_token_and_content(
    failure: Exception, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        if number < 3:
            raise failure
        return send()

    sent = answering(db, monkeypatch, answer)
    change_much(db)
    assert len(sent) == 3
    assert sent[0] == sent[1] == sent[2]
    assert raw(db, C1)["stats"]["M"]["postsThisWeek"] == {"N": "1"}
    assert db.users.get("u1", consistent=True).version == 2


@pytest.mark.difference("tokens")
def test_what_was_done_although_its_answer_was_lost_is_done_once(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        done = send()
        if number < 3:
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return done

    answering(db, monkeypatch, answer)
    change_much(db)
    assert raw(db, C1)["stats"]["M"]["postsThisWeek"] == {"N": "1"}
    assert "USER#u3 / PROFILE" in places(db)


@pytest.mark.difference("missing-maps")
def test_content_and_token_stay_when_a_map_had_to_be_made_first(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(db, C1, "REMOVE stats")
    sent = answering(db, monkeypatch, lambda send, _: send())
    change_much(db)
    assert len(sent) > 1
    assert all(request == sent[0] for request in sent)


def test_a_conflict_is_sent_again_a_bounded_number_of_times(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        raise cancelled("None", "None", "None", "TransactionConflict", "None", "None")

    sent = answering(db, monkeypatch, answer)
    with nothing_written(db), pytest.raises(TransactionCancelled) as refused:
        change_much(db)
    assert len(sent) == db.connection.settings.max_attempts
    # Six actions, four steps: the creation has an item and a claim, so the fourth action is the third step.
    assert [None if reason is None else reason.code for reason in refused.value.reasons] == [
        None,
        None,
        "TransactionConflict",
        None,
    ]
    assert "canary" not in str(refused.value)


def test_an_earlier_attempt_that_is_still_under_way_may_yet_succeed(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        raise failing("TransactionInProgressException")

    answering(db, monkeypatch, answer)
    with pytest.raises(OutcomeUnknown):
        change_much(db)


@pytest.mark.difference("tokens")
def test_a_token_for_other_content_is_explained(db: Database) -> None:
    token = new_id()
    with db.transaction(token=token) as tx:
        tx.update(C1, Circle.stats.posts_this_week.add(1))
    tx = db.transaction(token=token)
    tx.update(C1, Circle.stats.posts_this_week.add(2))
    with pytest.raises(ServiceError, match="one token is for one intention") as refused:
        tx.commit()
    assert refused.value.code == "IdempotentParameterMismatchException"


# -- reasons -------------------------------------------------------------------------------------------------------


@pytest.mark.defect(3)
def test_reasons_come_in_the_order_of_the_calls_whatever_the_kinds(db: Database) -> None:
    member = db.circles.get_member("c1", "u1")
    stale = db.users.get("u1")
    db.users.update("u1", is_verified=True)
    stale.profile.bio = "Mine"
    tx = db.transaction()
    updated = tx.update(C1, Circle.stats.posts_this_week.add(1), condition=Circle.name == "Another")
    fine = tx.delete(member)
    created = tx.create(User(user_id="u2", email="new@example.org", profile={"first_name": "J", "last_name": "S"}))
    saved = tx.save(stale)
    checked = tx.check(Story.key.of("nowhere"))
    with nothing_written(db), pytest.raises(TransactionCancelled) as refused:
        tx.commit()
    assert refused.value.steps == (updated, fine, created, saved, checked)
    assert [reason is None for reason in refused.value.reasons] == [False, True, False, False, False]
    assert refused.value.because_of(updated).item["circleId"] == {"S": "c1"}
    assert refused.value.because_of(created).item["userId"] == {"S": "u2"}
    assert refused.value.because_of(saved).item["version"] == {"N": "2"}
    assert refused.value.because_of(checked).item is None


def test_a_condition_says_more_of_a_step_than_a_conflict(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        raise cancelled("TransactionConflict", "ConditionalCheckFailed")

    answering(db, monkeypatch, answer)
    tx = db.transaction()
    step = tx.create(User(user_id="u9", email="u2@example.org", profile={"first_name": "J", "last_name": "S"}))
    with pytest.raises(TransactionCancelled) as refused:
        tx.commit()
    assert refused.value.refused(step)
    assert refused.value.because_of(step).part == "claim:email"


def test_an_expression_over_the_limits_is_refused_before_it_is_sent(db: Database) -> None:
    condition = Circle.name == "-"
    for number in range(200):
        condition |= Circle.name == str(number)
    tx = db.transaction()
    tx.check(C1, condition)
    with nothing_sent(db), pytest.raises(LimitExceeded, match="TransactWriteItems: the ConditionExpression has"):
        tx.commit()


# -- deleting by key -----------------------------------------------------------------------------------------------


@pytest.fixture
def seat(db: Database) -> Iterator[Any]:
    """Give an entity with a mirror that no manager looks after, and store one."""
    with isolated_registry():

        class Seat(Entity, discriminator="SEAT"):
            key = PrimaryKey("ROOM#{room}", "SEAT#{number}")
            of_row = Mirror("SEATS#{number}", "ROOM#{room}")

            room = IdAttribute()
            number = IdAttribute()
            colour = UnicodeAttribute(default="red")

        db.manager_of(Seat).create(room="a", number="1")
        yield Seat


def test_an_item_is_deleted_by_its_key_with_its_mirrors(db: Database, seat: Any) -> None:
    heard: list[Any] = []

    def hear(sender: Any, item: Any) -> None:
        heard.append(item)

    key = seat.key.of("a", "1")
    with item_deleted.connected_to(hear), db.transaction() as tx:
        step = tx.delete(key)
        tx.update(C1, Circle.stats.member_count.add(-1))
    assert step.action_count == 2
    assert not [place for place in places(db) if "SEAT" in place]
    assert heard == []
    with nothing_written(db), pytest.raises(TransactionCancelled) as refused, db.transaction() as tx:
        tx.delete(key)
    assert refused.value.because_of(key).item is None


def test_an_item_is_deleted_by_its_key_on_a_condition(db: Database, seat: Any) -> None:
    key = seat.key.of("a", "1")
    with nothing_written(db), pytest.raises(TransactionCancelled), db.transaction() as tx:
        tx.delete(key, condition=seat.colour == "blue")
    with db.transaction() as tx:
        tx.delete(key, condition=seat.colour == "red")
    assert not [place for place in places(db) if "SEAT" in place]


@pytest.mark.parametrize(
    ("delete", "fact"),
    [
        (lambda tx, db: tx.delete(User.key.of("u1")), "more than this item goes with it"),
        (lambda tx, db: tx.delete(Story.key.of("s1")), "more than this item goes with it"),
        (lambda tx, db: tx.delete(db.users.get("u1"), condition=User.is_active == True), "on condition of its version"),
        (lambda tx, db: tx.delete(C1, condition="canary"), "a condition is made as in"),
        (lambda tx, db: tx.delete("canary"), "takes entities, not str"),
    ],
)
def test_what_a_key_does_not_tell_is_not_deleted_by_it(delete: Callable[..., Any], fact: str, db: Database) -> None:
    with nothing_written(db), pytest.raises(QueryError, match=fact) as refused, db.transaction() as tx:
        delete(tx, db)
    assert "canary" not in str(refused.value)
