"""Derive the schema of changes from the schema of what is changed."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping
from typing import Any

from madmall_models.schema.field_properties import MEASURED

PLACE = "#/components/schemas/"
SUFFIX = "Changes"
Component = dict[str, Any]


def changes_of(components: Mapping[str, Component], names: Collection[str]) -> dict[str, Component]:
    """Return the schemas of changes of these components, and of the documents that such changes are merged into.

    Nothing is required; what the package keeps, counts and measures cannot be given; null removes. A list is replaced
    as a whole, so what stands in it is no change.
    """
    changed = _with_documents(names, components)
    return {f"{name}{SUFFIX}": _changes(components[name], changed) for name in changed}


def _with_documents(names: Collection[str], components: Mapping[str, Component]) -> list[str]:
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in found or "properties" not in components[name]:
            continue
        found.add(name)
        properties = components[name]["properties"].values()
        waiting += [reached for each in properties if not _is_kept(each) and (reached := _document_of(each))]
    return sorted(found)


def _changes(component: Component, changed: Collection[str]) -> Component:
    given = {name: each for name, each in component["properties"].items() if not _is_kept(each)}
    return {
        "title": f"{component['title']}{SUFFIX}",
        "description": f"Changes of {component['title']}: what is not given stays, and null removes.",
        "type": "object",
        "properties": {name: _changed(each, changed) for name, each in given.items()},
        "additionalProperties": component.get("additionalProperties", False),
    }


def _changed(schema: Component, changed: Collection[str]) -> Component:
    taken = {name: copy.deepcopy(value) for name, value in schema.items() if name != "default"}
    name = _document_of(taken)
    if name is None or name not in changed:
        return taken
    reference = {"$ref": f"{PLACE}{name}{SUFFIX}"}
    if "anyOf" in taken:
        return {**taken, "anyOf": [reference if "$ref" in each else each for each in taken["anyOf"]]}
    return {**taken, **({"allOf": [reference]} if "allOf" in taken else reference)}


def _document_of(schema: Component) -> str | None:
    """Return the name of the document that a property holds."""
    for each in (schema, *schema.get("anyOf", ()), *schema.get("allOf", ())):
        if "$ref" in each:
            return str(each["$ref"]).removeprefix(PLACE)
    return None


def _is_kept(schema: Component) -> bool:
    return bool(schema.get("readOnly") or schema.get(MEASURED))
