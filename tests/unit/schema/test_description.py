"""The description says what the declarations say: valid examples, the requests that are sent, in one order."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import jsonschema
import pytest

import madmall_models
from madmall_models import limits
from madmall_models.declaration import entity_class
from madmall_models.query import Query
from madmall_models.query_reader import QueryReader
from madmall_models.schema import Description, describe, description_schema
from madmall_models.schema.pattern_description import AccessPatternDescription
from madmall_models.schema.recorder import RecordedDatabase

PRINT = "from madmall_models.schema import describe; print(describe().to_json())"


@pytest.fixture(scope="module")
def description() -> Description:
    return describe()


def entities(description: Description) -> list[tuple[Any, Any]]:
    return [(entity, entity_class(entity.discriminator)) for entity in description.entities]


# -- examples ------------------------------------------------------------------------------------------------------


def test_every_entity_has_an_example_that_its_rules_do_not_even_warn_of(description: Description) -> None:
    for entity, cls in entities(description):
        report = cls.validate(cls.from_raw_data(entity.example.item))

        assert (report.errors, [entry for entry in report.warnings if entry.code != "TTL_WARNING"]) == ((), [])


def test_an_example_is_what_would_be_stored(description: Description) -> None:
    for entity, cls in entities(description):
        stored = cls.from_raw_data(entity.example.item)

        assert stored.serialize() == entity.example.item
        assert entity.example.size == limits.item_bytes(entity.example.item)
        assert cls.schema().dump(stored) == entity.example.dumped


def test_an_example_shows_every_attribute_that_an_application_can_give(description: Description) -> None:
    shown = {entity.name: set(entity.example.dumped) for entity in description.entities}

    for entity in description.entities:
        given = {each.stored for each in entity.attributes if not each.maintained and not each.inherited}
        # A resolution belongs to a feedback that is settled; a new one is not.
        assert given - shown[entity.name] == ({"resolution"} if entity.name == "Feedback" else set()), entity.name


def test_what_is_written_beside_an_example_is_shown_with_it(description: Description) -> None:
    assert set(description.entity("CircleMember").example.written_with) == {"mirror:of_user"}
    assert set(description.entity("User").example.written_with) == {"claim:email"}


# -- access patterns -----------------------------------------------------------------------------------------------


def calls(description: Description) -> list[tuple[AccessPatternDescription, str]]:
    return [(pattern, call) for pattern in description.access_patterns for call in (pattern.call, *pattern.operations)]


def test_every_call_can_be_pasted_and_asks_what_it_stands_with(description: Description) -> None:
    for pattern, call in calls(description):
        database = RecordedDatabase()
        with database.bound():
            names = {"db": database, **vars(madmall_models)}
            try:
                result = eval(call, names)  # noqa: S307
            except LookupError:
                result = None  # nothing is there; what was asked is recorded

        if isinstance(result, Query):
            assert result.key.label == pattern.name, call
        else:
            assert database.recorded.requests[0].operation == pattern.requests[0].operation, call
            assert database.recorded.requests[0].parameters.get("Key") == pattern.requests[0].parameters.get("Key")


def test_the_request_is_the_one_that_the_query_sends(description: Description) -> None:
    lists = [pattern for pattern in description.access_patterns if pattern.requests[0].operation == "Query"]
    assert len(lists) > 40

    for pattern in lists:
        if pattern.kind == "collection":
            continue
        database = RecordedDatabase()
        with database.bound():
            query = eval(pattern.call, dict(vars(madmall_models)))  # noqa: S307
        sent = dict(pattern.requests[0].parameters)
        real = QueryReader(query).request()
        for request in (sent, real):
            request["ExpressionAttributeValues"] = {
                name: value for name, value in request["ExpressionAttributeValues"].items() if name != ":now"
            }

        assert sent == {"TableName": "madmall", "Limit": 21, **real}, pattern.name


def test_what_an_index_does_not_hold_is_fetched_in_a_second_request(description: Description) -> None:
    by_status = next(each for each in description.access_patterns if each.name == "Circle.by_status")

    assert [request.operation for request in by_status.requests] == ["Query", "BatchGetItem"]
    assert by_status.hydrates
    assert by_status.consistent == "never"
    assert (by_status.cost.read_units, by_status.cost.items) == (20.5, 20)


def test_no_question_is_left_out_or_without_words(description: Description) -> None:
    names = [pattern.name for pattern in description.access_patterns]
    declared = {
        key.label
        for _, cls in entities(description)
        for key in cls.keys.values()
        if key.name != "key" or (key.partition.fields and set(key.sort.field_names) - set(key.partition.field_names))
    }

    assert len(names) == len(set(names))
    assert declared <= set(names)
    assert {f"{entity.name}.get" for entity in description.entities} <= set(names)
    assert all(pattern.question.endswith("?") for pattern in description.access_patterns)


def test_a_unique_value_is_a_question_where_an_operation_asks_it(description: Description) -> None:
    claim = next(each for each in description.access_patterns if each.kind == "claim" and each.entity == "User")

    assert claim.call == 'db.users.get_by_email("jane@example.com")'
    assert claim.key_condition == "PK = UNIQUE#USER#EMAIL#{email:fold} AND SK = CLAIM"
    assert [request.operation for request in claim.requests] == ["GetItem", "GetItem"]


# -- how entities hang together ------------------------------------------------------------------------------------


def test_an_item_collection_tells_who_stands_in_it(description: Description) -> None:
    circle = next(each for each in description.item_collections if each.root == "Circle")

    assert [(each.entity, each.kind, each.many) for each in circle.occupants] == [
        ("CircleMember", "item", True),
        ("Circle", "item", False),
        ("Story", "pointer", True),
    ]


def test_relationships_follow_from_item_collections_and_names(description: Description) -> None:
    edges = {(edge.source, edge.target): (edge.kind, edge.through) for edge in description.relationships}

    assert edges["CircleMember", "User"] == ("mirror", "of_user")
    assert edges["Story", "Circle"] == ("pointer", "in_circle")
    assert edges["Incident", "Image"] == ("attribute", "related_image_id")


def test_an_index_tells_who_shares_it(description: Description) -> None:
    by_tenant = next(index for index in description.indexes if index.name == "GSI4")

    assert (by_tenant.projection, by_tenant.hydrates) == ("INCLUDE", True)
    assert {use.entity for use in by_tenant.shared_by} >= {"Circle", "User", "Story"}
    assert {use.access_pattern for use in by_tenant.shared_by} <= {each.name for each in description.access_patterns}


def test_signals_are_told_where_they_are_sent(description: Description) -> None:
    assert "member_added" in description.entity("CircleMember").signals
    assert "stats_incremented" in description.entity("Circle").signals
    assert "stats_incremented" not in description.entity("CohortMembership").signals


def test_attributes_stand_in_the_order_of_declaration_with_their_rules(description: Description) -> None:
    circle = description.entity("Circle")

    assert [each.name for each in circle.attributes][:4] == ["circle_id", "name", "description", "type"]
    (length,) = circle.attributes[1].rules
    assert (length.severity, length.codes, length.bounds) == (
        "error",
        ("MIN_LENGTH", "MAX_LENGTH"),
        {"min": 3, "max": 100},
    )
    settings = next(each for each in circle.attributes if each.name == "settings")
    assert settings.document is not None
    assert settings.document.text.startswith("Hold how a circle is run.")


# -- as JSON -------------------------------------------------------------------------------------------------------


def test_the_description_keeps_its_own_json_schema(description: Description) -> None:
    schema = description_schema()
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.Draft202012Validator(schema).validate(json.loads(description.to_json()))


@pytest.mark.parametrize("spoiled", [{"version": 2}, {"access_patterns": [{}]}, {"surprise": 1}])
def test_the_json_schema_refuses_another_form(description: Description, spoiled: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(description_schema()).validate({**description.as_dict(), **spoiled})


def test_access_patterns_come_first(description: Description) -> None:
    assert list(description.as_dict())[:3] == ["version", "modules", "access_patterns"]


def test_neither_chance_nor_clock_nor_surroundings_change_it() -> None:
    surroundings = [
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo", "MADMALL_ENVIRONMENT": "production"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "MADMALL_TABLE": "other", "AWS_REGION": "eu-west-1"},
    ]
    made = {
        subprocess.run(
            [sys.executable, "-c", PRINT], env={**os.environ, **given}, capture_output=True, text=True, check=True
        ).stdout
        for given in surroundings
    }

    assert len(made) == 1
