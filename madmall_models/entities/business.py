"""Declare the business: who offers something, how to reach them, and how they are rated."""

from __future__ import annotations

from decimal import Decimal

from madmall_models.attributes import (
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI2, GSI3, GSI4
from madmall_models.keys import Pointer, PrimaryKey
from madmall_models.rules import Email, Length, Phone, Recommended, Rules, Url


class Address(Document):
    """Hold a postal address; a part that is missing is warned of."""

    street = UnicodeAttribute(null=True)
    city = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    zip_code = UnicodeAttribute(null=True)
    country = UnicodeAttribute(null=True)

    rules = Rules(
        street=[Recommended()],
        city=[Recommended()],
        state=[Recommended()],
        zip_code=[Recommended()],
        country=[Recommended()],
    )


class BusinessContact(Document):
    """Say how to reach a business; a phone number with letters in it is warned of."""

    email = UnicodeAttribute()
    phone = UnicodeAttribute(null=True)
    address = Address(null=True)

    rules = Rules(email=[Email()], phone=[Phone()])


class BusinessProfile(Document):
    """Hold what a business tells about itself.

    The name has at least 2 characters. ``social_media`` gives the address on each platform by its name (``instagram``,
    ``facebook``, ``twitter``, ``linkedin``, ``tiktok``, or another).
    """

    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    mission = UnicodeAttribute(null=True)
    founded_year = IntegerAttribute(null=True)
    founder_story = UnicodeAttribute(null=True)
    website = UnicodeAttribute(null=True)
    social_media = DictAttribute(of=UnicodeAttribute, default=dict)
    contact = BusinessContact()
    logo = UnicodeAttribute(null=True)
    cover_image = UnicodeAttribute(null=True)
    gallery = ListAttribute(of=UnicodeAttribute, default=list)

    rules = Rules(name=[Length(min=2)], description=[Recommended()], website=[Url()])


class BusinessMetrics(Measurements):
    """Rate a business; all are gauges, set by who measures them.

    ``rating`` is 0 to 5, the score and the rates 0 to 1, ``average_response_time`` in seconds.
    """

    rating = DecimalAttribute(default=Decimal)
    review_count = IntegerAttribute(default=0)
    trust_score = DecimalAttribute(default=Decimal)
    response_rate = DecimalAttribute(default=Decimal)
    average_response_time = DecimalAttribute(default=Decimal)
    repeat_customer_rate = DecimalAttribute(default=Decimal)


class Business(Entity, discriminator="BUSINESS"):
    """A business of the directory.

    ``category`` is free text, listed without regard to letter case. ``featured_until`` is when featuring ends; nothing
    needs to be written at that moment, since the list is read from the present on.
    """

    key = PrimaryKey("BUSINESS#{business_id}", "METADATA", answers="Which business has this id?")
    by_category = GSI1.key(
        "BUSINESS_CATEGORY#{category:fold}",
        "NAME#{profile.name:fold}",
        answers="Which businesses are in this category, by name?",
    )
    by_owner = GSI2.key(
        "OWNER#{owner_id}", "CREATED#{created_at}", answers="Which businesses does this user own, oldest first?"
    )
    by_status = GSI3.key(
        "BUSINESS_STATUS#{status:upper}",
        "UPDATED#{updated_at}",
        answers="Which businesses have this status, longest unchanged first?",
    )
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#BUSINESSES",
        "CREATED#{created_at}",
        answers="Which businesses belong to this tenant, oldest first?",
    )
    # What is featured is shown to everybody, so a business that is suspended, inactive or not yet verified leaves this
    # list at once.
    featured = Pointer(
        "FEATURED#BUSINESS",
        "{featured_until}#{business_id}",
        answers="Which active businesses are featured, first to end first?",
        when=lambda business: business.status == "active" and business.featured_until is not None,
    )
    # Verification is a fact about the past, so an inactive business stays in this list: readers are given the active
    # ones by a filter, and who looks after the directory sees all.
    verified = Pointer(
        "VERIFIED#BUSINESS",
        "{verified_at}#{business_id}",
        answers="Which businesses are verified, longest verified first?",
        when=lambda business: business.verified_at is not None,
    )

    business_id = IdAttribute()
    profile = BusinessProfile()
    type = EnumAttribute(
        "wellness_center",
        "healthcare_provider",
        "supplement_brand",
        "fitness_studio",
        "mental_health_service",
        "nutrition_service",
        "beauty_wellness",
        "lifestyle_brand",
        "educational_service",
        default="wellness_center",
    )
    category = UnicodeAttribute(default="general")
    status = EnumAttribute("active", "pending_verification", "suspended", "inactive", default="active")
    certifications = ListAttribute(
        of=EnumAttribute(
            "black_owned",
            "woman_owned",
            "minority_owned",
            "certified_organic",
            "fda_approved",
            "clinical_tested",
            "culturally_competent",
        ),
        default=list,
    )
    specialties = ListAttribute(of=UnicodeAttribute, default=list)
    services_offered = ListAttribute(of=UnicodeAttribute, default=list)
    target_audience = ListAttribute(of=UnicodeAttribute, default=list)
    cultural_competencies = ListAttribute(of=UnicodeAttribute, default=list)
    metrics = BusinessMetrics(default=BusinessMetrics)
    owner_id = IdAttribute()
    verified_at = TimeAttribute(null=True)
    featured_until = TimeAttribute(null=True)
