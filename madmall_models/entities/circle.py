"""Declare the circle and its memberships."""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    camel_case,
)
from madmall_models.clock import utc_now
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1, GSI3, GSI4
from madmall_models.keys import Mirror, PrimaryKey
from madmall_models.rules import WARNING, Entry, Length, Range, Recommended, Rules, ValidationReport


class MeetingSchedule(Document):
    """Say when a circle meets.

    ``day_of_week`` counts from 0, Sunday, to 6; ``time`` is the local time in ``timezone``, written ``18:30``.
    """

    frequency = EnumAttribute("weekly", "biweekly", "monthly", "as_needed", null=True)
    day_of_week = IntegerAttribute(null=True)
    time = UnicodeAttribute(null=True)
    timezone = UnicodeAttribute(null=True)

    rules = Rules(frequency=[Recommended()])


class CircleSettings(Document):
    """Hold how a circle is run.

    ``max_members`` is 2 to 10,000; without it the circle is unlimited. It bounds the active members, inside the
    transaction that makes one. ``is_private`` follows the circle's ``privacy_level`` and the other way round.
    """

    is_private = BooleanAttribute(default=False)
    require_approval = BooleanAttribute(default=False)
    max_members = IntegerAttribute(null=True)
    cultural_focus = ListAttribute(of=UnicodeAttribute, default=list)
    allow_guest_posts = BooleanAttribute(default=True)
    moderation_level = EnumAttribute("light", "moderate", "strict", strict=True, default="moderate")
    content_guidelines = UnicodeAttribute(null=True)
    meeting_schedule = MeetingSchedule(null=True)

    rules = Rules(max_members=[Range(min=2, max=10000)])


class CircleStats(Measurements):
    """Measure a circle.

    ``member_count`` is maintained: it counts the active members and changes in the transaction that changes one. The
    posts are counts that start anew with each week and month; ``week_of`` and ``month_of`` say since which day.
    ``active_members``, ``engagement_rate`` (0 to 1) and ``average_response_time`` (seconds) are gauges, set by who
    measures them.
    """

    member_count = CounterAttribute(default=0, maintained=True)
    active_members = IntegerAttribute(default=0)
    posts_this_week = CounterAttribute(default=0)
    posts_this_month = CounterAttribute(default=0)
    week_of = UnicodeAttribute(null=True)
    month_of = UnicodeAttribute(null=True)
    engagement_rate = DecimalAttribute(default=Decimal)
    average_response_time = DecimalAttribute(default=Decimal)


