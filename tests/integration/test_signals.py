"""Signals: each is sent once, when the write is there to be read, and never for what was refused or changed nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from blinker import Signal

from madmall_models import (
    Circle,
    CircleMember,
    Comment,
    Database,
    MadMallError,
    Story,
    TransactionCancelled,
    User,
    signals,
)
from madmall_models.connection.retry import Backoff
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from tests.integration.legacy_file import user, write_legacy
from tests.integration.samples import make_circle, make_story, make_user

OF_ITEMS = ("item_created", "item_updated", "item_deleted")
OF_MEMBERS = ("member_added", "member_removed", "role_changed", "ownership_transferred")
OF_MIGRATIONS = ("migration_progress", "entity_migrated", "migration_completed", "migration_cancelled")
OF_FIGURES = ("stats_incremented",)
OF_CALLS = ("operation_completed",)
DOMAIN = OF_ITEMS + OF_MEMBERS + OF_FIGURES


@dataclass(frozen=True)
class Heard:
    """A signal that was received, and what was true at that moment."""

    name: str
    sender: Any
    keywords: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.name} {self.sender.__name__}"


class Listener:
    """Receive signals, and ask the table each time whether what they say is there already."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.all: list[Heard] = []

    def receiver(self, name: str) -> Callable[..., None]:
        def receive(sender: Any, **keywords: Any) -> None:
            self.all.append(Heard(name, sender, keywords))
            item = keywords.get("item") or keywords.get("member") or keywords.get("circle")
            if item is not None and name not in ("item_deleted", "member_removed"):
                stored = self.db.manager_of(type(item)).get_by_key(item.item_key(), consistent=True)
                assert stored.version == item.version
            if name == "item_deleted":
                assert self.db.manager_of(type(item)).get_or_none(*keys_of(item), consistent=True) is None

        return receive

    def told(self) -> list[str]:
        told, self.all = [str(heard) for heard in self.all], []
        return told


def keys_of(item: Any) -> list[Any]:
    return [getattr(item, name) for name in type(item).key.field_names]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def content(db: Database) -> Database:
    for user_id in ("u1", "u2", "u3"):
        make_user(db, user_id)
    make_circle(db)
    db.circles.add_member("c1", "u2")
    make_story(db)
    db.stories.add_comment("s1", author_id="u1", content="Thank you.", comment_id="k1")
    return db


@pytest.fixture
def listener(content: Database, caplog: pytest.LogCaptureFixture) -> Iterator[Listener]:
    listening = Listener(content)
    with ExitStack() as stack:
        receivers = {name: listening.receiver(name) for name in DOMAIN}
        for name, receiver in receivers.items():
            stack.enter_context(getattr(signals, name).connected_to(receiver))
        yield listening
    # What a receiver demands in vain is logged, since it must not hide the write: here it is a failure.
    assert "a receiver of" not in caplog.text


