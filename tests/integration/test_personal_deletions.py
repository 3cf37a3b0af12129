"""What is personal goes with the user, and a circle's feed with the circle, wherever the work was interrupted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madmall_models import Activity, CohortMembership, Database, Personalization, User, utc_now
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import everything, mark_as_leaving, mentions, places

LetThrough = Callable[[int], None]
TODAY = utc_now()


class Killed(BaseException):
    """Stand for the end of a process in the middle of its work."""


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def kill_at_write(db: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], None]], bool]:
    """Return a function that ends a piece of work at its nth write, and tells whether it came to that."""

    def killed(position: int, work: Callable[[], None]) -> bool:
        call, left = db.connection.call, [position]

        def counted(operation: str, *args: Any, **options: Any) -> Any:
            if operation in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
                if not left[0]:
                    raise Killed
                left[0] -= 1
            return call(operation, *args, **options)

        with monkeypatch.context() as patch:
            patch.setattr(db.connection, "call", counted)
            try:
                work()
            except Killed:
                return True
        return False

    return killed


def live_a_little(db: Database) -> None:
    """Give a person everything that is personal, and somebody else the same."""
    make_user(db, "stayer")
    make_user(db, "leaver", email="leaver@example.org")
    make_circle(db, "c1", owner="stayer")
    for user in ("stayer", "leaver"):
        db.personalization.upsert_for_user(
            user, preferences={"avoid_tags": ["needles"]}, engagement={"clicks": 1}, cohorts=["early", "late"]
        )
        for days_ago in (0, 1, 95):
            db.activities.record(
                user_id=user,
                type="circle_joined",
                entity_id="c1",
                entity_type="circle",
                circle_id="c1" if days_ago else None,
                at=TODAY - timedelta(days=days_ago),
            )


def nothing_is_left(db: Database) -> None:
    assert mentions(db, "leaver") == []
    assert [profile.user_id for profile in db.personalization.list_by_cohort("early")] == ["stayer"]
    assert [activity.user_id for activity in db.activities.get_circle_activity("c1")] == ["stayer"]
    assert db.activities.get_user_activity("stayer").including_expired().count() == 3
    assert check(db) == ()


@pytest.mark.defect(21)
def test_nothing_personal_of_a_deleted_user_is_left(db: Database) -> None:
    live_a_little(db)
    assert len(mentions(db, "leaver")) == 10
    db.users.delete("leaver")
    nothing_is_left(db)


# One write marks the user, one deletes the activities, one the profile with its edges, one the user with the claim.
WRITES = 4


@pytest.mark.parametrize("position", range(WRITES))
def test_a_user_s_deletion_is_finished_wherever_it_was_interrupted(
    position: int, db: Database, kill_at_write: Callable[[int, Callable[[], None]], bool]
) -> None:
    live_a_little(db)
    assert kill_at_write(position, lambda: db.users.delete("leaver"))
    assert db.users.get("leaver").user_id == "leaver"
    db.users.delete("leaver")
    nothing_is_left(db)


def test_those_are_all_the_writes(db: Database, kill_at_write: Callable[[int, Callable[[], None]], bool]) -> None:
    live_a_little(db)
    assert not kill_at_write(WRITES, lambda: db.users.delete("leaver"))
    nothing_is_left(db)


def test_a_user_with_much_behind_them_is_deleted_in_pieces(
    db: Database, kill_at_write: Callable[[int, Callable[[], None]], bool]
) -> None:
    make_user(db, "stayer")
    make_user(db, "leaver")
    make_circle(db, "c1", owner="stayer")
    for number in range(60):
        db.activities.record(
            user_id="leaver",
            type="story_shared",
            entity_id=f"s{number}",
            entity_type="story",
            circle_id="c1",
            at=TODAY - timedelta(hours=number),
        )
    assert kill_at_write(2, lambda: db.users.delete("leaver"))
    assert db.activities.get_user_activity("leaver").count() == 10
    db.users.delete("leaver")
    assert mentions(db, "leaver") == []
    assert check(db) == ()


def test_edges_and_profiles_that_another_writer_left_go_too(db: Database) -> None:
    make_user(db, "leaver")
    db.personalization.upsert_for_user("leaver", cohorts=["early"])
    for number in range(105):
        edge = CohortMembership(user_id="leaver", cohort_id=f"left-{number}")
        db.writer.create(edge)
    db.users.delete("leaver")
    assert places(db) == []


def test_edges_without_a_profile_go_too(db: Database) -> None:
    make_user(db, "leaver")
    db.personalization.upsert_for_user("leaver", cohorts=["early"])
    key = Personalization.key.of("leaver").wire
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})
    db.users.delete("leaver")
    assert places(db) == []


def test_what_is_done_meanwhile_is_refused_or_goes_too(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    live_a_little(db)
    forget, refused = db.activities.forget_user, []

    def meanwhile(user_id: str) -> None:
        for attempt in (
            lambda: db.activities.record(user_id=user_id, type="story_shared", entity_id="s", entity_type="story"),
            lambda: db.personalization.upsert_for_user(user_id, cohorts=["new"]),
            lambda: db.personalization.record_engagement(user_id, clicks=1),
            lambda: CohortMembership(user_id=user_id, cohort_id="new").create(),
        ):
            with pytest.raises(User.DoesNotExist), db.bound():
                attempt()
            refused.append(attempt)
        forget(user_id)

    monkeypatch.setattr(db.activities, "forget_user", meanwhile)
    db.users.delete("leaver")
    assert len(refused) == 4
    nothing_is_left(db)


def test_what_is_deleted_meanwhile_does_not_stop_the_deletion(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    live_a_little(db)
    begin, begun = db.transaction, []

    def after_another(**options: Any) -> Any:
        # The first transaction deletes the activities, the one after its repetition the profile: both were just read.
        begun.append(options)
        if len(begun) == 1:
            db.writer.delete(db.activities.get_user_activity("leaver").first())
        if len(begun) == 3:
            db.writer.delete(db.personalization.get("leaver"))
        return begin(**options)

    monkeypatch.setattr(db, "transaction", after_another)
    db.users.delete("leaver")
    assert len(begun) == 3
    nothing_is_left(db)


# -- circles -------------------------------------------------------------------------------------------------------


def feed_is_gone(db: Database) -> None:
    assert not [place for place in places(db) if "c1" in place]
    assert {item["entityType"]["S"] for item in everything(db)} & {"ACTIVITY_POINTER", "CIRCLE"} == set()
    for user in ("stayer", "leaver"):
        done = list(db.activities.get_user_activity(user).including_expired())
        assert [activity.circle_id for activity in done] == [None] * 3
    assert check(db) == ()


def test_activities_of_a_deleted_circle_stay_with_their_users(db: Database) -> None:
    live_a_little(db)
    db.circles.delete("c1")
    feed_is_gone(db)


@pytest.mark.parametrize("position", range(7))
def test_a_circle_s_deletion_is_finished_wherever_it_was_interrupted(
    position: int, db: Database, kill_at_write: Callable[[int, Callable[[], None]], bool]
) -> None:
    live_a_little(db)
    # The mark, the owner's membership, the four activities in the feed, the circle.
    assert kill_at_write(position, lambda: db.circles.delete("c1"))
    db.circles.delete("c1")
    feed_is_gone(db)


def test_a_pointer_whose_activity_expired_first_goes_with_the_circle(db: Database) -> None:
    live_a_little(db)
    for activity in db.activities.get_circle_activity("c1"):
        key = {"TableName": db.table_name, "Key": activity.item_key().wire}
        db.connection.call("DeleteItem", key)
    db.circles.delete("c1")
    assert not [place for place in places(db) if "c1" in place]


def test_an_activity_that_changes_meanwhile_leaves_the_circle(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    live_a_little(db)
    first = db.activities.get_circle_activity("c1").first()
    rewrite = db.writer.rewrite

    def overtaken(entity: Any) -> None:
        if isinstance(entity, Activity) and entity.activity_id == first.activity_id:
            monkeypatch.setattr(db.writer, "rewrite", rewrite)
            db.activities.update(first.user_id, first.at, first.activity_id, metadata={"seen": True})
        rewrite(entity)

    monkeypatch.setattr(db.writer, "rewrite", overtaken)
    db.circles.delete("c1")
    assert db.activities.get(first.user_id, first.at, first.activity_id).metadata == {"seen": True}
    feed_is_gone(db)


def test_nobody_records_in_a_circle_that_is_going(db: Database) -> None:
    live_a_little(db)
    mark_as_leaving(db, db.circles.get("c1").item_key())
    with pytest.raises(type(db.circles.get("c1")).DoesNotExist):
        db.activities.record(user_id="stayer", type="story_shared", entity_id="s", entity_type="story", circle_id="c1")
