"""Turn what a query knows of a key into a key condition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from madmall_models import clock, limits
from madmall_models.attributes import TimeAttribute
from madmall_models.declaration import attribute_at
from madmall_models.errors import QueryError
from madmall_models.key_template import Field, Prefix, cut
from madmall_models.keys import IndexKey, Key

_TIME_BEGINNING = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d(:\d\d(\.\d{3}Z?)?)?)?)?)?)?")
# Greater than every character that can follow in a key.
_LAST = "\U0010ffff"


class _Now:
    """Be the moment at which a query is sent, so that the query stays the same while time passes."""

    def __repr__(self) -> str:
        return "now"


NOW: Any = _Now()
_SORT_CONDITIONS = {
    "=": "#sk = :sk0",
    "begins_with": "begins_with (#sk, :sk0)",
    "between": "#sk BETWEEN :sk0 AND :sk1",
    ">=": "#sk >= :sk0",
    "<=": "#sk <= :sk0",
}


@dataclass(frozen=True)
class SortRange:
    """The key texts that a query reads: one partition, and all, one, a beginning or a range of its sort keys."""

    partition: str
    operator: str = ""
    texts: tuple[str, ...] = ()

    def request(self, names: tuple[str, str]) -> dict[str, Any]:
        """Return the key condition of a request on these two key attributes."""
        values = {":pk": {"S": self.partition}}
        placeholders = {"#pk": names[0]}
        expression = "#pk = :pk"
        if self.operator:
            placeholders["#sk"] = names[1]
            values.update({f":sk{position}": {"S": text} for position, text in enumerate(self.texts)})
            expression += f" AND {_SORT_CONDITIONS[self.operator]}"
        return {
            "KeyConditionExpression": expression,
            "ExpressionAttributeNames": placeholders,
            "ExpressionAttributeValues": values,
        }


def sort_range(key: Key, values: Mapping[str, Any], lower: Any, upper: Any, beginning: str | None) -> SortRange:
    """Return the range that known fields and bounds of the next field give.

    Raises:
        KeyValueError: a value cannot stand in a key. QueryError: a bound where the key is known whole.
    """
    checked = {name: key.entity._checked_key_value(name, value) for name, value in values.items()}
    partition = key.partition.render(checked)
    if partition is None:
        raise QueryError(f"{key.label}: a part of the partition key {key.partition.text} is empty")
    limits.check_key(partition, name=f"{key.label} {key.partition.text}", most=limits.PARTITION_KEY_BYTES)
    prefix = key.sort.prefix(checked)
    if lower is None and upper is None and beginning is None:
        return _unbounded(key, partition, prefix)
    if prefix.next_field is None:
        raise QueryError(f"{key.label}: the whole sort key {key.sort.text} is known; there is nothing left to narrow")
    field = prefix.next_field
    lower = _moment(key, field, lower)
    if beginning == "":
        return _unbounded(key, partition, prefix)
    if beginning is not None:
        return SortRange(partition, "begins_with", (_fitting(key, prefix.text + _bound(field, beginning)),))
    for bound in (lower, upper):
        _check_bound(key, field, bound)
    low = prefix.text if lower is None else _fitting(key, prefix.text + _bound(field, lower))
    high = prefix.text + _LAST
    if upper is not None:
        high = _fitting(key, prefix.text + _bound(field, upper) + _tail(key, field, upper))
    if low > high:
        raise QueryError(f"{key.label}: the lower bound of {field.name} is above the upper one")
    if prefix.text or (lower is not None and upper is not None):
        return SortRange(partition, "between", (low, high))
    return SortRange(partition, ">=", (low,)) if upper is None else SortRange(partition, "<=", (high,))


def _moment(key: Key, field: Field, bound: Any) -> Any:
    """Return the moment that a bound means where it is ``NOW``, else the bound."""
    if bound is not NOW:
        return bound
    if not isinstance(attribute_at(key.entity, field.name), TimeAttribute):
        raise QueryError(f"{key.label}: the next part of the sort key, {field.name}, is no time; use since(...)")
    return clock.utc_now()


def _unbounded(key: Key, partition: str, prefix: Prefix) -> SortRange:
    if prefix.complete:
        return SortRange(partition, "=", (_fitting(key, prefix.text),))
    return SortRange(partition, "begins_with", (_fitting(key, prefix.text),)) if prefix.text else SortRange(partition)


def _check_bound(key: Key, field: Field, bound: Any) -> None:
    """Refuse a bound that could never stand beside the stored values: they are times, or padded numbers."""
    if bound is None or bound == "":
        return
    if isinstance(attribute_at(key.entity, field.name), TimeAttribute) and not _bounds_time(bound):
        raise QueryError(
            f"{key.label}: a bound of {field.name} is a datetime, or a text such as 2026-12 or 2026-12-05T13:45"
        )
    if field.takes_number and (not isinstance(bound, int) or isinstance(bound, bool)):
        raise QueryError(f"{key.label}: a bound of {field.name} is a whole number, not {type(bound).__name__}")


def _bounds_time(bound: Any) -> bool:
    """Tell whether a bound is a time, or the beginning of a stored one."""
    if isinstance(bound, str):
        return _TIME_BEGINNING.fullmatch(bound) is not None
    return isinstance(bound, datetime)


def _fitting(key: Key, text: str) -> str:
    """Return a sort key text as long as DynamoDB takes: cut in an index, where stored ones are cut as well.

    Raises:
        KeyValueError: it is too long for the table's own sort key.
    """
    if isinstance(key, IndexKey):
        return cut(text, limits.SORT_KEY_BYTES)
    return limits.check_key(text, name=f"{key.label} {key.sort.text}", most=limits.SORT_KEY_BYTES)


def _bound(field: Field, value: Any) -> str:
    encoded = field.encode(value)
    if encoded is None:
        raise QueryError(f"a bound of {field.name} is empty; leave the narrowing out instead")
    return encoded


def _tail(key: Key, field: Field, upper: Any) -> str:
    """Return what makes an upper bound include the items of that very moment or number, whose keys go on after it."""
    last = key.sort.fields[-1] == field and key.sort.parts[-1] == field
    return "" if last or not isinstance(upper, datetime | int) else "#" + _LAST
