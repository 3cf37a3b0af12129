"""What stands in the legacy tables arrives, in the form that the models read."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from madmall_models.migration import MigrationConfig, MigrationReport, MigrationService, SQLiteSource, madmall_plan
from madmall_models.migration.legacy_images import LEGACY_VOTER
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

ONE_WRITER = MigrationConfig(parallelism=1)


def migrate(db: Any, path: Path, config: MigrationConfig = ONE_WRITER) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(madmall_plan(), config)


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[
            user(
                "u1", bio="Hello.", supportNeeds='["self_care"]', createdAt="2024-01-02 03:04:05", tenantId="atlanta",
                updatedAt="2024-03-01T00:00:00+02:00", theme="dark", showRealName="f", isVerified="t",
                lastActive=1704170000,
            ),
            user("u2", culturalBackground='["Latina"]', shareHealthJourney="true", isActive=0),
        ],
        circles=[circle("c1", "u1", maxMembers="50", tags='["support"]', engagementRate=0.82, isPrivate=1)],
        circle_members=[
            member("c1", "u1", role="member", joinedAt="2024-01-05", badges='["founder"]', notes="Quiet."),
            member("c1", "u2", role="moderator", joinedAt=1707000000000, contributionScore=4.5),
        ],
        stories=[story("s1", "u1", circleId="c1", likes=3, views=2**53 + 1, publishedAt="2024-02-01")],
        story_comments=[comment("k1", "s1", "u2", likes=2, isEdited=1, createdAt="2024-02-02", parentCommentId="")],
        businesses=[
            {"id": 7, "name": "Calm Teas", "email": "tea@example.com", "ownerId": "u1", "category": "Tea",
             "rating": 4.9, "socialMedia": '{"instagram": "https://example.com/tea"}', "foundedYear": "2023"},
        ],
        resources=[
            {"id": "r1", "title": "Sleep well", "description": "How to.", "category": "Sleep Health", "authorId": "u2",
             "authorName": "Ada", "averageRating": 4.75, "tags": "", "isPremium": 1},
        ],
        images=[
            {"id": 1, "source": "unsplash", "category": "joy", "filePath": "joy/1.png", "altText": "Sisters laughing",
             "status": "approved", "createdAt": "2024-08-01T10:00:00.000Z"},
        ],
        feedback=[
            {"id": 9, "imageId": 1, "vote": 1, "comment": None, "createdAt": "2024-08-02T10:00:00.000Z"},
            {"id": 8, "imageId": 1, "vote": -1, "comment": "poor quality", "createdAt": "2024-08-03T10:00:00.000Z"},
        ],
    )  # fmt: skip


@pytest.mark.defect(68, 79)
def test_every_table_arrives_and_the_report_adds_up(db: Any, legacy: Path) -> None:
    report = migrate(db, legacy)

    assert {result.entity_type: (result.total, result.successful) for result in report.results} == {
        "USER": (2, 2), "CIRCLE": (1, 1), "CIRCLE_MEMBER": (2, 2), "STORY": (1, 1), "STORY_COMMENT": (1, 1),
        "BUSINESS": (1, 1), "RESOURCE": (1, 1), "IMAGE": (1, 1), "FEEDBACK": (2, 2),
    }  # fmt: skip
    assert report.ok
    assert all(result.byte_count > 0 and result.write_units > 0 for result in report.results)
    assert report.notes == ("no backup was made",)


@pytest.mark.defect(68, 69, 83)
def test_users_arrive_with_their_dates_wishes_and_keys(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    ada = db.users.get_by_email("U1@EXAMPLE.com")
    assert (ada.user_id, ada.tenant_id, ada.version) == ("u1", "atlanta", 1)
    assert ada.created_at == ada.profile.join_date == datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert ada.updated_at == datetime(2024, 2, 29, 22, tzinfo=UTC)
    assert ada.profile.last_active == datetime(2024, 1, 2, 4, 33, 20, tzinfo=UTC)
    assert ada.profile.support_needs == ["self_care"]
    assert (ada.settings.theme, ada.preferences.show_real_name, ada.is_verified) == ("dark", False, True)
    assert ada.preferences.share_health_journey is False

    other = db.users.get("u2")
    assert (other.is_active, other.preferences.share_health_journey) == (False, True)
    assert [found.user_id for found in db.users.get_users_by_tenant("atlanta")] == ["u1"]


@pytest.mark.defect(70)
def test_circles_arrive_with_members_on_both_sides(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    circle = db.circles.get("c1")
    assert (circle.privacy_level, circle.settings.is_private, circle.settings.max_members) == ("private", True, 50)
    assert (circle.stats.member_count, circle.moderators, circle.stats.engagement_rate) == (2, ["u2"], Decimal("0.82"))
    owner, moderator = db.circles.get_members("c1")
    assert (owner.user_id, owner.role, owner.badges, owner.notes) == ("u1", "admin", ["founder"], "Quiet.")
    assert moderator.contribution_score == Decimal("4.5")
    assert owner.created_at == owner.joined_at == datetime(2024, 1, 5, tzinfo=UTC)
    assert [found.circle_id for found in db.users.get_user_circles("u2")] == ["c1"]
    assert db.users.get("u2").stats.circles_joined == 1


@pytest.mark.defect(70)
def test_stories_and_comments_arrive_and_are_counted(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    [found] = db.stories.get_by_circle("c1")
    assert (found.engagement.likes, found.engagement.comments, found.engagement.views) == (3, 1, 2**53 + 1)
    assert [each.story_id for each in db.stories.get_feed_stories()] == ["s1"]
    [said] = db.stories.get_comments("s1")
    assert (said.author.id, said.likes, said.is_edited, said.parent_comment_id) == ("u2", 2, True, None)


@pytest.mark.defect(83)
def test_businesses_and_resources_arrive(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    business = db.businesses.get("7")
    assert (business.profile.founded_year, business.metrics.rating) == (2023, Decimal("4.9"))
    assert business.profile.social_media == {"instagram": "https://example.com/tea"}
    assert [found.business_id for found in db.businesses.get_by_category("tea")] == ["7"]
    resource = db.resources.get("r1")
    assert (resource.category, resource.type, resource.is_premium, resource.tags) == (
        "Sleep Health",
        "article",
        True,
        [],
    )
    assert resource.engagement.average_rating == Decimal("4.75")


@pytest.mark.defect(69)
def test_times_of_the_source_are_kept_while_counts_are_set(db: Any, tmp_path: Path) -> None:
    long_ago = "2020-02-03T04:05:06Z"
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1", createdAt=long_ago, updatedAt=long_ago)],
        circles=[circle("c1", "u1", createdAt=long_ago, updatedAt=long_ago)],
        circle_members=[member("c1", "u1", joinedAt=long_ago)],
    )

    migrate(db, path)

    for found in (db.users.get("u1"), db.circles.get("c1"), db.circles.get_member("c1", "u1")):
        assert found.created_at == found.updated_at == datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
        assert found.version == 1
    assert db.circles.get("c1").stats.member_count == 1


def test_images_arrive_with_the_feedback_on_them(db: Any, legacy: Path) -> None:
    migrate(db, legacy)

    image = db.images.get("1")
    assert (image.status, image.source, image.source_info.provider) == ("active", "stock", "unsplash")
    assert [(each.feedback_id, each.rating, each.comment) for each in db.feedback.list_for_image("1")] == [
        ("9", 5, None),
        ("8", 1, "poor quality"),
    ]
    assert db.feedback.get_by_id("8").image_id == "1"
    assert len(list(db.feedback.list_by_user(LEGACY_VOTER))) == 2
    assert list(db.feedback.list_open_reports()) == []
