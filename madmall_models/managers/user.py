"""Carry what users can do: accounts, profiles, memberships, search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from madmall_models import clock
from madmall_models.connection.retry import retried
from madmall_models.entities import Circle, CircleMember, User
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.errors import DoesNotExist, OwnerCannotLeave, OwnsCircles, VersionConflict
from madmall_models.item_collection import ItemCollection
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.claim import delete_claim, holds, owner_of
from madmall_models.managers.former_member import Forgetting
from madmall_models.managers.matching import checked_parts, contains_any, equals, narrowed
from madmall_models.managers.membership import STATS, CirclesJoined
from madmall_models.managers.user_collection import UserCollection
from madmall_models.measurement import AbsentMaps
from madmall_models.query import Query

_RACES = 8
# What goes with a user beside the memberships, in this order: managers with `forget_user(user_id)`, which deletes what
# is there and passes over what is gone, so that a deletion that was killed can be begun again.
GOES_WITH_A_USER = (
    "activities",
    "feedback",
    "personalization",
)


class UserManager(Manager[User]):
    """Be the operations of users; ``db.users``."""

    collection = "users"
    by_recipe = frozenset(["deleting_at"])

    def get_by_email(self, email: str) -> User:
        """Return the user of an e-mail address in any spelling, by consistent reads of its claim and the user.

        A user whom another program wrote without the claim is not found; ``User.by_email`` lists that one too.

        Raises:
            User.DoesNotExist: nobody has it. KeyValueError: it is empty or not text.
        """
        address = {"email": User._checked_key_value("email", email)}
        owner = owner_of(self.database, User.unique_email, address)
        user = None if owner is None else self.get_by_key(owner, consistent=True)
        if user is None or not holds(user, User.unique_email, address):
            raise User.DoesNotExist("there is no user with this e-mail address")
        return user

    def in_full(self, user_id: str, *, consistent: bool = False) -> UserCollection:
        """Return a user with the memberships, the resources and everything personal, in one read.

        Raises:
            User.DoesNotExist: there is none.
        """
        return self._collection(UserCollection, User.key.of(user_id), consistent=consistent, whole=True)

    def get_user_circles(self, user_id: str) -> Query[CircleMember]:
        """Return a lazy query of a user's memberships of any status, by circle."""
        query: Query[CircleMember] = self.database.query_of(CircleMember.of_user, {"user_id": user_id})
        return query

    def get_users_by_tenant(self, tenant_id: str = DEFAULT_TENANT) -> Query[User]:
        """Return a lazy query of a tenant's users, by time of joining."""
        return self.of_tenant(tenant_id)

    def search_users(
        self,
        *,
        cultural_background: Iterable[str] = (),
        diagnosis_stage: str | None = None,
        support_needs: Iterable[str] = (),
        location: Mapping[str, str] | None = None,
        tenant_id: str = DEFAULT_TENANT,
    ) -> Query[User]:
        """Return a lazy query of a tenant's users: any of each list, all of the criteria.

        Every user of the tenant is read until the limit is reached; what the criteria drop is paid for.

        Raises:
            ValidationError: ``location`` has a part other than city, state and country.
        """
        query = self.of_tenant(tenant_id)
        place = checked_parts(location, "city", "state", "country", name="location")
        return narrowed(
            query,
            contains_any(User.profile.cultural_background, cultural_background, name="cultural_background"),
            contains_any(User.profile.support_needs, support_needs, name="support_needs"),
            equals(User.profile.diagnosis_stage, diagnosis_stage, name="diagnosis_stage"),
            *(getattr(User.profile.location, part) == text for part, text in place.items()),
        )

    def update_profile(self, user_id: str, **profile: Any) -> User:
        """Change attributes of a profile and leave the others; None removes one. See :meth:`Manager.update`."""
        return self.update(user_id, profile=profile)

    def update_preferences(self, user_id: str, **preferences: Any) -> User:
        """Change preferences and leave the others. See :meth:`Manager.update`."""
        return self.update(user_id, preferences=preferences)

    def update_last_active(self, user_id: str) -> None:
        """Note that the user is active now; ``version`` and ``updated_at`` stay.

        Raises:
            User.DoesNotExist: there is no such user.
        """
        self.measure(User.key.of(user_id), {"last_active": clock.utc_now()}, within="profile")

    def increment_stats(self, user_id: str, **deltas: int) -> None:
        """Add to a user's counters, atomically, also where the user has none yet.

        Raises:
            User.DoesNotExist: there is no such user. ValidationError: a name is no counter, or a delta no whole number.
        """
        self.measure(User.key.of(user_id), deltas, within="stats")

    def _absent_maps(self, key: ItemKey) -> AbsentMaps:
        return {STATS: CirclesJoined(self.database, key.partition.removeprefix("USER#"))}

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a user with all that is personal; what was written stays, by a "former member".

        With the user go the e-mail claim, every membership, activities, feedback, the personalization with its cohorts,
        and whatever else has its key in the user's partition, an application's own entities too. The user is marked
        first, so that nothing is added meanwhile; killed in the middle and called again, it finishes. Costs one
        transaction for each membership, story and feedback, and for each 50 activities; and half a second or more,
        since an index may show late what was written last.

        Raises:
            OwnsCircles: the user owns circles; transfer or delete them first. User.DoesNotExist: there is none.
        """
        user = self._stored_at(User.key.of(*key, **fields))
        circles = self._circles_of(user.user_id)
        self._refuse_owner(user.user_id, circles)
        if user.deleting_at is None:
            self._rewrite(user.item_key(), _mark)
            # Read again: a circle may have been joined or received before the mark was set.
            circles = self._circles_of(user.user_id)
            self._refuse_owner_after_mark(user.user_id, circles)
        for circle_id in circles:
            self._forget_membership(circle_id, user.user_id)
        for collection in GOES_WITH_A_USER:
            getattr(self.database, collection).forget_user(user.user_id)
        retried(lambda: self._forget_personal(user.item_key()), lost=VersionConflict, most=_RACES)
        Forgetting(self.database, user.user_id).finish()
        delete_claim(self.database, User.unique_email, user.field_values(), owner=None)
        self._remove(user.item_key())

    def delete_entity(self, entity: User) -> None:
        """Delete a user as it was loaded, with all that is personal; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.user_id)

    def _circles_of(self, user_id: str) -> list[str]:
        return [member.circle_id for member in self.get_user_circles(user_id).consistent().including_expired()]

    def _forget_membership(self, circle_id: str, user_id: str) -> None:
        """End a membership; a circle of the user's own that expired, which nobody can hand over, goes with it."""
        try:
            self.database.circles.forget_member(circle_id, user_id)
        except OwnerCannotLeave:
            if self.database.circles.exists(circle_id):
                raise
            with suppress(Circle.DoesNotExist):
                self.database.circles.delete(circle_id)

    def _forget_personal(self, key: ItemKey) -> None:
        """Delete what belongs to the user alone, expired or not; copies and pointers go with what they stand for."""
        found = ItemCollection.read(self.database, key.partition, consistent=True, including_expired=True)
        for item in found.kept_in(key.partition):
            if item.item_key() != key:
                # Gone meanwhile is what is wanted.
                with suppress(DoesNotExist):
                    self.database.writer.delete(item)

    def _refuse_owner(self, user_id: str, circles: Iterable[str]) -> None:
        found = self.database.batch_get([Circle.key.of(circle_id) for circle_id in circles], consistent=True)
        owned = sum(1 for circle in found if circle is not None and circle.created_by == user_id)
        if owned:
            raise OwnsCircles(f"the user owns {owned} circle(s); transfer or delete them first; nothing was deleted")

    def _refuse_owner_after_mark(self, user_id: str, circles: Iterable[str]) -> None:
        try:
            self._refuse_owner(user_id, circles)
        except OwnsCircles:
            self._rewrite(User.key.of(user_id), _unmark)
            raise


def _mark(user: User) -> None:
    user.deleting_at = clock.utc_now()


def _unmark(user: User) -> None:
    user.deleting_at = None
