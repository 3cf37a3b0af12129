"""What keys, queries and managers give."""

from typing import reveal_type

from madmall_models import (
    GSI2,
    Circle,
    Comment,
    Database,
    Entity,
    IdAttribute,
    Manager,
    Mirror,
    PrimaryKey,
    Query,
    TimeAttribute,
    UnicodeAttribute,
    User,
    new_id,
    utc_now,
)


class Event(Entity, discriminator="EVENT"):
    key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}")
    in_order = Mirror("EVENTS", "EVENT#{starts_at}")
    upcoming = GSI2.key("EVENTS#{city:lower}", "STARTS#{starts_at}")

    event_id = IdAttribute(default=new_id)
    circle_id = IdAttribute()
    starts_at = TimeAttribute()
    city = UnicodeAttribute()


class EventManager(Manager[Event]):
    collection = "events"

    def in_city(self, city: str) -> Query[Event]:
        return self.asking(Event.upcoming, city=city).newest_first()


def by_key(event: Event, query: Query[Event]) -> None:
    reveal_type(Event.key)  # R: PrimaryKey[Event]
    reveal_type(Event.upcoming)  # R: IndexKey[Event]
    reveal_type(event.upcoming)  # R: IndexKey[Event]
    reveal_type(Event.in_order)  # R: Mirror[Event]
    reveal_type(Event.key.of("circle123", utc_now(), "event1"))  # R: ItemKey[Event]
    reveal_type(Event.upcoming.query(city="Atlanta"))  # R: Query[Event]
    reveal_type(Event.upcoming.query(city="Atlanta").since(utc_now()).limit(20))  # R: Query[Event]
    reveal_type(event.item_key())  # R: ItemKey[Event]
    reveal_type(query.key)  # R: Key[Any]
    for found in Event.key.query(circle_id="circle123").between("2026-12-01", "2027-01-01"):
        reveal_type(found)  # R: Event


def asked(query: Query[Event]) -> None:
    reveal_type(query.first())  # R: Event | None
    reveal_type(query.one())  # R: Event
    reveal_type(query.count())  # R: int
    reveal_type(query.page(size=10).items)  # R: tuple[Event, ...]
    reveal_type(query.page(size=10).cursor)  # R: str | None
    reveal_type(query.only("city"))  # R: Query[Row]
    reveal_type(list(query.only("city")))  # R: list[Row]
    query.first().city  # E: Item "None" of "Event | None" has no attribute "city"


def by_manager(db: Database, user: User) -> None:
    reveal_type(db.users)  # R: UserManager
    reveal_type(db.users.get("user123"))  # R: User
    reveal_type(db.users.get_or_none("user123"))  # R: User | None
    reveal_type(db.users.batch_get(["user123"]))  # R: list[User | None]
    reveal_type(db.users.get_user_circles("user123"))  # R: Query[CircleMember]
    reveal_type(db.users.query(tenant_id="default"))  # R: Query[User]
    reveal_type(db.batch_get([User.key.of(user_id="user123")]))  # R: list[User | None]
    reveal_type(db.batch_get([User.key.of(user_id="u"), Circle.key.of(circle_id="c")]))  # R: list[Entity | None]
    # R+: UserManager
    # R-: Manager[User]
    reveal_type(User.objects)
    # R+: CommentManager
    # R-: Manager[Comment]
    reveal_type(Comment.objects)
    # R+: EventManager
    # R-: Manager[Event]
    reveal_type(Event.objects)
    # R+: EventManager
    # R-: Any
    reveal_type(db.events)
    reveal_type(db.nobody_knows)  # R: Any
    reveal_type(Event.objects.get("circle123", utc_now(), "event1"))  # R: Event
    reveal_type(user.create())  # R: User
    reveal_type(user.save())  # R: User
    reveal_type(user.refresh())  # R: User
    try:
        db.users.get("user123")
    except User.DoesNotExist as error:
        reveal_type(error)  # R: DoesNotExist
    db.usrs_are_found_late.get("user123")
    db.users.get_by_mail("x")  # E: "UserManager" has no attribute "get_by_mail"; maybe "get_by_email"?
