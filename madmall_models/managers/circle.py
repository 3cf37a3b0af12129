"""Carry what circles can do: search, settings, figures, ownership; with what their members can do."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from madmall_models import clock, signals
from madmall_models.connection.retry import retried
from madmall_models.entities import Circle, CircleMember, User
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import AlreadyExists, NotOwner, TransactionCancelled, ValidationError
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.circle_collection import CircleCollection
from madmall_models.managers.circle_members import CircleMembers
from madmall_models.managers.matching import contains_any, in_tenant, narrowed
from madmall_models.managers.membership import (
    ACTIVE,
    ADMIN,
    MEMBER,
    RACES,
    STATS,
    CirclesJoined,
    MemberCount,
    Purpose,
    Standing,
    check_role,
    moderators_with,
)
from madmall_models.managers.presence import stays
from madmall_models.managers.roll_over import GAUGES, begin, first_day
from madmall_models.measurement import AbsentMaps
from madmall_models.query import Query
from madmall_models.recipe_transaction import RecipeTransaction
from madmall_models.writer import changed_names, stored_footprint

_log = logging.getLogger(__name__)


class CircleManager(CircleMembers, Manager[Circle]):
    """Be the operations of circles and their members; ``db.circles``."""

    collection = "circles"
    by_recipe = frozenset(["created_by", "moderators", "deleting_at"])

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
        self.create_entity(circle)
        return circle

    def create_entity(self, entity: Circle) -> None:
        """Write a new circle with its owner's membership; see :meth:`create`."""
        entity.moderators = []
        entity.stats = {"member_count": 1}
        joined = entity.created_at or clock.utc_now()
        transaction = self.database.transaction()
        created = transaction.create(entity)
        owner = CircleMember(
            circle_id=entity.circle_id, user_id=entity.created_by, role=ADMIN, joined_at=joined, last_active=joined
        )
        transaction.create(owner)
        user = User.key.of(user_id=entity.created_by)
        transaction.update(
            user,
            User.stats.circles_joined.add(1),
            condition=stays(User),
            absent_maps={STATS: CirclesJoined(self.database, entity.created_by)},
        )
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            raise self._creation_refused(cancelled, created, user) from cancelled
        signals.announce(signals.member_added, CircleMember, member=owner)

    def save_entity(self, entity: Circle) -> None:
        """Write what changed of a circle.

        Raises:
            ValidationError: ``moderators`` or ``created_by`` were changed, which follow from memberships.
        """
        if entity._stored is not None:
            _refuse_derived(set(changed_names(entity, stored_footprint(entity))))
        super().save_entity(entity)

    def delete_entity(self, entity: Circle) -> None:
        """Delete a circle as it was loaded, with its memberships; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.circle_id)

    def _creation_refused(self, cancelled: TransactionCancelled, created: Any, user: ItemKey) -> Exception:
        if cancelled.refused(created):
            return AlreadyExists("Circle: an item with this key exists already; nothing was written")
        if cancelled.refused(user):
            return User.DoesNotExist(
                "Circle: created_by names no user, or one that is being deleted; nothing was written"
            )
        return cancelled

    def in_full(self, circle_id: str, *, consistent: bool = False) -> CircleCollection:
        """Return a circle with its members of every status, its stories and whatever else lies with it, in one read.

        Costs the whole partition, and a second read for the stories.

        Raises:
            Circle.DoesNotExist: there is none.
        """
        return self._collection(CircleCollection, Circle.key.of(circle_id), consistent=consistent, whole=True)

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
        tenant_id: str = DEFAULT_TENANT,
    ) -> Query[Circle]:
        """Return a lazy query of a tenant's active circles: any of each list, all of the criteria, oldest first.

        What the criteria drop is read and paid for.
        """
        query = (
            self.of_tenant(tenant_id) if type is None else self.get_by_type(type).filter(in_tenant(Circle, tenant_id))
        )
        query = query.filter(Circle.is_active == True)
        return narrowed(
            query,
            contains_any(Circle.tags, tags, name="tags"),
            contains_any(Circle.settings.cultural_focus, cultural_focus, name="cultural_focus"),
            None if is_private is None else Circle.settings.is_private == is_private,
        )

    def update_settings(self, circle_id: str, **settings: Any) -> Circle:
        """Change settings of a circle and leave the others; see :meth:`Manager.update`."""
        return self.update(circle_id, settings=settings)

    def update(self, *key: Any, expected_version: int | None = None, **changes: Any) -> Circle:
        """Change attributes of a circle; see :meth:`Manager.update`.

        Raises:
            ValidationError: ``moderators`` or ``created_by`` are given, which follow from memberships.
        """
        _refuse_derived({Circle.python_name(name) for name in changes})
        return super().update(*key, expected_version=expected_version, **changes)

    def update_stats(self, circle_id: str, **changes: Any) -> None:
        """Add to counters and set gauges of a circle at once.

        ``member_count``, ``posts_this_week`` and ``posts_this_month`` add; ``active_members``, ``engagement_rate`` and
        ``average_response_time`` set. ``member_count`` is kept by the memberships themselves: a delta given here stays
        until the circle is recounted.

        Raises:
            Circle.DoesNotExist: there is none. ValidationError: a name is no figure, or a value does not fit it.
        """
        if GAUGES & set(changes):
            raise ValidationError(
                f"Circle.stats: {', '.join(sorted(GAUGES & set(changes)))} follows from roll_over_stats"
            )
        self.measure(Circle.key.of(circle_id), changes, within="stats")

    def roll_over_stats(self, period: str, *, tenant_id: str = DEFAULT_TENANT) -> int:
        """Begin a new ``week`` or ``month`` of the posts of every circle of a tenant; return of how many it was begun.

        Weeks begin on Monday, in UTC. What was counted up to now is taken off, so run it soon after a period begins;
        what is counted meanwhile is kept, and ``version`` stays. Run again in the same period it writes nothing; killed
        in the middle and called again, it finishes.

        Raises:
            ValidationError: there is no such period.
        """
        day = first_day(period, clock.utc_now())
        return sum(begin(self.database, circle, period, day) for circle in self.of_tenant(tenant_id))

    def _absent_maps(self, key: ItemKey) -> AbsentMaps:
        return {STATS: MemberCount(self.database, key.partition.removeprefix("CIRCLE#"))}

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a circle with its memberships; its stories and activities stay, out of the circle.

        The circle is marked first, so that nobody joins meanwhile; killed in the middle and called again, it
        finishes. Costs one transaction for each member, story and activity.

        Raises:
            Circle.DoesNotExist: there is none.
        """
        circle = self._stored_at(Circle.key.of(*key, **fields))
        if circle.deleting_at is None:
            self._rewrite(circle.item_key(), _mark)
        for member in self.get_members(circle.circle_id, status=None).consistent().including_expired():
            self._forget(circle.circle_id, member.user_id, Purpose.CLEARING)
        self.database.stories.forget_circle(circle.circle_id)
        self.database.activities.forget_circle(circle.circle_id)
        self._remove(circle.item_key())

    # -- ownership -------------------------------------------------------------------------------------------------

    def transfer_ownership(
        self, circle_id: str, to: str, *, keep_as: str = MEMBER, owner: str | None = None
    ) -> Circle:
        """Make an active member the owner, in one transaction; to the present owner nothing is written.

        The new owner's role becomes ``admin``, the old owner's ``keep_as``. Give as ``owner`` who asks for it: whoever
        handed the circle over already, from another window perhaps, is then refused.

        Raises:
            NotAMember: ``to`` is no active member. NotOwner: the ownership moved to somebody else meanwhile.
            Circle.DoesNotExist: there is no such circle. ValidationError: ``keep_as`` is no role.
        """
        check_role(keep_as)
        seen: list[str] = []

        def attempt() -> Circle:
            circle = self.get(circle_id, consistent=True)
            if circle.deleting_at is not None:
                raise Circle.DoesNotExist("Circle: it is being deleted; nothing was written")
            if circle.created_by == to:
                return circle
            if owner is not None and circle.created_by != owner:
                raise NotOwner("somebody else owns the circle; nothing was written")
            seen.append(circle.created_by)
            if circle.created_by != seen[0]:
                raise NotOwner("the ownership moved to somebody else meanwhile; nothing was written")
            return self._hand_over(circle, to, keep_as)

        return retried(attempt, lost=TransactionCancelled, most=RACES)

    def _hand_over(self, circle: Circle, to: str, keep_as: str) -> Circle:
        was = circle.created_by
        new = self._active_member(circle.circle_id, to)
        old = self._memberships.get_or_none(circle.circle_id, was, consistent=True)
        new_role, old_role = new.role, None if old is None else old.role
        circle.moderators = moderators_with(self.database, circle, to, Standing(active=True))
        circle.created_by, new.role = to, ADMIN
        transaction = RecipeTransaction(self.database)
        if old is not None:
            old.role = keep_as
            circle.moderators = moderators_with(self.database, circle, was, Standing.of(old))
            transaction.save(old)
        transaction.save(circle)
        if not transaction.save(new).actions:
            # An admin already: who takes the role away meanwhile must not leave an owner who has none.
            transaction.check(new.item_key(), (CircleMember.status == ACTIVE) & (CircleMember.role == ADMIN))
        user = transaction.check(User.key.of(user_id=to), stays(User))
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(user):
                text = "User: the new owner is gone or being deleted; nothing was written"
                raise User.DoesNotExist(text) from cancelled
            raise
        for member, role in ((new, new_role), (old, old_role)):
            if member is not None and member.role != role:
                signals.announce(signals.role_changed, CircleMember, member=member, was=role)
        signals.announce(signals.ownership_transferred, Circle, circle=circle, was=was, to=to)
        return circle


def _mark(circle: Circle) -> None:
    circle.deleting_at = clock.utc_now()


def _refuse_derived(names: set[str]) -> None:
    derived = {"moderators", "created_by"} & names
    if derived:
        raise ValidationError(
            f"Circle: {', '.join(sorted(derived))} follows from memberships; "
            "use update_member_role or transfer_ownership"
        )
