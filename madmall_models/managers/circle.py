"""Carry what circles can do: membership, roles, ownership, figures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from madmall_models import clock, signals
from madmall_models.connection.retry import rounds
from madmall_models.entities import Circle, CircleMember, User
from madmall_models.errors import AlreadyExists, NotAMember, NotOwner, OwnerCannotLeave, TransactionCancelled, ValidationError
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.matching import any_of
from madmall_models.managers.membership import (
    ACTIVE,
    ADMIN,
    BANNED,
    MEMBER,
    MODERATOR,
    PENDING,
    CirclesJoined,
    MemberCount,
    MembershipChange,
    NoMembership,
    Standing,
    already,
    moderators_with,
)
from madmall_models.query import Query

_log = logging.getLogger(__name__)
_RACES = 10
_ROLES = (MEMBER, MODERATOR, ADMIN)
T = TypeVar("T")


class CircleManager(Manager[Circle]):
    """Be the operations of circles; ``db.circles``.

    Every change of a membership is one transaction over the member, its mirror under the user, the counts and the
    circle's moderators. A race that is lost is read again and repeated a few times.
    """

    collection = "circles"

    # -- circles ---------------------------------------------------------------------------------------------------

    def create(self, **fields: Any) -> Circle:
        """Create a circle and its owner's membership (role ``admin``) in one transaction; ``member_count`` is 1.

        ``created_by`` is the owner, who must exist. Counts and moderators follow from memberships: given ones are
        ignored with a warning in the log.

        Raises:
            AlreadyExists: the id is taken. User.DoesNotExist: there is no such owner. ValidationError, KeyValueError.
        """
        for derived in {"stats", "moderators"} & set(fields):
            _log.warning("Circle.create: %s follows from memberships and was ignored", derived)
            fields.pop(derived)
        circle = Circle(**fields)
        circle.stats.member_count = 1
        joined = circle.created_at or clock.utc_now()
        transaction = self.database.transaction()
        created = transaction.create(circle)
        owner = CircleMember(
            circle_id=circle.circle_id, user_id=circle.created_by, role=ADMIN, joined_at=joined, last_active=joined
        )
        transaction.create(owner)
        user = User.key.of(user_id=circle.created_by)
        transaction.update(
            user,
            User.stats.circles_joined.add(1),
            condition=User.deleting_at.does_not_exist(),
            absent_map=CirclesJoined(self.database, circle.created_by),
        )
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            raise self._creation_refused(cancelled, created, user) from cancelled
        signals.announce(signals.member_added, CircleMember, member=owner)
        return circle

    def _creation_refused(self, cancelled: TransactionCancelled, created: Any, user: ItemKey) -> Exception:
        if cancelled.because_of(created) is not None:
            return AlreadyExists("Circle: an item with this key exists already; nothing was written")
        if cancelled.because_of(user) is not None:
            return User.DoesNotExist("Circle: created_by names no user, or one that is being deleted; nothing was written")
        return cancelled

    def get_by_type(self, type: str) -> Query[Circle]:
        """Return a lazy query of the circles of a type, oldest first."""
        return self.asking(Circle.by_type, type=type)

    def get_active_circles(self) -> Query[Circle]:
        """Return a lazy query of the active circles, by time of their last change."""
        return self.asking(Circle.by_status, status="ACTIVE")

    def search_circles(
        self,
        *,
        type: str | None = None,
        cultural_focus: Iterable[str] = (),
        tags: Iterable[str] = (),
        is_private: bool | None = None,
    ) -> Query[Circle]:
        """Return a lazy query of active circles: of a type, with any of the tags, with any focus, private or not.

        What the criteria drop is read and paid for.
        """
        query = self.get_active_circles() if type is None else self.get_by_type(type).filter(Circle.is_active == True)  # noqa: E712
        for condition in (
            any_of(Circle.tags.contains(tag) for tag in tags),
            any_of(Circle.settings.cultural_focus.contains(focus) for focus in cultural_focus),
            None if is_private is None else Circle.settings.is_private == is_private,
        ):
            query = query if condition is None else query.filter(condition)
        return query

    def update_settings(self, circle_id: str, **settings: Any) -> Circle:
        """Change settings of a circle and leave the others; see :meth:`Manager.update`."""
        return self.update(circle_id, settings=settings)

    def update(self, *key: Any, expected_version: int | None = None, **changes: Any) -> Circle:
        """Change attributes of a circle; see :meth:`Manager.update`.

        Raises:
            ValidationError: ``moderators`` or ``created_by`` are given, which follow from memberships.
        """
        derived = {"moderators", "created_by", "createdBy"} & set(changes)
        if derived:
            raise ValidationError(
                f"Circle: {', '.join(sorted(derived))} follows from memberships; use update_member_role or transfer_ownership"
            )
        return super().update(*key, expected_version=expected_version, **changes)

    def update_stats(self, circle_id: str, **changes: Any) -> None:
        """Add to counters and set gauges of a circle at once.

        ``member_count``, ``posts_this_week`` and ``posts_this_month`` add; ``active_members``, ``engagement_rate`` and
        ``average_response_time`` set. ``member_count`` is kept by the memberships themselves: a delta given here stays
        until the circle is recounted.
        """
        self.measure(Circle.key.of(circle_id), changes, within="stats")

    def _absent_map(self, key: ItemKey) -> Callable[[], Any]:
        return MemberCount(self.database, key.partition.removeprefix("CIRCLE#"))

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a circle with its memberships; its stories stay, out of the circle.

        The circle is marked first, so that nobody joins meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each member.

        Raises:
            Circle.DoesNotExist: there is none.
        """
        circle = self.get(*key, consistent=True, **fields)
        if circle.deleting_at is None:
            circle = super().update(circle.circle_id, deleting_at=clock.utc_now())
        for member in self.get_members(circle.circle_id, status=None).consistent():
            self._end(member, keeps_owner=False)
        for story in self.database.stories.get_by_circle(circle.circle_id):
            self.database.stories.update(story.story_id, circle_id=None)
        super().delete(circle.circle_id)

    # -- members ---------------------------------------------------------------------------------------------------

    def get_members(self, circle_id: str, status: str | None = ACTIVE) -> Query[CircleMember]:
        """Return a lazy query of a circle's members: the active ones, those of another status, or all (None)."""
        query: Query[CircleMember] = self.database.query_of(CircleMember.key, CircleMember.key.checked_fields({"circle_id": circle_id}))
        return query if status is None else query.filter(CircleMember.status == status)

    def get_member(self, circle_id: str, user_id: str, *, consistent: bool = False) -> CircleMember:
        """Return a membership of any status.

        Raises:
            NotAMember: there is none.
        """
        member = self._memberships.get_or_none(circle_id, user_id, consistent=consistent)
        if member is None:
            raise NoMembership("the user is not a member of the circle")
        found: CircleMember = member
        return found

    def is_member(self, circle_id: str, user_id: str) -> bool:
        """Tell, by a consistent read, whether the user is an active member of the circle."""
        member = self._memberships.get_or_none(circle_id, user_id, consistent=True)
        return member is not None and member.status == ACTIVE

    def get_memberships_by_status(self, status: str) -> Query[CircleMember]:
        """Return a lazy query of the memberships of a status over all circles, oldest first."""
        query: Query[CircleMember] = self.database.query_of(CircleMember.by_status, {"status": status})
        return query

    def add_member(self, circle_id: str, user_id: str, role: str = MEMBER) -> CircleMember:
        """Make somebody an active member at once, as a moderator would.

        Raises:
            AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was written.
            ValidationError: the role is none of member, moderator, admin.
        """
        _check_role(role)
        return self._join(circle_id, user_id, role, lambda circle_requires_approval: ACTIVE)

    def request_to_join(self, circle_id: str, user_id: str) -> CircleMember:
        """Ask to join: pending where the circle requires approval, active at once where it does not.

        Raises:
            AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was written.
        """
        return self._join(circle_id, user_id, MEMBER, lambda requires_approval: PENDING if requires_approval else ACTIVE)

    def approve_member(self, circle_id: str, user_id: str) -> CircleMember:
        """Make a pending or inactive member active.

        Raises:
            NotAMember, AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was written.
        """

        def attempt() -> CircleMember:
            member = self.get_member(circle_id, user_id, consistent=True)
            if member.status in (ACTIVE, BANNED):
                raise already(member)
            return self._activate(member, member.role)

        return _repeated(attempt)

    def ban_member(self, circle_id: str, user_id: str) -> CircleMember:
        """Ban a member: the membership is kept, with status ``banned`` and role ``member``.

        Raises:
            NotAMember: there is no membership. OwnerCannotLeave: it is the owner's.
        """

        def attempt() -> CircleMember:
            member = self.get_member(circle_id, user_id, consistent=True)
            if member.status == BANNED:
                return member
            before = Standing.of(member)
            member.status, member.role = BANNED, MEMBER
            change = MembershipChange(self.database, member, before, Standing())
            change.transaction.save(member)
            change.commit(keeps_owner=True)
            return member

        return _repeated(attempt)

    def remove_member(self, circle_id: str, user_id: str) -> None:
        """End a membership.

        Raises:
            NotAMember: there is none. OwnerCannotLeave: it is the owner's. Banned: bans are kept.
        """

        def attempt() -> None:
            member = self.get_member(circle_id, user_id, consistent=True)
            if member.status == BANNED:
                raise already(member)
            self._end(member, keeps_owner=True)

        _repeated(attempt)

    def forget_member(self, circle_id: str, user_id: str) -> None:
        """End a membership of any status, bans included, for a user who is being deleted.

        Raises:
            OwnerCannotLeave: it is the owner's.
        """

        def attempt() -> None:
            member = self._memberships.get_or_none(circle_id, user_id, consistent=True)
            if member is not None:
                self._end(member, keeps_owner=True)

        _repeated(attempt)

    def update_member_role(self, circle_id: str, user_id: str, role: str) -> CircleMember:
        """Give an active member another role.

        Raises:
            NotAMember: the user is no active member. OwnerCannotLeave: the owner's role is ``admin``.
            ValidationError: the role is none of member, moderator, admin.
        """
        _check_role(role)

        def attempt() -> CircleMember:
            member = self._active_member(circle_id, user_id)
            was, before = member.role, Standing.of(member)
            if was == role:
                return member
            member.role = role
            change = MembershipChange(self.database, member, before, Standing.of(member))
            change.transaction.save(member)
            try:
                change.commit(keeps_owner=True)
            except TransactionCancelled:
                if self.get(circle_id, consistent=True).created_by == user_id:
                    raise OwnerCannotLeave("the owner's role cannot change; transfer the ownership first") from None
                raise
            signals.announce(signals.role_changed, CircleMember, member=member, was=was)
            return member

        return _repeated(attempt)

    def transfer_ownership(self, circle_id: str, to: str, *, keep_as: str = MEMBER) -> Circle:
        """Make an active member the owner, in one transaction; to the present owner nothing is written.

        The new owner's role becomes ``admin``, the old owner's ``keep_as``.

        Raises:
            NotAMember: ``to`` is no active member. NotOwner: the ownership moved to somebody else meanwhile.
            Circle.DoesNotExist: there is no such circle. ValidationError: ``keep_as`` is no role.
        """
        _check_role(keep_as)
        seen: list[str] = []

        def attempt() -> Circle:
            circle = self.get(circle_id, consistent=True)
            if circle.created_by == to:
                return circle
            seen.append(circle.created_by)
            if circle.created_by != seen[0]:
                raise NotOwner("the ownership moved to somebody else meanwhile; nothing was written")
            return self._hand_over(circle, to, keep_as)

        return _repeated(attempt)

    # -- how -------------------------------------------------------------------------------------------------------

    @property
    def _memberships(self) -> Manager[CircleMember]:
        manager: Manager[CircleMember] = self.database.manager_of(CircleMember)
        return manager

    def _active_member(self, circle_id: str, user_id: str) -> CircleMember:
        member = self.get_member(circle_id, user_id, consistent=True)
        if member.status != ACTIVE:
            raise NotAMember(f"the user's membership is {member.status}, not active")
        return member

    def _join(self, circle_id: str, user_id: str, role: str, status: Callable[[bool], str]) -> CircleMember:
        def attempt() -> CircleMember:
            circle = self.get_or_none(circle_id, consistent=True)
            approval = circle is not None and circle.settings is not None and bool(circle.settings.require_approval)
            now = clock.utc_now()
            member = CircleMember(
                circle_id=circle_id, user_id=user_id, role=role, status=status(approval), joined_at=now, last_active=now
            )
            change = MembershipChange(self.database, member, Standing(), Standing.of(member))
            change.transaction.create(member)
            change.commit()
            if member.status == ACTIVE:
                signals.announce(signals.member_added, CircleMember, member=member)
            return member

        return _repeated(attempt)

    def _activate(self, member: CircleMember, role: str) -> CircleMember:
        before = Standing.of(member)
        member.status, member.role = ACTIVE, role
        change = MembershipChange(self.database, member, before, Standing.of(member))
        change.transaction.save(member)
        change.commit()
        signals.announce(signals.member_added, CircleMember, member=member)
        return member

    def _end(self, member: CircleMember, *, keeps_owner: bool) -> None:
        change = MembershipChange(self.database, member, Standing.of(member), Standing())
        change.transaction.delete(member)
        change.commit(keeps_owner=keeps_owner)
        signals.announce(signals.member_removed, CircleMember, member=member)

    def _hand_over(self, circle: Circle, to: str, keep_as: str) -> Circle:
        was = circle.created_by
        new = self._active_member(circle.circle_id, to)
        old = self._memberships.get_or_none(circle.circle_id, was, consistent=True)
        circle.moderators = moderators_with(circle, to, Standing(active=True))
        circle.created_by, new.role = to, ADMIN
        transaction = self.database.transaction()
        if old is not None:
            old.role = keep_as
            circle.moderators = moderators_with(circle, was, Standing.of(old))
            transaction.save(old)
        transaction.save(circle)
        if not transaction.save(new).actions:
            transaction.check(new.item_key(), CircleMember.status == ACTIVE)
        transaction.check(User.key.of(user_id=to), User.deleting_at.does_not_exist())
        transaction.commit()
        signals.announce(signals.ownership_transferred, Circle, circle=circle, was=was, to=to)
        return circle


def _repeated(attempt: Callable[[], T]) -> T:
    """Return what ``attempt`` returns; a lost race is repeated from the read on, a bounded number of times."""
    lost: TransactionCancelled | None = None
    for _ in rounds(_RACES):
        try:
            return attempt()
        except TransactionCancelled as cancelled:
            lost = cancelled
    assert lost is not None  # noqa: S101 - the loop ends early or with a lost race
    raise lost


def _check_role(role: str) -> None:
    if role not in _ROLES:
        raise ValidationError(f"CircleMember.role takes one of {', '.join(_ROLES)}")
