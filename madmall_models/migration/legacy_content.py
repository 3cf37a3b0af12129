"""Map the legacy tables about content: ``stories``, ``story_comments``, ``businesses`` and ``resources``."""

from __future__ import annotations

from madmall_models.entities import Business, Circle, Comment, Resource, Story, User
from madmall_models.migration.cast import boolean, decimal, identifier, integer, json_list, json_object, text, time
from madmall_models.migration.legacy_stubs import stub_circle, stub_story, stub_user
from madmall_models.migration.legacy_times import written_at
from madmall_models.migration.mapping import FieldMap, Mapping, Policy, Reference, Touch


def is_one(comment: Comment) -> bool:
    """Tell that every comment counts, also one that moderation hides."""
    return True


STORIES = Mapping(
    entity=Story,
    table="stories",
    fields=(
        FieldMap("story_id", "id", identifier),
        FieldMap("title", "title", text, secret=True),
        FieldMap("content", "content", text, secret=True),
        FieldMap("excerpt", "excerpt", text, secret=True),
        FieldMap("author.id", "authorId", identifier),
        FieldMap("author.display_name", "authorDisplayName", text, secret=True),
        FieldMap("author.avatar", "authorAvatar", text, secret=True),
        FieldMap("author.is_verified", "authorIsVerified", boolean),
        FieldMap("type", "type", text),
        FieldMap("status", "status", text),
        FieldMap("themes", "themes", json_list, secret=True),
        FieldMap("tags", "tags", json_list, secret=True),
        FieldMap("circle_id", "circleId", identifier),
        FieldMap("engagement.likes", "likes", integer),
        FieldMap("engagement.shares", "shares", integer),
        FieldMap("engagement.saves", "saves", integer),
        FieldMap("engagement.views", "views", integer),
        FieldMap("engagement.helpful_votes", "helpfulVotes", integer),
        FieldMap("metadata.read_time", "readTime", integer),
        FieldMap("metadata.word_count", "wordCount", integer),
        FieldMap("metadata.cultural_elements", "culturalElements", json_list, secret=True),
        FieldMap("metadata.therapeutic_value", "therapeuticValue", json_list, secret=True),
        FieldMap("metadata.trigger_warnings", "triggerWarnings", json_list, secret=True),
        FieldMap("metadata.age_appropriate", "ageAppropriate", boolean),
        FieldMap("moderation_status", "moderationStatus", text),
        FieldMap("moderation_notes", "moderationNotes", text, secret=True),
        FieldMap("featured_at", "featuredAt", time),
        FieldMap("published_at", "publishedAt", time),
        *written_at(),
    ),
    references=(
        Reference("author.id", User, Policy.KEEP, stub=stub_user),
        Reference("circle_id", Circle, Policy.KEEP, stub=stub_circle),
    ),
    after=("users", "circles"),
    counted=("comments",),
)

STORY_COMMENTS = Mapping(
    entity=Comment,
    table="story_comments",
    fields=(
        FieldMap("comment_id", "id", identifier),
        FieldMap("story_id", "storyId", identifier),
        FieldMap("author.id", "authorId", identifier),
        FieldMap("author.display_name", "authorDisplayName", text, secret=True),
        FieldMap("author.avatar", "authorAvatar", text, secret=True),
        FieldMap("content", "content", text, secret=True),
        FieldMap("parent_comment_id", "parentCommentId", identifier),
        FieldMap("likes", "likes", integer),
        FieldMap("is_edited", "isEdited", boolean),
        FieldMap("moderation_status", "moderationStatus", text),
        *written_at(),
    ),
    references=(
        Reference("story_id", Story, stub=stub_story),
        Reference("author.id", User, Policy.KEEP, stub=stub_user),
        # Of another story, a comment is as good as missing: replies are read with the story that they stand under.
        Reference("parent_comment_id", Comment, Policy.KEEP, key=("story_id", "parent_comment_id")),
    ),
    after=("users", "stories"),
    touches=(Touch("story_id", Story, counts=is_one, by=()),),
)

