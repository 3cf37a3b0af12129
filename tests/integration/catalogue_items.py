"""Make items as other programs write them: in the form that the catalogue of facts describes, by no code of ours."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from madmall_models.key_template import KeyTemplate
from tests.catalogue import catalogue_facts
from tests.catalogue.facts import Place

Wire = dict[str, Any]
Item = dict[str, Wire]

MOMENT = "2024-11-22T12:00:00.000Z"
SAMPLES = {"email": "someone@example.org", "url": "https://example.org/page", "phone": "+1 404 555 0100"}
PEOPLE = ("userId", "createdBy", "ownerId", "submittedBy", "assignedTo", "reviewerId", "resolvedBy")
WHOLE: dict[str, Wire] = {
    "boolean": {"BOOL": True},
    "iso_datetime": {"S": MOMENT},
    "map": {"M": {}},
    "list<map>": {"L": [{"M": {}}]},
    "map<string,string>": {"M": {"instagram": {"S": "https://example.org/page"}}},
    "map<string,number>": {"M": {"clicks": {"N": "0.5"}}},
    "map<string,any>": {"M": {"requestId": {"S": "request-1"}, "attempt": {"N": "2"}, "late": {"BOOL": False}}},
}
Field = Mapping[str, Any]


class CatalogueItem:
    """One item of an entity of the catalogue, every field filled, or only those that the old validator demanded.

    Args:
        catalogue: the facts.
        entity: its name there.
        deviations: where the declared keys were decided to differ, by place.
        whole: whether fields that may be absent are there.
    """

    def __init__(
        self, catalogue: Mapping[str, Any], entity: str, deviations: Mapping[Place, Any], *, whole: bool = True
    ) -> None:
        self.entity = entity
        self._described = catalogue["entities"][entity]
        self._facts = catalogue_facts.catalogue_facts(catalogue, entity)
        self._deviations = deviations
        self.fields = [field for field in self._described["fields"] if whole or self._is_demanded(field)]
        self.attributes: Item = {}
        for field in self.fields:
            _place(self.attributes, field["path"], _sample(field))
        self.attributes |= {
            "entityType": {"S": self._described["entity_type"] or entity},
            "version": {"N": "1"},
            "createdAt": {"S": MOMENT},
            "updatedAt": {"S": MOMENT},
        }

    @property
    def item(self) -> Item:
        """Return the item with its keys."""
        return {**self.attributes, **self.keys(self.attributes)}

    @property
    def mirror(self) -> Item | None:
        """Return the second copy, where the entity has one."""
        halves = self._texts(self.attributes, "mirror")
        return None if halves is None else {**self.attributes, "PK": halves[0], "SK": halves[1]}

    def keys(self, attributes: Mapping[str, Wire]) -> Item:
        """Return the keys that an item with these attributes has, by the catalogue and the decisions on it."""
        found: Item = {}
        for name, prefix in (("key", ""), *((f"gsi{number}", f"GSI{number}") for number in range(1, 5))):
            halves = self._texts(attributes, name)
            if halves is not None:
                found[f"{prefix}PK"], found[f"{prefix}SK"] = halves
        return found

    def paths(self) -> set[str]:
        """Return the stored paths that the catalogue knows; what lies in a map of any names is not among them."""
        return {field["path"] for field in self._described["fields"]}

    def _texts(self, attributes: Mapping[str, Wire], name: str) -> tuple[Wire, Wire] | None:
        place = Place(self.entity, name, "template")
        text = self._deviations[place].declared if place in self._deviations else self._facts.get(place)
        if text is None or Place(self.entity, name, "presence") in self._deviations:
            return None
        values = {catalogue_facts.python_path(path): text for path, text in _scalars(attributes)}
        values.setdefault("tenant_id", "default")
        halves = [KeyTemplate(half).render(values) for half in text.split(" / ")]
        return None if None in halves else ({"S": halves[0]}, {"S": halves[1]})

    def _is_demanded(self, field: Field) -> bool:
        parts = [other for other in self._described["fields"] if other["path"].startswith(f"{field['path']}.")]
        if not any("rules" in other for other in self._described["fields"]):
            return bool(field["required"])  # the old system had no validator for it
        # A part of the key must be there too, and a map that holds something that must.
        return _is_checked(field) or self._is_part_of_key(field) or any(map(self._is_demanded, parts))

    def _is_part_of_key(self, field: Field) -> bool:
        return "{" + catalogue_facts.python_path(field["path"]) in self._facts[Place(self.entity, "key", "template")]


def _is_checked(field: Field) -> bool:
    errors = [rule for rule in field.get("rules", ()) if rule["severity"] == "error"]
    return any(rule["code"] in ("REQUIRED", "MIN_LENGTH") or "absent" in rule.get("check", "") for rule in errors)


def _sample(field: Field) -> Wire:
    kind, name = field["type"], field["path"].rpartition(".")[2]
    if "enum" in field:
        value = str(field["enum"][0])
        return {"N": value} if kind == "integer" else {"S": value}
    if kind in ("integer", "number"):
        # In a form that no program of ours writes.
        return {"N": "4.0" if kind == "integer" or field.get("min", 0) >= 1 else "5E-1"}
    if kind == "list<string>":
        return {"L": [{"S": member} for member in field.get("item_enum", ["one-tag", "another"])]}
    if kind == "string" and (name in PEOPLE or field["path"] == "author.id"):
        return {"S": "user-1"}
    if kind == "string":
        text = f"{_words(name)}-1" if _is_id(name) else f"Some {_words(name)}"
        return {"S": SAMPLES.get(field.get("pattern", ""), text)}
    return _copy(WHOLE[kind])


def _words(name: str) -> str:
    return re.sub(r"([A-Z])", r" \1", name).lower().removesuffix(" id").replace(" ", "-")


def _is_id(name: str) -> bool:
    return name == "id" or name.endswith("Id")


def _place(attributes: Item, path: str, wire: Wire) -> None:
    container: Any = attributes
    *parents, name = path.split(".")
    for parent in parents:
        inside = container.setdefault(
            parent.removesuffix("[]"), {"L": [{"M": {}}]} if parent.endswith("[]") else {"M": {}}
        )
        container = inside["L"][0]["M"] if parent.endswith("[]") else inside["M"]
    container[name] = wire


def _scalars(attributes: Mapping[str, Wire], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, wire in attributes.items():
        (kind, value), *_ = wire.items()
        if kind == "M":
            yield from _scalars(value, f"{prefix}{name}.")
        elif kind in ("S", "N"):
            yield f"{prefix}{name}", value


def _copy(wire: Wire) -> Wire:
    if isinstance(wire, dict):
        return {name: _copy(value) for name, value in wire.items()}
    return [_copy(member) for member in wire] if isinstance(wire, list) else wire
