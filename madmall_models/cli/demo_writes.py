"""Write a few things that show what a transaction keeps true, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from madmall_models.cli.call import Call
from madmall_models.cli.measured import Cost, measured
from madmall_models.database import Database
from madmall_models.errors import CircleIsFull, MadMallError, UniqueViolation

OWNER, CIRCLE = "demo-owner", "demo-circle"
_EMAIL = "Demo.Owner@example.org"
_PROFILE = {"first_name": "Demo", "last_name": "Owner"}


@dataclass(frozen=True)
class Outcome:
    """What became of one write.

    Attributes:
        intention: what was to be done, in English.
        call: what was called.
        result: what is so now, or the text of the refusal.
        refused_by: the name of the error, None for a write that was made.
        as_expected: whether that is what must come of it.
        cost: what it cost.
    """

    intention: str
    call: Call
    result: str
    refused_by: str | None
    as_expected: bool
    cost: Cost


def write_some(database: Database, first: str, second: str) -> Iterator[Outcome]:
    """Create a user and a circle, let two users join who are in the table, and hand the circle over to the first.

    Args:
        database: where to write; nothing named ``demo-owner`` or ``demo-circle`` may be there.
        first: the id of a user.
        second: the id of another one.
    """
    users, circles = database.users, database.circles
    owner = {"user_id": OWNER, "email": _EMAIL, "profile": _PROFILE}
    yield _write(
        database,
        "Create a user; the e-mail address is claimed in the same transaction",
        Call("db.users", users, "create", options=owner),
        lambda user: f"{user!r}",
    )
    yield _write(
        database,
        "Create another with the same address in another spelling",
        Call("db.users", users, "create", options={**owner, "user_id": "demo-twin", "email": _EMAIL.lower()}),
        refusal=UniqueViolation,
    )
    circle = {"circle_id": CIRCLE, "name": "A circle of two", "type": "support_group", "created_by": OWNER}
    yield _write(
        database,
        "Create a circle for two; its owner's membership comes with it",
        Call("db.circles", circles, "create", options={**circle, "settings": {"max_members": 2}}),
        lambda made: f"{made!r}, members: {made.stats.member_count}",
    )
    yield _write(
        database,
        "Join: member, mirror and both counts change together",
        Call("db.circles", circles, "add_member", (CIRCLE, first)),
        lambda member: f"{member!r}, members: {_members(database)}",
    )
    yield _write(
        database,
        "Join when the circle is full",
        Call("db.circles", circles, "add_member", (CIRCLE, second)),
        refusal=CircleIsFull,
    )
    yield _write(
        database,
        "Hand the circle over; both roles and their mirrors follow",
        Call("db.circles", circles, "transfer_ownership", (CIRCLE,), {"to": first}),
        lambda made: f"owner: {made.created_by} ({_role(database, first)}), before: {OWNER} ({_role(database, OWNER)})",
    )


def _write(
    database: Database,
    intention: str,
    call: Call,
    told: Callable[[Any], str] = repr,
    refusal: type[MadMallError] | None = None,
) -> Outcome:
    """Make the call and tell what became of it; an error that is not the expected refusal is raised."""

    def attempt() -> Any:
        try:
            return call()
        except MadMallError as error:
            if refusal is None or not isinstance(error, refusal):
                raise
            return error

    made, cost = measured(database, attempt)
    if isinstance(made, MadMallError):
        return Outcome(intention, call, str(made), type(made).__name__, True, cost)
    return Outcome(intention, call, told(made), None, refusal is None, cost)


def _members(database: Database) -> int | None:
    count: int | None = database.circles.get(CIRCLE, consistent=True).stats.member_count
    return count


def _role(database: Database, user_id: str) -> str | None:
    role: str | None = database.circles.get_member(CIRCLE, user_id, consistent=True).role
    return role
