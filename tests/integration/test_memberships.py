"""Memberships: one transaction each over the member, its mirror, the counts, the moderators and the rules."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import (
    AlreadyMember,
    Banned,
    Circle,
    CircleIsFull,
    CircleMember,
    Database,
    MadMallError,
    MembershipError,
    NotAMember,
    OwnerCannotLeave,
    User,
    ValidationError,
    member_added,
    member_removed,
    role_changed,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import edit, everything, mark_as_leaving, nothing_sent, nothing_written, raw

C1 = Circle.key.of("c1")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def circle(db: Database) -> Circle:
    for number in range(1, 5):
        make_user(db, f"u{number}")
    return make_circle(db)


def facts(db: Database) -> dict[str, Any]:
    """Return what must agree: members, mirrors, counts and moderators; demand that it does."""
    items = everything(db)
    members = {
        (item["circleId"]["S"], item["userId"]["S"]): item for item in items if item["SK"]["S"].startswith("MEMBER#")
    }
    mirrors = {
        (item["circleId"]["S"], item["userId"]["S"]): item
        for item in items
        if item["PK"]["S"].startswith("USER#") and item["SK"]["S"].startswith("CIRCLE#")
    }
    plain = [
        {
            key: {n: w for n, w in item.items() if n not in ("PK", "SK") and not n.startswith("GSI")}
            for key, item in each.items()
        }
        for each in (members, mirrors)
    ]
    assert plain[0] == plain[1]
    assert not any(name.startswith("GSI") for item in mirrors.values() for name in item)
    active = {key for key, item in members.items() if item["status"] == {"S": "active"}}
    moderating = {key for key in active if members[key]["role"] == {"S": "moderator"}}
    for item in items:
        if item["entityType"] == {"S": "CIRCLE"}:
            circle_id = item["circleId"]["S"]
            assert item["stats"]["M"]["memberCount"] == {"N": str(sum(key[0] == circle_id for key in active))}
            assert {wire["S"] for wire in item["moderators"]["L"]} == {
                key[1] for key in moderating if key[0] == circle_id
            }
            assert (circle_id, item["createdBy"]["S"]) in active
        if item["entityType"] == {"S": "USER"}:
            user_id = item["userId"]["S"]
            assert item["stats"]["M"]["circlesJoined"] == {"N": str(sum(key[1] == user_id for key in active))}
    return {key[1]: (item["status"]["S"], item["role"]["S"]) for key, item in members.items()}


# -- joining -------------------------------------------------------------------------------------------------------


@pytest.mark.defect(17)
@pytest.mark.parametrize("role", ["member", "moderator", "admin"])
def test_somebody_who_is_added_is_active_at_once(role: str, db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", require_approval=True)
    member = db.circles.add_member("c1", "u2", role=role)
    assert (member.status, member.role, member.version) == ("active", role, 1)
    assert facts(db) == {"u1": ("active", "admin"), "u2": ("active", role)}
    assert db.circles.is_member("c1", "u2")
    assert [found.user_id for found in db.circles.get_members("c1")] == ["u1", "u2"]
    assert raw(db, CircleMember.key.of("c1", "u2"))["GSI3PK"] == {"S": "MEMBER_STATUS#active"}


@pytest.mark.defect(18, 44)
def test_a_request_waits_where_the_circle_requires_approval(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", require_approval=True)
    assert db.circles.request_to_join("c1", "u2").status == "pending"
    assert facts(db)["u2"] == ("pending", "member")
    assert not db.circles.is_member("c1", "u2")
    assert [member.user_id for member in db.circles.get_members("c1")] == ["u1"]
    assert [member.user_id for member in db.circles.get_members("c1", status="pending")] == ["u2"]
    assert [member.user_id for member in db.circles.get_members("c1", status=None)] == ["u1", "u2"]
    assert [member.user_id for member in db.circles.get_memberships_by_status("pending")] == ["u2"]
    assert db.circles.approve_member("c1", "u2").status == "active"
    assert facts(db)["u2"] == ("active", "member")
    assert list(db.circles.get_memberships_by_status("pending")) == []


def test_a_request_is_granted_at_once_where_it_does_not(db: Database, circle: Circle) -> None:
    assert db.circles.request_to_join("c1", "u2").status == "active"
    assert facts(db)["u2"] == ("active", "member")


JOINING: dict[str, Callable[[Database, str, str], object]] = {
    "add_member": lambda db, circle_id, user_id: db.circles.add_member(circle_id, user_id),
    "add_member as moderator": lambda db, circle_id, user_id: db.circles.add_member(circle_id, user_id, "moderator"),
    "request_to_join": lambda db, circle_id, user_id: db.circles.request_to_join(circle_id, user_id),
}


@pytest.mark.defect(17, 18)
@pytest.mark.parametrize("approval", [True, False], ids=["approval", "open"])
@pytest.mark.parametrize("way", JOINING)
@pytest.mark.parametrize(
    ("circle_id", "user_id", "error"),
    [
        ("c1", "u2", AlreadyMember),
        ("c1", "u1", AlreadyMember),
        ("c1", "banned", Banned),
        ("nothing", "u3", Circle.DoesNotExist),
        ("leaving", "u3", Circle.DoesNotExist),
        ("c1", "nobody", User.DoesNotExist),
        ("c1", "leaving", User.DoesNotExist),
    ],
)
def test_who_cannot_join_is_told_why(
    way: str, circle_id: str, user_id: str, error: type[MadMallError], approval: bool, db: Database, circle: Circle
) -> None:
    for name in ("banned", "leaving"):
        make_user(db, name)
    make_circle(db, "leaving")
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "banned")
    db.circles.ban_member("c1", "banned")
    db.circles.update_settings("c1", require_approval=approval)
    mark_as_leaving(db, Circle.key.of("leaving"))
    mark_as_leaving(db, User.key.of("leaving"))
    with nothing_written(db), pytest.raises(error):
        JOINING[way](db, circle_id, user_id)


@pytest.mark.defect(18)
@pytest.mark.parametrize("way", JOINING)
def test_a_full_circle_takes_nobody(way: str, db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", max_members=2)
    db.circles.add_member("c1", "u2")
    with nothing_written(db), pytest.raises(CircleIsFull, match="has 2 active members and takes at most 2") as refused:
        JOINING[way](db, "c1", "u3")
    assert isinstance(refused.value, MembershipError)
    db.circles.remove_member("c1", "u2")
    JOINING[way](db, "c1", "u3")
    facts(db)


def test_who_waits_takes_no_room_and_is_approved_only_where_there_is_some(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", max_members=2, require_approval=True)
    db.circles.add_member("c1", "u2")
    db.circles.request_to_join("c1", "u3")
    with nothing_written(db), pytest.raises(CircleIsFull):
        db.circles.approve_member("c1", "u3")
    db.circles.update_settings("c1", max_members=3)
    db.circles.approve_member("c1", "u3")
    facts(db)


@pytest.mark.difference("missing-maps")
@pytest.mark.parametrize("role", ["member", "moderator"])
def test_a_circle_without_counters_is_counted_before_somebody_joins(role: str, db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", max_members=2)
    edit(db, C1, "REMOVE stats")
    edit(db, User.key.of("u2"), "REMOVE stats")
    db.circles.add_member("c1", "u2", role=role)
    facts(db)
    edit(db, C1, "REMOVE stats")
    with pytest.raises(CircleIsFull):
        db.circles.add_member("c1", "u3", role=role)
    assert not db.circles.is_member("c1", "u3")


def test_a_circle_whose_counters_lack_the_members_can_be_joined(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", max_members=3)
    edit(db, C1, "REMOVE stats.memberCount")
    db.circles.add_member("c1", "u2")
    assert db.circles.is_member("c1", "u2")


@pytest.mark.defect(28)
@pytest.mark.parametrize("role", ["founder", "owner", "", None])
def test_nobody_gets_a_role_that_there_is_not(role: Any, db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    with nothing_sent(db):
        with pytest.raises(ValidationError, match="takes one of member, moderator, admin"):
            db.circles.add_member("c1", "u3", role=role)
        with pytest.raises(ValidationError, match="takes one of member, moderator, admin"):
            db.circles.update_member_role("c1", "u2", role)


@pytest.mark.difference("no-lock")
def test_no_circle_takes_more_than_its_capacity_among_threads(db: Database, circle: Circle) -> None:
    for number in range(5, 10):
        make_user(db, f"u{number}")
    db.circles.update_settings("c1", max_members=4)
    refused: list[type[Exception]] = []

    def work(user_id: str) -> None:
        try:
            db.circles.add_member("c1", user_id)
        except CircleIsFull as error:
            refused.append(type(error))

    threads = [threading.Thread(target=work, args=(f"u{number}",)) for number in range(2, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(facts(db)) == 4
    assert refused == [CircleIsFull] * 5


# -- leaving -------------------------------------------------------------------------------------------------------


@pytest.mark.defect(17, 91)
@pytest.mark.parametrize("role", ["member", "moderator", "admin"])
def test_who_leaves_is_gone_from_both_sides(role: str, db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2", role=role)
    db.circles.remove_member("c1", "u2")
    assert facts(db) == {"u1": ("active", "admin")}
    assert list(db.users.get_user_circles("u2")) == []
    db.circles.add_member("c1", "u2")
    facts(db)


def test_a_request_can_be_withdrawn(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", require_approval=True)
    db.circles.request_to_join("c1", "u2")
    db.circles.remove_member("c1", "u2")
    assert facts(db) == {"u1": ("active", "admin")}


@pytest.mark.defect(91)
def test_the_owner_neither_leaves_nor_is_banned_nor_changes_roles(db: Database, circle: Circle) -> None:
    with nothing_written(db):
        for attempt in (
            lambda: db.circles.remove_member("c1", "u1"),
            lambda: db.circles.ban_member("c1", "u1"),
            lambda: db.circles.update_member_role("c1", "u1", "member"),
            lambda: db.circles.update_member_role("c1", "u1", "moderator"),
        ):
            with pytest.raises(OwnerCannotLeave, match="transfer the ownership first"):
                attempt()


@pytest.mark.defect(17, 26)
def test_who_is_no_member_is_told_so(db: Database, circle: Circle) -> None:
    with nothing_sent(db):
        for attempt in (
            lambda: db.circles.remove_member("c1", "u2"),
            lambda: db.circles.ban_member("c1", "u2"),
            lambda: db.circles.approve_member("c1", "u2"),
            lambda: db.circles.update_member_role("c1", "u2", "moderator"),
            lambda: db.circles.get_member("c1", "u2"),
        ):
            with pytest.raises(NotAMember) as refused:
                attempt()
            assert isinstance(refused.value, CircleMember.DoesNotExist)
    assert not db.circles.is_member("c1", "u2")


# -- bans ----------------------------------------------------------------------------------------------------------


@pytest.mark.defect(18)
@pytest.mark.parametrize("before", ["member", "moderator", "pending"])
def test_a_ban_is_kept_and_takes_role_and_room(before: str, db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", require_approval=True)
    if before == "pending":
        db.circles.request_to_join("c1", "u2")
    else:
        db.circles.add_member("c1", "u2", role=before)
    assert db.circles.ban_member("c1", "u2").status == "banned"
    assert facts(db) == {"u1": ("active", "admin"), "u2": ("banned", "member")}
    with nothing_written(db):
        assert db.circles.ban_member("c1", "u2").status == "banned"
        for attempt in (
            lambda: db.circles.remove_member("c1", "u2"),
            lambda: db.circles.approve_member("c1", "u2"),
            lambda: db.circles.add_member("c1", "u2"),
        ):
            with pytest.raises(Banned):
                attempt()
        with pytest.raises(NotAMember, match="is banned, not active"):
            db.circles.update_member_role("c1", "u2", "moderator")


def test_an_active_member_is_not_approved_again(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    with nothing_written(db), pytest.raises(AlreadyMember, match="with status 'active' already"):
        db.circles.approve_member("c1", "u2")


# -- roles ---------------------------------------------------------------------------------------------------------


@pytest.mark.defect(66)
def test_moderators_follow_the_roles(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "u3", role="moderator")
    assert db.circles.update_member_role("c1", "u2", "moderator").role == "moderator"
    assert db.circles.get("c1").moderators == ["u3", "u2"]
    facts(db)
    db.circles.update_member_role("c1", "u3", "admin")
    assert db.circles.get("c1").moderators == ["u2"]
    facts(db)
    db.circles.remove_member("c1", "u2")
    assert db.circles.get("c1").moderators == []
    facts(db)


def test_the_same_role_again_sends_nothing(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2", role="moderator")
    with nothing_sent(db):
        db.circles.update_member_role("c1", "u2", "moderator")
        db.circles.update_member_role("c1", "u1", "admin")


@pytest.mark.defect(95)
def test_a_stored_founder_is_read_and_keeps_standing(db: Database, circle: Circle) -> None:
    for key in (CircleMember.key.of("c1", "u1").wire, {"PK": {"S": "USER#u1"}, "SK": {"S": "CIRCLE#c1"}}):
        change = {"UpdateExpression": "SET #role = :founder", "ExpressionAttributeNames": {"#role": "role"}}
        values = {"ExpressionAttributeValues": {":founder": {"S": "founder"}}}
        db.connection.call("UpdateItem", {"TableName": db.table_name, "Key": key, **change, **values})
    assert db.circles.get_member("c1", "u1").role == "founder"
    db.circles.add_member("c1", "u2")
    db.circles.transfer_ownership("c1", "u2")
    assert facts(db) == {"u1": ("active", "member"), "u2": ("active", "admin")}


# -- what others hear ----------------------------------------------------------------------------------------------


def test_each_change_is_announced_once_and_no_refused_one(db: Database, circle: Circle) -> None:
    heard: list[str] = []

    def added(sender: Any, member: CircleMember) -> None:
        heard.append(f"added {member.user_id}")

    def removed(sender: Any, member: CircleMember) -> None:
        heard.append(f"removed {member.user_id}")

    def changed(sender: Any, member: CircleMember, was: str) -> None:
        heard.append(f"{member.user_id} from {was} to {member.role}")

    db.circles.update_settings("c1", require_approval=True, max_members=3)
    with member_added.connected_to(added), member_removed.connected_to(removed), role_changed.connected_to(changed):
        db.circles.add_member("c1", "u2")
        db.circles.request_to_join("c1", "u3")
        db.circles.approve_member("c1", "u3")
        db.circles.update_member_role("c1", "u2", "moderator")
        db.circles.update_member_role("c1", "u2", "moderator")
        for attempt in (lambda: db.circles.add_member("c1", "u2"), lambda: db.circles.add_member("c1", "u4")):
            with pytest.raises(MembershipError):
                attempt()
        db.circles.remove_member("c1", "u2")
    assert heard == ["added u2", "added u3", "u2 from member to moderator", "removed u2"]


def test_a_receiver_that_raises_undoes_nothing(db: Database, circle: Circle) -> None:
    def broken(sender: Any, **_: Any) -> None:
        raise ZeroDivisionError

    with member_added.connected_to(broken):
        assert db.circles.add_member("c1", "u2").version == 1
    assert facts(db)["u2"] == ("active", "member")
