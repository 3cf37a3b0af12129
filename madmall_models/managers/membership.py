"""Change one membership: the member, its mirror, the counts, the moderators and the rules, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models import codec
from madmall_models.entities import Circle, CircleMember, User
from madmall_models.errors import (
    AlreadyMember,
    Banned,
    CircleIsFull,
    MadMallError,
    NotAMember,
    OwnerCannotLeave,
    TransactionCancelled,
)

ACTIVE, PENDING, BANNED = "active", "pending", "banned"
MODERATOR, ADMIN, MEMBER = "moderator", "admin", "member"


class NoMembership(NotAMember, CircleMember.DoesNotExist):
    """Say that there is no membership: NotAMember, and CircleMember.DoesNotExist for those who expect that."""


@dataclass(frozen=True)
class Standing:
    """What a membership counts as: whether it is active, and whether it makes a moderator."""

    active: bool = False
    moderates: bool = False

    @classmethod
    def of(cls, member: CircleMember | None) -> Standing:
        """Return the standing of a membership, or of nobody."""
        active = member is not None and member.status == ACTIVE
        return cls(active, active and member is not None and member.role == MODERATOR)


class MembershipChange:
    """A change of one membership on its way into one transaction.

    Args:
        database: where to write.
        member: the membership as it shall be, or as it was when it ends.
        before: its standing as it is stored.
        after: its standing as it shall be.

    The condition of each action is what keeps the invariants; the reasons of a refusal are read from the items that
    come back with it, never guessed.
    """

    def __init__(self, database: Any, member: CircleMember, before: Standing, after: Standing) -> None:
        self.database = database
        self.member = member
        self.before = before
        self.after = after
        self.transaction = database.transaction()

    @property
    def delta(self) -> int:
        """Return by how many the count of active members changes."""
        return int(self.after.active) - int(self.before.active)

    def commit(self, *, keeps_owner: bool = False) -> None:
        """Send the change.

        Args:
            keeps_owner: whether the circle's owner may not be this user, since the change would end the membership.

        Raises:
            Circle.DoesNotExist, User.DoesNotExist, AlreadyMember, Banned, CircleIsFull, OwnerCannotLeave: as the
                stored items say. TransactionCancelled: the race was lost; read again and repeat.
        """
        self._count_in_circle(keeps_owner)
        self._count_in_user()
        try:
            self.transaction.commit()
        except TransactionCancelled as cancelled:
            error = self._meaning(cancelled)
            if error is None:
                raise
            raise error from cancelled

    def _count_in_circle(self, keeps_owner: bool) -> None:
        key = Circle.key.of(circle_id=self.member.circle_id)
        condition = Circle.deleting_at.does_not_exist() if self.delta >= 0 and not keeps_owner else None
        if self.delta > 0:
            condition = condition & has_room()
        if keeps_owner:
            condition = Circle.created_by != self.member.user_id
        adding = [Circle.stats.member_count.add(self.delta)] if self.delta else []
        counted = MemberCount(self.database, self.member.circle_id)
        if self.before.moderates != self.after.moderates:
            circle = self.database.circles.get(self.member.circle_id, consistent=True)
            circle.moderators = moderators_with(circle, self.member.user_id, self.after)
            self.transaction.save(circle, adding=adding, condition=condition, absent_map=counted)
        elif adding:
            self.transaction.update(key, *adding, condition=condition, absent_map=counted)
        else:
            self.transaction.check(key, condition)

    def _count_in_user(self) -> None:
        key = User.key.of(user_id=self.member.user_id)
        if self.delta:
            condition = User.deleting_at.does_not_exist() if self.delta > 0 else None
            joined = CirclesJoined(self.database, self.member.user_id)
            self.transaction.update(key, User.stats.circles_joined.add(self.delta), condition=condition, absent_map=joined)
        elif self.after.active:
            self.transaction.check(key, User.deleting_at.does_not_exist())

    # -- what a refusal means --------------------------------------------------------------------------------------

    def _meaning(self, cancelled: TransactionCancelled) -> MadMallError | None:
        refused: dict[type[Any], Any] = {}
        for step, reason in zip(cancelled.steps, cancelled.reasons, strict=True):
            if reason is not None:
                refused.setdefault(getattr(step.subject, "entity", type(step.subject)), (step, reason))
        circle = refused.get(Circle)
        if circle is not None and (error := self._circle_refusal(circle[1].item)) is not None:
            return error
        user = refused.get(User)
        if user is not None:
            return User.DoesNotExist("User: there is no such user, or it is being deleted; nothing was written")
        member = refused.get(CircleMember)
        if member is not None and member[0].kind == "create" and member[1].item is not None:
            return already(codec.decode(CircleMember, member[1].item, self.database))
        return self._full(circle[1].item) if circle is not None else None

    def _circle_refusal(self, item: Mapping[str, Any] | None) -> MadMallError | None:
        if item is None or "deletingAt" in item:
            return Circle.DoesNotExist("Circle: there is no such circle, or it is being deleted; nothing was written")
        if item.get("createdBy") == {"S": self.member.user_id} and not self.after.active:
            return OwnerCannotLeave("the owner's membership cannot end or change; transfer the ownership first")
        return None

    def _full(self, item: Mapping[str, Any]) -> CircleIsFull | None:
        circle = codec.decode(Circle, item, self.database)
        count, most = circle.stats.member_count, circle.settings.max_members if circle.settings else None
        if self.delta > 0 and most is not None and count is not None and count >= most:
            return CircleIsFull(f"the circle has {count} active members and takes at most {most}; nothing was written")
        return None


class MemberCount:
    """Make the counters of a circle that has none: zeros, and the active members as they really are."""

    def __init__(self, database: Any, circle_id: str) -> None:
        self._database = database
        self._circle_id = circle_id

    def __call__(self) -> Mapping[str, Any]:
        """Return the content of ``stats``."""
        stats = type(Circle.stats)()
        stats.member_count = active_count(self._database, self._circle_id)
        return stats.serialize(stats)


class CirclesJoined:
    """Make the counters of a user who has none: zeros, and the active memberships as they really are."""

    def __init__(self, database: Any, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def __call__(self) -> Mapping[str, Any]:
        """Return the content of ``stats``."""
        stats = type(User.stats)()
        query = self._database.query_of(CircleMember.of_user, {"user_id": self._user_id})
        stats.circles_joined = query.consistent().filter(CircleMember.status == ACTIVE).count()
        return stats.serialize(stats)


def active_count(database: Any, circle_id: str) -> int:
    """Return how many active members a circle really has, by a consistent read of all of them."""
    query = database.query_of(CircleMember.key, {"circle_id": circle_id})
    count: int = query.consistent().filter(CircleMember.status == ACTIVE).count()
    return count


def has_room() -> Condition:
    """Return the condition that one more active member fits in; a circle without counters is counted first."""
    count, most = Circle.stats.member_count, Circle.settings.max_members
    return Circle.stats.does_not_exist() | (count.exists() & (most.does_not_exist() | (count < most)))


def moderators_with(circle: Circle, user_id: str, standing: Standing) -> list[str]:
    """Return the moderators of a circle once this user has this standing; in order of appointment."""
    others: Sequence[str] = [name for name in circle.moderators or [] if name != user_id]
    return [*others, user_id] if standing.moderates else list(others)


def already(member: CircleMember) -> MadMallError:
    """Return the error of adding somebody who has a membership of this status."""
    if member.status == BANNED:
        return Banned("the user is banned from the circle; nothing was written")
    return AlreadyMember(f"the user has a membership with status {member.status!r} already; nothing was written")
