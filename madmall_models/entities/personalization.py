"""Declare what a user is shown and why: the personalization profile, and the edges to its cohorts."""

from __future__ import annotations

from collections.abc import Collection

from madmall_models.attributes import (
    CounterAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    IdAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.document import Document, Measurements
from madmall_models.entity import Entity
from madmall_models.indexes import GSI1
from madmall_models.keys import PrimaryKey
from madmall_models.rules import WARNING, Range, Recommended, Rules


class PersonalizationPreferences(Document):
    """Hold what a user likes to see; other styles than the known three are warned of and stored."""

    image_styles = ListAttribute(of=EnumAttribute("documentary", "studio", "candid"), null=True)
    avoid_tags = ListAttribute(of=UnicodeAttribute, null=True)
    preferred_contexts = ListAttribute(of=UnicodeAttribute, null=True)


class PersonalizationEngagement(Measurements):
    """Measure what a user did with what was shown.

    ``dwell_time_ms`` is the time spent on it, in milliseconds. ``last_interaction_at`` is a gauge.
    """

    impressions = CounterAttribute(default=0)
    clicks = CounterAttribute(default=0)
    dwell_time_ms = CounterAttribute(default=0)
    last_interaction_at = TimeAttribute(null=True)

    rules = Rules(
        impressions=[Range(min=0, severity=WARNING)],
        clicks=[Range(min=0, severity=WARNING)],
    )


class Experiment(Document):
    """Say in which variant of an experiment a user is, and what was measured of them in it."""

    experiment_id = IdAttribute()
    variant = EnumAttribute("A", "B", "C", null=True)
    started_at = TimeAttribute(null=True)
    ended_at = TimeAttribute(null=True)
    metrics = DictAttribute(of=DecimalAttribute, null=True)

    rules = Rules(variant=[Recommended()], started_at=[Recommended()])


class Personalization(Entity, discriminator="PERSONALIZATION"):
    """The personalization profile of a user, who has one at most.

    ``cohorts`` are ids, each once, 98 at most: for each of them there is a :class:`CohortMembership`, written and
    deleted in the transaction that changes the list.
    """

    key = PrimaryKey("USER#{user_id}", "PERSONALIZATION", answers="How is what this user sees personalized?")

    user_id = IdAttribute()
    preferences = PersonalizationPreferences(default=PersonalizationPreferences)
    engagement = PersonalizationEngagement(default=PersonalizationEngagement)
    ab_tests = ListAttribute(of=Experiment, null=True)
    cohorts = ListAttribute(of=IdAttribute, null=True)

    def reconcile(self, changed: Collection[str]) -> None:
        """Keep each cohort once, in the order given."""
        if isinstance(self.cohorts, list) and all(isinstance(cohort, str) for cohort in self.cohorts):
            self.cohorts = list(dict.fromkeys(self.cohorts))


class CohortMembership(Entity, discriminator="COHORT_MEMBERSHIP"):
    """The edge between a user's profile and one of its cohorts.

    It follows from ``cohorts`` of the :class:`Personalization`: creating one adds the cohort to the profile, deleting
    it takes the cohort out, each in one transaction.
    """

    key = PrimaryKey("USER#{user_id}", "COHORT#{cohort_id}", answers="In which cohorts is this user?")
    by_cohort = GSI1.key(
        "COHORT#{cohort_id}", "UPDATED#{updated_at}", answers="Which users are in this cohort, longest there first?"
    )

    user_id = IdAttribute()
    cohort_id = IdAttribute()
