"""Make conditions from stored names, the names of operators and plain Python values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.constants import ATTRIBUTE_TYPES
from pynamodb.expressions.condition import (
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    Exists,
    In,
    IsType,
    NotExists,
    size,
)
from pynamodb.expressions.operand import Path, Value

from madmall_models import condition as conditions
from madmall_models import document_path, limits
from madmall_models.attributes.any_value import any_to_wire
from madmall_models.errors import LimitExceeded, QueryError, ValidationError


class _Nothing:
    """Tell a value that was not given from None, which DynamoDB stores as NULL."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING: Any = _Nothing()
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.\[\]-]*")
COMPARISONS = {"EQ": "=", "NE": "<>", "LT": "<", "LE": "<=", "GT": ">", "GE": ">="}
_ALONE = {"EXISTS": Exists, "NOT_EXISTS": NotExists}
_SEVERAL = ("BETWEEN", "IN")
OPERATORS = (*COMPARISONS, "BETWEEN", "IN", "BEGINS_WITH", "CONTAINS", "ATTRIBUTE_TYPE", *_ALONE)
KEY_OPERATORS = ("EQ", "LT", "LE", "GT", "GE", "BETWEEN", "BEGINS_WITH")

PARTITION_KEYS = ("PK", "GSI1PK", "GSI2PK", "GSI3PK", "GSI4PK")
SORT_KEYS = ("SK", "GSI1SK", "GSI2SK", "GSI3SK", "GSI4SK")


