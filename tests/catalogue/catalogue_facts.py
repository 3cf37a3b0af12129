"""Read what the catalogue says about the entities, in the words of a declaration.

The catalogue describes the system being replaced. What follows from the model's decisions for every entity alike (how
free text stands in an index key, what becomes of a value that was required by shape only) is applied here; what was
decided for one place stands in ``deviations.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.catalogue.facts import Place

Field = Mapping[str, Any]

# Decision 13 names the measurements, and the three counts that change only with what they count.
MEASUREMENTS = re.compile(r"(stats|metrics|engagement)(\..*)?|(.*\.)?lastActive")
MAINTAINED = {("CIRCLE", "stats.memberCount"), ("STORY", "engagement.comments"), ("USER", "stats.circlesJoined")}
COMMON = "every entity"
SINGLE_TYPES = {
    "boolean": "boolean",
    "number": "decimal",
    "iso_datetime": "time",
    "epoch_seconds": "epoch",
    "map": "map",
    "map<string,number>": "dict of decimal",
    "map<string,string>": "dict of text",
    "map<string,any>": "dict",
    "list<map>": "list of map",
}


def load() -> dict[str, Any]:
    """Return the catalogue."""
    read: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "catalogue.yaml").read_text(encoding="utf-8"))
    return read


def catalogue_facts(catalogue: Mapping[str, Any], entity: str) -> dict[Place, str]:
    """Return what the catalogue says about one entity: its keys, and every field."""
    described = catalogue["entities"][entity]
    fields = {field["path"]: field for field in described["fields"]}
    # STORY_COMMENT had no discriminator; its name in the catalogue is the one chosen.
    facts = {Place(entity, "entityType", "text"): described["entity_type"] or entity}
    for path, text in _keys(described, fields):
        facts[Place(entity, path, "template")] = text
    for path, field in fields.items():
        for aspect, text in _field_facts(entity, field, fields):
            facts[Place(entity, path, aspect)] = text
    return facts


def common_facts(catalogue: Mapping[str, Any]) -> dict[Place, str]:
    """Return the names and types of the fields that every item has; how they are filled is the writer's part."""
    facts = {}
    for field in [*catalogue["common_fields"], *catalogue["common_undeclared_fields"]]:
        derived = field["path"] == "entityType" or re.fullmatch(r"[PS]K|GSI[1-4][PS]K", field["path"])
        facts[Place(COMMON, field["path"], "type")] = "derived" if derived else _type(field)
    return facts


def python_path(path: str) -> str:
    """Return the dotted Python name of a stored path."""
    names = path.split(".")
    return ".".join(name if name.isupper() else re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower() for name in names)


def template(text: str, fields: Mapping[str, Field]) -> str:
    """Return a key text of the catalogue as the template of a declaration, with the modifiers of decisions 2 and 5."""
    return re.sub(r"\{([^}|]+)(?:\|[^}]*)?\}", lambda found: _template_field(found[1], fields), text)


def _template_field(path: str, fields: Mapping[str, Field]) -> str:
    modifier = ""
    if path.endswith("status"):
        modifier = ":upper"
    elif not _is_id(path) and path not in ("createdAt", "updatedAt"):
        field = fields.get(path, {"type": "string"})
        modifier = ":fold" if field["type"] == "string" and "enum" not in field else ""
    return f"{{{python_path(path)}{modifier}}}"


def _keys(described: Mapping[str, Any], fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    for name in ("mirror", "gsi1", "gsi2", "gsi3", "gsi4"):
        if described.get(name):
            yield name, f"{template(described[name]['pk'], fields)} / {template(described[name]['sk'], fields)}"
    yield "key", f"{template(described['pk'], fields)} / {template(described['sk'], fields)}"
    yield "unique", ", ".join(sorted("+".join(map(python_path, text.split("+"))) for text in described["unique"]))


def _field_facts(entity: str, field: Field, fields: Mapping[str, Field]) -> Iterator[tuple[str, str]]:
    path = field["path"]
    yield "python", python_path(path)
    yield "type", _type(field)
    yield "given", _given(field, fields)
    yield "choices", _choices(field)
    yield "rules", ", ".join(sorted(_rules(field)))
    yield "written", _written(entity, path)


def _is_id(path: str) -> bool:
    name = path.rsplit(".", 1)[-1]
    return name == "id" or name.endswith("Id") or name == "createdBy"


def _type(field: Field) -> str:
    kind = field["type"]
    if kind == "integer":
        return "counter" if field.get("increment") else "integer"
    if kind == "list<string>":
        if field.get("note", "").startswith("user ids"):
            return "list of id"
        return "list of enum" if "item_enum" in field else "list of text"
    if kind == "string":
        if "enum" in field:
            return "enum"
        return "id" if _is_id(field["path"]) else "text"
    return SINGLE_TYPES[kind]


def _rule(field: Field, code: str) -> Mapping[str, Any] | None:
    return next((rule for rule in field.get("rules", ()) if rule["code"] == code), None)


def _given(field: Field, fields: Mapping[str, Field]) -> str:
    """Return whether a value must be given, is filled in, or may be left out, with a warning or without."""
    if _rule(field, "REQUIRED") is not None or _has_no_absence(field):
        return "required"
    if "default" in field:
        return f"filled with {field['default']}"
    if field["type"] == "map" and field["required"]:
        # A map that can be made of defaults is; one with a part that must be given must be given.
        must_be_given = any(_given(part, fields) == "required" for part in _parts(field, fields))
        return "required" if must_be_given else "filled with its own"
    # What the original required by its declared shape only, it took without.
    return "recommended" if field["required"] or _rule(field, "RECOMMENDED") else "optional"


def _parts(field: Field, fields: Mapping[str, Field]) -> list[Field]:
    return [part for path, part in fields.items() if path.rpartition(".")[0] == field["path"]]


def _choices(field: Field) -> str:
    choices = field.get("enum") or field.get("item_enum")
    if not choices:
        return "any"
    refused = field["enum_from"] == "validator" and (_rule(field, "INVALID_VALUE") or {}).get("severity") == "error"
    return f"{'only' if refused else 'known'} {', '.join(map(str, choices))}"


def _has_no_absence(field: Field) -> bool:
    """Tell whether an absent value was an error under another code than REQUIRED: as if it were too short, or wrong."""
    errors = (rule for rule in field.get("rules", ()) if rule["severity"] == "error")
    return any(rule.get("check", "").startswith("absent") for rule in errors)


def _rules(field: Field) -> Iterator[str]:
    for rule in field.get("rules", ()):
        code, severity = rule["code"], rule["severity"]
        if code in ("REQUIRED", "RECOMMENDED", "INVALID_VALUE"):
            continue
        bounds = " ".join(f"{name} {rule[key]}" for name, key in _BOUNDS if key in rule)
        pattern = field["pattern"] if code in ("INVALID_FORMAT", "FORMAT_WARNING") else ""
        yield " ".join(filter(None, (code, severity, bounds, pattern)))


_BOUNDS = (("min", "min_length"), ("max", "max_length"), ("min", "min"), ("max", "max"))


def _written(entity: str, path: str) -> str:
    if not MEASUREMENTS.fullmatch(path):
        return "by saving"
    return "with what it counts" if (entity, path) in MAINTAINED else "by measuring"
