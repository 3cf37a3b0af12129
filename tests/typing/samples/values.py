"""What attributes give and take."""

from typing import reveal_type

from madmall_models import (
    Circle,
    CounterAttribute,
    DecimalAttribute,
    DictAttribute,
    Document,
    EnumAttribute,
    EpochAttribute,
    IntegerAttribute,
    ListAttribute,
    Resource,
    TimeAttribute,
    UnicodeAttribute,
    User,
    utc_now,
)
from madmall_models.attributes import Checked
from madmall_models.entities import UserLocation, UserProfile


class ColourAttribute(UnicodeAttribute):
    pass


class Flag(Checked[bool]):
    pass


class Place(Document):
    zip_code = UnicodeAttribute(null=True)
    colour = ColourAttribute()
    flag = Flag()
    price = DecimalAttribute(default=0)
    score = DecimalAttribute(null=True)
    kinds = ListAttribute(of=EnumAttribute("a", "b"))
    sizes = DictAttribute(of=IntegerAttribute, null=True)
    times = ListAttribute(of=TimeAttribute, default=list)
    anything = ListAttribute()
    visits = CounterAttribute(default=0)
    seen_at = TimeAttribute(null=False)
    ends = EpochAttribute(null=True)
    # E: No overload variant of "IntegerAttribute" matches argument type "str"
    wrong_default = IntegerAttribute(default="x")


def read(user: User, circle: Circle, place: Place, resource: Resource) -> None:
    reveal_type(user.email)  # R: str
    reveal_type(circle.description)  # R: str | None
    reveal_type(circle.is_active)  # R: bool
    reveal_type(user.created_at)  # R: datetime
    reveal_type(user.version)  # R: int
    reveal_type(user.ttl)  # R: datetime | None
    reveal_type(circle.tags)  # R: list[str]
    reveal_type(user.primary_goals)  # R: list[str]
    reveal_type(circle.stats.member_count)  # R: int
    reveal_type(circle.stats.engagement_rate)  # R: Decimal
    reveal_type(resource.contributors)  # R: list[Contributor] | None
    reveal_type(user.profile)  # R: UserProfile
    reveal_type(user.profile.first_name)  # R: str
    reveal_type(user.profile.location)  # R: UserLocation | None
    reveal_type(user.PK)  # R: str | None
    reveal_type(user.entity_type)  # R: str
    reveal_type(place.colour)  # R: str
    reveal_type(place.flag)  # R: bool
    reveal_type(place.price)  # R: Decimal
    reveal_type(place.score)  # R: Decimal | None
    reveal_type(place.kinds)  # R: list[str]
    reveal_type(place.sizes)  # R: dict[str, int] | None
    reveal_type(place.times)  # R: list[datetime]
    reveal_type(place.anything)  # R: list[Any]
    reveal_type(place.visits)  # R: int
    reveal_type(place.seen_at)  # R: datetime
    reveal_type(place.ends)  # R: datetime | None
    # E: Item "None" of "UserLocation | None" has no attribute "city"
    user.profile.location.city


def assign(user: User, circle: Circle, place: Place, resource: Resource) -> None:
    circle.description = None
    circle.deleting_at = utc_now()
    circle.deleting_at = "2026-11-22T13:45:00.123Z"
    reveal_type(circle.deleting_at)  # R: datetime | None
    circle.tags = ["support"]
    circle.tags = ("support",)
    place.price = 4
    place.price = 4.5
    user.profile.location = {"city": "Atlanta"}
    user.profile.location = UserLocation(city="Atlanta")
    user.profile.location = None
    user.profile = {"first_name": "Jane"}
    resource.contributors = [{"name": "Jane"}]
    # E: Incompatible types in assignment (expression has type "None", variable has type "str")
    circle.name = None
    # E: Incompatible types in assignment (expression has type "int", variable has type "datetime | str | None")
    circle.deleting_at = 3
    # E: Incompatible types in assignment (expression has type "str", variable has type "list[str] | tuple[str, ...]")
    circle.tags = "support"
    # E: List item 0 has incompatible type "int"; expected "str"
    circle.tags = [3]
    # E: Incompatible types in assignment (expression has type "str", variable has type "Decimal | int | float")
    place.price = "4"
    # E: Incompatible types in assignment (expression has type "None", variable has type "UserProfile | Mapping[str, Any]")
    user.profile = None
    # E: Incompatible types in assignment (expression has type "UserLocation", variable has type "UserProfile | Mapping[str, Any]")
    user.profile = UserLocation()
    # E: Incompatible types in assignment (expression has type "str", variable has type "Never")
    user.PK = "USER#user123"


def misspell(user: User, profile: UserProfile) -> None:
    user.emial  # E: "User" has no attribute "emial"; maybe "email"?
    user.emial = "x"  # E: "User" has no attribute "emial"; maybe "email"?
    profile.first_nam  # E: "UserProfile" has no attribute "first_nam"; maybe "first_name"?
    profile.first_nam = "x"  # E: "UserProfile" has no attribute "first_nam"; maybe "first_name"?
    User.emial  # E: "type[User]" has no attribute "emial"
