"""Declare the user: who somebody is, what they wish, and what they did."""

from __future__ import annotations

from madmall_models.attributes import (
    BooleanAttribute,
    CounterAttribute,
    EnumAttribute,
    IdAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.clock import utc_now
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI4
from madmall_models.keys import PrimaryKey, Unique
from madmall_models.rules import WARNING, Email, Length, Recommended, Rules


class UserLocation(Document):
    """Say where a user lives, as exactly as the user likes.

    State and country are codes in the samples (``GA``, ``US``); any text is taken.
    """

    city = UnicodeAttribute(null=True)
    state = UnicodeAttribute(null=True)
    country = UnicodeAttribute(null=True)


class UserProfile(Document):
    """Hold what a user tells about themselves.

    A bio over 500 characters is warned of. ``join_date`` is the moment of creation unless given. ``last_active`` is a
    measurement: setting it leaves ``version`` alone. The values of the three lists of choices are those of the original
    domain model; others are warned of and stored.
    """

    first_name = UnicodeAttribute()
    last_name = UnicodeAttribute()
    bio = UnicodeAttribute(null=True)
    cultural_background = ListAttribute(of=UnicodeAttribute, default=list)
    communication_style = EnumAttribute(
        "direct_supportive", "gentle_encouraging", "humor_based", "spiritual_grounded", "no_preference", null=True
    )
    diagnosis_stage = EnumAttribute(
        "newly_diagnosed", "adjusting", "managing_well", "experienced", "complications", "remission", null=True
    )
    support_needs = ListAttribute(
        of=EnumAttribute(
            "newly_diagnosed_support",
            "anxiety_management",
            "medication_management",
            "workplace_wellness",
            "family_relationships",
            "healthcare_advocacy",
            "nutrition_lifestyle",
            "self_care",
        ),
        default=list,
    )
    location = UserLocation(null=True)
    join_date = TimeAttribute(default=utc_now)
    last_active = TimeAttribute(default=utc_now, measurement=True)

    rules = Rules(
        bio=[Length(max=500, severity=WARNING)],
        communication_style=[Recommended()],
        diagnosis_stage=[Recommended()],
    )


class UserPreferences(Document):
    """Hold what a user wishes to show and to receive.

    Nothing about health is shared unless the user says so: ``share_health_journey`` is False by default.
    """

    profile_visibility = EnumAttribute("public", "circles_only", "private", default="circles_only")
    show_real_name = BooleanAttribute(default=True)
    allow_direct_messages = BooleanAttribute(default=True)
    share_health_journey = BooleanAttribute(default=False)
    email_notifications = BooleanAttribute(default=True)
    push_notifications = BooleanAttribute(default=True)
    weekly_digest = BooleanAttribute(default=True)
    circle_notifications = BooleanAttribute(default=True)
    content_preferences = ListAttribute(of=UnicodeAttribute, default=list)
    circle_interests = ListAttribute(of=UnicodeAttribute, default=list)


class Accessibility(Document):
    """Hold what helps a user to read the pages."""

    high_contrast = BooleanAttribute(default=False)
    large_text = BooleanAttribute(default=False)
    screen_reader = BooleanAttribute(default=False)
    reduced_motion = BooleanAttribute(default=False)


class UserSettings(Document):
    """Hold how the pages look and speak to a user.

    ``language`` is a language tag such as ``en``, ``timezone`` a name such as ``America/New_York``; neither is checked.
    """

    theme = EnumAttribute("light", "dark", "auto", strict=True, default="auto")
    language = UnicodeAttribute(default="en")
    timezone = UnicodeAttribute(default="UTC")
    accessibility = Accessibility(default=Accessibility)


class UserStats(Measurements):
    """Count what a user did.

    ``circles_joined`` is maintained: the transactions that add and remove memberships change it. Days are calendar
    days as the caller counts them.
    """

    stories_shared = CounterAttribute(default=0)
    circles_joined = CounterAttribute(default=0, maintained=True)
    comments_posted = CounterAttribute(default=0)
    helpful_votes = CounterAttribute(default=0)
    days_active = CounterAttribute(default=0)
    streak_days = CounterAttribute(default=0)


class User(Entity, discriminator="USER"):
    """A person with an account, and the root of their own item collection: profile, memberships, personal items.

    The e-mail address is unique whatever its letter case, and is kept as it was typed. Only the names are required of
    the profile; preferences, settings and stats are filled on create. While ``deleting_at`` is set the user is being
    deleted, and operations that would add to them refuse.
    """

    key = PrimaryKey("USER#{user_id}", "PROFILE", answers="Which user has this id?")
    by_email = GSI1.key("EMAIL#{email:fold}", "USER#{user_id}", answers="Which user has this e-mail address?")
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#USERS", "CREATED#{created_at}", answers="Which users belong to this tenant, oldest first?"
    )
    unique_email = Unique("{email:fold}")

    user_id = IdAttribute()
    email = UnicodeAttribute()
    profile = UserProfile()
    preferences = UserPreferences(default=UserPreferences)
    settings = UserSettings(default=UserSettings)
    primary_goals = ListAttribute(
        of=EnumAttribute(
            "emotional_support",
            "health_education",
            "community_connection",
            "stress_relief",
            "share_story",
            "healthcare_advocacy",
            "wellness_products",
        ),
        default=list,
    )
    is_verified = BooleanAttribute(default=False)
    is_active = BooleanAttribute(default=True)
    stats = UserStats(default=UserStats)
    deleting_at = TimeAttribute(null=True, maintained=True)

    rules = Rules(email=[Email()])
