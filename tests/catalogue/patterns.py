"""Read the catalogue's access patterns, and tell whether a declared key answers one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from madmall_models.key_template import KeyTemplate
from madmall_models.keys import Key
from tests.catalogue.catalogue_facts import template
from tests.catalogue.facts import Place

SERVED, UNSERVED = "asked", "not asked"


def wanted(catalogue: Mapping[str, Any], entity: str) -> Iterator[Mapping[str, Any]]:
    """Give the access patterns of an entity, those of its mirrors included."""
    for pattern in catalogue["access_patterns"]:
        if pattern["entity"].removesuffix(" (mirror)") == entity:
            yield pattern


def pattern_facts(catalogue: Mapping[str, Any], cls: type[Any], entity: str) -> dict[Place, str]:
    """Return for each access pattern of an entity whether one of the class's keys answers it."""
    fields = {field["path"]: field for field in catalogue["entities"][entity]["fields"]}
    return {
        Place(entity, pattern["name"], "pattern"): SERVED
        if any(_answers(key, pattern, fields) for key in cls.keys.values())
        else UNSERVED
        for pattern in wanted(catalogue, entity)
    }


def _answers(key: Key, pattern: Mapping[str, Any], fields: Mapping[str, Any]) -> bool:
    if key.index_name != pattern["index"]:
        return False
    partition = template(pattern["pk"], fields)
    asked_with_values = "{" not in partition and key.partition.match(partition) is not None
    if _without_modifiers(key.partition.text) != _without_modifiers(partition) and not asked_with_values:
        return False
    asked = pattern["sk"].removeprefix("= ").removeprefix("begins_with ")
    return asked == "any" or key.sort.text.startswith(asked.split("{")[0])


def _without_modifiers(text: str) -> str:
    template_text = KeyTemplate(text)
    return "".join(part if isinstance(part, str) else f"{{{part.name}}}" for part in template_text.parts)
