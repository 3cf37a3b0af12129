"""Write the components of an OpenAPI document, and the same as JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from madmall_models.schema.changes import PLACE
from madmall_models.schema.components import OPENAPI_VERSION, components_of
from madmall_models.schema.description import Description

_DEFINITIONS = "#/$defs/"


def openapi(classes: Sequence[type[Any]], description: Description) -> str:
    """Return an OpenAPI 3.1 document with the schemas of entities and no paths, as JSON text.

    Args:
        classes: the entity classes.
        description: of the same classes.

    Raises:
        MissingExtra: apispec is not installed.
    """
    document = {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": "Entities",
            "description": "Schemas to refer to from your own paths; made by madmall schema openapi.",
            "version": str(description.version),
        },
        "paths": {},
        "components": {"schemas": components_of(classes, _examples(description))},
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def jsonschema(classes: Sequence[type[Any]], description: Description) -> str:
    """Return a JSON Schema (2020-12) that an entity of any kind keeps as it is shown, as JSON text.

    Raises:
        MissingExtra: apispec is not installed.
    """
    definitions = _moved(components_of(classes, _examples(description)))
    kind = description.table.discriminator
    shown = [name for name, each in definitions.items() if "const" in each.get("properties", {}).get(kind, {})]
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An entity of any kind",
        "type": "object",
        "required": [kind],
        "oneOf": [{"$ref": f"{_DEFINITIONS}{name}"} for name in shown],
        "$defs": definitions,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _examples(description: Description) -> dict[str, Any]:
    return {entity.name: entity.example.dumped for entity in description.entities}


def _moved(schema: Any) -> Any:
    """Return a schema whose references lead to definitions; what only OpenAPI knows is left out."""
    if isinstance(schema, list):
        return [_moved(each) for each in schema]
    if isinstance(schema, str) and schema.startswith(PLACE):
        return f"{_DEFINITIONS}{schema.removeprefix(PLACE)}"
    if not isinstance(schema, dict):
        return schema
    only_there = "oneOf" in schema and "discriminator" in schema
    return {name: _moved(each) for name, each in schema.items() if not (only_there and name == "discriminator")}