class Circle(Entity, discriminator="CIRCLE"):
    """A peer-support group, and the root of its own item collection: the circle, its members, pointers to its stories.

    ``created_by`` is the owner: exactly one, always an active member with the role ``admin``. ``moderators`` is derived
    from the roles of the members, in the transaction that changes one. ``status`` and ``is_active`` say the same, and
    so do ``privacy_level`` and ``settings.is_private`` (only ``public`` is not private): setting one sets the other.
    While ``deleting_at`` is set the circle is being deleted, and nobody can join it.
    """

    key = PrimaryKey("CIRCLE#{circle_id}", "METADATA", answers="Which circle has this id?")
    by_type = GSI1.key(
        "CIRCLE_TYPE#{type}", "CREATED#{created_at}", answers="Which circles are of this type, oldest first?"
    )
    by_status = GSI3.key(
        "CIRCLE_STATUS#{status:upper}",
        "UPDATED#{updated_at}",
        answers="Which circles have this status, longest unchanged first?",
    )
    by_tenant = GSI4.key(
        "TENANT#{tenant_id}#CIRCLES",
        "CREATED#{created_at}",
        answers="Which circles belong to this tenant, oldest first?",
    )

    circle_id = IdAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    type = EnumAttribute(
        "support_group", "interest_based", "location_based", "diagnosis_stage", "wellness_focus", "cultural_affinity"
    )
    # Where a method assigns an attribute, some type checkers take the value for it unless its type is said.
    privacy_level: EnumAttribute = EnumAttribute("public", "private", "invite_only", "closed", default="public")
    settings: CircleSettings = CircleSettings(default=CircleSettings)
    moderators = ListAttribute(of=IdAttribute, default=list, maintained=True)
    tags = ListAttribute(of=UnicodeAttribute, default=list)
    cover_image = UnicodeAttribute(null=True)
    stats = CircleStats(default=CircleStats)
    created_by = IdAttribute()
    is_active: BooleanAttribute = BooleanAttribute(default=True)
    status: EnumAttribute = EnumAttribute("ACTIVE", "INACTIVE", default="ACTIVE")
    deleting_at = TimeAttribute(null=True, maintained=True)

    rules = Rules(
        name=[Length(min=3, max=100)],
        description=[Recommended(), Length(max=1000, severity=WARNING)],
    )

    def reconcile(self, changed: Collection[str]) -> None:
        """Make ``is_active`` agree with ``status``, and ``settings.is_private`` with ``privacy_level``.

        Raises:
            ValidationError: both of a pair were given and contradict each other (CONSISTENCY_ERROR).
        """
        self._reconcile_activity(changed)
        self._reconcile_privacy(changed)

    def _reconcile_activity(self, changed: Collection[str]) -> None:
        by_status = None if not isinstance(self.status, str) else self.status.upper() == "ACTIVE"
        sayings = {"status": by_status, "is_active": self.is_active}
        active = _agreed(sayings, changed)
        if active is None:
            return
        if by_status is not active:
            self.status = "ACTIVE" if active else "INACTIVE"
        self.is_active = active

    def _reconcile_privacy(self, changed: Collection[str]) -> None:
        by_level = None if self.privacy_level is None else self.privacy_level != "public"
        if self.settings is not None and not isinstance(self.settings, CircleSettings):
            return  # what is no map at all is refused by the check that follows
        # A stored circle may lack the whole map: reading never refuses.
        by_settings = None if self.settings is None else self.settings.is_private
        sayings = {"privacy_level": by_level, "settings.is_private": by_settings}
        private = _agreed(sayings, changed)
        if private is None:
            return
        if by_level is not private:
            self.privacy_level = "private" if private else "public"
        if self.settings is None:
            self.settings = CircleSettings()
        self.settings.is_private = private


class CircleMember(Entity, discriminator="CIRCLE_MEMBER"):
    """A user's membership of a circle.

    It is stored twice, under the circle and under the user, always in step; indexes list it once. The role ``founder``
    is read but never written. The manager of circles changes ``role`` and ``status``, with the counts that depend on
    them. ``last_active`` is a measurement: setting it leaves ``version`` alone.
    """

    key = PrimaryKey("CIRCLE#{circle_id}", "MEMBER#{user_id}", answers="Who are the members of this circle?")
    of_user = Mirror("USER#{user_id}", "CIRCLE#{circle_id}", answers="Which circles is this user a member of?")
    # No :upper here: the values of this status are lower case everywhere, keys included.
    by_status = GSI3.key(
        "MEMBER_STATUS#{status}", "JOINED#{joined_at}", answers="Which memberships have this status, oldest first?"
    )

    circle_id = IdAttribute()
    user_id = IdAttribute()
    role = EnumAttribute("member", "moderator", "admin", read_only=("founder",), default="member")
    status = EnumAttribute("active", "pending", "inactive", "banned", default="active")
    joined_at = TimeAttribute(default=utc_now)
    last_active = TimeAttribute(default=utc_now, measurement=True)
    contribution_score = DecimalAttribute(default=Decimal)
    badges = ListAttribute(of=UnicodeAttribute, default=list)
    notes = UnicodeAttribute(null=True)


def _agreed(sayings: Mapping[str, bool | None], changed: Collection[str]) -> bool | None:
    """Return what two attributes must both say, or None where neither was given or nothing is known.

    Raises:
        ValidationError: both were given and contradict each other.
    """
    given = [name for name in sayings if name in changed]
    if not given:
        return None
    said = {sayings[name] for name in given} - {None}
    if len(said) > 1:
        first, second = map(camel_case, sayings)
        entry = Entry(first, f"contradicts {second}; give one of the two", "CONSISTENCY_ERROR")
        ValidationReport([entry]).raise_if_invalid("Circle")
    # An attribute that was removed says nothing; the other one decides.
    known = said or set(sayings.values()) - {None}
    return known.pop() if known else None
