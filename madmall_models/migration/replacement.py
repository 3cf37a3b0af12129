"""Put a row in the place of an item that is there, and keep the old item where a rollback finds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from madmall_models import codec, limits
from madmall_models.errors import ItemTooLarge, KeyValueError, Unreadable, ValidationError
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey, Mirror, Pointer
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import Fault
from madmall_models.migration.replaced_item import keeping_replaced
from madmall_models.migration.run_mark import RunMark
from madmall_models.migration.sink import Fate, Outcome
from madmall_models.sending import Reason, Refused, send
from madmall_models.unread import demand_readable
from madmall_models.writer import stored_footprint, stored_version

_SATELLITES = ("mirrors", "pointers", "claims")
_TAKEN = Fault(None, "VALUE_TAKEN", "another item has a value that must be unique; nothing of it was replaced")
_CHANGED = Fault(None, "CHANGED_MEANWHILE", "the item in the table was changed; nothing of it was replaced")
_TOO_LARGE = Fault(None, "TOO_LARGE_TO_KEEP", "the item in the table is too large to be kept for a rollback")
_UNREADABLE = Fault(None, "UNREADABLE", "the item in the table is not as its model says; repair it first")


def replace(connection: Any, row: Prepared, stored: Mapping[str, Any]) -> Outcome:
    """Replace a stored item by that of a row, in one transaction with everything that stands beside the two.

    The new item has the next version, so that whoever loaded the old one gets a conflict. Where the item changes while
    it is replaced, the row is rejected and the item stays.

    Raises:
        MadMallError: the service does not take writes (any more).
    """
    actions = _actions_or_fault(row, stored)
    if isinstance(actions, Fault):
        return Outcome(row, Fate.REJECTED, fault=actions)
    try:
        send(connection, actions, atomic=True)
    except Refused as refused:
        part = next((reason.part for reason in refused.reasons if reason is not None), "item")
        return Outcome(row, Fate.REJECTED, fault=_TAKEN if part.startswith("claim:") else _CHANGED)
    return Outcome(row, Fate.WRITTEN, row.entity, is_replacement=True)


def replacement_of(row: Prepared, stored: Mapping[str, Any], met: Sequence[Reason]) -> Outcome:
    """Return what :func:`replace` would do, and write nothing.

    Args:
        row: what would take the place.
        stored: the item that is there.
        met: what is stored at the places of the row.
    """
    actions = _actions_or_fault(row, stored)
    if isinstance(actions, Fault):
        return Outcome(row, Fate.REJECTED, fault=actions)
    owner = (stored["PK"], stored["SK"])
    claims = [reason.item or {} for reason in met if reason.part.startswith("claim:")]
    if any((claim.get("ownerPK"), claim.get("ownerSK")) != owner for claim in claims):
        return Outcome(row, Fate.REJECTED, fault=_TAKEN)
    return Outcome(row, Fate.WRITTEN, row.entity, is_replacement=True)


def _actions_or_fault(row: Prepared, stored: Mapping[str, Any]) -> list[Action] | Fault:
    try:
        return _actions(row, codec.decode(type(row.entity), stored), stored)
    except ItemTooLarge:
        return _TOO_LARGE
    except (KeyValueError, Unreadable, ValidationError):
        # What it occupies besides itself cannot be told then.
        return _UNREADABLE


def _actions(row: Prepared, old: Any, stored: Mapping[str, Any]) -> list[Action]:
    demand_readable(old, *_names_beside(type(old)))
    mark = RunMark.of(row.actions[0].request["Item"])
    assert mark is not None, "what is written by a run is marked"
    version = (stored_version(old) or 0) + 1
    before = stored_footprint(old)
    new_places = {_place(action) for action in row.actions}
    puts = [_put(action, version, mark, stored) for action in row.actions]
    gone = [
        _delete(part, item)
        for part in _SATELLITES
        for item in getattr(before, part).values()
        if (item["PK"]["S"], item["SK"]["S"]) not in new_places
    ]
    return [*puts, *gone, _keep(mark.run, stored)]


def _names_beside(entity: type[Any]) -> Iterator[str]:
    """Yield the attributes that say what an item of an entity has beside it."""
    for key in entity.keys.values():
        if isinstance(key, Mirror | Pointer):
            yield from key.field_names
    for claim in entity.claims.values():
        yield from claim.template.field_names


def _put(action: Action, version: int, mark: RunMark, stored: Mapping[str, Any]) -> Action:
    item = dict(action.request["Item"])
    if action.part == "item" or action.part.startswith("mirror:"):
        item["version"] = {"N": str(version)}
    if action.part == "item":
        condition = Expression().exists("PK")
        for name in ("version", "updatedAt", "createdAt"):
            condition = condition.equals((name,), stored[name]) if name in stored else condition.absent(name)
        return Action("Put", "item", {"Item": item, **condition.request()}, action.key)
    if action.part.startswith("mirror:"):
        return Action("Put", action.part, {"Item": item}, action.key)
    return action


def _delete(part: str, item: Mapping[str, Any]) -> Action:
    key = ItemKey(item["PK"]["S"], item["SK"]["S"], None)
    return Action("Delete", part, {"Key": key.wire}, key)


def _keep(run: str, stored: Mapping[str, Any]) -> Action:
    kept = keeping_replaced(run, dict(stored))
    limits.check_item(kept.request["Item"], entity="replaced item")
    return kept


def _place(action: Action) -> tuple[str, str]:
    return action.key.partition, action.key.sort
