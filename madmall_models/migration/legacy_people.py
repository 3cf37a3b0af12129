"""Map the legacy tables about people: ``users``, ``circles`` and ``circle_members``."""

from __future__ import annotations

from madmall_models.entities import Circle, CircleMember, User
from madmall_models.managers.membership import ACTIVE
from madmall_models.migration.cast import boolean, decimal, identifier, integer, json_list, text, time
from madmall_models.migration.legacy_stubs import stub_circle, stub_user
from madmall_models.migration.legacy_times import written_at
from madmall_models.migration.mapping import RUN_START, Arguments, FieldMap, Mapping, Policy, Reference, Related, Touch


def settle_circle(circle: Arguments, related: Related) -> Arguments:
    """Say the same twice: ``status`` as ``isActive``, ``isPrivate`` as ``privacyLevel``.

    Where a row contradicts itself about privacy, the more private of the two holds.
    """
    settled = dict(circle)
    if circle.get("is_active") is not None:
        settled["status"] = "ACTIVE" if circle["is_active"] else "INACTIVE"
    settings = dict(circle.get("settings", {}))
    level = circle.get("privacy_level")
    if level in (None, "public") and settings.get("is_private"):
        level = "private"
    if level is not None:
        settled["privacy_level"] = level
        settings["is_private"] = level != "public"
    if settings:
        settled["settings"] = settings
    return settled


def settle_role(member: Arguments, related: Related) -> Arguments:
    """Make the owner of a circle an active member and admin of it, whatever the row says.

    ``founder`` is a role that is read and no longer written; whoever has it becomes an admin.
    """
    if related["circle_id"].get("created_by") == member.get("user_id"):
        return {**member, "role": "admin", "status": "active"}
    return {**member, "role": "admin"} if member.get("role") == "founder" else member


def is_active(member: CircleMember) -> bool:
    """Tell whether a membership counts among the circles that a user has joined."""
    return member.status == ACTIVE


USERS = Mapping(
    entity=User,
    table="users",
    fields=(
        FieldMap("user_id", "id", identifier),
        FieldMap("email", "email", text, secret=True),
        FieldMap("profile.first_name", "firstName", text, secret=True),
        FieldMap("profile.last_name", "lastName", text, secret=True),
        FieldMap("profile.bio", "bio", text, secret=True),
        FieldMap("profile.cultural_background", "culturalBackground", json_list, secret=True),
        FieldMap("profile.communication_style", "communicationStyle", text, secret=True),
        FieldMap("profile.diagnosis_stage", "diagnosisStage", text, secret=True),
        FieldMap("profile.support_needs", "supportNeeds", json_list, secret=True),
        FieldMap("profile.join_date", "createdAt", time, fallbacks=("updatedAt",), default=RUN_START),
        FieldMap("profile.last_active", "lastActive", time, fallbacks=("createdAt", "updatedAt"), default=RUN_START),
        FieldMap("preferences.profile_visibility", "profileVisibility", text),
        FieldMap("preferences.show_real_name", "showRealName", boolean),
        FieldMap("preferences.allow_direct_messages", "allowDirectMessages", boolean),
        FieldMap("preferences.share_health_journey", "shareHealthJourney", boolean),
        FieldMap("preferences.email_notifications", "emailNotifications", boolean),
        FieldMap("preferences.push_notifications", "pushNotifications", boolean),
        FieldMap("preferences.weekly_digest", "weeklyDigest", boolean),
        FieldMap("preferences.circle_notifications", "circleNotifications", boolean),
        FieldMap("preferences.content_preferences", "contentPreferences", json_list, secret=True),
        FieldMap("preferences.circle_interests", "circleInterests", json_list, secret=True),
        FieldMap("settings.theme", "theme", text),
        FieldMap("settings.language", "language", text, secret=True),
        FieldMap("settings.timezone", "timezone", text, secret=True),
        FieldMap("primary_goals", "primaryGoals", json_list, secret=True),
        FieldMap("is_verified", "isVerified", boolean),
        FieldMap("is_active", "isActive", boolean),
        *written_at(),
    ),
)

CIRCLES = Mapping(
    entity=Circle,
    table="circles",
    fields=(
        FieldMap("circle_id", "id", identifier),
        FieldMap("name", "name", text),
        FieldMap("description", "description", text),
        FieldMap("type", "type", text),
        FieldMap("privacy_level", "privacyLevel", text),
        FieldMap("settings.is_private", "isPrivate", boolean),
        FieldMap("settings.require_approval", "requireApproval", boolean),
        FieldMap("settings.max_members", "maxMembers", integer),
        FieldMap("settings.cultural_focus", "culturalFocus", json_list),
        FieldMap("settings.allow_guest_posts", "allowGuestPosts", boolean),
        FieldMap("settings.moderation_level", "moderationLevel", text),
        FieldMap("settings.content_guidelines", "contentGuidelines", text),
        FieldMap("tags", "tags", json_list),
        FieldMap("cover_image", "coverImage", text),
        FieldMap("stats.active_members", "activeMembers", integer),
        FieldMap("stats.posts_this_week", "postsThisWeek", integer),
        FieldMap("stats.posts_this_month", "postsThisMonth", integer),
        FieldMap("stats.engagement_rate", "engagementRate", decimal),
        FieldMap("stats.average_response_time", "averageResponseTime", decimal),
        FieldMap("created_by", "createdBy", identifier),
        FieldMap("is_active", "isActive", boolean),
        *written_at(),
    ),
    references=(Reference("created_by", User, Policy.KEEP, stub=stub_user),),
    after=("users",),
    settle=settle_circle,
    remember=("created_by",),
    touches=(Touch("circle_id", Circle), Touch("created_by", User)),
    counted=("memberCount", "moderators"),
)

CIRCLE_MEMBERS = Mapping(
    entity=CircleMember,
    table="circle_members",
    fields=(
        FieldMap("circle_id", "circleId", identifier),
        FieldMap("user_id", "userId", identifier),
        FieldMap("role", "role", text),
        FieldMap("status", "status", text),
        FieldMap("joined_at", "joinedAt", time, fallbacks=("createdAt",), default=RUN_START),
        FieldMap("last_active", "lastActive", time, fallbacks=("joinedAt", "createdAt"), default=RUN_START),
        FieldMap("contribution_score", "contributionScore", decimal),
        FieldMap("badges", "badges", json_list),
        FieldMap("notes", "notes", text, secret=True),
        *written_at("joinedAt"),
    ),
    references=(Reference("circle_id", Circle, stub=stub_circle), Reference("user_id", User, stub=stub_user)),
    after=("users", "circles"),
    settle=settle_role,
    touches=(Touch("circle_id", Circle), Touch("user_id", User, counts=is_active, by=("status",))),
)
