"""Several items are read as of one moment, in the order asked, and nothing else is handed out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from madmall_models import (
    Circle,
    CircleMember,
    Database,
    DeadlineExceeded,
    KeyValueError,
    LimitExceeded,
    ReadTransaction,
    Story,
    TransactionCancelled,
    User,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import edit, nothing_sent

U1, C1, S1 = User.key.of("u1"), Circle.key.of("c1"), Story.key.of("s1")


@pytest.fixture(autouse=True)
def content(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db)
    make_circle(db)
    make_story(db)


def busy(*codes: str) -> ClientError:
    answer: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "canary"},
        "CancellationReasons": [{"Code": code} for code in codes],
    }
    return ClientError(answer, "TransactGetItems")


def answering(
    db: Database, monkeypatch: pytest.MonkeyPatch, answer: Callable[[Callable[..., Any], int], Any]
) -> list[Any]:
    """Answer each read transaction by ``answer(send, number)``; return what was sent."""
    send, sent = db.connection.client.transact_get_items, []

    def answered(**request: Any) -> Any:
        sent.append(request)
        return answer(lambda: send(**request), len(sent))

    monkeypatch.setattr(db.connection.client, "transact_get_items", answered)
    return sent


def test_items_are_read_in_the_order_asked(db: Database) -> None:
    user, nobody, circle, member = db.read_transaction([U1, User.key.of("nobody"), C1, CircleMember.key.of("c1", "u1")])
    assert user == db.users.get("u1")
    assert nobody is None
    assert circle.circle_id == "c1"
    assert (member.role, type(member)) == ("admin", CircleMember)
    assert db.metrics().operations["TransactGetItems"].calls == 1


def test_what_was_read_may_be_changed(db: Database) -> None:
    [user] = db.read_transaction([U1])
    user.profile.bio = "Hello"
    assert user.save().version == 2


def test_nothing_is_sent_before_it_is_iterated_and_each_time_it_reads_anew(db: Database) -> None:
    transaction = db.read_transaction(key for key in (U1, C1))
    assert isinstance(transaction, ReadTransaction)
    assert "TransactGetItems" not in db.metrics().operations
    assert (len(transaction), transaction.keys) == (2, (U1, C1))
    before = transaction.read()
    db.users.update("u1", is_verified=True)
    assert [before[0].is_verified, transaction.read()[0].is_verified] == [False, True]


def test_what_is_asked_for_twice_is_read_once_and_handed_out_twice(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = answering(db, monkeypatch, lambda send, _: send())
    first, circle, second = db.read_transaction([U1, C1, U1])
    assert (first, circle.circle_id) == (second, "c1")
    assert len(sent[0]["TransactItems"]) == 2


@pytest.mark.difference("read-transactions")
def test_a_hundred_different_items_fit_and_one_more_does_not(db: Database) -> None:
    keys = [User.key.of(f"n{number}") for number in range(101)]
    assert db.read_transaction(keys[:100] * 2).read() == (None,) * 200
    with nothing_sent(db), pytest.raises(LimitExceeded, match="reads at most 100 items, not 101; batch_get reads any"):
        db.read_transaction(keys)


def test_nothing_is_read_without_a_request(db: Database) -> None:
    assert db.read_transaction([]).read() == ()
    assert "TransactGetItems" not in db.metrics().operations


@pytest.mark.parametrize("keys", ["canary", b"canary", None, 5, U1, {"PK": "canary"}, ["canary"], [None], [("a", "b")]])
def test_what_is_no_list_of_keys_is_refused(keys: Any, db: Database) -> None:
    with pytest.raises(KeyValueError) as refused:
        db.read_transaction(keys)
    assert "canary" not in str(refused.value)


def test_expired_items_and_items_of_another_kind_are_not_handed_out(db: Database) -> None:
    past = str(int((datetime.now(UTC) - timedelta(days=1)).timestamp()))
    edit(db, U1, "SET #ttl = :then", then={"N": past})
    edit(db, S1, "SET entityType = :other", other={"S": "RESOURCE"})
    edit(db, C1, "SET entityType = :other", other={"S": "UNHEARD_OF"})
    assert db.read_transaction([U1, S1, C1]).read() == (None, None, None)


def test_a_conflict_that_passes_is_not_seen(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        if number < 3:
            raise busy("None", "TransactionConflict")
        return send()

    sent = answering(db, monkeypatch, answer)
    user, _ = db.read_transaction([U1, C1])
    assert user.user_id == "u1"
    assert len(sent) == 3


def test_a_conflict_that_does_not_end_names_the_items(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        raise busy("None", "TransactionConflict")

    sent = answering(db, monkeypatch, answer)
    with pytest.raises(TransactionCancelled, match="1 of 2 items could not be read as of one moment") as cancelled:
        db.read_transaction([U1, C1, U1]).read()
    assert cancelled.value.because_of(U1) is None
    assert cancelled.value.because_of(C1).code == "TransactionConflict"
    assert not cancelled.value.refused(C1)
    assert len(sent) == 3
    assert "canary" not in str(cancelled.value)


def test_an_answer_that_is_lost_is_asked_for_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        if number < 2:
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return send()

    answering(db, monkeypatch, answer)
    assert db.read_transaction([U1]).read()[0].user_id == "u1"


def test_an_answer_that_never_comes_is_named(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(send: Callable[[], Any], number: int) -> Any:
        raise ReadTimeoutError(endpoint_url="http://localhost")

    answering(db, monkeypatch, answer)
    with pytest.raises(DeadlineExceeded):
        db.read_transaction([U1]).read()


def test_it_shows_what_will_be_read_without_naming_anybody(db: Database) -> None:
    shown = repr(db.read_transaction([User.key.of("canary"), C1]))
    assert shown == "<ReadTransaction of <key of User USER#... / PROFILE>, <key of Circle CIRCLE#... / METADATA>>"
