"""Carry what can happen to the members of a circle: joining, leaving, bans, roles."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from madmall_models import clock, signals
from madmall_models.connection.retry import retried
from madmall_models.entities import CircleMember
from madmall_models.errors import NotAMember, TransactionCancelled
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.matching import equals, narrowed
from madmall_models.managers.membership import (
    ACTIVE,
    BANNED,
    INACTIVE,
    MEMBER,
    PENDING,
    RACES,
    MembershipChange,
    NoMembership,
    Purpose,
    Standing,
    already,
    check_role,
)
from madmall_models.measurement import mirror_keys
from madmall_models.query import Query
from madmall_models.sending import Refused, send


class CircleMembers:
    """Be the part of ``db.circles`` that is about members.

    Every change of a membership is one transaction over the member, its mirror under the user, the counts and the
    circle's moderators. A race that is lost is read again and repeated a few times.
    """

    database: Any

    def get_members(self, circle_id: str, status: str | None = ACTIVE) -> Query[CircleMember]:
        """Return a lazy query of a circle's members: the active ones, those of another status, or all (None)."""
        fields = CircleMember.key.checked_fields({"circle_id": circle_id})
        query: Query[CircleMember] = self.database.query_of(CircleMember.key, fields)
        return narrowed(query, equals(CircleMember.status, status, name="status"))

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
        check_role(role)
        return self._join(circle_id, user_id, role, lambda asks_first: ACTIVE)

    def request_to_join(self, circle_id: str, user_id: str) -> CircleMember:
        """Ask to join: pending where the circle requires approval, active at once where it does not.

        Raises:
            AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was written.
        """
        return self._join(circle_id, user_id, MEMBER, lambda asks_first: PENDING if asks_first else ACTIVE)

    def approve_member(self, circle_id: str, user_id: str) -> CircleMember:
        """Make a pending or inactive member active.

        Raises:
            NotAMember, AlreadyMember, Banned, CircleIsFull, Circle.DoesNotExist, User.DoesNotExist: nothing was
                written.
        """

        def attempt() -> CircleMember:
            member = self.get_member(circle_id, user_id, consistent=True)
            if member.status in (ACTIVE, BANNED):
                raise already(member)
            return self._activate(member, member.role)

        return retried(attempt, lost=TransactionCancelled, most=RACES)

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
            change = MembershipChange(self.database, member, before, Standing(), Purpose.CHANGING)
            change.commit(lambda transaction: transaction.save(member))
            if before.active:
                signals.announce(signals.member_removed, CircleMember, member=member)
            return member

        return retried(attempt, lost=TransactionCancelled, most=RACES)

    def unban_member(self, circle_id: str, user_id: str) -> CircleMember:
        """Lift a ban: the membership becomes inactive, and may be approved or removed again.

        Who is not banned is returned as they are, and nothing is written.

        Raises:
            NotAMember: there is no membership.
        """

        def attempt() -> CircleMember:
            member = self.get_member(circle_id, user_id, consistent=True)
            if member.status != BANNED:
                return member
            member.status = INACTIVE
            change = MembershipChange(self.database, member, Standing(), Standing(), Purpose.CHANGING)
            change.commit(lambda transaction: transaction.save(member))
            return member

        return retried(attempt, lost=TransactionCancelled, most=RACES)

    def remove_member(self, circle_id: str, user_id: str) -> None:
        """End a membership, expired or not, or take a request to join back or refuse it.

        Raises:
            NotAMember: there is none. OwnerCannotLeave: it is the owner's. Banned: bans are kept.
        """

        def attempt() -> None:
            try:
                member = self._memberships._stored_at(CircleMember.key.of(circle_id, user_id))
            except CircleMember.DoesNotExist as missing:
                raise NoMembership("the user is not a member of the circle") from missing
            if member.status == BANNED:
                raise already(member)
            self._end(member, Purpose.CHANGING)

        retried(attempt, lost=TransactionCancelled, most=RACES)

    def forget_member(self, circle_id: str, user_id: str) -> None:
        """End a membership of any status, bans included, for a user who is being deleted.

        Raises:
            OwnerCannotLeave: it is the owner's.
        """

        self._forget(circle_id, user_id, Purpose.CHANGING)

    def update_member_role(self, circle_id: str, user_id: str, role: str) -> CircleMember:
        """Give an active member another role.

        Raises:
            NotAMember: the user is no active member. OwnerCannotLeave: the owner's role is ``admin``.
            ValidationError: the role is none of member, moderator, admin.
        """
        check_role(role)

        def attempt() -> CircleMember:
            member = self._active_member(circle_id, user_id)
            was, before = member.role, Standing.of(member)
            if was == role:
                return member
            member.role = role
            change = MembershipChange(self.database, member, before, Standing.of(member), Purpose.CHANGING)
            change.commit(lambda transaction: transaction.save(member))
            signals.announce(signals.role_changed, CircleMember, member=member, was=was)
            return member

        return retried(attempt, lost=TransactionCancelled, most=RACES)

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
        # Both ids are checked before either is looked for.
        CircleMember.key.of(circle_id, user_id)

        def attempt() -> CircleMember:
            circle = self.database.circles.get_or_none(circle_id, consistent=True)
            approval = circle is not None and circle.settings is not None and bool(circle.settings.require_approval)
            now = clock.utc_now()
            member = CircleMember(
                circle_id=circle_id, user_id=user_id, role=role, status=status(approval), joined_at=now, last_active=now
            )
            change = MembershipChange(self.database, member, Standing(), Standing.of(member), Purpose.JOINING)
            change.commit(lambda transaction: transaction.create(member))
            if member.status == ACTIVE:
                signals.announce(signals.member_added, CircleMember, member=member)
            return member

        return retried(attempt, lost=TransactionCancelled, most=RACES)

    def _activate(self, member: CircleMember, role: str) -> CircleMember:
        before = Standing.of(member)
        member.status, member.role = ACTIVE, role
        change = MembershipChange(self.database, member, before, Standing.of(member), Purpose.JOINING)
        change.commit(lambda transaction: transaction.save(member))
        signals.announce(signals.member_added, CircleMember, member=member)
        return member

    def _forget(self, circle_id: str, user_id: str, purpose: Purpose) -> None:
        """End a membership of any status, expired or not, if there is one; read again after each lost race."""

        def attempt() -> None:
            key = CircleMember.key.of(circle_id, user_id)
            try:
                member = self._memberships._stored_at(key)
            except CircleMember.DoesNotExist:
                self._drop_copy(key)
                return
            with suppress(CircleMember.DoesNotExist):
                self._end(member, purpose)

        retried(attempt, lost=TransactionCancelled, most=RACES)

    def _drop_copy(self, key: ItemKey) -> None:
        """Delete the copies of a membership that is gone: another program deleted it without them."""
        request = {"Key": key.wire, **Expression().absent("PK").request()}
        copies = [
            Action("Delete", f"mirror:{name}", {"Key": mirror.wire}, mirror) for name, mirror in mirror_keys(key)
        ]
        try:
            send(self.database.connection, [Action("ConditionCheck", "item", request, key), *copies])
        except Refused as refused:
            # Joined again meanwhile, the copy is that of a new membership; the service was busy, and it is repeated.
            if not all(reason is None or reason.is_condition for reason in refused.reasons):
                raise refused.cause from refused

    def _end(self, member: CircleMember, purpose: Purpose) -> None:
        change = MembershipChange(self.database, member, Standing.of(member), Standing(), purpose)
        change.commit(lambda transaction: transaction.delete(member))
        signals.announce(signals.member_removed, CircleMember, member=member)
