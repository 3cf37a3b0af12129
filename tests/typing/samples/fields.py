"""What only the plugin knows: the fields of an entity, of a document, and of a key."""

from typing import Any

from madmall_models import (
    GSI2,
    Database,
    Document,
    Entity,
    IdAttribute,
    Manager,
    PrimaryKey,
    Query,
    TimeAttribute,
    UnicodeAttribute,
    User,
    new_id,
    utc_now,
)
from madmall_models.entities import UserProfile


class Place(Document):
    city = UnicodeAttribute()
    zip_code = UnicodeAttribute(null=True)


class Event(Entity, discriminator="EVENT"):
    key = PrimaryKey("CIRCLE#{circle_id}", "EVENT#{starts_at}#{event_id}")
    upcoming = GSI2.key("EVENTS#{place.city:lower}#{kind}", "STARTS#{starts_at}")

    event_id = IdAttribute(default=new_id)
    circle_id = IdAttribute()
    starts_at = TimeAttribute()
    kind = UnicodeAttribute()
    place = Place()
    note = UnicodeAttribute(null=True, attr_name="remark")


class EventManager(Manager[Event]):
    collection = "events"

    def upcoming(self, city: str) -> Query[Event]:
        # E+: Unexpected keyword argument "knd" for "asking" of "Manager"; did you mean "kind"?
        self.asking(Event.upcoming, place_city=city, knd="meeting")
        return self.asking(Event.upcoming, place_city=city, kind="meeting")


def construct(given: dict[str, str], anything: Any) -> None:
    User(user_id="user123", email="jane@example.com", profile={"firstName": "Jane"})
    User(userId="user123", email=None, profile=UserProfile(first_name="Jane", lastName="Smith"))
    Event(remark="x", **given)
    Event(**anything)
    Event()
    User(user_idd="user123")  # E+: Unexpected keyword argument "user_idd" for "User"; did you mean "user_id"?
    User(email=3)  # E+: Argument "email" to "User" has incompatible type "int"; expected "str | None"
    # E+: Unexpected keyword argument "zip" for overloaded function "Place"
    Place(zip="30301")
    # E+: Argument "profile" to "User" has incompatible type "Place"; expected "UserProfile | Mapping[str, Any] | None"
    User(profile=Place())


def create(db: Database) -> None:
    db.users.create(user_id="user123", email="jane@example.com", profile={"first_name": "Jane"}, ttl=None)
    db.circles.create(
        circle_id="c", name="Name", type="support_group", created_by="user123", settings={"isPrivate": True}
    )
    Event.objects.create(circle_id="c", starts_at="2026-11-22T13:45:00Z", kind="meeting", place={"city": "Atlanta"})
    # E+: Missing named argument "email" for "create" of "Manager"
    # E+: Missing named argument "profile" for "create" of "Manager"
    db.users.create(user_id="user123")
    # E+: Missing named argument "kind" for "create" of "Manager"
    # E+: Argument "starts_at" to "create" of "Manager" has incompatible type "int"; expected "datetime | str"
    Event.objects.create(circle_id="c", starts_at=3, place=Place())


def change(db: Database) -> None:
    db.users.update("user123", email="new@example.com", ttl=None)
    db.users.update_profile("user123", bio="Wellness advocate", support_needs=["stress_relief"])
    db.users.increment_stats("user123", stories_shared=1, helpful_votes=5)
    db.circles.update_stats("circle123", posts_this_week=5, engagement_rate=0.85)
    # E+: Unexpected keyword argument "emial" for "update" of "Manager"; did you mean "email"?
    db.users.update("user123", emial="new@example.com")
    # E+: Unexpected keyword argument "version" for "update" of "Manager"
    db.users.update("user123", version=3)
    # E+: Unexpected keyword argument "boi" for "update_profile" of "UserManager"
    db.users.update_profile("user123", boi="Wellness advocate")
    # E+: Argument "weekly_digest" to "update_preferences" of "UserManager" has incompatible type "int"; expected "bool | None"
    db.users.update_preferences("user123", weekly_digest=3)
    # E+: Unexpected keyword argument "helpful_vote" for "increment_stats" of "UserManager"; did you mean "helpful_votes"?
    db.users.increment_stats("user123", helpful_vote=5)


def ask(db: Database, parts: tuple[str, ...]) -> None:
    User.key.of("user123")
    User.key.of(user_id="user123")
    User.key.of(*parts)
    Event.key.query(circle_id="c")
    Event.key.query(circle_id="c", starts_at=utc_now())
    Event.upcoming.query(place_city="Atlanta", kind="meeting")
    db.users.get("user123", consistent=True)
    db.users.exists(user_id="user123")
    User.key.of()  # E+: Missing positional argument "user_id" in call to "of" of "PrimaryKey"
    User.key.of("user123", "x")  # E+: Too many arguments for "of" of "PrimaryKey"
    User.key.of(uid="user123")  # E+: Unexpected keyword argument "uid" for "of" of "PrimaryKey"
    # E+: Argument 2 to "of" of "PrimaryKey" has incompatible type "int"; expected "datetime | str"
    Event.key.of("c", 3, "event1")
    # E+: Missing named argument "circle_id" for "query" of "Key"
    Event.key.query(starts_at=utc_now())
    # E+: Unexpected keyword argument "town" for "query" of "Key"
    Event.upcoming.query(place_city="Atlanta", kind="meeting", town="Atlanta")
    # E+: Missing positional argument "user_id" in call to "get" of "Manager"
    db.users.get()
    # E+: Argument "user_id" to "get_or_none" of "Manager" has incompatible type "int"; expected "str"
    db.users.get_or_none(user_id=3)
