"""Circles: made with their owner's membership, listed, measured, handed over and deleted."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from madmall_models import (
    AlreadyExists,
    Circle,
    CircleMember,
    Database,
    NotAMember,
    NotOwner,
    User,
    ValidationError,
    member_added,
    ownership_transferred,
    stats_incremented,
)
from madmall_models.connection.retry import Backoff
from tests.integration.samples import NOON, make_circle, make_user
from tests.integration.table_content import edit, mark_as_leaving, nothing_sent, nothing_written, places, raw

C1 = Circle.key.of("c1")


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Backoff, "seconds", lambda *_, **__: 0.0)


@pytest.fixture
def people(db: Database) -> None:
    for number in range(1, 4):
        make_user(db, f"u{number}")


@pytest.fixture
def circle(db: Database, people: None) -> Circle:
    return make_circle(db, created_at=NOON + timedelta(days=1))


# -- creating ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(19, 20)
def test_a_circle_is_made_with_its_owner_s_membership_and_counts(db: Database, people: None) -> None:
    created = make_circle(db, created_at=NOON, tags=["support"])
    item = raw(db, C1)
    assert {name: wire["S"] for name, wire in item.items() if name.startswith("GSI")} == {
        "GSI1PK": "CIRCLE_TYPE#support_group",
        "GSI1SK": "CREATED#2024-11-22T12:00:00.000Z",
        "GSI3PK": "CIRCLE_STATUS#ACTIVE",
        "GSI3SK": "UPDATED#2024-11-22T12:00:00.000Z",
        "GSI4PK": "TENANT#default#CIRCLES",
        "GSI4SK": "CREATED#2024-11-22T12:00:00.000Z",
    }
    assert item["stats"]["M"]["memberCount"] == {"N": "1"}
    owner = db.circles.get_member("c1", "u1")
    assert (owner.role, owner.status, owner.joined_at) == ("admin", "active", NOON)
    assert db.users.get("u1").stats.circles_joined == 1
    assert [member.circle_id for member in db.users.get_user_circles("u1")] == ["c1"]
    assert created == db.circles.get("c1")
    assert (created.moderators, created.version, created.stats.member_count) == ([], 1, 1)


def test_derived_counts_and_moderators_are_ignored_with_a_warning(
    db: Database, people: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        created = make_circle(db, stats={"member_count": 44}, moderators=["u2"])
    assert (created.stats.member_count, created.moderators) == (1, [])
    assert raw(db, C1)["stats"]["M"]["memberCount"] == {"N": "1"}
    assert "stats follows from memberships" in caplog.text
    assert "moderators follows from memberships" in caplog.text


@pytest.mark.defect(11)
def test_the_key_is_taken_once(db: Database, circle: Circle) -> None:
    with nothing_written(db), pytest.raises(AlreadyExists, match="Circle: an item with this key exists already"):
        make_circle(db, owner="u2")


@pytest.mark.defect(19)
@pytest.mark.parametrize("owner", ["nobody", "leaving"])
def test_the_owner_must_be_there(owner: str, db: Database) -> None:
    make_user(db, "leaving")
    mark_as_leaving(db, User.key.of("leaving"))
    with nothing_written(db), pytest.raises(User.DoesNotExist, match="created_by names no user"):
        make_circle(db, owner=owner)


@pytest.mark.parametrize(
    ("fields", "messages"),
    [
        ({"name": "ab"}, {"name"}),
        ({"type": None}, {"type"}),
        ({"created_by": None}, {"createdBy"}),
        ({"settings": {"max_members": 1}}, {"settings.maxMembers"}),
        ({"settings": {"moderation_level": "none"}}, {"settings.moderationLevel"}),
        ({"status": "ACTIVE", "is_active": False}, {"status"}),
    ],
)
def test_a_circle_that_breaks_a_rule_is_refused(
    fields: dict[str, Any], messages: set[str], db: Database, people: None
) -> None:
    with nothing_sent(db), pytest.raises(ValidationError) as refused:
        make_circle(db, **fields)
    assert set(refused.value.messages) == messages


# -- changing ------------------------------------------------------------------------------------------------------


@pytest.mark.defect(29)
def test_settings_are_merged(db: Database, circle: Circle) -> None:
    db.circles.update_settings("c1", require_approval=True, meeting_schedule={"frequency": "weekly"})
    updated = db.circles.update_settings("c1", maxMembers=50)
    settings = db.circles.get("c1").settings
    assert (settings.require_approval, settings.max_members, settings.allow_guest_posts) == (True, 50, True)
    assert settings.meeting_schedule.frequency == "weekly"
    assert updated.version == 3


@pytest.mark.defect(66)
def test_status_and_activity_and_privacy_cannot_disagree(db: Database, circle: Circle) -> None:
    assert db.circles.update("c1", is_active=False).status == "INACTIVE"
    assert raw(db, C1)["GSI3PK"] == {"S": "CIRCLE_STATUS#INACTIVE"}
    assert db.circles.update("c1", status="ACTIVE").is_active is True
    assert db.circles.update("c1", privacy_level="closed").settings.is_private is True
    assert db.circles.update_settings("c1", is_private=False).privacy_level == "public"
    with nothing_written(db), pytest.raises(ValidationError) as refused:
        db.circles.update("c1", status="INACTIVE", is_active=True)
    assert [entry.code for entry in refused.value.errors] == ["CONSISTENCY_ERROR"]


@pytest.mark.parametrize("changes", [{"moderators": ["u2"]}, {"created_by": "u2"}, {"createdBy": "u2"}])
def test_what_follows_from_memberships_is_not_updated(changes: dict[str, Any], db: Database, circle: Circle) -> None:
    with nothing_sent(db), pytest.raises(ValidationError, match="use update_member_role or transfer_ownership"):
        db.circles.update("c1", **changes)


@pytest.mark.defect(33)
def test_the_place_in_the_list_of_a_status_follows_each_change(db: Database, circle: Circle) -> None:
    make_circle(db, "c2", created_at=NOON)
    make_circle(db, "c3", created_at=NOON - timedelta(days=1))
    db.circles.update("c3", name="Renamed")
    assert [found.circle_id for found in db.circles.get_active_circles()] == ["c2", "c1", "c3"]


# -- figures -------------------------------------------------------------------------------------------------------


def test_counters_add_and_gauges_are_set(db: Database, circle: Circle) -> None:
    db.circles.update_stats("c1", posts_this_week=5, engagement_rate=0.5)
    db.circles.update_stats("c1", posts_this_week=2, engagement_rate=0.85, active_members=3)
    found = db.circles.get("c1")
    assert (found.stats.posts_this_week, found.stats.engagement_rate, found.stats.active_members) == (
        7,
        Decimal("0.85"),
        3,
    )
    assert (found.version, found.updated_at, found.stats.member_count) == (1, circle.updated_at, 1)


@pytest.mark.difference("missing-maps")
def test_counters_work_where_the_map_is_absent_and_count_the_members_there_are(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.request_to_join("c1", "u3")
    edit(db, C1, "REMOVE stats")
    db.circles.update_stats("c1", posts_this_week=5)
    stats = db.circles.get("c1").stats
    assert (stats.posts_this_week, stats.member_count, stats.engagement_rate) == (5, 3, Decimal(0))


def test_figures_are_announced_without_a_version(db: Database, circle: Circle) -> None:
    heard: list[Any] = []

    def receiver(sender: Any, **keywords: Any) -> None:
        heard.append((sender, keywords))

    with stats_incremented.connected_to(receiver, sender=Circle):
        db.circles.update_stats("c1", posts_this_week=5)
        db.circles.update_stats("c1")
    ((sender, keywords),) = heard
    assert sender is Circle
    assert keywords == {"key": C1, "changes": {"stats.posts_this_week": 5}}


@pytest.mark.parametrize("changes", [{"members": 1}, {"posts_this_week": "5"}, {"engagement_rate": "high"}])
def test_a_wrong_figure_is_refused(changes: dict[str, Any], db: Database, circle: Circle) -> None:
    with nothing_sent(db), pytest.raises(ValidationError):
        db.circles.update_stats("c1", **changes)


@pytest.mark.defect(26)
def test_figures_of_no_circle(db: Database) -> None:
    with pytest.raises(Circle.DoesNotExist):
        db.circles.update_stats("nothing", posts_this_week=5)


# -- lists ---------------------------------------------------------------------------------------------------------


@pytest.mark.defect(41, 42)
def test_circles_are_listed_by_type_status_and_tenant(db: Database, people: None) -> None:
    make_circle(db, "c1", created_at=NOON)
    make_circle(db, "c2", type="wellness_focus", tenant_id="other")
    make_circle(db, "c3", status="INACTIVE")
    assert [circle.circle_id for circle in db.circles.get_by_type("support_group")] == ["c1", "c3"]
    assert {circle.circle_id for circle in db.circles.get_active_circles()} == {"c1", "c2"}
    assert [circle.circle_id for circle in db.circles.of_tenant()] == ["c1", "c3"]
    assert (db.circles.count(), db.circles.count("other"), db.circles.count("nobody")) == (2, 1, 0)
    active = db.circles.get_by_type("support_group").filter(Circle.is_active == True).limit(10)
    assert [circle.circle_id for circle in active] == ["c1"]


@pytest.mark.defect(41, 46, 47)
def test_circles_are_searched_by_any_of_each_list_and_all_criteria(db: Database, people: None) -> None:
    make_circle(db, "c1", tags=["support", "new"], settings={"is_private": True, "cultural_focus": ["Latina"]})
    make_circle(db, "c2", tags=["new"])
    make_circle(db, "c3", tags=["support"], type="wellness_focus")
    make_circle(db, "c4", tags=["support"], status="INACTIVE")

    def found(**criteria: Any) -> set[str]:
        return {circle.circle_id for circle in db.circles.search_circles(**criteria)}

    assert found() == {"c1", "c2", "c3"}
    assert found(tags=["support", "other"]) == {"c1", "c3"}
    assert found(type="support_group", tags=["support"]) == {"c1"}
    assert found(type="support_group", is_private=False) == {"c2"}
    assert found(cultural_focus=["Latina", "African American"]) == {"c1"}
    assert found(tags=["nothing"]) == set()


# -- ownership -----------------------------------------------------------------------------------------------------


@pytest.mark.defect(24)
def test_an_ownership_is_handed_over_in_one_step(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2", role="moderator")
    db.circles.add_member("c1", "u3", role="moderator")
    handed = db.circles.transfer_ownership("c1", to="u2")
    assert (handed.created_by, handed.moderators) == ("u2", ["u3"])
    assert db.circles.get("c1") == handed
    roles = {member.user_id: member.role for member in db.circles.get_members("c1")}
    assert roles == {"u1": "member", "u2": "admin", "u3": "moderator"}
    mirrored = {member.user_id: member.role for name in roles for member in db.users.get_user_circles(name)}
    assert mirrored == roles
    assert handed.stats.member_count == 3


@pytest.mark.parametrize(("keep_as", "moderators"), [("moderator", ["u1"]), ("admin", []), ("member", [])])
def test_the_old_owner_keeps_the_role_that_is_said(
    keep_as: str, moderators: list[str], db: Database, circle: Circle
) -> None:
    db.circles.add_member("c1", "u2", role="admin")
    assert db.circles.transfer_ownership("c1", "u2", keep_as=keep_as).moderators == moderators
    assert db.circles.get_member("c1", "u1").role == keep_as
    assert db.circles.get_member("c1", "u2").role == "admin"


def test_to_the_present_owner_nothing_is_handed_over(db: Database, circle: Circle) -> None:
    with nothing_sent(db):
        assert db.circles.transfer_ownership("c1", "u1") == circle


@pytest.mark.defect(24)
@pytest.mark.parametrize("status", ["nobody", "pending", "banned"])
def test_only_an_active_member_becomes_the_owner(status: str, db: Database, circle: Circle) -> None:
    if status == "pending":
        db.circles.update_settings("c1", require_approval=True)
        db.circles.request_to_join("c1", "u2")
    elif status == "banned":
        db.circles.add_member("c1", "u2")
        db.circles.ban_member("c1", "u2")
    with nothing_written(db), pytest.raises(NotAMember):
        db.circles.transfer_ownership("c1", "u2")


def test_a_user_who_is_being_deleted_does_not_become_the_owner(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    mark_as_leaving(db, User.key.of("u2"))
    with nothing_written(db), pytest.raises(User.DoesNotExist):
        db.circles.transfer_ownership("c1", "u2")


@pytest.mark.defect(24)
def test_an_ownership_that_moved_meanwhile_is_not_moved_again(
    db: Database, circle: Circle, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "u3")
    hand_over = type(db.circles)._hand_over

    def meanwhile(manager: Any, seen: Circle, to: str, keep_as: str) -> Circle:
        monkeypatch.setattr(type(db.circles), "_hand_over", hand_over)
        db.circles.transfer_ownership("c1", "u3")
        result: Circle = hand_over(manager, seen, to, keep_as)
        return result

    monkeypatch.setattr(type(db.circles), "_hand_over", meanwhile)
    with pytest.raises(NotOwner, match="the ownership moved to somebody else meanwhile; nothing was written"):
        db.circles.transfer_ownership("c1", "u2")
    assert db.circles.get("c1").created_by == "u3"
    assert {member.user_id: member.role for member in db.circles.get_members("c1")}["u3"] == "admin"


def test_no_circle_is_handed_over_that_is_not_there_or_to_no_role(db: Database, circle: Circle) -> None:
    with pytest.raises(Circle.DoesNotExist):
        db.circles.transfer_ownership("nothing", "u2")
    with nothing_sent(db), pytest.raises(ValidationError, match="takes one of member, moderator, admin"):
        db.circles.transfer_ownership("c1", "u2", keep_as="founder")


def test_a_transfer_is_announced_once_and_a_refused_one_never(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    heard: list[Any] = []

    def receiver(sender: Any, **keywords: Any) -> None:
        heard.append((sender, keywords["circle"].circle_id, keywords["was"], keywords["to"]))

    with ownership_transferred.connected_to(receiver):
        db.circles.transfer_ownership("c1", "u2")
        db.circles.transfer_ownership("c1", "u2")
        with pytest.raises(NotAMember):
            db.circles.transfer_ownership("c1", "u3")
    assert heard == [(Circle, "c1", "u1", "u2")]


@pytest.mark.difference("no-lock")
def test_among_many_transfers_one_owner_remains(db: Database, circle: Circle) -> None:
    db.circles.add_member("c1", "u2")
    db.circles.add_member("c1", "u3")

    def work(to: str) -> None:
        for _ in range(3):
            try:
                db.circles.transfer_ownership("c1", to)
            except NotOwner:
                continue

    threads = [threading.Thread(target=work, args=(to,)) for to in ("u1", "u2", "u3")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    owner = db.circles.get("c1", consistent=True).created_by
    admins = [member.user_id for member in db.circles.get_members("c1").consistent() if member.role == "admin"]
    assert admins == [owner]


def test_the_creation_of_a_circle_is_announced_with_its_first_member(db: Database, people: None) -> None:
    heard: list[str] = []

    def receiver(sender: Any, member: CircleMember) -> None:
        heard.append(f"{member.circle_id} {member.user_id}")

    with member_added.connected_to(receiver):
        make_circle(db)
        with pytest.raises(AlreadyExists):
            make_circle(db)
    assert heard == ["c1 u1"]
    assert len(places(db)) == 3 * 2 + 3
