"""The components of OpenAPI and JSON Schema take what the marshmallow schemas take, and say what they show."""

from __future__ import annotations

import json
import sys
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from madmall_models import Circle, InvalidInput, MissingExtra, User
from madmall_models.schema.documents import DOCUMENTS, Source

NEW_USER = {
    "userId": "user1",
    "email": "jane@example.com",
    "profile": {"firstName": "Jane", "lastName": "Smith"},
    "primaryGoals": ["support"],
}
NEW_CIRCLE = {"circleId": "c1", "name": "Evening", "type": "support_group", "createdBy": "user1"}


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.of()


@pytest.fixture(scope="module")
def components(source: Source) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(DOCUMENTS["openapi"].make(source))["components"]["schemas"]
    return found


@pytest.fixture(scope="module")
def schema(source: Source) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(DOCUMENTS["jsonschema"].make(source))
    return made


def is_taken(schema: dict[str, Any], name: str, data: Any) -> bool:
    asked = {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"], "$schema": schema["$schema"]}
    return jsonschema.Draft202012Validator(asked).is_valid(data)


def test_the_openapi_document_is_valid(source: Source) -> None:
    document = json.loads(DOCUMENTS["openapi"].make(source))

    assert document["openapi"].startswith("3.1.")
    validate(document, cls=OpenAPIV31SpecValidator)


def test_the_json_schema_is_one(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_every_example_keeps_its_component_and_no_other(source: Source, schema: dict[str, Any]) -> None:
    for entity in source.description.entities:
        jsonschema.Draft202012Validator(schema).validate(entity.example.dumped)

        names = [other.name for other in source.description.entities]
        assert [name for name in names if is_taken(schema, name, entity.example.dumped)] == [entity.name]


def test_every_entity_has_a_component_for_what_it_is_and_one_for_changes(
    source: Source, components: dict[str, Any]
) -> None:
    names = {entity.name for entity in source.description.entities}

    assert names | {f"{name}Changes" for name in names} <= set(components)


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (User, NEW_USER),
        (User, {**NEW_USER, "email": "no address"}),
        (User, {**NEW_USER, "userId": "not an id"}),
        (User, {**NEW_USER, "profile": {"firstName": "Jane"}}),
        (User, {**NEW_USER, "profile": {**NEW_USER["profile"], "surprise": 1}}),  # type: ignore[dict-item]
        (User, {**NEW_USER, "profile": None}),
        (User, {**NEW_USER, "primaryGoals": "support"}),
        (User, {**NEW_USER, "isActive": "yes"}),
        (User, {**NEW_USER, "settings": {"timezone": "America/New_York"}}),
        (User, {name: value for name, value in NEW_USER.items() if name != "email"}),
        (Circle, NEW_CIRCLE),
        (Circle, {**NEW_CIRCLE, "name": "Ev"}),
        (Circle, {**NEW_CIRCLE, "name": "E" * 101}),
        (Circle, {**NEW_CIRCLE, "settings": {"maxMembers": 1}}),
        (Circle, {**NEW_CIRCLE, "settings": {"maxMembers": 2.5}}),
        (Circle, {**NEW_CIRCLE, "settings": {"moderationLevel": "none"}}),
        (Circle, {**NEW_CIRCLE, "settings": {"maxMembers": None}}),
        (Circle, {**NEW_CIRCLE, "type": "a type of its own"}),
    ],
)
def test_a_component_takes_what_its_schema_loads(schema: dict[str, Any], model: Any, data: dict[str, Any]) -> None:
    try:
        model.schema().load(data)
        loads = True
    except InvalidInput:
        loads = False

    assert is_taken(schema, model.__name__, data) is loads


@pytest.mark.parametrize(
    ("model", "data"),
    [
        (User, {}),
        (User, {"profile": {"bio": "Hello"}}),
        (User, {"profile": {"bio": None}}),
        (User, {"profile": {"firstName": None}}),
        (User, {"stats": {"circlesJoined": 1}}),
        (User, {"version": 3}),
        (User, {"email": None}),
        (User, {"settings": {"surprise": 1}}),
        (Circle, {"settings": {"requireApproval": True}}),
        (Circle, {"settings": {"meetingSchedule": {"dayOfWeek": 3}}}),
        (Circle, {"settings": {"meetingSchedule": None}}),
        (Circle, {"moderators": ["u1"]}),
        (Circle, {"tags": None}),
        (Circle, {"description": None}),
    ],
)
def test_changes_take_what_the_partial_schema_loads(schema: dict[str, Any], model: Any, data: dict[str, Any]) -> None:
    try:
        model.schema(partial=True).load(data)
        loads = True
    except InvalidInput:
        loads = False

    assert is_taken(schema, f"{model.__name__}Changes", data) is loads


def test_a_decimal_is_told_as_text(components: dict[str, Any]) -> None:
    rate = components["CircleStats"]["properties"]["engagementRate"]

    assert (rate["type"], rate["format"]) == ("string", "decimal")
    assert "no digit is lost" in rate["description"]


def test_a_decimal_keeps_its_bounds_beside_its_text(components: dict[str, Any]) -> None:
    decimals = {
        f"{name}.{attribute}": field
        for name, component in components.items()
        for attribute, field in component.get("properties", {}).items()
        if field.get("format") == "decimal"
    }

    assert len(decimals) > 5
    assert not any({"minimum", "maximum"} & set(field) for field in decimals.values())


def test_times_bytes_and_constants_are_told(components: dict[str, Any]) -> None:
    circle = components["Circle"]["properties"]

    assert circle["createdAt"]["format"] == "date-time"
    assert circle["entityType"]["const"] == "CIRCLE"
    assert circle["version"]["readOnly"] is True
    assert circle["privacyLevel"]["x-known-values"][0] == "public"
    assert components["Story"]["properties"]["status"]["enum"][0] == "draft"


def test_without_apispec_the_extra_is_named(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apispec", None)

    for name in ("openapi", "jsonschema"):
        with pytest.raises(MissingExtra, match=r"pip install 'madmall_models\[schema\]'"):
            DOCUMENTS[name].make(source)
