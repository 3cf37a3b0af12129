"""Rewrite one item beside its traffic: only the leaves that change, and only while they are what was read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from madmall_models import limits
from madmall_models.connection.metrics import capacity_of
from madmall_models.connection.operations import Connection
from madmall_models.connection.retry import rounds
from madmall_models.errors import (
    ConditionFailed,
    LimitExceeded,
    MadMallError,
    OutcomeUnknown,
    ServiceError,
    Throttled,
)
from madmall_models.expression import Change, Expression, Path
from madmall_models.measurement import is_missing_map
from madmall_models.migration.pace import Pace
from madmall_models.migration.rewriting import Item, Rewriting, Unfit

_ROUNDS = 8
_UNIT_BYTES = 1024
_VERSION = ("version",)


class ItemWriter:
    """Rewrite items one by one; any number of threads may use it.

    Args:
        connection: where the items are.
        rewriting: what is made of each.
        pace: asked before each write.
    """

    def __init__(self, connection: Connection, rewriting: Rewriting, pace: Pace) -> None:
        self._connection = connection
        self._rewriting = rewriting
        self._pace = pace

    def rewrite(self, item: Item) -> bool:
        """Rewrite an item that was read, and return whether there was something to change.

        Where somebody changed the item meanwhile it is read again and rewritten as it is now.

        Raises:
            Unfit: it cannot be rewritten, or others change it faster than it can be rewritten.
            RewriteRefused: the function is at fault.
            MadMallError: the table does not answer.
        """
        found: Item | None = item
        trouble: MadMallError = Unfit("others changed the item again and again meanwhile")
        for _ in rounds(_ROUNDS):
            if found is None or found.get("entityType") != item["entityType"]:
                return False
            after = self._rewriting.of(found)
            change = Change.between(found, after)
            if not change:
                return False
            lost = self._update(found, after, change)
            if lost is None:
                return True
            trouble = trouble if isinstance(lost, ConditionFailed) else lost
            found = self._read(item)
        raise trouble

    def _update(self, before: Item, after: Item, change: Change) -> MadMallError | None:
        """Send the change, and return None when it was applied, or what asks for another try."""
        units = float(math.ceil(max(limits.item_bytes(before), limits.item_bytes(after)) / _UNIT_BYTES))
        request = {"TableName": self._connection.table, "Key": _key(before), **update_request(before, after, change)}
        self._pace.take(units)
        try:
            answer = self._connection.call(
                "UpdateItem", request, was_applied=lambda stored: stored is not None and _has(stored, change)
            )
        except Throttled as short:
            self._pace.throttled()
            return short
        except (ConditionFailed, OutcomeUnknown) as lost:
            return lost
        except ServiceError as refused:
            if is_missing_map(refused):
                # A map on the way to a leaf was removed meanwhile.
                return ConditionFailed("the item was changed meanwhile")
            if refused.code == "ValidationException":
                raise Unfit(
                    "DynamoDB refuses what the function makes; is a key of an index empty, or no text?"
                ) from None
            raise
        self._pace.settle(units, capacity_of(answer) or units)
        return None

    def _read(self, item: Item) -> Item | None:
        request = {"TableName": self._connection.table, "Key": _key(item), "ConsistentRead": True}
        found: Item | None = self._connection.call("GetItem", request).get("Item")
        return found


def update_request(before: Item, after: Item, change: Change) -> dict[str, Any]:
    """Return the expressions that apply a change on condition that nothing it rests on was changed meanwhile.

    These are the leaves that it changes, and ``version``, which every change but counting raises: what is made of an
    item may come from leaves that stay. More leaves than one expression can name are sent by whole attributes, each on
    condition that all of it is as it was read.

    Raises:
        Unfit: even those are too many.
    """
    for attempt in (change, _by_attribute(after, change)):
        request = _expression(before, attempt).request()
        try:
            limits.check_expressions(request, operation="UpdateItem")
        except LimitExceeded:
            continue
        return request
    raise Unfit("more attributes change than one request can name; change them by several functions, one after another")


def _expression(before: Item, change: Change) -> Expression:
    expression = Expression().equals(("entityType",), before["entityType"])
    for path in dict.fromkeys((_VERSION, *change.paths)):
        read = _at(before, path)
        if read is not None:
            expression.equals(path, read)
        elif path not in change.new_maps:
            # Of the new maps it is demanded with the update.
            expression.absent(*path)
    return expression.updating(change)


def _by_attribute(after: Item, change: Change) -> Change:
    names = dict.fromkeys(path[0] for path in change.paths)
    return Change(
        {(name,): after[name] for name in names if name in after}, tuple((name,) for name in names if name not in after)
    )


def _has(item: Item, change: Change) -> bool:
    """Tell whether a change is in an item already."""
    sets_are_there = not any(
        (stored := _at(item, path)) is None or Change.between({"": stored}, {"": wire})
        for path, wire in change.sets.items()
    )
    return sets_are_there and not any(_at(item, path) is not None for path in change.removes)


def _at(item: Item, path: Path) -> Mapping[str, Any] | None:
    found: Any = {"M": item}
    for name in path:
        found = found.get("M", {}).get(name)
        if found is None:
            return None
    value: Mapping[str, Any] = found
    return value


def _key(item: Item) -> dict[str, Any]:
    return {"PK": item["PK"], "SK": item["SK"]}
