"""Send actions, and say what became of each."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from madmall_models import errors
from madmall_models.connection.deadline import Deadline
from madmall_models.connection.operations import Connection
from madmall_models.errors import ConditionFailed, TransactionCancelled
from madmall_models.expression import same
from madmall_models.footprint import Action, measured_paths
from madmall_models.keys import pattern_of

_OPERATIONS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem"}
CONDITION = "ConditionalCheckFailed"


@dataclass(frozen=True)
class Reason:
    """Why one action was refused.

    Attributes:
        code: DynamoDB's code, for example ``ConditionalCheckFailed``.
        part: the part of the footprint: ``item``, ``mirror:of_user``, ``pointer:feed`` or ``claim:email``.
        item: the stored item, or None where there is none.
        error: what the step would have raised by itself: AlreadyExists, UniqueViolation, VersionConflict, DoesNotExist
            or ConditionFailed; None where the service was busy, or for one action of a step.
    """

    code: str
    part: str
    item: Mapping[str, Any] | None = None
    error: errors.MadMallError | None = field(default=None, compare=False)

    @property
    def is_condition(self) -> bool:
        """Tell whether a condition did not hold, rather than the service being busy."""
        return self.code == CONDITION

    @property
    def in_words(self) -> str:
        """Return what stood in the way."""
        if not self.is_condition:
            return self.code
        part = "" if self.part == "item" else f" ({self.part})"
        return f"no such item{part}" if self.item is None else f"the stored item{part} does not satisfy the condition"

    def __repr__(self) -> str:
        return f"<Reason {self.code} {self.part}>"


class Refused(Exception):
    """Say, to this package only, that nothing was written.

    ``reasons`` has one entry per action, None where it was fine.
    """

    def __init__(self, reasons: Sequence[Reason | None], cause: errors.MadMallError) -> None:
        super().__init__()
        self.reasons = tuple(reasons)
        self.cause = cause


def new_token() -> str:
    """Return a new idempotency token; one belongs to one intention, through all its attempts."""
    return uuid.uuid4().hex


def send(
    connection: Connection,
    actions: Sequence[Action],
    *,
    token: str | None = None,
    atomic: bool = False,
    deadline: Deadline | None = None,
) -> None:
    """Write all actions or none.

    One action is a single conditional request; several, or one that is not safe to repeat (``atomic``), are a
    transaction, whose token makes it count once however often it is sent.

    Raises:
        Refused: a condition did not hold. Any other error of :meth:`Connection.call`.
    """
    if len(actions) == 1 and not atomic and actions[0].kind in _OPERATIONS:
        _send_one(connection, actions[0], deadline)
        return
    request = {
        "TransactItems": [action.wire(connection.table) for action in actions],
        "ClientRequestToken": token or new_token(),
    }
    try:
        connection.call(
            "TransactWriteItems",
            request,
            pattern=pattern_of(action.key.entity for action in actions),
            deadline=deadline,
        )
    except TransactionCancelled as cancelled:
        raise Refused(reasons_of([action.part for action in actions], cancelled.reasons), cancelled) from cancelled


def _send_one(connection: Connection, action: Action, deadline: Deadline | None) -> None:
    request = {"TableName": connection.table, **action.request}
    try:
        connection.call(
            _OPERATIONS[action.kind],
            request,
            was_applied=lambda item: has_effect(action, item),
            pattern=pattern_of([action.key.entity]),
            deadline=deadline,
        )
    except ConditionFailed as failed:
        raise Refused([Reason(CONDITION, action.part, failed.item)], failed) from failed


def has_effect(action: Action, item: Mapping[str, Any] | None) -> bool:
    """Tell whether the stored item is what the action would have left."""
    if action.kind == "Delete":
        return item is None
    if item is None:
        return False
    if action.kind == "Put":
        # Counters may have been changed in the meantime: they live in maps, or are measured by themselves.
        sent = action.request["Item"]
        settled = [name for name, wire in sent.items() if "M" not in wire and name not in _measured_names(action)]
        return all(name in item and same(item[name], sent[name]) for name in settled)
    left = [(_at(item, path), wire) for path, wire in _assigned(action).items()]
    return all(found == wire or (found and wire and same(found, wire)) for found, wire in left)


def _measured_names(action: Action) -> frozenset[str]:
    """Return the stored names of the top-level counters and gauges of the action's entity."""
    return frozenset(path[0] for path in measured_paths(action.key.entity) if len(path) == 1)


def _assigned(action: Action) -> dict[tuple[str, ...], Any]:
    """Return what an update leaves at each stored path that it sets or removes: a value, or None.

    Two writers may write the same version in the same millisecond: only all that was sent tells them apart.
    """
    names = action.request.get("ExpressionAttributeNames", {})
    values = action.request.get("ExpressionAttributeValues", {})
    sets, _, removes = action.request.get("UpdateExpression", "").split(" ADD ")[0].partition("REMOVE ")
    left: dict[tuple[str, ...], Any] = {}
    for part in filter(None, sets.removeprefix("SET ").strip().split(", ")):
        path, _, value = part.partition(" = ")
        if value in values:
            left[tuple(names[name] for name in path.split("."))] = values[value]
    for path in filter(None, removes.strip().split(", ")):
        left[tuple(names[name] for name in path.split("."))] = None
    return left


def _at(item: Mapping[str, Any], path: Sequence[str]) -> Any:
    """Return the attribute value at a path of a stored item, None where there is none."""
    found: Any = {"M": item}
    for name in path:
        found = found.get("M", {}).get(name) if isinstance(found, Mapping) else None
    return found


def reasons_of(parts: Sequence[str], answered: Sequence[Mapping[str, Any]]) -> list[Reason | None]:
    """Return DynamoDB's reasons for parts in the order sent, None for each that was fine or has none."""
    given = [*answered, *[{}] * len(parts)]
    return [
        None if answer.get("Code", "None") == "None" else Reason(answer["Code"], part, answer.get("Item"))
        for part, answer in zip(parts, given, strict=False)
    ]
