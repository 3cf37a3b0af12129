"""Declare an entity of your own and ask it: meetings of a circle, found by circle and by city.

Run it with ``python examples/own_entity.py``; it starts ministack for itself. Another engine is named by an argument:
``moto``, ``dynamodb-local``, or the ``http://`` URL of one that runs.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

from madmall_models import (
    GSI2,
    CounterAttribute,
    Database,
    Entity,
    EnumAttribute,
    IdAttribute,
    Length,
    Manager,
    Measurements,
    PrimaryKey,
    Query,
    Recommended,
    Rules,
    TimeAttribute,
    UnicodeAttribute,
    ValidationError,
    new_id,
)
from madmall_models.rules import WARNING
from madmall_models.testing import engines

# -- what the data is, and where it lives --------------------------------------------------------------------------


class EventStats(Measurements):
    """Count what happens around an event; saving an event leaves these alone."""

    seats_taken = CounterAttribute(default=0)


class Event(Entity, discriminator="EVENT"):
    """A meeting of a circle. It lives with its circle, in order of time, and is listed by city while it is planned."""

    key = PrimaryKey(
        "CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}", answers="Which events does this circle have, by time?"
    )
    in_city = GSI2.key(
        "EVENTS#{city:fold}",
        "STARTS#{starts_at}",
        answers="Which planned events are in this city, by time?",
        when=lambda event: event.status == "planned",
    )

    event_id = IdAttribute(default=new_id)
    circle_id = IdAttribute()
    starts_at = TimeAttribute()
    city = UnicodeAttribute()
    title = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    status = EnumAttribute("planned", "cancelled", strict=True, default="planned")
    stats = EventStats(default=EventStats)

    rules = Rules(title=[Length(min=5, max=200)], description=[Recommended(), Length(max=1000, severity=WARNING)])


# -- how to ask and what can be done -------------------------------------------------------------------------------


class EventManager(Manager[Event]):
    """Be the operations of events: ``Event.objects``, and ``db.events``."""

    collection = "events"

    def upcoming_in(self, city: str, since: datetime) -> Query[Event]:
        """Return a lazy query of the planned events in a city from a moment on."""
        return self.asking(Event.in_city, city=city).since(since)

    def take_seat(self, event: Event) -> None:
        """Count a seat, whoever else counts one at the same time."""
        self.measure(event.item_key(), {"seats_taken": 1}, within="stats")

    def cancel(self, event: Event) -> Event:
        """Cancel an event: it leaves the list of its city, and stays with its circle."""
        return self.update(event.circle_id, event.starts_at, event.event_id, status="cancelled")


# -- how it is used ------------------------------------------------------------------------------------------------


def main(db: Database) -> None:
    """Plan a few events, ask for them, and cancel one."""
    db.create_table(wait=True)
    first = datetime(2026, 12, 1, 18, 30, tzinfo=UTC)
    for week in range(4):
        db.events.create(
            circle_id="circle123",
            starts_at=first + timedelta(weeks=week),
            city="Atlanta" if week % 2 == 0 else "Savannah",
            title=f"Evening {week + 1}",
        )

    # Free text in a key is compared without regard to letter case.
    print("in Atlanta:", [event.title for event in db.events.upcoming_in("ATLANTA", since=first)])

    with db.bound():
        december = Event.key.query(circle_id="circle123").between("2026-12-05", "2026-12-20")
        print("between the 5th and the 20th:", [event.title for event in december])
        print(december.explain())

    evening = db.events.upcoming_in("Atlanta", since=first).first()
    assert evening is not None
    db.events.take_seat(evening)
    db.events.take_seat(evening)
    print("seats taken:", evening.refresh().stats.seats_taken)

    db.events.cancel(evening)
    print("in Atlanta, one cancelled:", [event.title for event in db.events.upcoming_in("Atlanta", since=first)])
    print("of the circle:", db.events.query(circle_id="circle123").count())

    try:
        db.events.create(circle_id="circle123", starts_at=first, city="Atlanta", title="Tea")
    except ValidationError as error:
        print("refused:", error)


if __name__ == "__main__":
    with engines.start(*sys.argv[1:]) as engine:
        database = Database(table="events", **engine.connection_settings())
        main(database)
        database.close()
