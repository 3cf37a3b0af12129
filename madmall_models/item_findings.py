"""Find what is wrong with an item as it is stored: its keys, its times, and what in it contradicts each other.

An item is a mapping with stored names and Python values: ``{"PK": "USER#u1", "SK": "PROFILE", "entityType": ...}``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from madmall_models.attributes import Checked, EpochAttribute, TimeAttribute, is_whole
from madmall_models.declaration import attribute_at, entity_class, stored_path
from madmall_models.entity import Entity
from madmall_models.errors import KeyValueError
from madmall_models.key_template import Field, KeyTemplate
from madmall_models.keys import Key, Mirror, PrimaryKey
from madmall_models.rules import Entry, findings_about_times, fit, is_blank, validate

_TIMES = ("createdAt", "updatedAt")
_KEPT_FOR_EVERY_ITEM = ("PK", "SK", "entityType", "version", *_TIMES)
_TIME, _EPOCH = TimeAttribute(attr_name="time"), EpochAttribute(attr_name="ttl")


def stored_item(given: object) -> Mapping[Any, Any] | None:
    """Return a mapping as it is, an entity by its stored names, and None for anything else."""
    if isinstance(given, Mapping):
        return given
    if not isinstance(given, Entity):
        return None
    try:
        item: dict[Any, Any] = dict(given.rendered_keys())
    except KeyValueError:
        item = {}
    item["entityType"] = given.discriminator
    for name, attribute in given.get_attributes().items():
        if name in given.attribute_values:
            item[attribute.attr_name] = given.attribute_values[name]
    return item


def key_findings(item: Mapping[Any, Any]) -> Iterator[Entry]:
    """Yield what is wrong with the attributes that every item has, and with keys that belong to something else."""
    for name in _KEPT_FOR_EVERY_ITEM:
        value = item.get(name)
        if value is None or is_blank(value):
            yield Entry(name, "is required", "REQUIRED", value)
        elif name in _TIMES:
            yield from _time_findings(name, value)
        elif name == "version":
            if not _is_count(value):
                yield Entry(name, "must be a whole number from 0", "TYPE_ERROR", value)
        elif not isinstance(value, str):
            yield Entry(name, "must be text", "TYPE_ERROR", value)
    yield from key_contradictions(item)


def consistency_findings(item: Mapping[Any, Any]) -> Iterator[Entry]:
    """Yield what in an item contradicts something else in it, and a time to live that is over."""
    times: dict[str, Any] = {}
    for name, python_name in zip(_TIMES, ("created_at", "updated_at"), strict=True):
        if item.get(name) is not None:
            yield from _time_findings(name, item[name])
            moment, fault = fit(_TIME, item[name])
            if fault is None:
                times[python_name] = moment
    ttl = item.get("ttl")
    if ttl is not None:
        moment, fault = fit(_EPOCH, int(ttl) if isinstance(ttl, Decimal) and _is_count(ttl) else ttl)
        if fault is None:
            times["ttl"] = moment
        else:
            yield Entry("ttl", f"must be {fault}", "TYPE_ERROR", ttl)
    yield from findings_about_times(times)
    yield from key_contradictions(item)
    yield from _attribute_contradictions(item)


def key_contradictions(item: Mapping[Any, Any]) -> Iterator[Entry]:
    """Yield the halves of a primary key that are of another entity type than the item, or of another id.

    An item of a type that no class is declared for is passed over, and so is a value that is not in the item.
    """
    texts = {half: item.get(half) for half in ("PK", "SK")}
    cls = _class_of(item)
    if cls is None or not all(isinstance(text, str) and not is_blank(text) for text in texts.values()):
        return
    places = [key for key in cls.keys.values() if isinstance(key, PrimaryKey | Mirror)]
    found = [list(_half_findings(cls, key, item, texts)) for key in places]
    yield from min(found, key=len)


def _half_findings(cls: type[Any], key: Key, item: Mapping[Any, Any], texts: Mapping[str, Any]) -> Iterator[Entry]:
    for half, template in (("PK", key.partition), ("SK", key.sort)):
        if not _agrees(cls, template, texts[half], item):
            message = f"must be {template.text} of this {cls.__name__}"
            yield Entry(half, message, "CONSISTENCY_ERROR", texts[half])


def _agrees(cls: type[Any], template: KeyTemplate, text: str, item: Mapping[Any, Any]) -> bool:
    found = template.match(text)
    return found is not None and all(_is_said(cls, field, found[field.name], item) for field in template.fields)


def _is_said(cls: type[Any], field: Field, text: str, item: Mapping[Any, Any]) -> bool:
    """Tell whether the item says for a field what its key says, or says nothing."""
    value: Any = item
    for name in stored_path(cls, field.name):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, "attribute_values", {}).get(name)
    if value is None:
        return True
    attribute = attribute_at(cls, field.name)
    try:
        encoded = field.encode(fit(attribute, value)[0] if isinstance(attribute, Checked) else value)
    except KeyValueError:
        return False
    return encoded is not None and field.decode(encoded) == text


def _attribute_contradictions(item: Mapping[Any, Any]) -> Iterator[Entry]:
    cls = _class_of(item)
    if cls is None:
        return
    unfit = {entry.field.partition(".")[0].partition("[")[0] for entry in validate(cls, item, partial=True).errors}
    stored_names = {name: attribute.attr_name for name, attribute in cls._attributes.items()}
    fitting = {name: value for name, value in item.items() if stored_names.get(name, name) not in unfit}
    yield from cls.contradictions(fitting).entries


def _class_of(item: Mapping[Any, Any]) -> type[Any] | None:
    kind = item.get("entityType")
    return entity_class(kind) if isinstance(kind, str) else None


def _time_findings(name: str, value: object) -> Iterator[Entry]:
    _, fault = fit(_TIME, value)
    if fault is not None:
        yield Entry(name, f"must be {fault}", "INVALID_FORMAT", value)


def _is_count(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return False
    number = Decimal(value)
    return is_whole(number) and number >= 0
