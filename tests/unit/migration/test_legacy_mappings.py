"""The ready mappings name attributes that exist, mend what the old migration got wrong, and keep secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models.declaration import attribute_at
from madmall_models.migration import Mapping, madmall_mappings
from madmall_models.migration.legacy_people import CIRCLES, USERS, settle_circle, settle_role
from madmall_models.writer import prepare_creation

START = datetime(2026, 1, 1, tzinfo=UTC)
MAPPINGS = {mapping.table: mapping for mapping in madmall_mappings()}
BARE_ROWS: dict[str, dict[str, Any]] = {
    "users": {"id": 1, "email": "ada@example.com", "firstName": "Ada", "lastName": "M."},
    "circles": {"id": 1, "name": "Newly diagnosed", "type": "support_group", "createdBy": 1},
    "circle_members": {"circleId": 1, "userId": 1},
    "stories": {"id": 1, "title": "My first year", "content": "It was long.", "authorId": 1},
    "story_comments": {"id": 1, "storyId": 1, "authorId": 1, "content": "Thank you."},
    "businesses": {"id": 1, "name": "Calm Teas", "email": "tea@example.com", "ownerId": 1},
    "resources": {"id": 1, "title": "Sleep well", "description": "How to.", "category": "self_care", "authorId": 1},
    "images": {"id": 1, "category": "wellness", "filePath": "calm/1.png", "altText": "A quiet morning"},
    "feedback": {"id": 1, "imageId": 1, "vote": 1},
}


def entity_of(mapping: Mapping, row: dict[str, Any]) -> Any:
    related = {reference.target: {} for reference in mapping.references}
    arguments = mapping.arguments(row, START)
    entity = mapping.entity(**(mapping.settle(arguments, related) if mapping.settle else arguments))
    prepare_creation(entity)
    return entity


@pytest.mark.defect(84)
@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=MAPPINGS)
def test_every_target_is_an_attribute_of_the_entity(mapping: Mapping) -> None:
    targets = [field.target for field in mapping.fields]
    named = targets + [reference.target for reference in mapping.references] + [each.target for each in mapping.touches]

    assert [target for target in named if attribute_at(mapping.entity, target) is None] == []
    assert len(targets) == len(set(targets))


@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=MAPPINGS)
def test_references_point_to_entities_that_are_moved_earlier(mapping: Mapping) -> None:
    earlier = {MAPPINGS[table].entity for table in mapping.after}

    assert {reference.entity for reference in mapping.references} <= earlier | {mapping.entity}


@pytest.mark.parametrize("table", MAPPINGS)
def test_a_row_of_required_columns_only_makes_a_valid_entity(table: str) -> None:
    entity = entity_of(MAPPINGS[table], BARE_ROWS[table])

    assert entity.created_at == entity.updated_at == START
    assert entity.version == 1
    assert entity.tenant_id == "default"


@pytest.mark.defect(71, 95)
def test_nothing_about_health_is_shared_unless_the_row_says_so() -> None:
    silent = entity_of(USERS, BARE_ROWS["users"])
    spoken = entity_of(USERS, {**BARE_ROWS["users"], "shareHealthJourney": 1})

    assert silent.preferences.share_health_journey is False
    assert spoken.preferences.share_health_journey is True


@pytest.mark.defect(71)
@pytest.mark.parametrize("column", ["showRealName", "allowDirectMessages", "emailNotifications", "weeklyDigest"])
def test_an_opt_out_stays_an_opt_out(column: str) -> None:
    refused = entity_of(USERS, {**BARE_ROWS["users"], column: 0})
    unsaid = entity_of(USERS, {**BARE_ROWS["users"], column: None})
    name = {field.column: field.target for field in USERS.fields}[column].partition(".")[2]

    assert getattr(refused.preferences, name) is False
    assert getattr(unsaid.preferences, name) is True


@pytest.mark.defect(71)
def test_a_user_who_was_deactivated_stays_so() -> None:
    assert entity_of(USERS, {**BARE_ROWS["users"], "isActive": 0}).is_active is False
    assert entity_of(USERS, BARE_ROWS["users"]).is_active is True


@pytest.mark.defect(69, 72)
def test_dates_of_the_source_are_kept_in_fields_and_keys() -> None:
    user = entity_of(USERS, {**BARE_ROWS["users"], "createdAt": "2024-01-02 03:04:05", "updatedAt": 1706832245})

    assert user.GSI4SK == "CREATED#2024-01-02T03:04:05.000Z"
    assert user.profile.join_date == user.profile.last_active == user.created_at
    assert user.updated_at == datetime(2024, 2, 2, 0, 4, 5, tzinfo=UTC)


@pytest.mark.defect(73)
def test_a_missing_type_has_one_default_in_field_and_key() -> None:
    resource = entity_of(MAPPINGS["resources"], BARE_ROWS["resources"])

    assert (resource.type, resource.GSI1PK) == ("article", "RESOURCE_TYPE#article")


def test_a_business_without_category_is_general_in_field_and_key() -> None:
    business = entity_of(MAPPINGS["businesses"], BARE_ROWS["businesses"])

    assert (business.category, business.GSI1PK) == ("general", "BUSINESS_CATEGORY#general")


@pytest.mark.defect(73)
@pytest.mark.parametrize(("status", "feed"), [("draft", None), ("removed", None), (None, "STORY_FEED")])
def test_only_published_stories_are_in_the_feed(status: str | None, feed: str | None) -> None:
    story = entity_of(MAPPINGS["stories"], {**BARE_ROWS["stories"], "status": status})

    assert feed == story.GSI2PK


@pytest.mark.defect(73)
@pytest.mark.parametrize(("is_active", "status"), [(1, "ACTIVE"), (0, "INACTIVE"), (None, "ACTIVE")])
def test_a_circle_says_the_same_in_status_and_is_active(is_active: int | None, status: str) -> None:
    circle = entity_of(CIRCLES, {**BARE_ROWS["circles"], "isActive": is_active})

    assert (circle.status, circle.is_active) == (status, status == "ACTIVE")
    assert f"CIRCLE_STATUS#{status}" == circle.GSI3PK


@pytest.mark.parametrize(
    ("level", "private", "expected"),
    [
        (None, None, ("public", False)), (None, 0, ("public", False)), (None, 1, ("private", True)),
        ("public", 0, ("public", False)), ("public", 1, ("private", True)), ("private", 0, ("private", True)),
        ("invite_only", None, ("invite_only", True)), ("closed", 1, ("closed", True)),
    ],
)  # fmt: skip
def test_of_two_contradicting_columns_the_more_private_holds(
    level: str | None, private: int | None, expected: tuple[str, bool]
) -> None:
    circle = entity_of(CIRCLES, {**BARE_ROWS["circles"], "privacyLevel": level, "isPrivate": private})

    assert (circle.privacy_level, circle.settings.is_private) == expected


def test_settling_leaves_its_arguments_alone() -> None:
    given: dict[str, Any] = {"is_active": False, "settings": {"is_private": True}}

    settle_circle(given, {})

    assert given == {"is_active": False, "settings": {"is_private": True}}


def test_the_owner_is_an_active_admin_whatever_the_row_says() -> None:
    row = {"circle_id": "c", "user_id": "u", "role": "member", "status": "banned"}

    assert settle_role(row, {"circle_id": {"created_by": "u"}}) == {**row, "role": "admin", "status": "active"}
    assert settle_role(row, {"circle_id": {"created_by": "other"}}) == row


def test_a_founder_becomes_an_admin_since_nobody_writes_founders() -> None:
    assert settle_role({"user_id": "u", "role": "founder"}, {"circle_id": {}})["role"] == "admin"


def test_counts_that_the_table_keeps_itself_are_not_taken() -> None:
    circle = entity_of(CIRCLES, {**BARE_ROWS["circles"], "memberCount": 99, "moderators": '["x"]', "activeMembers": 4})
    story = entity_of(MAPPINGS["stories"], {**BARE_ROWS["stories"], "comments": 99, "likes": 5})

    assert (circle.stats.member_count, circle.moderators, circle.stats.active_members) == (0, [], 4)
    assert (story.engagement.comments, story.engagement.likes) == (0, 5)


@pytest.mark.defect(84)
@pytest.mark.parametrize(
    ("table", "secret"),
    [
        ("users", {"email", "firstName", "lastName", "bio", "diagnosisStage"}), ("circle_members", {"notes"}),
        ("users", {"supportNeeds", "primaryGoals", "circleInterests", "culturalBackground", "communicationStyle"}),
        ("stories", {"title", "themes", "tags", "triggerWarnings", "therapeuticValue", "culturalElements"}),
        ("stories", {"content", "authorDisplayName"}), ("story_comments", {"content", "authorDisplayName"}),
        ("businesses", {"email", "phone"}), ("resources", {"authorName", "authorBio", "content"}),
        ("feedback", {"comment"}),
    ],
)  # fmt: skip
def test_personal_columns_are_masked_in_rejects(table: str, secret: set[str]) -> None:
    assert secret <= MAPPINGS[table].columns
    assert not secret & MAPPINGS[table].open_columns
