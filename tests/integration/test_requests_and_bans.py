"""Requests to join and bans: who decides what, what can be undone, and who counts as absent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from madmall_models import (
    AlreadyMember,
    Banned,
    Circle,
    CircleIsFull,
    CircleMember,
    Database,
    NotAMember,
    OwnerCannotLeave,
    User,
    member_added,
    member_removed,
    role_changed,
    utc_now,
)
from madmall_models.connection.retry import Backoff
from madmall_models.integrity import check
from madmall_models.keys import ItemKey
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import edit, nothing_sent, nothing_written


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def circle(db: Database) -> Circle:
    for number in range(1, 5):
        make_user(db, f"u{number}")
    return make_circle(db, settings={"require_approval": True})


def standing(db: Database) -> dict[str, tuple[str, str]]:
    """Return status and role of each membership; demand that counts, mirrors and moderators agree."""
    assert check(db) == ()
    return {member.user_id: (member.status, member.role) for member in db.circles.get_members("c1", status=None)}


def expire(db: Database, key: ItemKey, hours: float = 1) -> None:
    moment = utc_now() - timedelta(hours=hours)
    edit(db, key, "SET #ttl = :moment", moment={"N": str(int(moment.timestamp()))})


def test_a_request_is_refused_or_taken_back_by_ending_it(db: Database, circle: Circle) -> None:
    db.circles.request_to_join("c1", "u2")
    db.circles.remove_member("c1", "u2")
    assert standing(db) == {"u1": ("active", "admin")}
    assert db.circles.request_to_join("c1", "u2").status == "pending"


def test_who_asked_is_not_added_but_approved(db: Database, circle: Circle) -> None:
    db.circles.request_to_join("c1", "u2")
    with nothing_written(db):
        for join in (db.circles.add_member, db.circles.request_to_join):
            with pytest.raises(AlreadyMember, match="status 'pending'"):
                join("c1", "u2")
        with pytest.raises(NotAMember, match="is pending, not active"):
            db.circles.update_member_role("c1", "u2", "moderator")
        with pytest.raises(NotAMember, match="is pending, not active"):
            db.circles.transfer_ownership("c1", to="u2")
    db.circles.approve_member("c1", "u2")
    assert standing(db)["u2"] == ("active", "member")


def test_only_who_waits_is_approved(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "u3")
    db.circles.ban_member("c1", "u3")
    with nothing_written(db):
        for user_id, error in (("u1", AlreadyMember), ("u2", AlreadyMember), ("u3", Banned), ("u4", NotAMember)):
            with pytest.raises(error):
                db.circles.approve_member("c1", user_id)


def test_nobody_is_approved_into_a_full_circle(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", max_members=2)
    for user_id in ("u2", "u3"):
        db.circles.request_to_join("c1", user_id)
    db.circles.approve_member("c1", "u2")
    with nothing_written(db), pytest.raises(CircleIsFull):
        db.circles.approve_member("c1", "u3")
    db.circles.ban_member("c1", "u2")
    assert db.circles.approve_member("c1", "u3").status == "active"
    assert standing(db)["u3"] == ("active", "member")


def test_the_owner_is_not_banned_and_a_former_owner_may_be(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    with nothing_written(db), pytest.raises(OwnerCannotLeave):
        db.circles.ban_member("c1", "u1")
    db.circles.transfer_ownership("c1", to="u2")
    db.circles.ban_member("c1", "u1")
    assert standing(db) == {"u1": ("banned", "member"), "u2": ("active", "admin")}


@pytest.mark.parametrize("before", ["active", "pending", "moderator"])
def test_a_ban_can_be_lifted_and_then_the_member_approved(before: str, db: Database, circle: Circle) -> None:
    if before == "pending":
        db.circles.request_to_join("c1", "u2")
    else:
        db.circles.add_member("c1", "u2", role="moderator" if before == "moderator" else "member")
    db.circles.ban_member("c1", "u2")
    lifted = db.circles.unban_member("c1", "u2")
    assert (lifted.status, lifted.role) == ("inactive", "member")
    assert standing(db)["u2"] == ("inactive", "member")
    assert not db.circles.is_member("c1", "u2")
    with nothing_sent(db):
        assert db.circles.unban_member("c1", "u2").status == "inactive"
    db.circles.approve_member("c1", "u2")
    assert standing(db)["u2"] == ("active", "member")
    with nothing_sent(db):
        assert db.circles.unban_member("c1", "u2").status == "active"


def test_a_lifted_ban_can_end_and_begin_again(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.ban_member("c1", "u2")
    db.circles.unban_member("c1", "u2")
    db.circles.ban_member("c1", "u2")
    db.circles.unban_member("c1", "u2")
    db.circles.remove_member("c1", "u2")
    assert standing(db) == {"u1": ("active", "admin")}
    with nothing_written(db), pytest.raises(NotAMember):
        db.circles.unban_member("c1", "u2")


@pytest.mark.defect(44)
def test_memberships_are_listed_once_by_their_status(db: Database, circle: Circle) -> None:
    make_circle(db, "c2", owner="u2")
    db.circles.request_to_join("c1", "u2")
    db.circles.add_member("c1", "u3")
    db.circles.ban_member("c1", "u3")

    def listed(status: str) -> list[tuple[str, str]]:
        return sorted((found.circle_id, found.user_id) for found in db.circles.get_memberships_by_status(status))

    assert listed("active") == [("c1", "u1"), ("c2", "u2")]
    assert (listed("pending"), listed("banned"), listed("inactive")) == ([("c1", "u2")], [("c1", "u3")], [])
    assert all(found.joined_at for found in db.circles.get_memberships_by_status("active"))


# -- who has expired is absent -------------------------------------------------------------------------------------

WAYS: dict[str, Callable[[Database], object]] = {
    "add": lambda db: db.circles.add_member("c1", "u2"),
    "ask": lambda db: db.circles.request_to_join("c1", "u2"),
    "approve": lambda db: db.circles.approve_member("c1", "u3"),
    "receive": lambda db: db.circles.transfer_ownership("c1", to="u4"),
    "found": lambda db: make_circle(db, "c2", owner="u2"),
    "comment": lambda db: db.stories.add_comment("s1", author_id="u2", content="Thank you."),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_expired_user_joins_nothing(way: str, db: Database, circle: Circle) -> None:
    db.stories.create(story_id="s1", title="How it began", content="A text.", author={"id": "u1"})
    db.circles.request_to_join("c1", "u3")
    db.circles.add_member("c1", "u4")
    for user_id in ("u2", "u3", "u4"):
        expire(db, User.key.of(user_id))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        WAYS[way](db)


@pytest.mark.parametrize("way", ["add", "ask", "approve"])
def test_nobody_joins_an_expired_circle(way: str, db: Database, circle: Circle) -> None:
    db.circles.request_to_join("c1", "u3")
    expire(db, Circle.key.of("c1"))
    with nothing_written(db), pytest.raises(Circle.DoesNotExist):
        WAYS[way](db)


def test_a_time_to_live_that_has_not_passed_or_is_none_hides_nobody(db: Database, circle: Circle) -> None:
    expire(db, User.key.of("u2"), hours=-1)
    expire(db, Circle.key.of("c1"), hours=-1)
    edit(db, User.key.of("u4"), "SET #ttl = :text", text={"S": "2024"})
    assert db.circles.add_member("c1", "u2").status == "active"
    assert db.circles.add_member("c1", "u4").status == "active"


def test_who_has_expired_can_still_leave(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    expire(db, User.key.of("u2"))
    db.circles.remove_member("c1", "u2")
    assert standing(db) == {"u1": ("active", "admin")}


# -- what others hear ----------------------------------------------------------------------------------------------


def test_who_comes_and_goes_is_told_once(db: Database, circle: Circle) -> None:
    heard: list[str] = []

    def added(sender: Any, member: CircleMember) -> None:
        heard.append(f"{member.user_id} in")

    def removed(sender: Any, member: CircleMember) -> None:
        heard.append(f"{member.user_id} out")

    def changed(sender: Any, member: CircleMember, was: str) -> None:
        heard.append(f"{member.user_id} {was} -> {member.role}")

    with member_added.connected_to(added), member_removed.connected_to(removed), role_changed.connected_to(changed):
        db.circles.request_to_join("c1", "u2")
        db.circles.ban_member("c1", "u2")
        db.circles.unban_member("c1", "u2")
        db.circles.approve_member("c1", "u2")
        db.circles.add_member("c1", "u3", role="moderator")
        db.circles.ban_member("c1", "u3")
        db.circles.ban_member("c1", "u3")
        db.circles.transfer_ownership("c1", to="u2")
        db.circles.transfer_ownership("c1", to="u2")
        db.create_entity(CircleMember(circle_id="c1", user_id="u4"))
    assert heard == ["u2 in", "u3 in", "u3 out", "u2 member -> admin", "u1 admin -> member", "u4 in"]
