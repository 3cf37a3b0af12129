"""Count what was moved: members of circles, comments of stories, circles of users.

Each count is read consistently and set on condition that it is what it was before the reading; whoever joins or
comments meanwhile changes the count in the same transaction, so that the condition fails and it is counted again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models.connection.retry import rounds
from madmall_models.entities import Circle, CircleMember, Comment, Story, User
from madmall_models.errors import MigrationError, TransactionCancelled
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey
from madmall_models.managers.membership import ACTIVE, ADMIN, Standing
from madmall_models.migration.completion import Completion
from madmall_models.writer import Refused, send

_ROUNDS = 10


def madmall_completions() -> tuple[Completion, ...]:
    """Return what is counted after the legacy tables were moved, in this order."""
    return (
        Completion(Circle, complete_circle),
        Completion(Story, complete_story),
        Completion(User, complete_user),
    )


def complete_circle(database: Any, circle_id: str) -> bool:
    """Make the owner of a circle a member of it, and set its member count and its moderators.

    An owner who is no user stays the owner but gets no membership: a membership is also an item in the collection of
    its user, and memberships of missing users are rejected wherever they come from. Once the user is there, another
    run adds it.
    """
    wrote = False
    for _ in rounds(_ROUNDS):
        circle = database.manager_of(Circle).get_or_none(circle_id, consistent=True)
        if circle is None:
            return wrote
        wrote = _add_owner(database, circle) or wrote
        members = database.manager_of(CircleMember).asking(CircleMember.key, circle_id=circle_id).consistent()
        count, moderators = _counted(members, circle.moderators or [])
        known = circle.stats.member_count if circle.stats is not None else None
        if known == count and (circle.moderators or []) == moderators:
            return wrote
        if _set_circle(database, circle, count, moderators):
            return True
    raise _kept_moving(Circle)


def complete_story(database: Any, story_id: str) -> bool:
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


def complete_user(database: Any, user_id: str) -> bool:
    """Set of how many circles a user is an active member."""
    for _ in rounds(_ROUNDS):
        user = database.manager_of(User).get_or_none(user_id, consistent=True)
        if user is None:
            return False
        memberships = database.manager_of(CircleMember).asking(CircleMember.of_user, user_id=user_id).consistent()
        count = sum(1 for member in memberships if member.status == ACTIVE)
        known = user.stats.circles_joined if user.stats is not None else None
        if known == count:
            return False
        if _set_count(database, User.key.of(user_id), User.stats.circles_joined, known, count):
            return True
    raise _kept_moving(User)


def _add_owner(database: Any, circle: Circle) -> bool:
    """Write the membership of a circle's owner if there is none, and say whether that was done."""
    owner = circle.created_by
    memberships, users = database.manager_of(CircleMember), database.manager_of(User)
    if memberships.exists(circle.circle_id, owner) or not users.exists(owner):
        return False
    transaction = database.transaction()
    transaction.create(
        CircleMember(
            circle_id=circle.circle_id,
            user_id=owner,
            role=ADMIN,
            status=ACTIVE,
            joined_at=circle.created_at,
            last_active=circle.created_at,
            created_at=circle.created_at,
            tenant_id=circle.tenant_id,
        )
    )
    transaction.check(Circle.key.of(circle.circle_id), Circle.created_by == owner)
    transaction.check(User.key.of(owner))
    return _committed(transaction)


def _counted(members: Iterable[CircleMember], known: list[str]) -> tuple[int, list[str]]:
    """Return how many members are active, and the moderators: those known in their order, then the others by age."""
    count = 0
    moderating: list[tuple[Any, str]] = []
    for member in members:
        standing = Standing.of(member)
        count += standing.active
        if standing.moderates:
            moderating.append((member.joined_at, member.user_id))
    names = [name for _, name in sorted(moderating)]
    kept = [name for name in dict.fromkeys(known) if name in names]
    return count, kept + [name for name in names if name not in kept]


def _set_circle(database: Any, circle: Circle, count: int, moderators: list[str]) -> bool:
    """Set what is derived of a circle, unless it changed since it was read; version and times stay as they are."""
    key = circle.item_key()
    member_count: Any = Circle.stats.member_count
    known = circle.stats.member_count if circle.stats is not None else None
    if circle.stats is None:
        return _set_count(database, key, member_count, known, count)
    condition = _unmoved(member_count, known) & (Circle.version == circle.version)
    expression = Expression().exists("PK").satisfying(condition)
    expression.applying(member_count.set(count), Circle.moderators.set(moderators))
    try:
        send(database.connection, [Action("Update", "item", {"Key": key.wire, **expression.request()}, key)])
    except Refused:
        return False
    return True


def _set_count(database: Any, key: ItemKey, path: Any, known: int | None, count: int) -> bool:
    """Set a count, unless it changed since it was read."""
    transaction = database.transaction()
    transaction.update(key, path.set(count), condition=_unmoved(path, known))
    return _committed(transaction)


def _unmoved(path: Any, known: int | None) -> Condition:
    condition: Condition = path.does_not_exist() if known is None else path == known
    return condition


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
