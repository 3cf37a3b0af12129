"""Declare the entities of the table, one file for each aggregate."""

from madmall_models.entities.activity import Activity
from madmall_models.entities.advisory_review import AdvisoryReview, Consensus, ReviewDecision
from madmall_models.entities.business import Address, Business, BusinessContact, BusinessMetrics, BusinessProfile
from madmall_models.entities.circle import Circle, CircleMember, CircleSettings, CircleStats, MeetingSchedule
from madmall_models.entities.feedback import Feedback, Resolution
from madmall_models.entities.image import Image, ImageSource, ImageUsage, ImageValidation
from madmall_models.entities.incident import Alert, Escalation, Incident
from madmall_models.entities.personalization import (
    CohortMembership,
    Experiment,
    Personalization,
    PersonalizationEngagement,
    PersonalizationPreferences,
)
from madmall_models.entities.premium_source import LicenseDefaults, PremiumSource
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
    "Activity",
    "Address",
    "AdvisoryReview",
    "Alert",
    "Attachment",
    "Business",
    "BusinessContact",
    "BusinessMetrics",
    "BusinessProfile",
    "Circle",
    "CircleMember",
    "CircleSettings",
    "CircleStats",
    "CohortMembership",
    "Comment",
    "Consensus",
    "Contributor",
    "Escalation",
    "Experiment",
    "Feedback",
    "Image",
    "ImageSource",
    "ImageUsage",
    "ImageValidation",
    "Incident",
    "LicenseDefaults",
    "MeetingSchedule",
    "Personalization",
    "PersonalizationEngagement",
    "PersonalizationPreferences",
    "PremiumSource",
    "Price",
    "Resolution",
    "Resource",
    "ResourceAuthor",
    "ResourceEngagement",
    "ResourceMetadata",
    "ReviewDecision",
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
