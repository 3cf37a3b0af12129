"""Change one membership: the member, its mirror, the counts, the moderators and the rules, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from pynamodb.expressions.condition import Condition

from madmall_models import codec
from madmall_models.entities import Circle, CircleMember, CircleStats, User, UserStats
from madmall_models.entity import Entity
from madmall_models.errors import (
    AlreadyMember,
    Banned,
    CircleIsFull,
    MadMallError,
    NotAMember,
    OwnerCannotLeave,
    TransactionCancelled,
    ValidationError,
)
from madmall_models.keys import ItemKey
from madmall_models.managers.presence import stays
from madmall_models.measurement import AbsentMaps, put_absent
from madmall_models.query_reader import is_expired
from madmall_models.recipe_transaction import RecipeTransaction
from madmall_models.transaction import WriteTransaction
from madmall_models.unread import is_unread

ACTIVE, PENDING, INACTIVE, BANNED = "active", "pending", "inactive", "banned"
MODERATOR, ADMIN, MEMBER = "moderator", "admin", "member"
ROLES = (MEMBER, MODERATOR, ADMIN)
RACES = 10
# The stored path of the counters, of circles and users alike.
STATS: tuple[str, ...] = ("stats",)

# Made by a call, since the class of an entity's error is made with the entity: no type checker knows it as a base.
NoMembership: type[NotAMember] = type(
    "NoMembership",
    (NotAMember, CircleMember.DoesNotExist),
    {
        "__doc__": "Say that there is no membership: NotAMember, and CircleMember.DoesNotExist for who expects that.",
        "__module__": __name__,
    },
)


class Purpose(Enum):
    """Say why a membership changes: what circle and user must allow depends on it."""

    JOINING = "joining"  # or asking to: neither circle nor user may be on their way out, and there must be room
    CHANGING = "changing"  # role, ban or end: anybody but the owner
    CLEARING = "clearing"  # because the circle is being deleted: everybody


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
        purpose: why it changes, which decides what circle and user must allow.

    The condition of each action is what keeps the invariants; the reasons of a refusal are read from the items that
    come back with it, never guessed.
    """

    def __init__(
        self, database: Any, member: CircleMember, before: Standing, after: Standing, purpose: Purpose
    ) -> None:
        self.database = database
        self.member = member
        self.before = before
        self.after = after
        self.purpose = purpose

    @property
    def delta(self) -> int:
        """Return by how many the count of active members changes."""
        return int(self.after.active) - int(self.before.active)

    def commit(self, write: Callable[[WriteTransaction], object]) -> None:
        """Send the change.

        Args:
            write: adds the step of the member itself to a transaction.

        Raises:
            Circle.DoesNotExist, User.DoesNotExist, AlreadyMember, Banned, CircleIsFull, OwnerCannotLeave: as the
                stored items say. TransactionCancelled: the race was lost; read again and repeat.
        """
        counted = [Circle, User]
        while True:
            try:
                self._send(write, counted)
                return
            except (Circle.DoesNotExist, User.DoesNotExist) as gone:
                # A membership that outlived its circle or its user can still end.
                missing = Circle if isinstance(gone, Circle.DoesNotExist) else User
                if self.after != Standing() or self.purpose is Purpose.JOINING or missing not in counted:
                    raise
                counted.remove(missing)

    def _send(self, write: Callable[[WriteTransaction], object], counted: Collection[type[Entity]]) -> None:
        transaction = RecipeTransaction(self.database)
        write(transaction)
        if Circle in counted:
            self._count_in_circle(transaction)
        if User in counted:
            self._count_in_user(transaction)
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            error = self._meaning(cancelled)
            if error is None:
                raise
            raise error from cancelled

    def _count_in_circle(self, transaction: WriteTransaction) -> None:
        condition = self._condition_in_circle()
        adding = [Circle.stats.member_count.add(self.delta)] if self.delta else []
        maps: AbsentMaps = {STATS: MemberCount(self.database, self.member.circle_id)}
        if self.before.moderates != self.after.moderates:
            circle = self.database.circles._stored_at(self._circle_key)
            circle.moderators = moderators_with(self.database, circle, self.member.user_id, self.after)
            # The circle's other data is not what changes here, so it is not judged.
            transaction.save(circle, adding=adding, condition=condition, absent_maps=maps, judged=False)
        elif adding:
            transaction.update(self._circle_key, *adding, condition=condition, absent_maps=maps)
        else:
            transaction.check(self._circle_key, condition)

    def _condition_in_circle(self) -> Condition | None:
        if self.purpose is Purpose.CLEARING:
            return None
        if self.purpose is Purpose.CHANGING:
            return Circle.created_by != self.member.user_id
        return stays(Circle) & has_room() if self.delta > 0 else stays(Circle)

    def _count_in_user(self, transaction: WriteTransaction) -> None:
        key = User.key.of(user_id=self.member.user_id)
        present = stays(User) if self.purpose is Purpose.JOINING else None
        if self.delta:
            maps: AbsentMaps = {STATS: CirclesJoined(self.database, self.member.user_id)}
            transaction.update(key, User.stats.circles_joined.add(self.delta), condition=present, absent_maps=maps)
        elif self.purpose is Purpose.JOINING:
            transaction.check(key, present)

    @property
    def _circle_key(self) -> ItemKey:
        key: ItemKey = Circle.key.of(circle_id=self.member.circle_id)
        return key

    # -- what a refusal means --------------------------------------------------------------------------------------

    def _meaning(self, cancelled: TransactionCancelled) -> MadMallError | None:
        """Return the typed error of a refusal, or None for a lost race, which is to be repeated."""
        refused: dict[type[Any], Any] = {}
        for step, reason in zip(cancelled.steps, cancelled.reasons, strict=True):
            if reason is not None and reason.is_condition:
                refused[getattr(step.subject, "entity", type(step.subject))] = (step, reason)
        circle = refused.get(Circle)
        if circle is not None and (error := self._circle_refusal(circle[1].item)) is not None:
            return error
        if User in refused:
            return User.DoesNotExist("User: there is no such user, or it is being deleted; nothing was written")
        member = refused.get(CircleMember)
        if member is not None and member[0].kind == "create" and member[1].item is not None:
            return already(codec.decode(CircleMember, member[1].item, self.database))
        return self._full(circle[1].item) if circle is not None else None

    def _circle_refusal(self, item: Mapping[str, Any] | None) -> MadMallError | None:
        foreign = item is not None and item.get("entityType") != {"S": Circle.discriminator}
        leaving = item is not None and ("deletingAt" in item or is_expired(item))
        if item is None or foreign or (leaving and self.purpose is Purpose.JOINING):
            return Circle.DoesNotExist("Circle: there is no such circle, or it is being deleted; nothing was written")
        if item.get("createdBy") == {"S": self.member.user_id} and self.purpose is Purpose.CHANGING:
            return OwnerCannotLeave(
                "the owner's membership and role cannot change; transfer the ownership first; nothing was written"
            )
        return None

    def _full(self, item: Mapping[str, Any]) -> CircleIsFull | None:
        circle = codec.decode(Circle, item, self.database)
        count = circle.stats.member_count if circle.stats else None
        if self.delta > 0 and circle.stats is not None and count is None:
            # Somebody else's writer left the count out: put in what is true, and let the change be repeated.
            true_count = {"N": str(active_count(self.database, self.member.circle_id))}
            put_absent(self.database.connection, self._circle_key, (*STATS, "memberCount"), true_count)
            return None
        most = circle.settings.max_members if circle.settings else None
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
        stats = CircleStats()
        stats.member_count = active_count(self._database, self._circle_id)
        return stats.serialize(stats)