SENT: dict[str, tuple[Callable[[Database], object], list[str]]] = {
    "a user is created": (lambda db: make_user(db, "u9"), ["item_created User"]),
    "a user is changed": (lambda db: db.users.update_profile("u1", bio="Kind."), ["item_updated User"]),
    "a user is counted": (lambda db: db.users.increment_stats("u1", helpful_votes=1), ["stats_incremented User"]),
    "a user was active": (lambda db: db.users.update_last_active("u1"), ["stats_incremented User"]),
    "a user is deleted": (
        lambda db: db.users.delete("u2"),
        ["item_updated User", "item_deleted CircleMember", "member_removed CircleMember", "item_deleted User"],
    ),
    "a circle is created": (
        lambda db: make_circle(db, "c2"),
        ["item_created Circle", "item_created CircleMember", "member_added CircleMember"],
    ),
    "settings are changed": (
        lambda db: db.circles.update_settings("c1", require_approval=True),
        ["item_updated Circle"],
    ),
    "figures are set": (lambda db: db.circles.update_stats("c1", active_members=2), ["stats_incremented Circle"]),
    "a week begins": (lambda db: db.circles.roll_over_stats("week"), []),
    "a member is added": (
        lambda db: db.circles.add_member("c1", "u3"),
        ["item_created CircleMember", "member_added CircleMember"],
    ),
    "a moderator is added": (
        lambda db: db.circles.add_member("c1", "u3", role="moderator"),
        ["item_created CircleMember", "item_updated Circle", "member_added CircleMember"],
    ),
    "a member is removed": (
        lambda db: db.circles.remove_member("c1", "u2"),
        ["item_deleted CircleMember", "member_removed CircleMember"],
    ),
    "a member is banned": (
        lambda db: db.circles.ban_member("c1", "u2"),
        ["item_updated CircleMember", "member_removed CircleMember"],
    ),
    "a role is given": (
        lambda db: db.circles.update_member_role("c1", "u2", "admin"),
        ["item_updated CircleMember", "role_changed CircleMember"],
    ),
    "a circle is handed over": (
        lambda db: db.circles.transfer_ownership("c1", to="u2"),
        [
            "item_updated CircleMember",
            "item_updated Circle",
            "item_updated CircleMember",
            "role_changed CircleMember",
            "role_changed CircleMember",
            "ownership_transferred Circle",
        ],
    ),
    "a story is published": (lambda db: db.stories.publish("s1"), ["item_updated Story"]),
    "a story is moved": (lambda db: db.stories.update("s1", circle_id="c1"), ["item_updated Story"]),
    "a story is liked": (lambda db: db.stories.update_engagement("s1", likes=1), ["stats_incremented Story"]),
    "a comment is added": (
        lambda db: db.stories.add_comment("s1", author_id="u1", content="Yes."),
        ["item_created Comment"],
    ),
    "a comment is removed": (lambda db: db.stories.remove_comment("s1", "k1"), ["item_deleted Comment"]),
    "a story is deleted": (
        lambda db: db.stories.delete("s1"),
        ["item_updated Story", "item_deleted Comment", "item_deleted Story"],
    ),
}


@pytest.mark.parametrize("what", SENT)
def test_what_happens_is_told_once_and_when_it_is_done(what: str, content: Database, listener: Listener) -> None:
    operation, expected = SENT[what]
    operation(content)
    assert listener.told() == expected