BUSINESSES = Mapping(
    entity=Business,
    table="businesses",
    fields=(
        FieldMap("business_id", "id", identifier),
        FieldMap("profile.name", "name", text),
        FieldMap("profile.description", "description", text),
        FieldMap("profile.mission", "mission", text),
        FieldMap("profile.founded_year", "foundedYear", integer),
        FieldMap("profile.founder_story", "founderStory", text, secret=True),
        FieldMap("profile.website", "website", text),
        FieldMap("profile.social_media", "socialMedia", json_object),
        FieldMap("profile.contact.email", "email", text, secret=True),
        FieldMap("profile.contact.phone", "phone", text, secret=True),
        FieldMap("profile.logo", "logo", text),
        FieldMap("profile.cover_image", "coverImage", text),
        FieldMap("profile.gallery", "gallery", json_list),
        FieldMap("category", "category", text),
        FieldMap("type", "type", text),
        FieldMap("status", "status", text),
        FieldMap("certifications", "certifications", json_list),
        FieldMap("specialties", "specialties", json_list),
        FieldMap("services_offered", "servicesOffered", json_list),
        FieldMap("target_audience", "targetAudience", json_list),
        FieldMap("cultural_competencies", "culturalCompetencies", json_list),
        FieldMap("metrics.rating", "rating", decimal),
        FieldMap("metrics.review_count", "reviewCount", integer),
        FieldMap("metrics.trust_score", "trustScore", decimal),
        FieldMap("metrics.response_rate", "responseRate", decimal),
        FieldMap("metrics.average_response_time", "averageResponseTime", decimal),
        FieldMap("metrics.repeat_customer_rate", "repeatCustomerRate", decimal),
        FieldMap("owner_id", "ownerId", identifier),
        FieldMap("verified_at", "verifiedAt", time),
        FieldMap("featured_until", "featuredUntil", time),
        *written_at(),
    ),
    references=(Reference("owner_id", User, Policy.KEEP, stub=stub_user),),
    after=("users",),
)

RESOURCES = Mapping(
    entity=Resource,
    table="resources",
    fields=(
        FieldMap("resource_id", "id", identifier),
        FieldMap("title", "title", text),
        FieldMap("description", "description", text),
        FieldMap("content", "content", text, secret=True),
        FieldMap("summary", "summary", text),
        FieldMap("type", "type", text),
        FieldMap("category", "category", text),
        FieldMap("subcategories", "subcategories", json_list),
        FieldMap("status", "status", text),
        FieldMap("author.id", "authorId", identifier),
        FieldMap("author.name", "authorName", text, secret=True),
        FieldMap("author.credentials", "authorCredentials", json_list),
        FieldMap("author.bio", "authorBio", text, secret=True),
        FieldMap("author.avatar", "authorAvatar", text, secret=True),
        FieldMap("author.is_verified", "authorIsVerified", boolean),
        FieldMap("author.specialties", "authorSpecialties", json_list),
        FieldMap("metadata.read_time", "readTime", integer),
        FieldMap("metadata.difficulty", "difficulty", text),
        FieldMap("metadata.prerequisites", "prerequisites", json_list),
        FieldMap("metadata.learning_objectives", "learningObjectives", json_list),
        FieldMap("metadata.cultural_considerations", "culturalConsiderations", json_list),
        FieldMap("metadata.therapeutic_value", "therapeuticValue", json_list),
        FieldMap("metadata.evidence_based", "evidenceBased", boolean),
        FieldMap("engagement.views", "views", integer),
        FieldMap("engagement.likes", "likes", integer),
        FieldMap("engagement.saves", "saves", integer),
        FieldMap("engagement.shares", "shares", integer),
        FieldMap("engagement.helpful_votes", "helpfulVotes", integer),
        FieldMap("engagement.average_rating", "averageRating", decimal),
        FieldMap("engagement.rating_count", "ratingCount", integer),
        FieldMap("tags", "tags", json_list),
        FieldMap("related_resources", "relatedResources", json_list),
        FieldMap("external_url", "externalUrl", text),
        FieldMap("download_url", "downloadUrl", text),
        FieldMap("thumbnail_url", "thumbnailUrl", text),
        FieldMap("is_public", "isPublic", boolean),
        FieldMap("is_premium", "isPremium", boolean),
        FieldMap("published_at", "publishedAt", time),
        *written_at(),
    ),
    references=(Reference("author.id", User, Policy.KEEP, stub=stub_user),),
    after=("users",),
)
