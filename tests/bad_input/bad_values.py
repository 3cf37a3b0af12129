"""Give one of each kind of value that no operation may take for good."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

# Stands for what a person typed: it must not come back in the text of an error.
SECRET = "secret"

BAD: Mapping[str, Any] = {
    "with #": f"{SECRET}#1",
    "empty text": "",
    "blank text": "  ",
    "None": None,
    "NaN": float("nan"),
    "39 digits": Decimal("1" * 39),
    "naive time": datetime(2024, 11, 22, 12),
    "500 KB": SECRET * 85_000,
    "no text": 12.5,
    "list": [SECRET, {"no_such_field": SECRET}],
    "map": {"no_such_field": SECRET},
    "bytes": SECRET.encode(),
    "object": object(),
}
MISSING = "nobody"
# An item of another type stands at each key that is made of this id.
OF_ANOTHER_TYPE = "another"


def spoiled(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the path of each value in the arguments, a kind of bad value, and the arguments with it in its place."""
    for path in _paths(arguments):
        for kind, bad in BAD.items():
            if _at(arguments, path) != bad or kind == "NaN":
                yield ".".join(map(str, path)), kind, _with(arguments, path, bad)


def with_each_id(arguments: Mapping[str, Any], item_id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the name of each argument that is the id of an item, and the arguments with another id in its place."""
    for name in arguments:
        if name.endswith("_id") and name != "tenant_id":
            yield name, {**arguments, name: item_id}


def _paths(container: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    members = container.items() if isinstance(container, Mapping) else enumerate(container)
    for name, value in members:
        yield (*before, name)
        if isinstance(value, Mapping | list):
            yield from _paths(value, (*before, name))


def _at(container: Any, path: tuple[Any, ...]) -> Any:
    for name in path:
        container = container[name]
    return container


def _with(arguments: Mapping[str, Any], path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(dict(arguments))
    _at(changed, path[:-1])[path[-1]] = value
    return changed
