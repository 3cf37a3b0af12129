"""State the service's limits as data, and check them before a request leaves.

Source: the DynamoDB developer guide, "Quotas and limits in Amazon DynamoDB", read on 2026-11-22. Sizes are binary:
1 KB is 1024 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from madmall_models.errors import ItemTooLarge, KeyValueError, LimitExceeded

ITEM_BYTES = 400 * 1024
PARTITION_KEY_BYTES = 2048
SORT_KEY_BYTES = 1024
NESTING_LEVELS = 32
NUMBER_DIGITS = 38
NAME_BYTES = 64 * 1024 - 1
TRANSACTION_ACTIONS = 100
TRANSACTION_READS = 100
TRANSACTION_BYTES = 4 * 1024 * 1024
BATCH_WRITE_ITEMS = 25
BATCH_WRITE_BYTES = 16 * 1024 * 1024
BATCH_GET_KEYS = 100
EXPRESSION_BYTES = 4 * 1024
EXPRESSION_OPERATORS = 300
EXPRESSION_VALUES_BYTES = 2 * 1024 * 1024
IN_OPERANDS = 100
LIST_POSITION = 2**31 - 1
PATH_LEVELS = 32
PAGE_BYTES = 1024 * 1024
TOKEN_CHARACTERS = 36
# What no request can break, and a design can: one partition key value serves so much a second, however large the table.
PARTITION_READS_PER_SECOND = 3000
PARTITION_WRITES_PER_SECOND = 1000

_SMALLEST = Decimal("1E-130")
_LARGEST = Decimal("9.9999999999999999999999999999999999999E+125")
_FAR_FROM_BOUNDS = 125
_SCALARS = frozenset(["S", "N", "B", "BOOL", "NULL"])
# DynamoDB counts comparisons, logical words and functions; of an update only arithmetic and functions.
_CONDITION_OPERATOR = re.compile(r"<>|<=|>=|[=<>]|\b(?:AND|OR|NOT|IN|BETWEEN)\b|\b[a-z_]+\s*\(")
_UPDATE_OPERATOR = re.compile(r"[+-]|\b[a-z_]+\s*\(")
_IN_LIST = re.compile(r"\bIN\s*\(([^)]*)\)")


def number_fault(number: Decimal) -> str | None:
    """Return what a number may be if DynamoDB cannot hold ``number``, else None."""
    if not number.is_finite():
        return "a finite number (no NaN, no infinity)"
    written = number.as_tuple().digits
    if len(written) <= NUMBER_DIGITS and abs(number.adjusted()) < _FAR_FROM_BOUNDS:
        return None
    digits = "".join(map(str, written)).strip("0")
    if len(digits) > NUMBER_DIGITS:
        return f"a number of at most {NUMBER_DIGITS} digits"
    if number and not _SMALLEST <= number.copy_abs() <= _LARGEST:
        return "a number between 1E-130 and 9.99E+125"
    return None


def value_bytes(wire: Mapping[str, Any]) -> int:
    """Return the size that DynamoDB counts for one attribute value, without its name."""
    [(kind, content)] = wire.items()
    if kind == "S":
        return len(content) if content.isascii() else len(content.encode())
    if kind == "N":
        digits = len(content.strip("-").replace(".", "").strip("0"))
        return min(21, (digits + 1) // 2 + 1 + int(content.startswith("-")))
    if kind in ("NULL", "BOOL"):
        return 1
    if kind == "B":
        return len(content)
    if kind == "L":
        return 3 + sum(1 + value_bytes(member) for member in content)
    if kind == "M":
        return 3 + len(content) + item_bytes(content)
    return sum(value_bytes({kind[0]: member}) for member in content)


def item_bytes(item: Mapping[str, Mapping[str, Any]]) -> int:
    """Return the size of an item as DynamoDB counts it: names and values in UTF-8.

    >>> item_bytes({"PK": {"S": "A"}, "n": {"N": "12"}})
    6
    """
    size = 0
    # Every item that is written is measured: calls that can be spared are.
    for name, value in item.items():
        text = value.get("S")
        if text is not None and text.isascii() and name.isascii():
            size += len(name) + len(text)
        else:
            size += text_bytes(name) + value_bytes(value)
    return size


def text_bytes(text: str) -> int:
    """Return how many bytes a text has in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def check_item(item: Mapping[str, Mapping[str, Any]], *, entity: str) -> int:
    """Return the size of an item that DynamoDB would take.

    Raises:
        ItemTooLarge: it is over 400 KB.
        LimitExceeded: a map or list nests deeper than 32 levels, or a set is empty.
    """
    size = item_bytes(item)
    if size > ITEM_BYTES:
        raise ItemTooLarge(
            f"{entity} is {size} bytes; an item has at most {ITEM_BYTES}. "
            "Keep long texts elsewhere and store where they are"
        )
    for name, value in item.items():
        if "S" not in value and next(iter(value)) not in _SCALARS:
            _check_shape(value, f"{entity}.{name}", 1)
    return size


