"""Connect, create, query, page, change: the quickstart of the README as a program.

Run it with ``python examples/quickstart.py``; it starts ministack for itself. Another engine is named by an argument:
``moto``, ``dynamodb-local``, or the ``http://`` URL of one that runs.
"""

import sys

from madmall_models import Circle, Database, UniqueViolation, User
from madmall_models.testing import engines


def create(db: Database) -> None:
    """Create three users, and a circle for two of them."""
    for name in ("Jane", "Mary", "Ruth"):
        db.users.create(
            user_id=name.lower(),
            email=f"{name}@example.com",
            profile={"first_name": name, "last_name": "Smith"},
        )

    circle = db.circles.create(
        circle_id="circle123",
        name="Newly Diagnosed",
        type="support_group",
        created_by="jane",
        settings={"max_members": 2},
    )
    assert circle.stats.member_count == 1


def ask(db: Database) -> None:
    """Get one item by its key and by its claim, query an index, say what that costs."""
    jane = db.users.get("jane")
    assert db.users.get_by_email("JANE@example.com") == jane

    circles = db.circles.get_by_type("support_group").filter(Circle.is_active == True)
    assert [found.name for found in circles.newest_first().limit(10)] == ["Newly Diagnosed"]
    print(circles.limit(10).explain())


def turn_pages(db: Database) -> None:
    """Read a list in pages, as a web application does."""
    users = db.users.get_users_by_tenant("default")
    first = users.page(size=2)
    second = users.page(size=2, after=first.cursor)
    assert [len(first), first.has_more, len(second), second.has_more] == [2, True, 1, False]


def change(db: Database) -> None:
    """Save what was changed, change by the manager, delete."""
    jane = db.users.get("jane")
    jane.profile.bio = "Here since spring"
    jane.save()
    db.users.update("jane", email="jane@example.org")  # moves the claim with it
    db.users.update_profile("jane", bio="Here since last spring")  # merges; None removes
    db.users.delete("ruth")


def change_together(db: Database) -> None:
    """Let somebody join, hand the circle over, and write a transaction by hand."""
    db.circles.add_member("circle123", "mary")
    db.circles.transfer_ownership("circle123", to="mary")
    assert db.circles.get("circle123").created_by == "mary"
    assert db.circles.get_member("circle123", "jane").role == "member"

    with db.transaction() as transaction:
        transaction.check(User.key.of(user_id="mary"), User.is_active == True)
        transaction.update(Circle.key.of(circle_id="circle123"), Circle.stats.posts_this_week.add(1))


def be_refused(db: Database) -> None:
    """Ask for what cannot be: an e-mail address has one owner, in any spelling."""
    try:
        db.users.create(user_id="twin", email="jane@EXAMPLE.org", profile={"first_name": "Jane", "last_name": "Doe"})
    except UniqueViolation as error:
        print(error)  # User: this email belongs to another User; nothing was written


if __name__ == "__main__":
    engine = engines.start(*sys.argv[1:])
    db = Database(table="quickstart", cursor_keys=["any secret"], **engine.connection_settings())
    db.create_table(wait=True)
    for part in (create, ask, turn_pages, change, change_together, be_refused):
        part(db)
    db.close()
    engine.stop()
