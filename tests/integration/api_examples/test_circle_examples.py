"""What is done with circles. Each block is one that the documents show."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

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
)


@pytest.fixture
def circle(db: Database) -> Circle:
    for user_id in ("user123", "user456", "user789", "user999"):
        db.users.create(
            user_id=user_id,
            email=f"{user_id}@example.com",
            profile={"first_name": "Jane", "last_name": "Smith"},
        )
    circle = db.circles.create(
        circle_id="circle123",
        name="Newly Diagnosed Support",
        description="A safe space",
        type="support_group",
        privacy_level="private",
        settings={"is_private": True, "require_approval": True, "max_members": 50, "moderation_level": "moderate"},
        tags=["support"],
        created_by="user123",
    )
    return circle


@pytest.mark.defect(5, 95)
def test_creating(db: Database, circle: Circle) -> None:
    assert circle.stats.member_count == 1
    assert db.circles.get_member("circle123", "user123").role == "admin"


def test_members(db: Database, circle: Circle) -> None:
    db.circles.add_member("circle123", "user456", role="member")
    db.circles.request_to_join("circle123", "user789")
    db.circles.approve_member("circle123", "user789")
    db.circles.update_member_role("circle123", "user789", "moderator")
    assert [member.user_id for member in db.circles.get_members("circle123")] == ["user123", "user456", "user789"]
    assert db.circles.get_member("circle123", "user789").role == "moderator"
    assert db.circles.is_member("circle123", "user789")
    assert db.circles.get("circle123").moderators == ["user789"]
    db.circles.ban_member("circle123", "user789")
    db.circles.remove_member("circle123", "user456")
    assert db.circles.get("circle123").stats.member_count == 1


def test_what_membership_refuses(db: Database, circle: Circle) -> None:
    db.circles.add_member("circle123", "user456")
    with pytest.raises(AlreadyMember):
        db.circles.add_member("circle123", "user456")
    with pytest.raises(User.DoesNotExist):
        db.circles.add_member("circle123", "nobody")
    with pytest.raises(Circle.DoesNotExist):
        db.circles.add_member("nothing", "user456")
    with pytest.raises(NotAMember):
        db.circles.remove_member("circle123", "user789")
    with pytest.raises(OwnerCannotLeave):
        db.circles.remove_member("circle123", "user123")
    with pytest.raises(OwnerCannotLeave):
        db.circles.update_member_role("circle123", "user123", "member")
    db.circles.update_settings("circle123", max_members=2)
    with pytest.raises(CircleIsFull):
        db.circles.add_member("circle123", "user789")
    db.circles.ban_member("circle123", "user456")
    with pytest.raises(Banned):
        db.circles.add_member("circle123", "user456")


def test_handing_over(db: Database, circle: Circle) -> None:
    db.circles.add_member("circle123", "user789")
    handed = db.circles.transfer_ownership("circle123", to="user789")
    assert handed.created_by == "user789"
    assert db.circles.transfer_ownership("circle123", to="user789") == handed
    with pytest.raises(NotAMember):
        db.circles.transfer_ownership("circle123", to="user999")


def test_lists_and_search(db: Database, circle: Circle) -> None:
    assert list(db.circles.get_by_type("support_group").filter(Circle.is_active == True).limit(10)) == [circle]
    assert list(db.circles.get_active_circles()) == [circle]
    assert list(db.circles.search_circles(type="support_group", tags=["support"], is_private=True)) == [circle]
    mine = db.users.get_user_circles("user123").filter(CircleMember.status == "active")
    assert [member.circle_id for member in mine] == ["circle123"]


def test_changing(db: Database, circle: Circle) -> None:
    db.circles.update_stats("circle123", posts_this_week=5, engagement_rate=0.85)
    db.circles.update_settings("circle123", require_approval=False)
    db.circles.update("circle123", name="New name")
    changed = db.circles.get("circle123")
    assert (changed.stats.posts_this_week, changed.stats.engagement_rate) == (5, Decimal("0.85"))
    assert (changed.settings.require_approval, changed.settings.max_members) == (False, 50)
    assert changed.name == "New name"
    db.circles.delete("circle123")
    assert db.circles.get_or_none("circle123") is None


def test_in_full(db: Database, circle: Circle) -> None:
    db.circles.add_member("circle123", "user456")
    db.stories.create(
        story_id="story1",
        title="How it began",
        content="A text that is long enough for a story, since a short one is warned of.",
        author={"id": "user123", "display_name": "Jane"},
        circle_id="circle123",
    )
    full = db.circles.in_full("circle123")
    assert full.circle == db.circles.get("circle123")
    assert [member.user_id for member in full.members] == ["user123", "user456"]
    assert [story.story_id for story in full.stories] == ["story1"]
    assert full.unknown == ()
    with pytest.raises(Circle.DoesNotExist):
        db.circles.in_full("nothing")


def test_a_new_week(db: Database, circle: Circle) -> None:
    db.circles.create(
        circle_id="older",
        name="An older circle",
        type="support_group",
        created_by="user123",
        created_at=datetime(2024, 11, 22, tzinfo=UTC),
    )
    db.circles.update_stats("older", posts_this_week=5)
    db.circles.roll_over_stats("week")
    assert db.circles.get("older").stats.posts_this_week == 0
    db.circles.update_stats("older", posts_this_week=1)
    # Asked again in the same week, it leaves what was counted since.
    db.circles.roll_over_stats("month")
    assert db.circles.get("older").stats.posts_this_week == 1


def test_what_every_manager_has(db: Database, circle: Circle) -> None:
    assert db.circles.exists("circle123")
    assert db.circles.count() == db.circles.of_tenant("default").count() == 1
    assert list(db.circles.query(type="support_group")) == [circle]
    assert db.circles.get("circle123", consistent=True) == circle
    with db.bound():
        assert Circle.objects.get("circle123") == circle
        circle.name = "New name"
        assert circle.save().version == 2
        assert Circle.objects.get("circle123").refresh().name == "New name"
