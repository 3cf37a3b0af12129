"""What happens on the way: answers that are lost, conflicts that do not end, a throttled table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from madmall_models import (
    AlreadyExists,
    Circle,
    Database,
    DoesNotExist,
    MadMallError,
    MembershipError,
    OutcomeUnknown,
    ServiceError,
    Throttled,
    TransactionCancelled,
    User,
    VersionConflict,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import make_business, make_circle, make_story, make_user
from tests.integration.table_content import nothing_written, raw

Break = Callable[[str, int], None]


@pytest.fixture(autouse=True)
def content(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db)
    make_user(db, "u2")
    make_circle(db)
    make_story(db)


@pytest.fixture
def lose_answers(db: Database, monkeypatch: pytest.MonkeyPatch) -> Break:
    """Return a function that has so many writes of a kind applied and their answers lost."""

    def lose(method: str, most: int) -> None:
        send, left = getattr(db.connection.client, method), [most]

        def lost(**request: Any) -> Any:
            answer = send(**request)
            if left[0]:
                left[0] -= 1
                raise ReadTimeoutError(endpoint_url="http://localhost")
            return answer

        monkeypatch.setattr(db.connection.client, method, lost)

    return lose


@pytest.fixture
def cancel_always(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that has every transaction cancelled for one reason, all of its actions alike."""

    def cancel(code: str) -> None:
        def refuse(**request: Any) -> Any:
            reasons = [{"Code": code, "Message": "canary"} for _ in request["TransactItems"]]
            answer = {"Error": {"Code": "TransactionCanceledException", "Message": "canary"}}
            raise ClientError({**answer, "CancellationReasons": reasons}, "TransactWriteItems")

        monkeypatch.setattr(db.connection.client, "transact_write_items", refuse)

    return cancel


# -- lost answers --------------------------------------------------------------------------------------------------


def test_a_creation_whose_answer_was_lost_has_happened_once(db: Database, lose_answers: Break) -> None:
    lose_answers("put_item", 1)
    created = make_business(db)
    assert db.businesses.get("b1") == created
    with pytest.raises(AlreadyExists):
        make_business(db)


def test_a_creation_that_was_measured_before_it_was_sent_again_has_happened_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    send, sent = db.connection.client.put_item, []

    def measured(**request: Any) -> Any:
        sent.append(request)
        answer = send(**request)
        if len(sent) == 1:
            db.businesses.update_metrics("b1", rating=5)
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return answer

    monkeypatch.setattr(db.connection.client, "put_item", measured)
    assert make_business(db).version == 1
    assert db.businesses.get("b1").metrics.rating == 5


def test_a_save_whose_answer_was_lost_is_no_conflict(db: Database, lose_answers: Break) -> None:
    user = db.users.get("u1")
    user.profile.bio = "Mine"
    lose_answers("update_item", 2)
    assert user.save().version == 2
    assert db.users.get("u1").profile.bio == "Mine"
    user.profile.bio = "Mine again"
    assert user.save().version == 3


