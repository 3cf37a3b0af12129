"""Write and read values whose type is not declared."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime
from decimal import Decimal
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import LIST, MAP, NULL, NUMBER, STRING

from madmall_models.attributes.numbers import DecimalAttribute, is_whole
from madmall_models.attributes.text import UnicodeAttribute, has_lone_surrogate
from madmall_models.attributes.times import TimeAttribute
from madmall_models.errors import ValidationError


def any_to_wire(value: Any, element: Attribute[Any] | None = None) -> dict[str, Any]:
    """Return any value as a DynamoDB attribute value, by ``element`` where one is given.

    Raises:
        ValidationError: DynamoDB has no form for this type of value.
    """
    if value is None:
        return {NULL: True}
    if element is not None:
        return {element.attr_type: element.serialize(value)}
    if isinstance(value, list | tuple):
        return {LIST: [any_to_wire(member) for member in value]}
    if isinstance(value, Mapping):
        return {MAP: {_map_key(key): any_to_wire(member) for key, member in value.items()}}
    if isinstance(value, set | frozenset) and value:
        return _set_to_wire(value)
    return _scalar_to_wire(value)


def is_map_key(key: object) -> bool:
    """Tell whether DynamoDB takes ``key`` as a name in a map: text of UTF-8 that is not empty."""
    return isinstance(key, str) and bool(key) and not has_lone_surrogate(key)


def _map_key(key: object) -> str:
    name = str(key) if isinstance(key, int) else key
    if not isinstance(name, str) or not is_map_key(name):
        raise ValidationError("the names in a map are texts of at least one character, without lone surrogates")
    return name


def _scalar_to_wire(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, int | float | Decimal):
        return {NUMBER: DecimalAttribute(attr_name="number").serialize(value)}
    if isinstance(value, str):
        return {STRING: UnicodeAttribute(attr_name="text").serialize(value)}
    if isinstance(value, datetime):
        return {STRING: TimeAttribute(attr_name="time").serialize(value)}
    if isinstance(value, bytes):
        return {"B": value}
    raise ValidationError(f"DynamoDB has no form for a value of type {type(value).__name__}")


def _set_to_wire(members: Set[Any]) -> dict[str, Any]:
    kinds = {next(iter(any_to_wire(member))) for member in members}
    if len(kinds) != 1 or not kinds <= {STRING, NUMBER, "B"}:
        raise ValidationError("a set holds texts, or numbers, or bytes, and nothing else beside them")
    kind = kinds.pop()
    return {f"{kind}S": sorted(any_to_wire(member)[kind] for member in members)}


def any_from_wire(wire: Mapping[str, Any], element: Attribute[Any] | None = None) -> Any:
    """Return the Python value of a DynamoDB attribute value, by ``element`` where it fits, else by its own type."""
    kind, content = next(iter(wire.items()))
    if kind == NULL:
        return None
    if element is not None and element.attr_type == kind:
        return element.deserialize(content)
    if kind == NUMBER:
        number = Decimal(content)
        return int(number) if is_whole(number) else number
    if kind == LIST:
        return [any_from_wire(member) for member in content]
    if kind == MAP:
        return {key: any_from_wire(member) for key, member in content.items()}
    if kind == "NS":
        return {Decimal(member) for member in content}
    return set(content) if kind in ("SS", "BS") else content