def _check_shape(wire: Mapping[str, Any], path: str, level: int) -> None:
    kind, content = next(iter(wire.items()))
    if level > NESTING_LEVELS:
        raise LimitExceeded(f"{path} nests deeper than {NESTING_LEVELS} levels")
    if kind in ("SS", "NS", "BS") and not content:
        raise LimitExceeded(f"{path} is an empty set, which DynamoDB does not store; leave the attribute out")
    if kind == "L":
        for member in content:
            _check_shape(member, path, level + 1)
    elif kind == "M":
        for name, member in content.items():
            if not 1 <= text_bytes(name) <= NAME_BYTES:
                raise LimitExceeded(f"{path} holds a map with a name that is empty or over {NAME_BYTES} bytes")
            if "S" not in member or level == NESTING_LEVELS:
                _check_shape(member, path, level + 1)


def check_key(text: str, *, name: str, most: int) -> str:
    """Return the text of a key of at most ``most`` bytes.

    Raises:
        KeyValueError: the text is empty or too long; the message names the key's template, not the text.
    """
    size = text_bytes(text)
    if not size:
        raise KeyValueError(f"{name} is empty, which DynamoDB does not take as a key")
    if size > most:
        raise KeyValueError(f"{name} is {size} bytes; this kind of key has at most {most}")
    return text


def check_expressions(request: Mapping[str, Any], *, operation: str) -> None:
    """Check every expression of a request, and of the actions of a transaction.

    Raises:
        LimitExceeded: one is over 4 KB, has over 300 operators or over 100 operands of IN, or its values are over 2 MB.
    """
    for part in _parts(request):
        for name, text in part.items():
            if name.endswith("Expression"):
                _check_expression(text, f"{operation}: the {name}", updates=name == "UpdateExpression")
        size = sum(map(value_bytes, part.get("ExpressionAttributeValues", {}).values()))
        if size > EXPRESSION_VALUES_BYTES:
            raise LimitExceeded(
                f"{operation}: the values of its expressions have {size} bytes; the most is {EXPRESSION_VALUES_BYTES}"
            )


def _parts(request: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield request
    for action in request.get("TransactItems", ()):
        yield from action.values()


def _check_expression(text: str, what: str, *, updates: bool) -> None:
    if len(text) <= IN_OPERANDS:
        # Too short to break any of the limits.
        return
    size = len(text.encode())
    if size > EXPRESSION_BYTES:
        raise LimitExceeded(f"{what} has {size} bytes; the most is {EXPRESSION_BYTES}. Change or compare fewer things")
    found = (_UPDATE_OPERATOR if updates else _CONDITION_OPERATOR).findall(text)
    # The AND of a BETWEEN belongs to it.
    operators = len(found) - found.count("BETWEEN")
    if operators > EXPRESSION_OPERATORS:
        raise LimitExceeded(f"{what} has {operators} operators; the most is {EXPRESSION_OPERATORS}")
    for operands in _IN_LIST.findall(text):
        count = operands.count(",") + 1
        if count > IN_OPERANDS:
            raise LimitExceeded(f"{what} compares with {count} values by IN; the most is {IN_OPERANDS}. Ask in parts")
