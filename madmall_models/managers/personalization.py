"""Carry what personalization can do: profiles that are merged, figures that are counted, cohorts with their edges."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from pynamodb.expressions.update import SetAction

from madmall_models import clock, signals
from madmall_models.connection.retry import retried
from madmall_models.edge_query import EdgeQuery
from madmall_models.entities import CohortMembership, Experiment, Personalization
from madmall_models.entities.personalization import PersonalizationEngagement, PersonalizationPreferences
from madmall_models.errors import AlreadyExists, DoesNotExist, TransactionCancelled, ValidationError
from madmall_models.keys import ItemKey
from madmall_models.manager import Manager
from madmall_models.managers.profile_change import (
    MOST_COHORTS,
    ProfileChange,
    check_count,
    demand_user,
    edges_of,
    refuse_missing_user,
)
from madmall_models.measurement import measuring
from madmall_models.query import Query
from madmall_models.rules import validate
from madmall_models.unread import demand_readable

_RACES = 16


class PersonalizationManager(Manager[Personalization]):
    """Be the operations of personalization profiles; ``db.personalization``."""

    collection = "personalization"
    by_recipe = frozenset(["cohorts"])

    # -- asking ----------------------------------------------------------------------------------------------------

    def get_for_user(self, user_id: str, *, consistent: bool = False) -> Personalization:
        """Return the profile of a user.

        Raises:
            Personalization.DoesNotExist: there is none.
        """
        return self.get(user_id, consistent=consistent)

    def list_by_cohort(self, cohort_id: str) -> Query[Personalization]:
        """Return a lazy query of the profiles in a cohort, longest there first; each is fetched as it is now."""
        edges = CohortMembership.by_cohort
        return EdgeQuery(
            self.database,
            edges,
            edges.checked_fields({"cohort_id": cohort_id}),
            target=Personalization,
            lead=_profile_of,
            belongs=_has_edge,
        )

    # -- changing --------------------------------------------------------------------------------------------------

    def upsert_for_user(
        self,
        user_id: str,
        *,
        preferences: Mapping[str, Any] | None = None,
        engagement: Mapping[str, Any] | None = None,
        ab_tests: Iterable[Mapping[str, Any] | Experiment] | None = None,
        cohorts: Iterable[str] | None = None,
    ) -> Personalization:
        """Make or change the profile of a user, in one transaction; what is not given stays as it is.

        Args:
            user_id: the user.
            preferences: merged into those that there are; None for one of them removes it.
            engagement: figures to set, each as it is given; :meth:`record_engagement` adds to them. They alone leave
                ``version`` as it is.
            ab_tests: merged by ``experiment_id`` into those that there are.
            cohorts: all cohorts of the user from now on; their edges are written and deleted with the profile.

        Raises:
            User.DoesNotExist: there is no such user, or it is being deleted. LimitExceeded: over 98 cohorts, or more
                of them exchanged at once than a transaction holds. Unreadable: what is merged into cannot be read.
            ValidationError. Nothing was written.
        """
        figures = _figures(engagement)
        given = {"preferences": preferences, "ab_tests": _listed(ab_tests), "cohorts": _listed(cohorts)}
        changes = {name: value for name, value in given.items() if value is not None}
        Personalization(user_id=user_id, **changes).item_key()
        validate(Personalization, changes, partial=True).raise_if_invalid("Personalization")
        check_count(changes.get("cohorts"))

        def attempt() -> Personalization:
            profile = self.get_or_none(user_id, consistent=True)
            if profile is None:
                profile = Personalization(user_id=user_id, engagement=figures, **changes)
                ProfileChange(self.database, profile).commit()
                return profile
            self._merge_blocks(profile, changes)
            ProfileChange(self.database, profile, setting=_settings(figures)).commit()
            return self.get(user_id, consistent=True) if figures else profile

        return retried(attempt, lost=TransactionCancelled, most=_RACES)

    def _merge_blocks(self, profile: Personalization, changes: Mapping[str, Any]) -> None:
        demand_readable(profile, "preferences", *(["ab_tests.experiment_id"] if "ab_tests" in changes else []))
        if profile.preferences is None:
            profile.preferences = PersonalizationPreferences()
        if "ab_tests" in changes:
            changes = {**changes, "ab_tests": _merged_experiments(profile.ab_tests, changes["ab_tests"])}
        self._merge(profile, changes)

    def record_engagement(self, user_id: str, *, impressions: int = 0, clicks: int = 0, dwell_time_ms: int = 0) -> None:
        """Add to the figures of a user and note the moment; ``version`` and ``updated_at`` stay.

        A user without a profile gets one. Nothing is written where all amounts are 0.

        Raises:
            User.DoesNotExist: there is no such user, or it is being deleted.
            ValidationError: an amount is below 0 or no whole number.
        """
        amounts = _figures({"impressions": impressions, "clicks": clicks, "dwell_time_ms": dwell_time_ms})
        amounts = {name: amount for name, amount in amounts.items() if amount}
        if not amounts:
            return
        changes = {f"engagement.{name}": amount for name, amount in amounts.items()}
        changes["engagement.last_interaction_at"] = clock.utc_now()
        key = Personalization.key.of(user_id)
        if not self._counted(key, user_id, changes):
            with suppress(AlreadyExists):
                self.create(user_id=user_id)
            if not self._counted(key, user_id, changes):
                raise Personalization.DoesNotExist("the profile was deleted meanwhile; nothing was counted")
        signals.announce(signals.stats_incremented, Personalization, key=key, changes=changes)

    def _counted(self, key: ItemKey, user_id: str, changes: Mapping[str, Any]) -> bool:
        """Add the amounts and tell whether there was a profile to add them to."""
        transaction = self.database.transaction()
        counted = transaction.update(key, *(measuring(self.model, name, value) for name, value in changes.items()))
        user = demand_user(transaction, user_id)
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            refuse_missing_user(cancelled, user)
            if cancelled.refused(counted):
                return False
            raise
        return True

    # -- one profile, as its own methods ask -----------------------------------------------------------------------

    def create_entity(self, entity: Personalization) -> None:
        """Write a new profile with the edges to its cohorts.

        Raises:
            AlreadyExists: the user has one. User.DoesNotExist, LimitExceeded, ValidationError, KeyValueError.
        """
        try:
            ProfileChange(self.database, entity).commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(entity):
                text = "Personalization: an item with this key exists already; nothing was written"
                raise AlreadyExists(text) from cancelled
            raise

    def save_entity(self, entity: Personalization) -> None:
        """Write what changed of a profile, with the edges where its cohorts changed.

        Raises:
            VersionConflict: it was changed meanwhile. User.DoesNotExist: the user is being deleted.
            LimitExceeded, ValidationError.
        """
        if entity._stored is None:
            self.create_entity(entity)
            return
        try:
            ProfileChange(self.database, entity).commit()
        except TransactionCancelled as cancelled:
            if cancelled.refused(entity):
                self.refuse_stale(entity)
            raise

    def delete_entity(self, entity: Personalization) -> None:
        """Delete a profile as it was loaded, with its edges; see :meth:`delete`."""
        self._delete_by_recipe(entity, entity.user_id)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete a profile with the edges to its cohorts, in one transaction.

        Raises:
            Personalization.DoesNotExist: there is none.
        """

        def attempt() -> None:
            profile = self._stored_at(Personalization.key.of(*key, **fields))
            with self.database.transaction() as transaction:
                transaction.delete(profile)
                for edge in edges_of(self.database, profile.user_id):
                    transaction.delete(edge)

        retried(attempt, lost=TransactionCancelled, most=_RACES)

    def forget_user(self, user_id: str) -> None:
        """Delete the profile and every edge of a user who is being deleted; what is gone already is passed over."""
        for edge in edges_of(self.database, user_id)[MOST_COHORTS:]:
            # More than a profile can have: left by another program. They would not fit into the transaction below.
            with suppress(DoesNotExist):
                self.database.writer.delete(edge)
        with suppress(Personalization.DoesNotExist):
            self.delete(user_id)
        for edge in edges_of(self.database, user_id):
            with suppress(DoesNotExist):
                self.database.writer.delete(edge)

    # -- cohorts ---------------------------------------------------------------------------------------------------

    def enter_cohort(self, edge: CohortMembership) -> None:
        """Write a new edge and add its cohort to the profile of its user, who gets one if there is none.

        Raises:
            AlreadyExists: the user is in the cohort. Unreadable: the cohorts that there are cannot be read.
            User.DoesNotExist, LimitExceeded: nothing was written.
        """
        edge.item_key()

        def attempt() -> None:
            profile = self.get_or_none(edge.user_id, consistent=True) or Personalization(user_id=edge.user_id)
            demand_readable(profile, "cohorts")
            if edge.cohort_id in (profile.cohorts or ()):
                raise AlreadyExists("CohortMembership: the user is in this cohort already; nothing was written")
            profile.cohorts = [*(profile.cohorts or ()), edge.cohort_id]
            ProfileChange(self.database, profile, edge=edge).commit()

        retried(attempt, lost=TransactionCancelled, most=_RACES)

    def leave_cohort(self, user_id: str, cohort_id: str) -> None:
        """Take a cohort out of a profile and delete the edge, in one transaction; nothing where it is not in it.

        Raises:
            Personalization.DoesNotExist: the user has no profile. Unreadable: the cohorts cannot be read.
        """

        CohortMembership.key.of(user_id, cohort_id)

        def attempt() -> None:
            profile = self.get(user_id, consistent=True)
            demand_readable(profile, "cohorts")
            profile.cohorts = [cohort for cohort in profile.cohorts or () if cohort != cohort_id]
            ProfileChange(self.database, profile).commit()

        retried(attempt, lost=TransactionCancelled, most=_RACES)