REFUSED: dict[str, Callable[[Database], object]] = {
    "a taken id": lambda db: make_user(db, "u1"),
    "a taken address": lambda db: make_user(db, "u9", email="U1@example.org"),
    "a broken rule": lambda db: db.users.update("u1", email="nowhere"),
    "nobody": lambda db: db.users.update("nobody", is_active=False),
    "nobody's figures": lambda db: db.users.increment_stats("nobody", helpful_votes=1),
    "a stale version": lambda db: db.users.update("u1", expected_version=9, is_active=False),
    "a member already": lambda db: db.circles.add_member("c1", "u2"),
    "the owner leaving": lambda db: db.circles.remove_member("c1", "u1"),
    "the owner's ban": lambda db: db.circles.ban_member("c1", "u1"),
    "an owner's role": lambda db: db.circles.update_member_role("c1", "u1", "member"),
    "a stranger's ownership": lambda db: db.circles.transfer_ownership("c1", to="u3"),
    "an owner's deletion": lambda db: db.users.delete("u1"),
    "a circle that is not there": lambda db: make_story(db, "s2", circle_id="nothing"),
    "a comment on nothing": lambda db: db.stories.add_comment("nothing", author_id="u1", content="Yes."),
    "a comment that is gone": lambda db: db.stories.remove_comment("s1", "nothing"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_was_refused_is_not_told(what: str, content: Database, listener: Listener) -> None:
    with pytest.raises(MadMallError):
        REFUSED[what](content)
    assert listener.told() == []


IDLE: dict[str, Callable[[Database], object]] = {
    "a transfer to the owner": lambda db: db.circles.transfer_ownership("c1", to="u1"),
    "the same role": lambda db: db.circles.update_member_role("c1", "u2", "member"),
    "the same bio": lambda db: db.users.update("u1", is_active=True),
    "a save of nothing": lambda db: db.circles.get("c1").save(),
    "a lifted ban of nobody": lambda db: db.circles.unban_member("c1", "u2"),
    "no figures": lambda db: db.users.increment_stats("u1"),
    "no longer featured": lambda db: db.stories.unfeature("s1"),
}


@pytest.mark.parametrize("what", IDLE)
def test_what_changes_nothing_is_not_told(what: str, content: Database, listener: Listener) -> None:
    IDLE[what](content)
    assert listener.told() == []


def test_a_transaction_tells_after_its_commit_and_a_cancelled_one_nothing(
    content: Database, listener: Listener
) -> None:
    db = content
    story = db.stories.get("s1")
    story.title = "Another title"
    with db.transaction() as tx:
        tx.create(CircleMember(circle_id="c1", user_id="u3"))
        tx.save(story)
        tx.delete(db.manager_of(Comment).get("s1", "k1"))
        assert listener.told() == []
    assert listener.told() == ["item_created CircleMember", "item_updated Story", "item_deleted Comment"]
    story.title = "A third title"
    with pytest.raises(TransactionCancelled), db.transaction() as tx:
        tx.save(story)
        tx.check(User.key.of("nobody"))
    with pytest.raises(ZeroDivisionError), db.transaction() as tx:
        tx.save(story)
        raise ZeroDivisionError
    assert listener.told() == []


def test_the_keywords_are_those_that_are_documented(content: Database, listener: Listener) -> None:
    content.circles.add_member("c1", "u3")
    content.circles.update_member_role("c1", "u3", "moderator")
    content.circles.transfer_ownership("c1", to="u3")
    content.circles.update_stats("c1", posts_this_week=2)
    content.circles.remove_member("c1", "u2")
    found = {heard.name: heard for heard in listener.all}
    assert {name: (heard.sender, set(heard.keywords)) for name, heard in found.items()} == {
        "item_created": (CircleMember, {"item"}),
        "item_updated": (CircleMember, {"item", "changed"}),
        "item_deleted": (CircleMember, {"item"}),
        "member_added": (CircleMember, {"member"}),
        "member_removed": (CircleMember, {"member"}),
        "role_changed": (CircleMember, {"member", "was"}),
        "ownership_transferred": (Circle, {"circle", "was", "to"}),
        "stats_incremented": (Circle, {"key", "changes"}),
    }
    assert found["stats_incremented"].keywords["changes"] == {"stats.posts_this_week": 2}
    assert found["stats_incremented"].keywords["key"] == Circle.key.of("c1")
    assert found["item_updated"].keywords["changed"] == ("role",)
    roles = [heard for heard in listener.all if heard.name == "role_changed"]
    assert [(heard.keywords["member"].user_id, heard.keywords["was"]) for heard in roles] == [
        ("u3", "member"),
        ("u3", "moderator"),
        ("u1", "admin"),
    ]
    for name, heard in found.items():
        documented = getattr(signals, name).__doc__
        assert all(keyword in documented for keyword in heard.keywords)


def test_a_receiver_of_one_kind_hears_only_that_kind(content: Database) -> None:
    heard: list[Any] = []

    def receive(sender: Any, **_: Any) -> None:
        heard.append(sender)

    with signals.item_updated.connected_to(receive, sender=Story):
        content.users.update("u1", is_active=False)
        content.stories.publish("s1")
    assert heard == [Story]


@pytest.mark.difference("no-lock")
def test_a_migration_tells_its_way(db: Database, tmp_path: Path) -> None:
    heard: list[tuple[str, Any, set[str]]] = []
    receivers: list[Callable[..., None]] = []
    with ExitStack() as stack:
        for name in OF_MIGRATIONS:

            def receive(sender: Any, name: str = name, **keywords: Any) -> None:
                heard.append((name, sender, set(keywords)))

            receivers.append(receive)
            stack.enter_context(getattr(signals, name).connected_to(receive))
        with SQLiteSource(write_legacy(tmp_path / "legacy.db", users=[user("u1")])) as source:
            service = MigrationService(db, source)
            service.execute(madmall_plan(), MigrationConfig(rejects=tmp_path / "rejects.jsonl"))
    assert {sender for _, sender, _ in heard} == {service}
    assert {name: keywords for name, _, keywords in heard} == {
        "migration_progress": {"progress"},
        "entity_migrated": {"result"},
        "migration_completed": {"report"},
    }
    assert [name for name, _, _ in heard].count("migration_completed") == 1
    assert heard[-1][0] == "migration_completed"


def test_these_are_all_the_signals_there_are() -> None:
    named = {name for name, value in vars(signals).items() if isinstance(value, Signal)}
    assert named == {*OF_ITEMS, *OF_MEMBERS, *OF_FIGURES, *OF_CALLS, *OF_MIGRATIONS}
    assert len(named) == 13
