"""Activities: what a user did, listed by user and by circle, and gone after ninety days."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from madmall_models import (
    Activity,
    AlreadyExists,
    Circle,
    Database,
    KeyValueError,
    User,
    ValidationError,
    utc_now,
)
from madmall_models.integrity import check
from tests.integration.samples import NOON, make_circle, make_user
from tests.integration.table_content import edit, everything, mark_as_leaving, nothing_sent, nothing_written, places

TODAY = utc_now()


@pytest.fixture(autouse=True)
def people(db: Database) -> None:
    make_user(db)
    make_circle(db)


def record(db: Database, days_ago: int = 0, **fields: Any) -> Activity:
    given: dict[str, Any] = {"user_id": "u1", "type": "story_shared", "entity_id": "s1", "entity_type": "story"}
    return db.activities.record(**{**given, "at": TODAY - timedelta(days=days_ago), **fields})


def ages(activities: Any) -> list[int]:
    return [(TODAY - activity.at).days for activity in activities]


def test_an_activity_is_recorded_with_what_it_is_about(db: Database) -> None:
    made = db.activities.record(
        user_id="u1", type="circle_joined", entity_id="c1", entity_type="circle", metadata={"role": "member", "n": 2}
    )
    read = db.activities.get_user_activity("u1").one()

    assert read == made
    assert (read.type, read.entity_id, read.entity_kind, read.circle_id) == ("circle_joined", "c1", "circle", None)
    assert read.metadata == {"role": "member", "n": 2}
    assert abs((read.ttl - read.at) - timedelta(days=90)) < timedelta(seconds=1)
    assert list(db.activities.get_circle_activity("c1")) == []


def test_two_activities_of_one_moment_are_two(db: Database) -> None:
    record(db)
    record(db)
    assert db.activities.get_user_activity("u1").count() == 2


@pytest.mark.defect(88)
def test_a_user_s_activities_are_in_the_order_of_time(db: Database) -> None:
    make_user(db, "u2")
    for days_ago in (2, 5, 0):
        record(db, days_ago)
    record(db, 1, user_id="u2")
    done = db.activities.get_user_activity("u1")

    assert ages(done) == [5, 2, 0]
    assert ages(done.newest_first()) == [0, 2, 5]
    assert ages(done.newest_first().limit(1)) == [0]
    assert ages(done.since(TODAY - timedelta(days=2))) == [2, 0]
    assert ages(done.until(TODAY - timedelta(days=2))) == [5, 2]
    assert ages(done.filter(Activity.type == "circle_joined")) == []


@pytest.mark.defect(88)
def test_a_circle_s_activities_are_those_of_all_its_people(db: Database) -> None:
    make_user(db, "u2")
    make_circle(db, "c2")
    record(db, 3, circle_id="c1")
    record(db, 1, user_id="u2", circle_id="c1")
    record(db, 2, circle_id="c2")
    record(db, 0)
    feed = db.activities.get_circle_activity("c1")

    assert [(activity.user_id, (TODAY - activity.at).days) for activity in feed] == [("u1", 3), ("u2", 1)]
    assert ages(feed.newest_first().limit(1)) == [1]
    assert ages(feed.since(TODAY - timedelta(days=2))) == [1]
    assert check(db) == ()


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "user_banned"},
        {"type": None},
        {"entity_id": None},
        {"entity_id": "two words"},
        {"entity_type": None},
        {"user_id": None},
        {"circle_id": "two words"},
        {"metadata": "much"},
        {"metadata": {"what": object()}},
        {"at": datetime(2026, 11, 22)},
        {"at": "yesterday"},
    ],
)
def test_what_is_no_activity_is_refused_before_anything_is_sent(wrong: dict[str, Any], db: Database) -> None:
    before = db.metrics().total
    with pytest.raises((ValidationError, KeyValueError)):
        record(db, **wrong)
    assert db.metrics().total == before


def test_only_people_and_circles_that_stay_have_activities(db: Database) -> None:
    make_user(db, "leaver")
    make_circle(db, "closing")
    mark_as_leaving(db, User.key.of("leaver"))
    mark_as_leaving(db, Circle.key.of("closing"))
    for user in ("nobody", "leaver"):
        with nothing_written(db), pytest.raises(User.DoesNotExist):
            record(db, user_id=user)
    for circle in ("nothing", "closing"):
        with nothing_written(db), pytest.raises(Circle.DoesNotExist):
            record(db, circle_id=circle)


def test_an_id_is_given_once(db: Database) -> None:
    made = record(db)
    again = {name: getattr(made, name) for name in ("activity_id", "user_id", "at", "type", "entity_id", "entity_kind")}
    with nothing_written(db), pytest.raises(AlreadyExists):
        db.activities.create(**again)


def test_what_happened_in_a_circle_does_not_move_to_another(db: Database) -> None:
    make_circle(db, "c2")
    made = record(db, circle_id="c1")
    made.circle_id = "c2"
    with nothing_sent(db), pytest.raises(ValidationError, match="record another"):
        made.save()
    with nothing_sent(db), pytest.raises(ValidationError, match="record another"):
        db.activities.update("u1", made.at, made.activity_id, circle_id=None)
    kept = db.activities.get("u1", made.at, made.activity_id)
    kept.metadata = {"seen": True}
    kept.save()
    assert db.activities.get_circle_activity("c1").one().metadata == {"seen": True}
    kept.delete()
    assert list(db.activities.get_circle_activity("c1")) == []
    assert check(db) == ()


# -- expiry --------------------------------------------------------------------------------------------------------


@pytest.mark.defect(87)
def test_what_is_older_than_ninety_days_is_hidden_everywhere(db: Database) -> None:
    record(db, 89, circle_id="c1")
    old = record(db, 91, circle_id="c1")

    assert ages(db.activities.get_user_activity("u1")) == [89]
    assert ages(db.activities.get_circle_activity("c1")) == [89]
    assert ages(db.activities.get_user_activity("u1").including_expired()) == [91, 89]
    assert ages(db.activities.get_circle_activity("c1").including_expired()) == [91, 89]
    with pytest.raises(Activity.DoesNotExist):
        db.activities.get("u1", old.at, old.activity_id)
    assert check(db) == ()


def test_a_pointer_expires_with_its_activity(db: Database) -> None:
    record(db, circle_id="c1")
    stored = [item for item in everything(db) if item["entityType"]["S"].startswith("ACTIVITY")]

    assert sorted(item["entityType"]["S"] for item in stored) == ["ACTIVITY", "ACTIVITY_POINTER"]
    assert stored[0]["ttl"] == stored[1]["ttl"] == {"N": str(int((TODAY + timedelta(days=90)).timestamp()))}


def test_a_check_does_not_mind_in_which_order_what_expired_is_deleted(db: Database) -> None:
    for number in (1, 2):
        record(db, 90 + number, circle_id="c1")
    pointers = [item for item in everything(db) if item["entityType"]["S"] == "ACTIVITY_POINTER"]
    targets = [item for item in everything(db) if item["entityType"]["S"] == "ACTIVITY"]
    for item in (pointers[0], targets[1]):
        key = {name: item[name] for name in ("PK", "SK")}
        db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})
    assert check(db) == ()
    assert list(db.activities.get_circle_activity("c1").including_expired()) == []


def test_a_pointer_that_is_missing_before_its_time_is_found(db: Database) -> None:
    made = record(db, circle_id="c1")
    key = {
        "PK": {"S": "CIRCLE_ACTIVITY#c1"},
        "SK": {"S": next(p for p in places(db) if "TIMESTAMP#" in p).split(" / ")[1]},
    }
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})
    assert [(found.rule, found.fact) for found in check(db)] == [("pointer", "is missing")]
    edit(db, made.item_key(), "SET #ttl = :past", past={"N": str(int(NOON.timestamp()))})
    assert check(db) == ()
