"""Say in JSON Schema 2020-12 what a description looks like; made from the classes that it consists of."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

from madmall_models.schema.description import VERSION, Description
from madmall_models.schema.words import docstring_of, first_sentence

_SCALARS: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def description_schema() -> dict[str, Any]:
    """Return the JSON Schema of :meth:`Description.as_dict`."""
    definitions: dict[str, Any] = {}
    root = _reference(Description, definitions)
    definitions["Description"]["properties"]["version"] = {"const": VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Description of a table and its entities",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _reference(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if cls.__name__ not in definitions:
        # Stands there before its own attributes are looked at, for an attribute can hold attributes.
        definitions[cls.__name__] = {}
        definitions[cls.__name__] = _object(cls, definitions)
    return {"$ref": f"#/$defs/{cls.__name__}"}


def _object(cls: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    fields = dataclasses.fields(cls)
    return {
        "type": "object",
        "description": first_sentence(docstring_of(cls)),
        "properties": {field.name: _schema_of(hints[field.name], definitions) for field in fields},
        "required": [field.name for field in fields if field.default is dataclasses.MISSING],
        "additionalProperties": False,
    }


def _schema_of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(hint):
        return _reference(hint, definitions)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _schema_of(arguments[0], definitions)}
    if origin in (typing.Union, types.UnionType):
        kinds = [_schema_of(each, definitions) for each in arguments if each is not type(None)]
        return {"anyOf": [*kinds, {"type": "null"}]}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(arguments[1], definitions)}
    return {}
