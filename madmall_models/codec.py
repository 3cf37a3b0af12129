"""Turn an entity into the item that is stored, and back.

This is the plain walk over the declared attributes. It writes what PynamoDB writes, so a PynamoDB class reads it;
it differs in reading: nothing stored is refused, and what the class does not know is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.declaration import entity_class
from madmall_models.document import decode_attributes, encode_attributes

Item = dict[str, dict[str, Any]]


def encode(entity: Any, values: Mapping[str, Any] | None = None) -> Item:
    """Return the item of an entity: keys, attributes, and what was read and is not declared.

    Args:
        entity: the entity.
        values: what its ``field_values()`` gave, where somebody asked for them already.

    Raises:
        ValidationError: a value does not fit its attribute.
        KeyValueError: a part of the primary key is missing, or a value cannot stand in a key.
    """
    item: Item = {name: {"S": text} for name, text in entity.rendered_keys(values).items()}
    item["entityType"] = {"S": entity.discriminator}
    if entity.unknown_attributes():
        _keep_unknown(entity, item)
    item.update(encode_attributes(entity))
    return item


def _keep_unknown(entity: Any, item: Item) -> None:
    # None removes what was stored, also where it was of a type that could not be read.
    emptied = {entity._attributes[name].attr_name for name in entity._assigned if getattr(entity, name, None) is None}
    for name, wire in entity.unknown_attributes().items():
        if name not in emptied:
            item.setdefault(name, wire)


def decode(cls: type[Any], item: Mapping[str, Mapping[str, Any]], database: Any = None) -> Any:
    """Return the entity that a stored item holds, as an instance of ``cls``; nothing stored is refused."""
    entity = object.__new__(cls)
    entity.attribute_values = {}
    unread = decode_attributes(entity, {name: wire for name, wire in item.items() if name not in _DERIVED})
    entity._remember(item, unread, database)
    return entity


def stored_class(item: Mapping[str, Mapping[str, Any]]) -> type[Any] | None:
    """Return the entity class of a stored item by its ``entityType``, or None where it is unknown."""
    kind = item.get("entityType", {}).get("S")
    return entity_class(kind) if isinstance(kind, str) else None


_INDEX_KEYS = [f"GSI{number}{half}" for number in range(1, 5) for half in ("PK", "SK")]
_DERIVED = frozenset(["PK", "SK", "entityType", *_INDEX_KEYS])
