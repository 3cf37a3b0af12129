"""What is done with users. Each block is one that the documents show."""

from __future__ import annotations

import pytest

from madmall_models import AlreadyExists, CircleMember, Database, OwnsCircles, UniqueViolation, User, ValidationError


@pytest.fixture
def jane(db: Database) -> User:
    user = db.users.create(
        user_id="user123",
        email="jane@example.com",
        profile={
            "first_name": "Jane",
            "last_name": "Smith",
            "cultural_background": ["Latina"],
            "communication_style": "gentle_encouraging",
            "diagnosis_stage": "managing_well",
            "support_needs": ["emotional_support", "health_education"],
        },
        preferences={"profile_visibility": "circles_only", "email_notifications": True},
        settings={"theme": "dark", "language": "en", "timezone": "America/New_York"},
        primary_goals=["emotional_support", "community_connection"],
    )
    return user


@pytest.mark.defect(5)
def test_creating(db: Database, jane: User) -> None:
    assert jane.profile.first_name == "Jane"
    assert jane.settings.theme == "dark"
    with pytest.raises(AlreadyExists):
        db.users.create(user_id="user123", email="another@example.com", profile=jane.profile)
    with pytest.raises(UniqueViolation) as taken:
        db.users.create(user_id="user456", email="JANE@example.com", profile=jane.profile)
    assert taken.value.field == "email"
    with pytest.raises(ValidationError):
        db.users.create(user_id="user456", email="nowhere", profile=jane.profile)


def test_what_is_filled_on_create(db: Database, jane: User) -> None:
    assert jane.profile.join_date is not None
    assert jane.profile.last_active is not None
    assert (jane.stats.stories_shared, jane.stats.circles_joined) == (0, 0)
    assert (jane.settings.accessibility.large_text, jane.preferences.share_health_journey) == (False, False)
    assert (jane.tenant_id, jane.version, jane.is_active) == ("default", 1, True)
    # Either spelling is taken; the table has camelCase.
    john = db.users.create(
        user_id="user456", email="john@example.com", profile={"firstName": "John", "last_name": "Smith"}
    )
    assert john.profile.first_name == "John"
    assert john.serialize()["profile"]["M"]["firstName"] == {"S": "John"}


def test_reading(db: Database, jane: User) -> None:
    assert db.users.get("user123") == jane
    assert db.users.get_or_none("nobody") is None
    assert db.users.get_by_email("Jane@Example.com") == jane
    with pytest.raises(User.DoesNotExist):
        db.users.get("nobody")


@pytest.mark.defect(39)
def test_lists_and_search(db: Database, jane: User) -> None:
    assert list(db.users.get_user_circles("user123").filter(CircleMember.status == "active")) == []
    assert list(db.users.get_users_by_tenant("default").newest_first().limit(20)) == [jane]
    found = db.users.search_users(
        cultural_background=["African American", "Latina"],
        diagnosis_stage="newly_diagnosed",
        support_needs=["emotional_support"],
        location={"state": "CA", "country": "US"},
        tenant_id="default",
    )
    assert list(found.newest_first().limit(20)) == []
    db.users.update_profile("user123", diagnosis_stage="newly_diagnosed", location={"state": "CA", "country": "US"})
    assert [user.user_id for user in found.newest_first().limit(20)] == ["user123"]


def test_changing(db: Database, jane: User) -> None:
    db.users.update("user123", email="new@example.com")
    db.users.update_profile("user123", bio="Wellness advocate", support_needs=["stress_relief"])
    db.users.update_preferences("user123", weekly_digest=False)
    db.users.update_last_active("user123")
    db.users.increment_stats("user123", stories_shared=1, helpful_votes=5)
    user = db.users.get_by_email("new@example.com")
    assert (user.profile.bio, user.profile.first_name) == ("Wellness advocate", "Jane")
    assert (user.preferences.weekly_digest, user.preferences.profile_visibility) == (False, "circles_only")
    assert (user.stats.stories_shared, user.stats.helpful_votes) == (1, 5)


def test_deleting(db: Database, jane: User) -> None:
    db.circles.create(circle_id="circle123", name="Support", type="support_group", created_by="user123")
    with pytest.raises(OwnsCircles):
        db.users.delete("user123")
    db.circles.delete("circle123")
    db.users.delete("user123")
    assert db.users.get_or_none("user123") is None
    # The address is free again.
    db.users.create(user_id="user456", email="jane@example.com", profile={"first_name": "Jane", "last_name": "Smith"})


def test_many_at_once(db: Database, jane: User) -> None:
    assert db.users.batch_get(["nobody", "user123", "user123"]) == [None, jane, jane]
    assert db.batch_get([User.key.of(user_id="user123"), User.key.of(user_id="nobody")]) == [jane, None]
