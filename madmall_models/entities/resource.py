"""Declare the resource: an article, a video, a guide, ... and who made it."""

from __future__ import annotations

from decimal import Decimal

from madmall_models.attributes import (
    BooleanAttribute,
    CounterAttribute,
    DecimalAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, Measurements
from madmall_models.entities.former_member import is_former_member
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI2, GSI3, GSI4
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.rules import Length, Recommended, Rules, Url


class ResourceAuthor(Document):
    """Name who made a resource, with what makes them an authority on it."""

    id = IdAttribute()
    name = UnicodeAttribute(null=True)
    credentials = ListAttribute(of=UnicodeAttribute, default=list)
    bio = UnicodeAttribute(null=True)
    avatar = UnicodeAttribute(null=True)
    is_verified = BooleanAttribute(default=False)
    specialties = ListAttribute(of=UnicodeAttribute, default=list)

    rules = Rules(name=[Recommended()])


class Contributor(Document):
    """Name somebody who had a part in a resource; unlike the author, a contributor need not be a user."""

    id = IdAttribute(null=True)
    name = UnicodeAttribute(null=True)
    credentials = ListAttribute(of=UnicodeAttribute, null=True)
    bio = UnicodeAttribute(null=True)
    avatar = UnicodeAttribute(null=True)
    is_verified = BooleanAttribute(null=True)
    specialties = ListAttribute(of=UnicodeAttribute, null=True)

    rules = Rules(
        id=[Recommended()],
        name=[Recommended()],
        is_verified=[Recommended()],
        specialties=[Recommended()],
    )


class ResourceMetadata(Document):
    """Hold what is known about a resource; the three times are in minutes."""

    read_time = IntegerAttribute(default=5)
    watch_time = IntegerAttribute(null=True)
    listen_time = IntegerAttribute(null=True)
    difficulty = EnumAttribute("beginner", "intermediate", "advanced", "expert", default="beginner")
    prerequisites = ListAttribute(of=UnicodeAttribute, default=list)
    learning_objectives = ListAttribute(of=UnicodeAttribute, default=list)
    cultural_considerations = ListAttribute(of=UnicodeAttribute, default=list)
    therapeutic_value = ListAttribute(of=UnicodeAttribute, default=list)
    evidence_based = BooleanAttribute(default=False)
    last_reviewed = TimeAttribute(null=True)
    reviewed_by = UnicodeAttribute(null=True)


class ResourceEngagement(Measurements):
    """Count what readers did with a resource; ``average_rating`` is a gauge, set by who keeps the ratings."""

    views = CounterAttribute(default=0)
    likes = CounterAttribute(default=0)
    saves = CounterAttribute(default=0)
    shares = CounterAttribute(default=0)
    helpful_votes = CounterAttribute(default=0)
    completions = CounterAttribute(null=True)
    average_rating = DecimalAttribute(default=Decimal)
    rating_count = CounterAttribute(default=0)


class Attachment(Document):
    """Name a file that comes with a resource; ``type`` is its media type, ``size`` its bytes."""

    id = IdAttribute(null=True)
    name = UnicodeAttribute(null=True)
    url = UnicodeAttribute(null=True)
    type = UnicodeAttribute(null=True)
    size = IntegerAttribute(null=True)

    rules = Rules(
        id=[Recommended()],
        name=[Recommended()],
        url=[Recommended()],
        type=[Recommended()],
        size=[Recommended()],
    )


class Price(Document):
    """Say what a resource costs: an exact amount in a currency such as ``USD``."""

    amount = DecimalAttribute(null=True)
    currency = UnicodeAttribute(null=True)

    rules = Rules(amount=[Recommended()], currency=[Recommended()])


class Resource(Entity, discriminator="RESOURCE"):
    """Something to learn from: an article, a video, a checklist, a tool.

    The title has at least 5 characters. A summary is recommended. ``featured`` is a status of its own, which also
    counts as published. ``is_premium`` says that it costs what ``price`` says.
    """

    key = PrimaryKey("RESOURCE#{resource_id}", "METADATA", answers="Which resource has this id?")
    by_type = GSI1.key(
        "RESOURCE_TYPE#{type}", "CREATED#{created_at}", answers="Which resources are of this type, oldest first?"
    )
    by_category = GSI2.key(
        "RESOURCE_CATEGORY#{category}", "TITLE#{title:fold}", answers="Which resources are in this category, by title?"
    )
    by_status = GSI3.key(
        "RESOURCE_STATUS#{status:upper}",
        "UPDATED#{updated_at}",
        answers="Which resources have this status, longest unchanged first?",
    )
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#RESOURCES",
        "CREATED#{created_at}",
        answers="Which resources belong to this tenant, oldest first?",
    )
    # Every resource has this pointer, drafts and private ones too: authors see all that is theirs. Readers are given
    # the published ones by a filter. It goes with the author: a key in a user's own partition is the user's.
    by_author = Pointer(
        "USER#{author.id}",
        "RESOURCE#{created_at}#{resource_id}",
        answers="Which resources did this user make, oldest first?",
        when=lambda resource: not is_former_member(resource.author),
    )
    # What is featured is shown to everybody, so a private resource is not in this list. A premium one is: the list
    # shows that it exists, not what it says.
    featured = Pointer(
        "FEATURED#RESOURCE",
        "{published_at}#{resource_id}",
        answers="Which public resources are featured, longest published first?",
        when=lambda resource: resource.status == "featured" and resource.is_public is not False,
    )

    resource_id = IdAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute()
    content = UnicodeAttribute(null=True)
    summary = UnicodeAttribute(null=True)
    type = EnumAttribute(
        "article",
        "video",
        "podcast",
        "infographic",
        "checklist",
        "guide",
        "research_paper",
        "webinar",
        "tool",
        "template",
        strict=True,
        default="article",
    )
    category = EnumAttribute(
        "education",
        "self_care",
        "medical_advocacy",
        "nutrition",
        "mental_health",
        "fitness",
        "relationships",
        "workplace",
        "financial_wellness",
        "spiritual_wellness",
    )
    subcategories = ListAttribute(of=UnicodeAttribute, default=list)
    status = EnumAttribute("draft", "published", "archived", "under_review", "featured", default="published")
    author = ResourceAuthor()
    contributors = ListAttribute(of=Contributor, null=True)
    metadata = ResourceMetadata(default=ResourceMetadata)
    engagement = ResourceEngagement(default=ResourceEngagement)
    tags = ListAttribute(of=UnicodeAttribute, default=list)
    related_resources = ListAttribute(of=UnicodeAttribute, default=list)
    external_url = UnicodeAttribute(null=True)
    download_url = UnicodeAttribute(null=True)
    thumbnail_url = UnicodeAttribute(null=True)
    attachments = ListAttribute(of=Attachment, null=True)
    is_public = BooleanAttribute(default=True)
    is_premium = BooleanAttribute(default=False)
    price = Price(null=True)
    published_at = TimeAttribute(null=True)

    rules = Rules(
        title=[Length(min=5)],
        summary=[Recommended()],
        external_url=[Url()],
        download_url=[Url()],
    )
