"""Feedback: given to an image that is there, found by image, user, severity and id, settled once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    ConditionFailed,
    Database,
    Feedback,
    Image,
    KeyValueError,
    UniqueViolation,
    User,
    ValidationError,
    utc_now,
)
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.integration.image_samples import make_feedback, make_image
from tests.integration.samples import NOON, make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written, places, raw


@pytest.fixture(autouse=True)
def image(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_image(db)
    make_user(db)


def ids(found: Any) -> list[str]:
    return [feedback.feedback_id for feedback in found]


# -- giving --------------------------------------------------------------------------------------------------------


def test_feedback_is_stored_with_its_keys(db: Database) -> None:
    made = make_feedback(db, created_at=NOON, severity="high", is_report=True)
    item = raw(db, made.item_key())
    assert {name: item[name]["S"] for name in ("PK", "SK", "GSI1PK", "GSI1SK", "GSI3PK", "GSI3SK")} == {
        "PK": "FEEDBACK#IMAGE#i1",
        "SK": "USER#u1#TS#2024-11-22T12:00:00.000Z#f1",
        "GSI1PK": "IMAGE#i1#FEEDBACK",
        "GSI1SK": "TS#2024-11-22T12:00:00.000Z",
        "GSI3PK": "FEEDBACK_SEVERITY#high",
        "GSI3SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert {place for place in places(db) if "f1" in place and not place.startswith("FEEDBACK")} == {
        "MODERATION#FEEDBACK / 2024-11-22T12:00:00.000Z#f1",
        "UNIQUE#FEEDBACK#FEEDBACK_ID#f1 / CLAIM",
        "USER#u1 / FEEDBACK#2024-11-22T12:00:00.000Z#f1",
    }
    assert check(db) == ()


def test_the_moment_and_the_id_are_given_where_the_caller_gives_none(db: Database) -> None:
    before = utc_now()
    made = db.feedback.create_for_image(image_id="i1", user_id="u1", rating=5)
    assert made.created_at >= before
    assert (made.status, made.is_report, made.categories, made.version) == ("new", False, [], 1)
    assert db.feedback.get_by_id(made.feedback_id) == made
    assert db.feedback.get("i1", "u1", made.created_at, made.feedback_id) == made


@pytest.mark.defect(53)
def test_two_feedbacks_of_one_user_in_one_millisecond_are_both_kept(db: Database) -> None:
    make_feedback(db, "f1", created_at=NOON, rating=1)
    make_feedback(db, "f2", created_at=NOON, rating=5)
    assert sorted(feedback.rating for feedback in db.feedback.list_for_image("i1")) == [1, 5]


@pytest.mark.defect(11)
def test_an_id_belongs_to_one_feedback(db: Database) -> None:
    make_image(db, "i2")
    make_feedback(db, "f1", created_at=NOON)
    with nothing_written(db):
        with pytest.raises(AlreadyExists):
            make_feedback(db, "f1", created_at=NOON)
        with pytest.raises(UniqueViolation) as refused:
            make_feedback(db, "f1", image="i2")
    assert refused.value.field == "feedback_id"


@pytest.mark.parametrize("make", ["create", "create_for_image"])
def test_feedback_needs_an_image_that_is_there(make: str, db: Database) -> None:
    fields: dict[str, Any] = {"feedback_id": "f1", "user_id": "u1", "rating": 3}
    with nothing_written(db), pytest.raises(Image.DoesNotExist):
        getattr(db.feedback, make)(image_id="nothing", **fields)
    mark_as_leaving(db, Image.key.of("i1"))
    with nothing_written(db), pytest.raises(Image.DoesNotExist, match="being deleted"):
        getattr(db.feedback, make)(image_id="i1", **fields)
    with nothing_written(db), db.bound(), pytest.raises(Image.DoesNotExist):
        Feedback(image_id="i1", **fields).create()


def test_who_is_being_deleted_gives_no_feedback(db: Database) -> None:
    mark_as_leaving(db, User.key.of("u1"))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        make_feedback(db)
    make_feedback(db, user="legacy")
    assert ids(db.feedback.list_for_image("i1")) == ["f1"]


@pytest.mark.defect(63)
@pytest.mark.parametrize("rating", [0, 6, 3.7, float("nan"), "4", True, None, float("inf")])
def test_a_rating_is_one_to_five_whole_stars(rating: Any, db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_feedback(db, rating=rating)
    assert set(refused.value.messages) == {"rating"}


@pytest.mark.parametrize("wrong", [{"feedback_id": "a b"}, {"user": "a#b"}, {"image": ""}])
def test_ids_that_cannot_stand_in_a_key_are_refused(wrong: dict[str, Any], db: Database) -> None:
    with nothing_sent(db), pytest.raises(KeyValueError):
        make_feedback(db, **wrong)


# -- finding -------------------------------------------------------------------------------------------------------


@pytest.mark.defect(53)
def test_feedback_is_listed_by_image_in_order_of_time(db: Database) -> None:
    make_image(db, "i2")
    make_feedback(db, "f1", user="u1", created_at=NOON + timedelta(hours=2))
    make_feedback(db, "f2", user="u3", created_at=NOON)
    make_feedback(db, "f3", user="u2", created_at=NOON + timedelta(hours=1))
    make_feedback(db, "f4", user="u2", image="i2")
    assert ids(db.feedback.list_for_image("i1")) == ["f2", "f3", "f1"]
    assert ids(db.feedback.list_for_image("i1").newest_first().limit(1)) == ["f1"]
    assert ids(db.feedback.list_for_image("i1").since(NOON + timedelta(hours=1))) == ["f3", "f1"]
    assert ids(db.feedback.query(image_id="i1")) == ["f1", "f3", "f2"]
    assert set(ids(db.feedback.list_by_user("u2"))) == {"f3", "f4"}


@pytest.mark.defect(43)
def test_feedback_is_listed_by_severity(db: Database) -> None:
    make_feedback(db, "f1", severity="critical", created_at=NOON + timedelta(hours=1), comment="Hurtful.")
    make_feedback(db, "f2", severity="critical", created_at=NOON)
    make_feedback(db, "f3", severity="low")
    make_feedback(db, "f4")
    assert ids(db.feedback.list_by_severity("critical")) == ["f2", "f1"]
    assert list(db.feedback.list_by_severity("critical"))[1].comment == "Hurtful."
    db.feedback.update(*_key(db, "f3"), severity="critical")
    db.feedback.update(*_key(db, "f2"), severity=None)
    assert ids(db.feedback.list_by_severity("critical")) == ["f1", "f3"]


def test_open_reports_are_listed_until_they_are_settled(db: Database) -> None:
    make_feedback(db, "f1", is_report=True, created_at=NOON + timedelta(hours=1))
    make_feedback(db, "f2", is_report=True, created_at=NOON)
    make_feedback(db, "f3")
    assert ids(db.feedback.list_open_reports()) == ["f2", "f1"]
    db.feedback.update_status("f2", "in_review")
    assert ids(db.feedback.list_open_reports()) == ["f2", "f1"]
    db.feedback.resolve("f2", resolved_by="m1", action="removed")
    db.feedback.dismiss("f1", resolved_by="m1")
    assert ids(db.feedback.list_open_reports()) == []
    db.feedback.update_status("f1", "new")
    assert ids(db.feedback.list_open_reports()) == ["f1"]
    assert ids(db.feedback.list_for_image("i1").filter(Feedback.is_report == True)) == ["f2", "f1"]
    assert check(db) == ()


@pytest.mark.defect(53)
def test_feedback_is_found_by_its_id(db: Database) -> None:
    make_feedback(db, "f1", rating=2)
    assert db.feedback.get_by_id("f1").rating == 2
    with pytest.raises(Feedback.DoesNotExist):
        db.feedback.get_by_id("nothing")
    with nothing_sent(db), pytest.raises(KeyValueError):
        db.feedback.get_by_id("a b")
    db.feedback.delete(*_key(db, "f1"))
    with pytest.raises(Feedback.DoesNotExist):
        db.feedback.get_by_id("f1")
    assert not [place for place in places(db) if "f1" in place]
    make_feedback(db, "f1")


# -- settling ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(89)
def test_a_status_moves_and_settling_notes_when(db: Database) -> None:
    make_feedback(db)
    assert db.feedback.update_status("f1", "acknowledged").resolution is None
    before = utc_now()
    settled = db.feedback.update_status("f1", "resolved")
    assert settled.resolution.resolved_at >= before
    assert (settled.status, settled.version) == ("resolved", 3)
    assert db.feedback.update_status("f1", "resolved").version == 3
    opened = db.feedback.update_status("f1", "in_review")
    assert (opened.status, opened.resolution) == ("in_review", None)
    assert "resolution" not in raw(db, opened.item_key())


@pytest.mark.defect(89)
def test_a_resolution_says_who_did_what(db: Database) -> None:
    make_feedback(db)
    before = utc_now()
    db.feedback.resolve("f1", resolved_by="m1", action="replaced", notes="A better one was found.")
    feedback = db.feedback.get_by_id("f1")
    resolution = feedback.resolution
    assert (feedback.status, resolution.resolved_by, resolution.action) == ("resolved", "m1", "replaced")
    assert (resolution.notes, resolution.resolved_at >= before) == ("A better one was found.", True)


def test_what_is_dismissed_changed_nothing(db: Database) -> None:
    make_feedback(db)
    feedback = db.feedback.dismiss("f1", resolved_by="m1", notes="Spam.")
    assert (feedback.status, feedback.resolution.action, feedback.resolution.notes) == (
        "dismissed",
        "no_action",
        "Spam.",
    )


def test_what_is_settled_is_not_settled_again(db: Database) -> None:
    make_feedback(db)
    db.feedback.resolve("f1", resolved_by="m1", action="removed")
    with nothing_written(db):
        with pytest.raises(ConditionFailed) as refused:
            db.feedback.resolve("f1", resolved_by="m2", action="no_action")
        with pytest.raises(ConditionFailed):
            db.feedback.dismiss("f1", resolved_by="m2")
        with pytest.raises(ConditionFailed):
            db.feedback.update_status("f1", "dismissed")
        with pytest.raises(ConditionFailed):
            db.feedback.update(*_key(db, "f1"), resolution={"resolved_by": "m2"})
    assert refused.value.item.resolution.resolved_by == "m1"
    assert db.feedback.update(*_key(db, "f1"), comment="Thank you.").resolution.resolved_by == "m1"
    db.feedback.update_status("f1", "new")
    assert db.feedback.resolve("f1", resolved_by="m2", action="no_action").resolution.resolved_by == "m2"


@pytest.mark.defect(15)
def test_of_two_who_resolve_at_once_one_wins(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_feedback(db)
    save = db.writer.save
    pending = [lambda: db.feedback.resolve("f1", resolved_by="first", action="removed")]

    def interrupted(entity: Any) -> None:
        if pending:
            pending.pop()()
        save(entity)

    monkeypatch.setattr(db.writer, "save", interrupted)
    with pytest.raises(ConditionFailed) as refused:
        db.feedback.resolve("f1", resolved_by="second", action="edited")
    assert refused.value.item.resolution.resolved_by == "first"
    assert db.feedback.get_by_id("f1").resolution.action == "removed"


@pytest.mark.parametrize("status", ["new", "in_review"])
def test_a_resolution_belongs_to_what_is_settled(status: str, db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError, match="resolution"):
        make_feedback(db, status=status, resolution={"notes": "done"})
    make_feedback(db, status=status)
    with nothing_sent(db), pytest.raises(ValidationError, match="resolution"):
        db.feedback.update(*_key(db, "f1"), resolution={"notes": "done"})
    both = db.feedback.update(*_key(db, "f1"), status="resolved", resolution={"notes": "done"})
    assert (both.resolution.notes, both.resolution.resolved_at is None) == ("done", False)


def test_old_data_that_disagree_are_left_alone_until_the_status_changes(db: Database) -> None:
    made = make_feedback(db)
    edit(db, made.item_key(), "SET resolution = :odd", odd={"M": {"notes": {"S": "odd"}}})
    assert db.feedback.update(*_key(db, "f1"), comment="Thank you.").resolution.notes == "odd"
    assert db.feedback.update_status("f1", "in_review").resolution is None


def test_a_resolution_that_is_no_map_is_refused(db: Database) -> None:
    with nothing_sent(db), pytest.raises(ValidationError):
        make_feedback(db, status="resolved", resolution="done")
    make_feedback(db)
    with nothing_sent(db), pytest.raises(ValidationError):
        db.feedback.update(*_key(db, "f1"), status="resolved", resolution="done")


def test_settling_that_means_nothing_is_refused(db: Database) -> None:
    make_feedback(db)
    with nothing_sent(db):
        for wrong in ({"action": "burned"}, {"resolved_by": " "}, {"resolved_by": None}, {"action": None}):
            with pytest.raises(ValidationError):
                db.feedback.resolve("f1", **{"resolved_by": "m1", "action": "removed", **wrong})
        with pytest.raises(ValidationError):
            db.feedback.update_status("f1", "done")
    with nothing_written(db):
        for operation in (
            lambda: db.feedback.resolve("nothing", resolved_by="m1", action="removed"),
            lambda: db.feedback.dismiss("nothing", resolved_by="m1"),
            lambda: db.feedback.update_status("nothing", "resolved"),
        ):
            with pytest.raises(Feedback.DoesNotExist):
                operation()


def _key(db: Database, feedback_id: str) -> tuple[Any, ...]:
    feedback = db.feedback.get_by_id(feedback_id)
    return feedback.image_id, feedback.user_id, feedback.created_at, feedback.feedback_id
