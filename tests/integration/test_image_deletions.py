"""Deleting an image takes its feedback along, whoever acts meanwhile and wherever it is killed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Database, Feedback, Image, VersionConflict
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from tests.integration.image_samples import make_feedback, make_image, make_incident
from tests.integration.samples import make_user
from tests.integration.table_content import mark_as_leaving, nothing_written, places


class Killed(BaseException):
    """Stand for the end of a process in the middle of its work."""


@pytest.fixture(autouse=True)
def populated(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make an image with two people's feedback, beside one that stays."""
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
    make_user(db, "u1")
    for image_id in ("i1", "i2"):
        make_image(db, image_id, status="active", is_placeholder=True)
    make_feedback(db, "f1", user="u1", is_report=True, severity="critical")
    make_feedback(db, "f2", user="u2")
    make_feedback(db, "f3", user="u1", image="i2", is_report=True)
    make_incident(db, related_image_id="i1")


def left(db: Database) -> list[str]:
    return [place for place in places(db) if any(part in place for part in ("i1", "f1", "f2"))]


@pytest.mark.defect(21)
def test_an_image_is_deleted_with_its_feedback_and_without_the_incidents(db: Database) -> None:
    db.images.delete("i1")
    assert left(db) == []
    assert [found.feedback_id for found in db.feedback.list_by_user("u1")] == ["f3"]
    assert db.incidents.get("n1").related_image_id == "i1"
    assert check(db) == ()
    with nothing_written(db), pytest.raises(Image.DoesNotExist):
        db.images.delete("i1")


@pytest.mark.parametrize("writes", range(5))
def test_a_deletion_that_was_killed_is_finished_by_the_next(
    writes: int, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    call, left_over = db.connection.call, [writes]

    def counted(operation: str, *args: Any, **options: Any) -> Any:
        if operation in ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems"):
            if not left_over[0]:
                raise Killed
            left_over[0] -= 1
        return call(operation, *args, **options)

    with monkeypatch.context() as killing:
        killing.setattr(db.connection, "call", counted)
        try:
            db.images.delete("i1")
        except Killed:
            killing.undo()
            monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)
            assert [finding.rule for finding in check(db)] == (["deleting"] if writes else [])
            db.images.delete("i1")
        else:
            assert writes == 4
    assert left(db) == []
    assert check(db) == ()


def test_an_image_that_deletes_itself_takes_its_feedback_along(db: Database) -> None:
    stale = db.images.get("i1")
    db.images.mark_status("i1", "flagged")
    with nothing_written(db), pytest.raises(VersionConflict):
        stale.delete()
    db.images.get("i1").delete()
    assert left(db) == []


def test_nobody_gives_feedback_to_an_image_that_is_being_deleted(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    forget = db.feedback.forget_image

    def meanwhile(image_id: str) -> None:
        with pytest.raises(Image.DoesNotExist):
            make_feedback(db, "late")
        # Who looks after the reports may be at work all the same.
        db.feedback.resolve("f1", resolved_by="m1", action="removed")
        forget(image_id)

    monkeypatch.setattr(db.feedback, "forget_image", meanwhile)
    db.images.delete("i1")
    assert left(db) == []
    assert check(db) == ()


def test_feedback_that_is_gone_meanwhile_does_not_stop_the_deletion(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    remove = db.feedback._remove
    pending: list[Callable[[], None]] = [lambda: db.feedback.forget_user("u2")]

    def interrupted(key: Any) -> None:
        if pending:
            pending.pop()()
        remove(key)

    monkeypatch.setattr(db.feedback, "_remove", interrupted)
    db.images.delete("i1")
    assert left(db) == []


def test_the_feedback_of_a_user_can_be_forgotten(db: Database) -> None:
    db.feedback.forget_user("u1")
    assert [found.feedback_id for found in db.feedback.list_for_image("i1")] == ["f2"]
    assert [place for place in places(db) if "u1" in place] == [
        "UNIQUE#USER#EMAIL#u1@example.org / CLAIM",
        "USER#u1 / PROFILE",
    ]
    db.feedback.forget_user("u1")
    assert check(db) == ()


def test_the_feedback_of_a_deleted_user_goes_along(db: Database) -> None:
    db.users.delete("u1")
    assert [place for place in places(db) if "u1" in place] == []
    assert [found.feedback_id for found in db.feedback.list_for_image("i1")] == ["f2"]
    assert check(db) == ()


def test_feedback_without_its_image_and_a_deletion_that_was_not_finished_are_found(db: Database) -> None:
    mark_as_leaving(db, Image.key.of("i2"))
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": Image.key.of("i1").wire})
    found = [(finding.rule, finding.entity) for finding in check(db)]
    assert sorted(found) == [
        ("deleting", "Image"),
        ("orphan", "Feedback"),
        ("orphan", "Feedback"),
        ("pointer", "IMAGE_POINTER"),
    ]


def test_feedback_is_personal_and_shown_with_the_user(db: Database) -> None:
    collection = db.users.in_full("u1")
    assert {found.feedback_id for found in collection.of(Feedback)} == {"f1", "f3"}