class CirclesJoined:
    """Make the counters of a user who has none: zeros, and the active memberships as they really are."""

    def __init__(self, database: Any, user_id: str) -> None:
        self._database = database
        self._user_id = user_id

    def __call__(self) -> Mapping[str, Any]:
        """Return the content of ``stats``."""
        stats = UserStats()
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
    room: Condition = Circle.stats.does_not_exist() | (count.exists() & (most.does_not_exist() | (count < most)))
    return room


def moderators_with(database: Any, circle: Circle, user_id: str, standing: Standing) -> list[str]:
    """Return the moderators of a circle once this user has this standing; in order of appointment."""
    others = [name for name in _moderators(database, circle) if name != user_id]
    return [*others, user_id] if standing.moderates else others


def _moderators(database: Any, circle: Circle) -> Sequence[str]:
    """Return the moderators of a circle: as its list says, or as the roles do where the list cannot be read.

    The list follows from the roles. Whoever changes it meanwhile changes the version of the circle.
    """
    if circle.moderators is not None or not is_unread(circle, "moderators"):
        return circle.moderators or ()
    query = database.query_of(CircleMember.key, {"circle_id": circle.circle_id}).consistent().including_expired()
    return [member.user_id for member in query if Standing.of(member).moderates]


def already(member: CircleMember) -> MadMallError:
    """Return the error of adding somebody who has a membership of this status."""
    if member.status == BANNED:
        return Banned("the user is banned from the circle; nothing was written")
    return AlreadyMember(f"the user has a membership with status {member.status!r} already; nothing was written")


def check_role(role: str) -> None:
    """Refuse what is no role.

    Raises:
        ValidationError: it is none of member, moderator, admin.
    """
    if role not in ROLES:
        raise ValidationError(f"CircleMember.role takes one of {', '.join(ROLES)}")
