"""What the catalogue knows without an entity: activities, and the edges that stand for a profile's one index place."""

from __future__ import annotations

from typing import Any

from madmall_models.entities import Activity, CohortMembership
from tests.catalogue import catalogue_facts
from tests.catalogue.catalogue_facts import template
from tests.catalogue.declared_facts import declared_facts
from tests.catalogue.facts import Place

CATALOGUE = catalogue_facts.load()
DOCUMENTED: dict[str, dict[str, Any]] = {found["name"]: found for found in CATALOGUE["documented_without_entity"]}
# The discriminator is stored as entityType, so what an activity is about has another name.
RENAMED = {"entityType": "entityKind"}
BESIDE_THE_DOMAIN = {"circleId"}
TYPES = {"id": "id", "userId": "id", "entityId": "id", "entityKind": "text", "type": "enum"}
TYPES |= {"metadata": "dict", "timestamp": "time"}


def test_an_activity_holds_what_the_domain_model_says() -> None:
    fields = DOCUMENTED["user activity"]["domain_fields"]
    facts = declared_facts(Activity, "ACTIVITY")
    declared = {place.path: text for place, text in facts.items() if place.aspect == "type"}

    assert {name: text for name, text in declared.items() if name not in BESIDE_THE_DOMAIN} == TYPES
    assert {RENAMED.get(name, name) for name in fields} == set(TYPES)
    choices = fields["type"].split(" | ")
    assert facts[Place("ACTIVITY", "type", "choices")] == f"only {', '.join(choices)}"


def test_the_optional_parts_of_an_activity_are_those_of_the_domain_model() -> None:
    fields = DOCUMENTED["user activity"]["domain_fields"]
    optional = {RENAMED.get(name, name) for name, kind in fields.items() if "optional" in kind}
    facts = declared_facts(Activity, "ACTIVITY")
    given = {place.path: text for place, text in facts.items() if place.aspect == "given"}

    assert {name for name, text in given.items() if text == "optional"} - BESIDE_THE_DOMAIN == optional


def test_activities_are_asked_by_user_and_by_circle() -> None:
    assert (Activity.key.partition.text, Activity.key.sort.text) == ("USER#{user_id}", "ACTIVITY#{at}#{activity_id}")
    assert Activity.in_circle.partition.text == template(DOCUMENTED["circle activity"]["pk"], {})
    assert Activity.in_circle.sort.text.startswith("TIMESTAMP#{at}")


def test_the_edges_have_the_place_in_the_index_that_the_profile_had_once() -> None:
    described = CATALOGUE["entities"]["PERSONALIZATION"]["gsi1"]

    assert CohortMembership.by_cohort.partition.text == template(described["pk"], {})
    assert CohortMembership.by_cohort.sort.text == template(described["sk"], {})
