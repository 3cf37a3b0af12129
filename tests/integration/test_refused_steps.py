"""A refused step says what the same operation by itself would have raised, and hands out no item of another class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Circle,
    CircleMember,
    ConditionFailed,
    Database,
    TransactionCancelled,
    UniqueViolation,
    User,
    VersionConflict,
)
from tests.integration.samples import make_business, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit, nothing_written

PROFILE = {"first_name": "Canary", "last_name": "Canary"}


@pytest.fixture
def content(db: Database) -> Database:
    for make in (make_user, make_circle, make_story, make_business, make_resource):
        make(db)  # type: ignore[operator]
    return db


def refusal(db: Database, *steps: Callable[[Any], Any]) -> TransactionCancelled:
    tx = db.transaction()
    for step in steps:
        step(tx)
    with nothing_written(db), pytest.raises(TransactionCancelled) as cancelled:
        tx.commit()
    return cancelled.value


def test_each_step_has_the_error_of_the_operation_by_itself(content: Database) -> None:
    stale, going = content.users.get("u1"), make_user(content, "u2")
    content.users.update_profile("u1", bio="Theirs")
    stale.profile.bio = "Mine"
    content.users.delete("u2")
    error = refusal(
        content,
        lambda tx: tx.create(Circle(circle_id="c1", name="Another", type="support_group", created_by="u1")),
        lambda tx: tx.create(User(user_id="u3", email="U1@example.org", profile=PROFILE)),
        lambda tx: tx.save(stale),
        lambda tx: tx.delete(going),
        lambda tx: tx.check(User.key.of("nobody")),
        lambda tx: tx.check(CircleMember.key.of("c1", "u1"), CircleMember.status == "active"),
        lambda tx: tx.check(CircleMember.key.of("c1", "u9"), CircleMember.status == "active"),
    )
    kinds = [None if reason is None else type(reason.error) for reason in error.reasons]
    assert kinds == [
        AlreadyExists, UniqueViolation, VersionConflict, User.DoesNotExist, User.DoesNotExist, None,
        CircleMember.DoesNotExist,
    ]  # fmt: skip
    assert error.reasons[1].error.field == "email"
    assert error.reasons[2].error.current.profile.bio == "Theirs"
    counted, none_yet = Circle.stats.posts_this_week.add(1), Circle.stats.member_count < 1
    failed = refusal(content, lambda tx: tx.update(Circle.key.of("c1"), counted, condition=none_yet))
    assert isinstance(failed.reasons[0].error, ConditionFailed)
    assert failed.reasons[0].error.item == content.circles.get("c1")


def test_the_error_of_a_step_shows_no_value(content: Database) -> None:
    make_user(content, "u3", email="canary@example.org", profile=PROFILE)
    error = refusal(
        content,
        lambda tx: tx.create(User(user_id="u4", email="Canary@example.org", profile=PROFILE)),
        lambda tx: tx.check(User.key.of("u3"), User.email == "another@example.org"),
    )
    shown = [text(thing) for thing in (error, *error.reasons) for text in (str, repr)]
    shown += [text(reason.error) for reason in error.reasons for text in (str, repr)]
    assert not [text for text in shown if "canary" in text.lower()]


def test_a_lagging_mirror_is_told_from_a_missing_item(content: Database) -> None:
    request = {"TableName": content.table_name, "Key": {"PK": {"S": "USER#u1"}, "SK": {"S": "CIRCLE#c1"}}}
    content.connection.call("DeleteItem", request)
    key = CircleMember.key.of("c1", "u1")
    error = refusal(content, lambda tx: tx.update(key, CircleMember.notes.set("Knits")))
    assert isinstance(error.reasons[0].error, ConditionFailed)
    assert error.reasons[0].error.item is None


COUNTS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "users": ("u1", lambda users: users.increment_stats("u1", stories_shared=1)),
    "circles": ("c1", lambda circles: circles.update_stats("c1", posts_this_week=1)),
    "stories": ("s1", lambda stories: stories.update_engagement("s1", likes=1)),
    "businesses": ("b1", lambda businesses: businesses.update_metrics("b1", review_count=1)),
    "resources": ("r1", lambda resources: resources.update_engagement("r1", views=1)),
}


@pytest.mark.parametrize("collection", COUNTS)
def test_what_counts_in_an_item_of_another_type_finds_no_such_item(collection: str, content: Database) -> None:
    manager, (item_id, count) = getattr(content, collection), COUNTS[collection]
    edit(content, manager.model.key.of(item_id), "SET entityType = :type", type={"S": "VISITOR"})
    with nothing_written(content), pytest.raises(manager.model.DoesNotExist):
        count(manager)


def test_the_last_visit_of_an_item_of_another_type_is_not_noted(content: Database) -> None:
    edit(content, User.key.of("u1"), "SET entityType = :type", type={"S": "VISITOR"})
    with nothing_written(content), pytest.raises(User.DoesNotExist):
        content.users.update_last_active("u1")
