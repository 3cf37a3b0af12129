"""Say why a filter cannot be sent, before it is."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from pynamodb.attributes import Attribute, MapAttribute
from pynamodb.expressions.condition import Condition

from madmall_models import condition as conditions
from madmall_models import limits
from madmall_models.attributes import DictAttribute, ListAttribute

# What a query adds itself: the type of the items, and that they have not expired.
_OPERATORS_OF_A_QUERY = 7


def filter_fault(entity: Any, keys: Collection[str], condition: Any) -> str | None:
    """Return why a condition cannot filter the items of an entity, with the way out, else None.

    Args:
        entity: the class whose items are filtered.
        keys: the key attributes that are asked, which DynamoDB refuses in a filter.
        condition: all of the filter.
    """
    if not isinstance(condition, Condition):
        return "filter takes a condition such as Circle.is_active == True"
    operators = conditions.operator_count(condition) + _OPERATORS_OF_A_QUERY
    if operators > limits.EXPRESSION_OPERATORS:
        return f"a filter has at most {limits.EXPRESSION_OPERATORS} operators, not {operators}; ask several times"
    fault = conditions.fault(condition)
    if fault is not None:
        return fault
    compared = conditions.null_compared(condition)
    if compared is not None:
        return (
            f"{compared} is compared with None, which means a stored NULL and not a missing attribute; "
            "use .does_not_exist() or .exists()"
        )
    paths = conditions.paths(condition)
    asked = {path[0] for path in paths} & set(keys)
    if asked:
        return f"a filter cannot name {', '.join(sorted(asked))}; narrow the key instead"
    unknown = next((found for path in sorted(paths) if (found := undeclared(entity, path)) is not None), None)
    # Such a filter would match nothing.
    return None if unknown is None else f"the filter names {unknown} (QueryBuilder filters by any stored name)"


def undeclared(entity: Any, path: tuple[str, ...]) -> str | None:
    """Return what a stored path is that no attribute of the entity has, with a near miss, else None."""
    container: Any = entity
    for name in path:
        attributes: dict[str, Attribute[Any]] = {
            attribute.attr_name: attribute for attribute in container.get_attributes().values()
        }
        if name not in attributes:
            near = difflib.get_close_matches(name, list(attributes), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            return f"an attribute that {entity.__name__} does not declare{hint}"
        found = attributes[name]
        if isinstance(found, DictAttribute | ListAttribute) or type(found) is MapAttribute:
            return None
        container = found
        if not isinstance(found, MapAttribute):
            break
    return None
