"""Write values of declarations and items in JSON's types."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Set
from decimal import Decimal
from typing import Any


def json_value(value: Any) -> Any:
    """Return a value of a declaration, such as a bound of a rule, in JSON's types."""
    if isinstance(value, Mapping):
        return {str(name): json_value(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [json_value(member) for member in value]
    if isinstance(value, Set):
        return sorted((json_value(member) for member in value), key=str)
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def json_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored item in DynamoDB's JSON, its names sorted after the keys; bytes are base64 text."""
    return {name: _wire(item[name]) for name in sorted(item, key=lambda name: (not _is_key(name), name))}


def json_request(value: Any) -> Any:
    """Return a request in JSON's types, in its own order."""
    if isinstance(value, Mapping):
        return {name: json_request(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [json_request(member) for member in value]
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def _is_key(name: str) -> bool:
    return name in ("PK", "SK")


def _wire(wire: Mapping[str, Any]) -> Any:
    kind, content = next(iter(wire.items()))
    if kind == "M":
        return {kind: json_item(content)}
    if kind == "L":
        return {kind: [_wire(member) for member in content]}
    if kind in ("SS", "NS", "BS"):
        return {kind: sorted(json_request(member) for member in content)}
    return {kind: str(content) if isinstance(content, Decimal) else json_request(content)}