def test_a_save_that_lost_its_answer_and_then_a_race_is_a_conflict(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, theirs = db.users.get("u1"), db.users.get("u1")
    mine.profile.bio, theirs.profile.bio = "Mine", "Theirs"
    send, sent = db.connection.client.update_item, []

    def overtaken(**request: Any) -> Any:
        sent.append(request)
        if len(sent) == 1:
            theirs.save()
            raise ReadTimeoutError(endpoint_url="http://localhost")
        return send(**request)

    monkeypatch.setattr(db.connection.client, "update_item", overtaken)
    with pytest.raises(VersionConflict) as refused:
        mine.save()
    assert refused.value.current.profile.bio == "Theirs"
    assert (mine.version, theirs.version) == (1, 2)


@pytest.mark.difference("tokens")
def test_an_increment_whose_answer_was_lost_counts_once(db: Database, lose_answers: Break) -> None:
    lose_answers("transact_write_items", 2)
    db.users.increment_stats("u1", stories_shared=1)
    db.circles.add_member("c1", "u2")
    assert db.users.get("u1", consistent=True).stats.stories_shared == 1
    assert db.circles.get("c1", consistent=True).stats.member_count == 2


@pytest.mark.parametrize("method", ["put_item", "update_item", "transact_write_items"])
def test_a_write_whose_answers_are_all_lost_has_an_unknown_outcome(
    method: str, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silence(**_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="http://localhost")

    user = db.users.get("u1")
    user.profile.bio = "Mine"
    monkeypatch.setattr(db.connection.client, method, silence)
    attempts: dict[str, Callable[[], object]] = {
        "put_item": lambda: make_business(db),
        "update_item": user.save,
        "transact_write_items": lambda: db.users.increment_stats("u1", stories_shared=1),
    }
    with pytest.raises(OutcomeUnknown, match="may or may not have been applied; read before you repeat it"):
        attempts[method]()
    assert user.version == 1


def test_a_failed_call_is_counted_as_one(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    before = db.metrics()

    def silence(**_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="http://localhost")

    monkeypatch.setattr(db.connection.client, "get_item", silence)
    with pytest.raises(TimeoutError):
        db.users.get("u1")
    after = db.metrics()
    assert (after.total - before.total, after.failed - before.failed, after.retried - before.retried) == (1, 1, 2)
    assert after.in_flight == 0


def test_an_unmet_condition_is_no_failed_call(db: Database) -> None:
    user = db.users.get("u1")
    db.users.update("u1", is_verified=True)
    user.profile.bio = "Mine"
    with pytest.raises(VersionConflict):
        user.save()
    with pytest.raises(MembershipError):
        db.circles.add_member("c1", "u1")
    assert db.metrics().failed == 0


# -- conflicts that do not end -------------------------------------------------------------------------------------

WRITES: dict[str, Callable[[Database], object]] = {
    "increment_stats": lambda db: db.users.increment_stats("u1", stories_shared=1),
    "update_last_active": lambda db: db.users.update_last_active("u1"),
    "update_stats": lambda db: db.circles.update_stats("c1", posts_this_week=1),
    "update_engagement": lambda db: db.stories.update_engagement("s1", likes=1),
    "create a user": lambda db: make_user(db, "u3"),
    "create a circle": lambda db: make_circle(db, "c2"),
    "add_member": lambda db: db.circles.add_member("c1", "u2"),
    "add a moderator": lambda db: db.circles.add_member("c1", "u2", role="moderator"),
    "request_to_join": lambda db: db.circles.request_to_join("c1", "u2"),
    "add_comment": lambda db: db.stories.add_comment("s1", author_id="u1", content="Thank you."),
    "update the address": lambda db: db.users.update("u1", email="new@example.org"),
}


@pytest.mark.defect(3, 13)
@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
@pytest.mark.parametrize("name", WRITES)
def test_contention_is_not_mistaken_for_absence_presence_or_membership(
    name: str, code: str, db: Database, cancel_always: Callable[[str], None]
) -> None:
    cancel_always(code)
    with nothing_written(db), pytest.raises(MadMallError) as refused:
        WRITES[name](db)
    assert isinstance(refused.value, TransactionCancelled | Throttled)
    assert not isinstance(refused.value, DoesNotExist | AlreadyExists | MembershipError | VersionConflict)
    assert "canary" not in str(refused.value)


def test_a_single_write_that_keeps_meeting_a_transaction_is_no_version_conflict(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "TransactionConflictException", "Message": "canary"}}, "UpdateItem")

    user = db.users.get("u1")
    user.profile.bio = "Mine"
    monkeypatch.setattr(db.connection.client, "update_item", busy)
    with nothing_written(db), pytest.raises(ServiceError, match="met another transaction on the same item"):
        user.save()
    assert user.version == 1


@pytest.mark.defect(22)
def test_keys_left_unread_are_asked_for_again(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    send, asked = db.connection.client.batch_get_item, []

    def halfway(**request: Any) -> Any:
        wanted = request["RequestItems"][db.table_name]
        asked.append(len(wanted["Keys"]))
        some, rest = wanted["Keys"][:1], wanted["Keys"][1:]
        answer = send(RequestItems={db.table_name: {**wanted, "Keys": some}})
        return {**answer, "UnprocessedKeys": {db.table_name: {**wanted, "Keys": rest}} if rest else {}}

    monkeypatch.setattr(db.connection.client, "batch_get_item", halfway)
    found = db.users.batch_get(["u2", "nobody", "u1"])
    assert [user.user_id if user else None for user in found] == ["u2", None, "u1"]
    assert asked == [3, 2, 1]


def test_keys_that_are_always_left_unread_are_given_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def nothing(**request: Any) -> Any:
        asked.append(request)
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    monkeypatch.setattr(db.connection.client, "batch_get_item", nothing)
    with pytest.raises(Throttled, match="left 2 keys unread after every retry") as refused:
        db.users.batch_get(["u1", "u2"])
    assert refused.value.keys == (User.key.of("u1"), User.key.of("u2"))
    assert 1 < len(asked) < 20


def test_a_conflict_that_passes_is_not_seen(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    send, refused = db.connection.client.transact_write_items, []

    def busy(**request: Any) -> Any:
        if len(refused) < 2:
            refused.append(request["ClientRequestToken"])
            reasons = [{"Code": "TransactionConflict"}, *[{"Code": "None"}] * (len(request["TransactItems"]) - 1)]
            answer = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}
            raise ClientError(answer, "TransactWriteItems")
        refused.append(request["ClientRequestToken"])
        return send(**request)

    monkeypatch.setattr(db.connection.client, "transact_write_items", busy)
    db.circles.add_member("c1", "u2")
    assert len(refused) == 3
    assert len(set(refused)) == 1
    assert raw(db, Circle.key.of("c1"))["stats"]["M"]["memberCount"] == {"N": "2"}
    assert raw(db, User.key.of("u2"))["stats"]["M"]["circlesJoined"] == {"N": "1"}
