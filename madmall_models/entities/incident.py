"""Declare the incident: what went wrong, how urgent it is and who was told."""

from __future__ import annotations

from madmall_models.attributes import (
    EnumAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document
from madmall_models.entity import Entity
from madmall_models.indexes import GSI3
from madmall_models.keys import PrimaryKey
from madmall_models.rules import WARNING, OneOf, Recommended, Rules

INCIDENT_STATUSES = ("open", "investigating", "mitigated", "closed")
ESCALATION_LEVELS = (0, 1, 2, 3)
ALERT_CHANNELS = ("email", "slack", "sms", "webhook")


class Escalation(Document):
    """Say how far an incident was carried, and when each circle of people was told.

    Level 0 is nobody beyond those at work, 1 who is on call, 2 the advisory board too, 3 the public too.
    """

    level = IntegerAttribute(null=True)
    on_call_notified_at = TimeAttribute(null=True)
    advisory_board_notified_at = TimeAttribute(null=True)
    comms_sent_at = TimeAttribute(null=True)

    rules = Rules(level=[Recommended(), OneOf(*ESCALATION_LEVELS, severity=WARNING)])


class Alert(Document):
    """Name a message that was sent about an incident."""

    type = UnicodeAttribute(null=True)
    sent_at = TimeAttribute(null=True)
    channel = EnumAttribute(*ALERT_CHANNELS, null=True)

    rules = Rules(type=[Recommended()], sent_at=[Recommended()], channel=[Recommended()])


class Incident(Entity, discriminator="INCIDENT"):
    """Something that went wrong and is being looked after, perhaps about an image.

    The priorities are p1 (most urgent) to p3. An incident is worked on until it is closed, and then stays closed: what
    happens again is a new one.
    """

    key = PrimaryKey("INCIDENT#{incident_id}", "METADATA", answers="Which incident has this id?")
    by_status = GSI3.key(
        "INCIDENT_STATUS#{status:upper}",
        "PRIORITY#{priority}#CREATED#{created_at}",
        answers="Which incidents have this status, most urgent first, then oldest first?",
    )

    incident_id = IdAttribute()
    related_image_id = IdAttribute(null=True)
    triggered_by = EnumAttribute("community_report", "automated_detection", "staff", "advisory_board", strict=True)
    status = EnumAttribute(*INCIDENT_STATUSES, default="open")
    priority = EnumAttribute("p1", "p2", "p3", strict=True)
    summary = UnicodeAttribute()
    details = UnicodeAttribute(null=True)
    escalation = Escalation(null=True)
    alerts = ListAttribute(of=Alert, null=True)