def _profile_of(edge: CohortMembership) -> ItemKey:
    key: ItemKey = Personalization.key.of(edge.user_id)
    return key


def _has_edge(edge: CohortMembership, profile: Personalization) -> bool:
    return edge.cohort_id in (profile.cohorts or ())


def _listed(values: Any) -> Any:
    """Return an iterable as list; what is none, or a text, stays as it is and is refused by the check that follows."""
    return list(values) if isinstance(values, Iterable) and not isinstance(values, str | bytes | Mapping) else values


def _figures(engagement: Any) -> dict[str, Any]:
    """Return checked figures by Python name.

    Raises:
        ValidationError: a name is unknown, or a figure does not fit or is below 0.
    """
    if engagement is None:
        return {}
    if not isinstance(engagement, Mapping):
        raise ValidationError("Personalization.engagement takes a map of figures")
    figures = {}
    for given, value in engagement.items():
        name = PersonalizationEngagement.python_name(given)
        figures[name] = value = getattr(PersonalizationEngagement, name).checked(value)
        if isinstance(value, int) and value < 0:
            raise ValidationError(f"Personalization.engagement: {name} is a count, which is never below 0")
    return figures


def _settings(figures: Mapping[str, Any]) -> list[SetAction]:
    return [getattr(Personalization.engagement, name).set(value) for name, value in figures.items()]


def _merged_experiments(
    present: Iterable[Experiment] | None, given: Iterable[Mapping[str, Any] | Experiment]
) -> list[Experiment]:
    merged = {experiment.experiment_id: experiment for experiment in present or ()}
    for change in given:
        new = change if isinstance(change, Experiment) else Experiment(**change)
        old = merged.get(new.experiment_id)
        if old is None or isinstance(change, Experiment):
            merged[new.experiment_id] = new
        else:
            assert isinstance(change, Mapping)
            old.merge(change)
    return list(merged.values())
