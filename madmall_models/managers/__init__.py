"""Carry what each aggregate can do; importing this registers every manager."""

from madmall_models.managers.activity import ActivityManager
from madmall_models.managers.advisory_review import AdvisoryReviewManager
from madmall_models.managers.business import BusinessManager
from madmall_models.managers.circle import CircleManager
from madmall_models.managers.cohort_membership import CohortMembershipManager
from madmall_models.managers.comment import CommentManager
from madmall_models.managers.feedback import FeedbackManager
from madmall_models.managers.image import ImageManager
from madmall_models.managers.incident import IncidentManager
from madmall_models.managers.member import CircleMemberManager
from madmall_models.managers.personalization import PersonalizationManager
from madmall_models.managers.premium_source import PremiumSourceManager
from madmall_models.managers.resource import ResourceManager
from madmall_models.managers.story import StoryManager
from madmall_models.managers.user import UserManager

__all__ = [
    "ActivityManager",
    "AdvisoryReviewManager",
    "BusinessManager",
    "CircleManager",
    "CircleMemberManager",
    "CohortMembershipManager",
    "CommentManager",
    "FeedbackManager",
    "ImageManager",
    "IncidentManager",
    "PersonalizationManager",
    "PremiumSourceManager",
    "ResourceManager",
    "StoryManager",
    "UserManager",
]
