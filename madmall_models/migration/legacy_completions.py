"""Count what was moved: members of circles, comments of stories, circles of users.

Each count is read consistently and set on condition that it is what it was before the reading; whoever joins or
comments meanwhile changes the count in the same transaction, so that the condition fails and it is counted again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from madmall_models import footprint
from madmall_models.connection.retry import rounds
from madmall_models.entities import Circle, CircleMember, Comment, Story, User
from madmall_models.errors import MigrationError, TransactionCancelled
from madmall_models.expression import Expression
from madmall_models.keys import ItemKey
from madmall_models.managers.membership import ACTIVE, ADMIN, Standing
from madmall_models.migration.completion import Completion
from madmall_models.migration.run_mark import mark
from madmall_models.sending import Refused, send
from madmall_models.writer import prepare_creation

_ROUNDS = 10


def madmall_completions() -> tuple[Completion, ...]:
    """Return what is counted after the legacy tables were moved, in this order."""
    return (
        Completion(Circle, complete_circle, sets=("stats.member_count", "moderators"), adds=owner_membership),
        Completion(Story, complete_story, sets=("engagement.comments",), count="engagement.comments"),
        Completion(User, complete_user, sets=("stats.circles_joined",), count="stats.circles_joined"),
    )


def owner_membership(circle: Circle) -> tuple[ItemKey, ...]:
    """Return the key of the membership that the owner of a circle gets."""
    return (CircleMember.key.of(circle_id=circle.circle_id, user_id=circle.created_by),)


def complete_circle(database: Any, circle_id: str, run: str | None = None) -> bool:
    """Make the owner of a circle a member of it, and set its member count and its moderators.

    An owner who is no user stays the owner but gets no membership: a membership is also an item in the collection of
    its user, and memberships of missing users are rejected wherever they come from. Once the user is there, another
    run adds it.
    """
    circle = database.manager_of(Circle).get_or_none(circle_id, consistent=True)
    if circle is None:
        return False
    roll = MemberRoll.called(database, circle)
    if not roll.has_owner:
        added = _add_owner(database, circle, run)
        # What an owner brings along is counted with everybody else; another run may have added the owner meanwhile.
        return recount_circle(database, circle_id) or added
    if _agrees(circle, roll):
        return False
    return _set_circle(database, circle, roll) or recount_circle(database, circle_id)


def recount_circle(database: Any, circle_id: str, run: str | None = None) -> bool:
    """Set the member count and the moderators of a circle, as its memberships say; none is added."""
    for _ in rounds(_ROUNDS):
        circle = database.manager_of(Circle).get_or_none(circle_id, consistent=True)
        if circle is None:
            return False
        roll = MemberRoll.called(database, circle)
        if _agrees(circle, roll):
            return False
        if _set_circle(database, circle, roll):
            return True
    raise _kept_moving(Circle)


def complete_story(database: Any, story_id: str, run: str | None = None) -> bool:
    """Set how many comments a story has."""
    for _ in rounds(_ROUNDS):
        story = database.manager_of(Story).get_or_none(story_id, consistent=True)
        if story is None:
            return False
        count = database.manager_of(Comment).asking(Comment.key, story_id=story_id).consistent().count()
        known = story.engagement.comments if story.engagement is not None else None
        if known == count:
            return False
        if _set_count(database, Story.key.of(story_id), Story.engagement.comments, known, count):
            return True
    raise _kept_moving(Story)


def complete_user(database: Any, user_id: str, run: str | None = None) -> bool:
    """Set of how many circles a user is an active member."""
    for _ in rounds(_ROUNDS):
        user = database.manager_of(User).get_or_none(user_id, consistent=True)
        if user is None:
            return False
        memberships = database.manager_of(CircleMember).asking(CircleMember.of_user, user_id=user_id)
        count = memberships.consistent().filter(CircleMember.status == ACTIVE).count()
        known = user.stats.circles_joined if user.stats is not None else None
        if known == count:
            return False
        if _set_count(database, User.key.of(user_id), User.stats.circles_joined, known, count):
            return True
    raise _kept_moving(User)


@dataclass(frozen=True)
class MemberRoll:
    """What the memberships of a circle say together.

    Attributes:
        count: how many are active.
        moderators: who moderates: those known as such in their order, then the others, longest a member first.
        has_owner: whether the owner has a membership.
    """

    count: int
    moderators: list[str]
    has_owner: bool

    @classmethod
    def called(cls, database: Any, circle: Circle) -> MemberRoll:
        """Read every membership of a circle, consistently."""
        members = database.manager_of(CircleMember).asking(CircleMember.key, circle_id=circle.circle_id).consistent()
        count, has_owner = 0, False
        moderating: list[tuple[Any, str]] = []
        for member in members:
            standing = Standing.of(member)
            count += standing.active
            has_owner = has_owner or member.user_id == circle.created_by
            if standing.moderates:
                moderating.append((member.joined_at, member.user_id))
        names = [name for _, name in sorted(moderating)]
        kept = [name for name in dict.fromkeys(circle.moderators or []) if name in names]
        return cls(count, kept + [name for name in names if name not in kept], has_owner)


def _add_owner(database: Any, circle: Circle, run: str | None) -> bool:
    """Write the membership of a circle's owner, if the owner is a user, and say whether that was done."""
    owner = circle.created_by
    if not database.manager_of(User).exists(owner):
        return False
    member = CircleMember(
        circle_id=circle.circle_id,
        user_id=owner,
        role=ADMIN,
        status=ACTIVE,
        joined_at=circle.created_at,
        last_active=circle.created_at,
        created_at=circle.created_at,
        tenant_id=circle.tenant_id,
    )
    creation = footprint.creation(prepare_creation(member))
    if run is not None:
        mark(creation, run, ())
    still_owner = Expression().equals(("createdBy",), {"S": owner})
    checks = [
        _check("circle", circle.item_key(), still_owner),
        _check("user", User.key.of(owner), Expression().exists("PK")),
    ]
    try:
        send(database.connection, [*creation, *checks])
    except Refused:
        return False
    return True


