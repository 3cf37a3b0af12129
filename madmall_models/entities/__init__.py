"""Declare the entities of the table, one file for each aggregate."""

from madmall_models.entities.business import Address, Business, BusinessContact, BusinessMetrics, BusinessProfile
from madmall_models.entities.circle import Circle, CircleMember, CircleSettings, CircleStats, MeetingSchedule
from madmall_models.entities.resource import (
    Attachment,
    Contributor,
    Price,
    Resource,
    ResourceAuthor,
    ResourceEngagement,
    ResourceMetadata,
)
from madmall_models.entities.story import Comment, Story, StoryAuthor, StoryEngagement, StoryMetadata
from madmall_models.entities.user import (
    Accessibility,
    User,
    UserLocation,
    UserPreferences,
    UserProfile,
    UserSettings,
    UserStats,
)

__all__ = [
    "Accessibility",
    "Address",
    "Attachment",
    "Business",
    "BusinessContact",
    "BusinessMetrics",
    "BusinessProfile",
    "Circle",
    "CircleMember",
    "CircleSettings",
    "CircleStats",
    "Comment",
    "Contributor",
    "MeetingSchedule",
    "Price",
    "Resource",
    "ResourceAuthor",
    "ResourceEngagement",
    "ResourceMetadata",
    "Story",
    "StoryAuthor",
    "StoryEngagement",
    "StoryMetadata",
    "User",
    "UserLocation",
    "UserPreferences",
    "UserProfile",
    "UserSettings",
    "UserStats",
]