def filter_condition(name: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Condition:
    """Return the condition that an operator makes of an attribute and values.

    Raises:
        QueryError: the operator is unknown, has too few or too many values, or DynamoDB would refuse it.
    """
    path = Path(document_path.segments(document_path.parse(name)))
    name = shown(name)
    check_operator(name, operator, OPERATORS, "filter_condition")
    operands = _operands(name, operator, value, values)
    return _checked(name, _made(operator, path, [to_value(name, operand) for operand in operands]))


def size_condition(name: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> Condition:
    """Return a condition on the size of an attribute: characters, bytes or members.

    Raises:
        QueryError: the operator compares no numbers, or a value is no whole number from 0.
    """
    measured = size(Path(document_path.segments(document_path.parse(name))))
    name = shown(name)
    check_operator(name, operator, (*COMPARISONS, *_SEVERAL), "size")
    operands = _operands(name, operator, value, values)
    if any(not isinstance(operand, int) or isinstance(operand, bool) or operand < 0 for operand in operands):
        raise QueryError(f"{name}: a size is compared with whole numbers from 0")
    return _checked(name, _made(operator, measured, [to_value(name, operand) for operand in operands]))


@dataclass(frozen=True)
class KeyCondition:
    """A condition on one key attribute; keys of this table are text."""

    name: str
    operator: str
    texts: tuple[str, ...]

    @classmethod
    def of(cls, name: str, operator: str, value: Any = NOTHING, values: Any = NOTHING) -> KeyCondition:
        """Return the condition that an operator makes of a key attribute.

        Raises:
            QueryError: it is no key attribute, the operator is none for a key, or a value is missing or no text.
            KeyValueError: a value is longer than a key can be.
        """
        if name not in PARTITION_KEYS + SORT_KEYS:
            raise QueryError(
                f"{shown(name)} is no key attribute (those are PK and SK, GSI1PK and GSI1SK, to GSI4PK and GSI4SK); "
                "use filter_condition, contains, in_, exists or size for others"
            )
        is_partition = name in PARTITION_KEYS
        fix = "a partition key takes EQ only" if is_partition else "a sort key takes " + ", ".join(KEY_OPERATORS)
        if operator not in (("EQ",) if is_partition else KEY_OPERATORS):
            raise QueryError(
                f"{name}: {shown(operator)} is no operator for it: {fix}; a filter can name other attributes"
            )
        operands = _operands(name, operator, value, values)
        most = limits.PARTITION_KEY_BYTES if is_partition else limits.SORT_KEY_BYTES
        for text in operands:
            _check_key_text(name, operator, text, most)
        if operator == "BETWEEN" and operands[0] > operands[1]:
            raise QueryError(f"{name}: the lower bound of BETWEEN is above the upper one; exchange them")
        return cls(name, operator, tuple(operands))

    def condition(self) -> Condition:
        """Return it as a condition object."""
        return _made(self.operator, Path([self.name]), [Value({"S": text}) for text in self.texts])


def check_operator(name: str, operator: object, known: Sequence[str], method: str) -> None:
    """Refuse what is no operator.

    Raises:
        QueryError: it is unknown to ``method``; the known ones are named.
    """
    if operator not in known:
        raise QueryError(f"{name}: {shown(operator)} is no operator of {method}; it takes {', '.join(known)}")


def to_value(name: str, value: Any) -> Value:
    """Return a Python value as an operand, exactly: a float by its shortest decimal text, a time as it is stored.

    Raises:
        QueryError: DynamoDB has no form for it.
    """
    try:
        wire = any_to_wire(value)
        limits.check_item({"value": wire}, entity="the operand")
    except (ValidationError, LimitExceeded) as error:
        raise QueryError(f"{name}: {error}") from None
    except UnicodeEncodeError:
        raise QueryError(f"{name}: a text holds a lone surrogate, which UTF-8 cannot write") from None
    except RecursionError:
        raise QueryError(f"{name}: a value nests deeper than {limits.NESTING_LEVELS} levels") from None
    return Value(wire)


def shown(name: object) -> str:
    """Return a name as it may stand in a message; anything else could be somebody's data."""
    fits = isinstance(name, str) and len(name) <= 64 and _PLAIN_NAME.fullmatch(name)
    return str(name) if fits else "(no name)"


def _operands(name: str, operator: str, value: Any, values: Any) -> list[Any]:
    """Return the values of an operator, as many as it takes."""
    if operator in _ALONE:
        if value is not NOTHING or values is not NOTHING:
            raise QueryError(f"{name}: {operator} takes no value")
        return []
    if operator not in _SEVERAL:
        if value is NOTHING or values is not NOTHING:
            raise QueryError(f"{name}: {operator} takes one value")
        return [value]
    if (value is NOTHING) is (values is NOTHING):
        raise QueryError(f"{name}: {operator} takes its values as one list")
    return _listed(name, operator, value if values is NOTHING else values)


def _listed(name: str, operator: str, values: Any) -> list[Any]:
    if not isinstance(values, list | tuple):
        raise QueryError(f"{name}: {operator} takes a list of values, not {type(values).__name__}")
    if operator == "BETWEEN" and (len(values) != 2 or values[0] is None or values[1] is None):
        raise QueryError(f"{name}: BETWEEN takes two bounds; use GE or LE for one")
    if operator == "IN" and not 1 <= len(values) <= limits.IN_OPERANDS:
        raise QueryError(f"{name}: IN takes 1 to {limits.IN_OPERANDS} values, not {len(values)}; ask several times")
    return list(values)


_MAKERS: Mapping[str, Callable[..., Condition]] = {
    "BETWEEN": Between,
    "IN": In,
    "BEGINS_WITH": BeginsWith,
    "CONTAINS": Contains,
    "ATTRIBUTE_TYPE": IsType,
    **_ALONE,
}


def _made(operator: str, left: Any, operands: list[Value]) -> Condition:
    if operator in COMPARISONS:
        return Comparison(COMPARISONS[operator], left, *operands)
    return _MAKERS[operator](left, *operands)


def _checked(name: str, condition: Condition) -> Condition:
    fault = conditions.fault(condition)
    if isinstance(condition, BeginsWith) and fault is None and not next(iter(condition.values[1].value.values())):
        fault = "an empty beginning fits every text; use EXISTS or ATTRIBUTE_TYPE"
    if isinstance(condition, IsType) and fault is not None:
        fault = f"ATTRIBUTE_TYPE takes one of {', '.join(ATTRIBUTE_TYPES)}"
    if fault is not None:
        raise QueryError(f"{name}: {fault}")
    return condition


def _check_key_text(name: str, operator: str, text: object, most: int) -> None:
    if not isinstance(text, str):
        raise QueryError(f"{name}: keys of this table are text, not {type(text).__name__}; give the whole key text")
    if not text:
        fix = "; leave it out to read all" if operator == "BEGINS_WITH" else ""
        raise QueryError(f"{name}: {operator} takes a text that is not empty{fix}")
    try:
        limits.check_key(text, name=name, most=most)
    except UnicodeEncodeError:
        raise QueryError(f"{name}: a text holds a lone surrogate, which UTF-8 cannot write") from None