def _check(part: str, key: ItemKey, condition: Expression) -> footprint.Action:
    return footprint.Action("ConditionCheck", part, {"Key": key.wire, **condition.request()}, key)


def _known_count(circle: Circle) -> int | None:
    return circle.stats.member_count if circle.stats is not None else None


def _agrees(circle: Circle, roll: MemberRoll) -> bool:
    """Tell whether a circle says of its members what their memberships say."""
    return _known_count(circle) == roll.count and (circle.moderators or []) == roll.moderators


def _set_circle(database: Any, circle: Circle, roll: MemberRoll) -> bool:
    """Set what is derived of a circle, unless the circle changed since it was read."""
    key, known = circle.item_key(), _known_count(circle)
    count = Circle.stats.member_count
    if known is None:
        return _set_count(database, key, count, known, roll.count)
    unmoved = (count == known) & (Circle.version == circle.version)
    return _set(database, key, unmoved, count.set(roll.count), Circle.moderators.set(roll.moderators))


def _set_count(database: Any, key: ItemKey, path: Any, known: int | None, count: int) -> bool:
    """Set a count, unless it changed since it was read."""
    if known is not None:
        return _set(database, key, path == known, path.set(count))
    # Where the counters are missing altogether, a transaction makes the map that they stand in.
    transaction = database.transaction()
    transaction.update(key, path.set(count), condition=path.does_not_exist())
    return _committed(transaction)


def _set(database: Any, key: ItemKey, condition: Condition, *actions: Action) -> bool:
    """Set attributes by one request, and say whether the condition held; version and times stay as they are."""
    request = Expression().exists("PK").satisfying(condition).applying(*actions).request()
    try:
        send(database.connection, [footprint.Action("Update", "item", {"Key": key.wire, **request}, key)])
    except Refused:
        return False
    return True


def _committed(transaction: Any) -> bool:
    try:
        transaction.commit()
    except TransactionCancelled:
        return False
    return True


def _kept_moving(entity: type[Any]) -> MigrationError:
    return MigrationError(
        f"a {entity.__name__} changed each of the {_ROUNDS} times that it was counted; "
        "run the import again when the table is quieter"
    )
