"""No error, no log line and no printed object says what a person wrote, whatever is done with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import Comment, Database, MadMallError, Story, User, item_created
from tests.integration.samples import make_business, make_circle, make_resource, make_story, make_user
from tests.integration.table_content import edit

EMAIL = "canary@example.org"
PROFILE = {"first_name": "Canary", "last_name": "Canary", "bio": "canary " * 100, "location": {"city": "Canary"}}
AUTHOR = {"id": "u1", "display_name": "Canary"}


@pytest.fixture
def people(db: Database) -> Database:
    make_user(db, email=EMAIL, profile=PROFILE, primary_goals=["canary"])
    make_user(db, "u2")
    make_circle(db, name="Canary", description="canary", tags=["canary"])
    make_story(db, title="Canary", content="canary")
    db.stories.update("s1", author={"display_name": "Canary"})
    make_resource(db, title="Canary", description="canary")
    make_business(db, name="Canary")
    db.stories.add_comment("s1", author_id="u1", content="canary", display_name="Canary", comment_id="k1")
    return db


def stale(db: Database) -> None:
    user = db.users.get("u1")
    edit(db, user.item_key(), "ADD version :one", one={"N": "1"})
    user.profile.bio = "canary"
    user.save()


def cancelled(db: Database) -> None:
    with db.transaction() as tx:
        tx.create(Comment(comment_id="k1", story_id="s1", author=AUTHOR, content="canary"))
        tx.check(User.key.of("u1"), User.email == EMAIL)


def half_a_key(db: Database) -> None:
    db.connection.call("GetItem", {"TableName": db.table_name, "Key": {"PK": {"S": "canary"}}})


FAILURES: dict[str, Callable[[Database], object]] = {
    "key taken": lambda db: make_user(db, email="canary2@example.org", profile=PROFILE),
    "address taken": lambda db: make_user(db, "u3", email=EMAIL.upper(), profile=PROFILE),
    "address taken by a change": lambda db: db.users.update("u2", email=EMAIL),
    "rule broken": lambda db: db.users.update("u1", email="canary"),
    "rules broken in a document": lambda db: db.users.update_profile("u1", first_name="", bio="canary"),
    "wrong type": lambda db: db.users.update_profile("u1", bio={"canary": "canary"}),
    "stale": stale,
    "wrong id": lambda db: db.users.get(EMAIL),
    "nobody": lambda db: db.users.get("canary"),
    "nobody at this address": lambda db: db.users.get_by_email("canary3@example.org"),
    "address too long": lambda db: db.users.get_by_email("canary" * 500 + "@example.org"),
    "item too large": lambda db: db.users.update_profile("u1", bio="canary" * 70_000),
    "member already": lambda db: db.circles.add_member("c1", "u1"),
    "no such member": lambda db: db.circles.remove_member("c1", "canary"),
    "circle of nobody": lambda db: make_circle(db, "c2", owner="canary"),
    "comment by nobody": lambda db: db.stories.add_comment("s1", author_id="canary", content="canary"),
    "comment taken": lambda db: db.stories.add_comment("s1", author_id="u1", content="canary", comment_id="k1"),
    "transaction": cancelled,
    "several where one was expected": lambda db: db.users.of_tenant().one(),
    "unknown cursor": lambda db: db.stories.get_feed_stories().page(after="canary"),
    "wrong increment": lambda db: db.users.increment_stats("u1", stories_shared="canary"),  # type: ignore[arg-type]
    "owner of circles": lambda db: db.users.delete("u1"),
    "refused by the service": half_a_key,
}


@pytest.mark.defect(4)
@pytest.mark.parametrize("name", FAILURES)
def test_an_error_says_nothing_of_what_somebody_wrote(
    name: str, people: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="madmall_models")
    with pytest.raises(MadMallError) as raised:
        FAILURES[name](people)
    error: BaseException | None = raised.value
    while isinstance(error, MadMallError):
        assert "canary" not in f"{error} {error!r}".lower()
        error = error.__cause__
    assert "canary" not in ours(caplog)


@pytest.mark.defect(4)
def test_the_log_says_nothing_of_what_somebody_wrote(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="madmall_models")

    def broken(sender: Any, **_: Any) -> None:
        raise ZeroDivisionError

    with item_created.connected_to(broken):
        make_user(db, email=EMAIL, profile=PROFILE, primary_goals=["canary"])
        make_circle(db, name="Canary", description="canary" * 300, moderators=["canary"], stats={"member_count": 5})
        make_story(db, title="Canary", content="canary")
    db.users.update("u1", email="canary2@example.org", profile={"bio": "canary"})
    db.users.get_by_email("canary2@example.org")
    stranger = {"PK": {"S": "FEATURED#STORY"}, "SK": {"S": "canary"}, "entityType": {"S": "CANARY"}}
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": stranger})
    assert list(db.stories.get_featured_stories()) == []
    assert list(db.stories.get_feed_stories().filter(Story.title == "Canary").page()) != []
    db.circles.delete("c1")
    db.users.delete("u1")
    assert caplog.records
    assert "canary" not in ours(caplog)


@pytest.mark.defect(4)
def test_what_is_read_can_be_printed(people: Database) -> None:
    things: list[Any] = [
        people.users.get("u1"),
        people.users.get("u1").profile,
        people.circles.get("c1"),
        people.stories.get("s1").author,
        list(people.stories.get_comments("s1")),
        people.users.get_users_by_tenant().page(),
        people.circles.get_by_type("support_group").only("name").first(),
        people.users.get("u1").warnings,
        people.users.asking(User.by_email, email=EMAIL),
        people.users.search_users(location={"city": "Canary"}),
        people.users.search_users(location={"city": "Canary"}).explain(),
    ]
    for thing in things:
        assert "canary" not in f"{thing!r} {thing}".lower()


def ours(caplog: pytest.LogCaptureFixture) -> str:
    """Return what this package logged; a traceback in it quotes source lines of the test."""
    return "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith("madmall_models")
    ).lower()
