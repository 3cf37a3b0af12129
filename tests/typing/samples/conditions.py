"""What attributes of a class make: conditions and actions."""

from typing import reveal_type

from madmall_models import Circle, Database, User

reveal_type(Circle.name)  # R: UnicodeAttribute[str]
reveal_type(Circle.description)  # R: UnicodeAttribute[str | None]
reveal_type(Circle.is_active == True)  # R: Comparison
reveal_type(Circle.stats.member_count < 50)  # R: Comparison
reveal_type(Circle.stats.member_count.add(1))  # R: AddAction
reveal_type(Circle.tags.contains("x"))  # R: Contains
reveal_type(Circle.name.startswith("x"))  # R: BeginsWith
reveal_type(Circle.created_at.between("2026-12-01", "2027-01-01"))  # R: Between
reveal_type(Circle.deleting_at.does_not_exist())  # R: NotExists
reveal_type(Circle.settings.cultural_focus.contains("x") | (Circle.name != "x"))  # R: Any
reveal_type(User.profile.location.city == "x")  # R: Comparison
reveal_type(User.profile.location.exists())  # R: Exists
reveal_type(User.profile.location.remove())  # R: RemoveAction
reveal_type(User.profile.location == {"city": "x"})  # R: Comparison
reveal_type(User.profile.location.city.set("x"))  # R: SetAction | RemoveAction

User.profile.locatio.city  # E: "type[UserProfile]" has no attribute "locatio"
Circle.stats.member_count < "x"  # E: Unsupported operand types for < ("CounterAttribute[int]" and "str")


def ask(db: Database) -> None:
    circles = db.circles.get_by_type("support_group")
    circles.filter(Circle.is_active == True)
    # A comparison with what cannot be stored there is Python's own, and no condition.
    # E: Argument 1 to "filter" of "Query" has incompatible type "bool"; expected "Condition"
    circles.filter(Circle.name == 5)
    with db.transaction() as transaction:
        key = Circle.key.of(circle_id="circle123")
        room = Circle.stats.member_count < 50
        transaction.update(key, Circle.stats.member_count.add(1), condition=room)
        transaction.check(User.key.of(user_id="user123"), User.is_active == True)
