"""Evaluate a condition object of PynamoDB on an item in memory, as DynamoDB would.

A query needs this for a filter on attributes that its index does not project: the filter is applied after the whole
items were read. Every rule below was observed on DynamoDB Local 3.3.1; those that surprise:

- ``<>`` holds where an attribute is missing, and between two missing ones; every other comparison with a missing
  attribute does not hold. ``NOT`` turns any answer round; there is no third answer.
- Values of different types are unequal, and none is less than the other. Numbers compare by value, sets by members.
- ``size`` of a text counts UTF-16 code units, so that an emoji counts two. A number, boolean or null has no size.

Items and values are in the form of botocore: numbers are text, binary values are bytes.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pynamodb.constants import ATTRIBUTE_TYPES, NULL
from pynamodb.expressions.condition import (
    And,
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    Exists,
    In,
    IsType,
    Not,
    NotExists,
    Or,
    size,
)
from pynamodb.expressions.operand import Path, Value

from madmall_models.errors import QueryError
from madmall_models.limits import IN_OPERANDS

Wire = Mapping[str, Any]
# A value in a form that compares as DynamoDB does: its type, and Python's counterpart of its content.
Comparable = tuple[str, Any]

_Size = type(size("any"))
_INDEX = re.compile(r"\[(\d+)\]")
_ORDERED_TYPES = ("S", "N", "B")
_ORDERINGS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def matches(condition: Condition, item: Mapping[str, Wire]) -> bool:
    """Tell whether ``item``, as DynamoDB attribute values by name, meets ``condition``.

    A condition that DynamoDB would refuse (see :func:`fault`) gets an answer all the same.

    >>> from pynamodb.attributes import NumberAttribute
    >>> matches(NumberAttribute(attr_name="likes") > 1, {"likes": {"N": "1.5"}})
    True

    Raises:
        QueryError: the condition, or a part of it, is of a kind that PynamoDB does not have.
    """
    answers: list[bool] = []
    for part in _in_postfix_order(condition):
        if isinstance(part, And | Or | Not):
            first = len(answers) - len(part.values)
            answers[first:] = [_CONNECTIVES[type(part)](answers[first:])]
        else:
            answers.append(_evaluator(part)(part.values, item))
    return answers[0]


def paths(condition: Condition) -> frozenset[tuple[str, ...]]:
    """Return what ``condition`` reads: names from the top of the item downwards, without positions in lists.

    >>> sorted(paths((Path("author.id") == "a1") & Path("tags[0]").exists()))
    [('author', 'id'), ('tags',)]
    """
    return frozenset(
        tuple(segment.partition("[")[0] for segment in operand.path)
        for part in _parts(condition)
        for operand in map(_without_size, part.values)
        if isinstance(operand, Path)
    )


def fault(condition: Condition) -> str | None:
    """Return why DynamoDB would refuse ``condition`` whatever the item, else None.

    Evaluated in memory, such a condition would silently match nothing.
    """
    return next((found for part in _parts(condition) if (found := _fault_of_part(part)) is not None), None)


def operator_count(condition: Condition) -> int:
    """Return how many operators and functions DynamoDB counts in ``condition``; it takes 300 in an expression.

    >>> operator_count((Path("a") == 1) & ~(size("b") > 2))
    5
    """
    count = 0
    for part in _in_postfix_order(condition):
        count += 1 + sum(isinstance(value, _Size) for value in part.values)
    return count


def null_compared(condition: Condition) -> str | None:
    """Return the path that is compared with a stored NULL, which is what ``== None`` means, else None."""
    for part in _parts(condition):
        if any(isinstance(operand, Value) and NULL in operand.value for operand in part.values):
            return str(_without_size(part.values[0]))
    return None


# -- values --------------------------------------------------------------------------------------------------------


def _comparable(wire: Wire) -> Comparable:
    """Return a value in a form that can be compared and put in a set."""
    kind, content = next(iter(wire.items()))
    if kind == "N":
        return kind, Decimal(content)
    if kind == "NS":
        return kind, frozenset(map(Decimal, content))
    if kind in ("SS", "BS"):
        return kind, frozenset(content)
    if kind == "L":
        return kind, tuple(map(_comparable, content))
    if kind == "M":
        return kind, frozenset((name, _comparable(member)) for name, member in content.items())
    return kind, content


def _find(path: Path, item: Mapping[str, Wire]) -> Comparable | None:
    """Return the value at ``path``, or None where there is none."""
    found: Wire | None = {"M": item}
    for segment in path.path:
        name = segment.partition("[")[0]
        found = found.get("M", {}).get(name) if found is not None else None
        for position in map(int, _INDEX.findall(segment)):
            members = found.get("L", ()) if found is not None else ()
            found = members[position] if position < len(members) else None
    return None if found is None else _comparable(found)


def _size_of(value: Comparable | None) -> Comparable | None:
    """Return the size as a number, or None of what has no size."""
    if value is None:
        return None
    kind, content = value
    if kind == "S":
        # Lone surrogates cannot be stored; counting them beats failing on them.
        return "N", Decimal(len(content.encode("utf-16-le", "surrogatepass")) // 2)
    return ("N", Decimal(len(content))) if kind in ("B", "L", "M", "SS", "NS", "BS") else None


def _resolve(operand: Any, item: Mapping[str, Wire]) -> Comparable | None:
    if isinstance(operand, Path):
        return _find(operand, item)
    if isinstance(operand, Value):
        return _comparable(operand.value)
    if isinstance(operand, _Size):
        return _size_of(_find(operand.values[0], item))
    raise QueryError(f"a condition compares attributes, values and sizes, not {type(operand).__name__}")


# -- conditions ----------------------------------------------------------------------------------------------------


def _ordered(symbol: str, left: Comparable | None, right: Comparable | None) -> bool:
    if left is None or right is None or left[0] != right[0] or left[0] not in _ORDERED_TYPES:
        return False
    # Python orders text by code point, which is the order of its UTF-8 bytes and so DynamoDB's.
    return bool(_ORDERINGS[symbol](left[1], right[1]))


def _equal(left: Comparable | None, right: Comparable | None) -> bool:
    return left is not None and left == right


def _comparison(symbol: str) -> Callable[[Any, Mapping[str, Wire]], bool]:
    def holds(operands: Any, item: Mapping[str, Wire]) -> bool:
        left, right = (_resolve(operand, item) for operand in operands)
        if symbol == "=":
            return _equal(left, right)
        return not _equal(left, right) if symbol == "<>" else _ordered(symbol, left, right)

    return holds


def _between(operands: Any, item: Mapping[str, Wire]) -> bool:
    value, lower, upper = (_resolve(operand, item) for operand in operands)
    return _ordered(">=", value, lower) and _ordered("<=", value, upper)


def _in(operands: Any, item: Mapping[str, Wire]) -> bool:
    value, *choices = (_resolve(operand, item) for operand in operands)
    return any(_equal(value, choice) for choice in choices)


def _exists(operands: Any, item: Mapping[str, Wire]) -> bool:
    return _resolve(operands[0], item) is not None


def _is_type(operands: Any, item: Mapping[str, Wire]) -> bool:
    value, kind = (_resolve(operand, item) for operand in operands)
    return value is not None and ("S", value[0]) == kind


def _begins_with(operands: Any, item: Mapping[str, Wire]) -> bool:
    value, prefix = (_resolve(operand, item) for operand in operands)
    if value is None or prefix is None or value[0] != prefix[0] or value[0] not in ("S", "B"):
        return False
    return bool(value[1].startswith(prefix[1]))


def _contains(operands: Any, item: Mapping[str, Wire]) -> bool:
    value, member = (_resolve(operand, item) for operand in operands)
    if value is None or member is None:
        return False
    kind, content = value
    if kind == "L":
        return member in content
    # Text in text, bytes in bytes; text in a set of texts, and so on.
    fits = (kind in ("S", "B") and member[0] == kind) or (kind in ("SS", "NS", "BS") and member[0] == kind[0])
    return fits and member[1] in content


_EVALUATORS: Mapping[type[Condition], Callable[[Any, Mapping[str, Wire]], bool]] = {
    Exists: _exists,
    NotExists: lambda operands, item: not _exists(operands, item),
    IsType: _is_type,
    BeginsWith: _begins_with,
    Contains: _contains,
    Between: _between,
    In: _in,
}
_CONNECTIVES: Mapping[type[Condition], Callable[[list[bool]], bool]] = {
    And: all,
    Or: any,
    Not: lambda answers: not answers[0],
}
_COMPARISONS = {symbol: _comparison(symbol) for symbol in ("=", "<>", *_ORDERINGS)}


def _evaluator(condition: Condition) -> Callable[[Any, Mapping[str, Wire]], bool]:
    if isinstance(condition, Comparison):
        return _COMPARISONS[condition.operator]
    evaluator = _EVALUATORS.get(type(condition))
    if evaluator is None:
        raise QueryError(f"{type(condition).__name__} is no condition; write one such as Circle.status == 'ACTIVE'")
    return evaluator


# -- what DynamoDB refuses -----------------------------------------------------------------------------------------


def _in_postfix_order(condition: Condition) -> list[Condition]:
    """Return all parts of ``condition``, each after those that it combines; without recursion, however deep it is."""
    found, waiting = [], [condition]
    while waiting:
        part = waiting.pop()
        found.append(part)
        if isinstance(part, And | Or | Not):
            waiting.extend(part.values)
    return found[::-1]


def _parts(condition: Condition) -> Iterator[Condition]:
    """Give the conditions that ``condition`` combines, down to those that compare."""
    for part in _in_postfix_order(condition):
        if not isinstance(part, And | Or | Not):
            _evaluator(part)
            yield part


def _without_size(operand: Any) -> Any:
    return operand.values[0] if isinstance(operand, _Size) else operand


def _fault_of_part(condition: Condition) -> str | None:
    first, *others = condition.values
    values = [value for value in map(_known_value, condition.values) if value is not None]
    if isinstance(first, Path) and any(isinstance(other, Path) and other.path == first.path for other in others):
        return f"{condition.operator} compares {first} with itself"
    if isinstance(condition, In) and not 1 <= len(others) <= IN_OPERANDS:
        return f"IN takes 1 to {IN_OPERANDS} values, not {len(others)}"
    if isinstance(condition, BeginsWith):
        return _fault_of_types(condition, values, ("S", "B"))
    if isinstance(condition, IsType):
        is_type = [kind == "S" and name in ATTRIBUTE_TYPES for kind, name in values] == [True]
        return None if is_type else "attribute_type takes the name of a type, such as S or N"
    if isinstance(condition, Between):
        return _fault_of_types(condition, values, _ORDERED_TYPES) or _fault_of_bounds(others)
    if condition.operator in _ORDERINGS:
        return _fault_of_types(condition, values, _ORDERED_TYPES)
    return None


def _known_value(operand: Any) -> Comparable | None:
    """Return what is known of an operand without an item: a value, or that a size is a number."""
    if isinstance(operand, _Size):
        return "N", None
    return _comparable(operand.value) if isinstance(operand, Value) else None


def _fault_of_types(condition: Condition, values: list[Comparable], kinds: tuple[str, ...]) -> str | None:
    wrong = next((kind for kind, _ in values if kind not in kinds), None)
    return None if wrong is None else f"{condition.operator} takes values of type {' '.join(kinds)}, not {wrong}"


def _fault_of_bounds(bounds: list[Any]) -> str | None:
    if not all(isinstance(bound, Value) for bound in bounds):
        return None
    lower, upper = (_comparable(bound.value) for bound in bounds)
    if lower[0] != upper[0]:
        return f"BETWEEN takes two values of one type, not {lower[0]} and {upper[0]}"
    return None if lower[1] <= upper[1] else "the lower value of BETWEEN is over the upper one"
