"""Declare what the site keeps beside the entities of the package: events of circles, and passwords."""

from __future__ import annotations

from madmall_models import (
    GSI2,
    BooleanAttribute,
    Entity,
    IdAttribute,
    Length,
    Manager,
    PrimaryKey,
    Query,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
)


class Event(Entity, discriminator="EVENT"):
    """A meeting of a circle. It lives with its circle, by time, and is listed by city where everybody may come."""

    key = PrimaryKey(
        "CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}", answers="Which events does this circle have, by time?"
    )
    # The tenant is a part of the key: there is no question whose answer would hold an event of another one.
    in_city = GSI2.key(
        "TENANT#{tenant_id}#EVENTS#{city:fold}",
        "STARTS#{starts_at}",
        answers="Which open events of this tenant are in this city, by time?",
        when=lambda event: event.is_open,
    )

    event_id = IdAttribute()
    circle_id = IdAttribute()
    title = UnicodeAttribute()
    city = UnicodeAttribute()
    starts_at = TimeAttribute()
    is_open = BooleanAttribute(default=False)

    rules = Rules(title=[Length(min=3, max=100)], city=[Length(min=2, max=60)])


class EventManager(Manager[Event]):
    """Be the operations of events: ``Event.objects``."""

    collection = "events"

    def upcoming_in(self, city: str, tenant_id: str) -> Query[Event]:
        """Return a lazy query of the open events in a city from now on, whatever the letter case."""
        return self.asking(Event.in_city, tenant_id=tenant_id, city=city).from_now()

    def of_circle(self, circle_id: str) -> Query[Event]:
        """Return a lazy query of the events of a circle from now on."""
        return self.asking(Event.key, circle_id=circle_id).from_now()


class Credential(Entity, discriminator="CREDENTIAL"):
    """The hash of a password, made by Django's hashers. It lies with its user, and goes when the user is deleted."""

    key = PrimaryKey("USER#{user_id}", "CREDENTIAL", answers="By what does this user sign in?")

    user_id = IdAttribute()
    password_hash = UnicodeAttribute()
