"""Compare a table with the models and with what is asked of it, and plan what makes them equal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from madmall_models.table import TTL_ATTRIBUTE, table_request
from madmall_models.table_plan.change import (
    BillingChange,
    StreamChange,
    TableChange,
    TableCreation,
    TimeToLiveChange,
)
from madmall_models.table_plan.index_plan import Held, IndexPlan
from madmall_models.table_plan.setting_change import EncryptionChange, ProtectionChange, RecoveryChange, TagChange
from madmall_models.table_plan.settings import TableSettings
from madmall_models.table_plan.state import TableState, capacity_of

_PERMISSIONS = {
    "time to live": "dynamodb:DescribeTimeToLive",
    "recovery": "dynamodb:DescribeContinuousBackups",
    "tags": "dynamodb:ListTagsOfResource",
}
_WIDTH = 100
_INDENT = " " * 11


@dataclass(frozen=True)
class TablePlan:
    """What makes a table what the models declare and the settings ask for.

    Attributes:
        table: its name.
        settings: what was asked beyond the declarations.
        exists: whether there is a table.
        changes: what ``apply_table`` does, in this order.
        held: differences that it leaves, each with what to do instead.
        notes: what is worth knowing and no difference, such as an index that a migration added.
    """

    table: str
    settings: TableSettings
    exists: bool
    changes: tuple[TableChange, ...] = ()
    held: tuple[Held, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_equal(self) -> bool:
        """Tell whether the table is as it should be."""
        return not self.changes and not self.held

    @property
    def obstacle(self) -> Held | None:
        """Return why this table can never be what the models declare, None where it can."""
        return next((held for held in self.held if held.blocks), None)

    def describe(self) -> list[str]:
        """Return the plan as lines of text."""
        lines = [self._headline()]
        for number, change in enumerate(self.changes, start=1):
            lines += [f"{number:3}. {change.describe()}", *_wrapped("     cost: ", change.cost)]
        for held in self.held:
            lines += [*_wrapped(f"left {held.subject}: ", held.difference), *_wrapped("     to do: ", held.remedy)]
        return lines + [line for note in self.notes for line in _wrapped("note ", note)]

    def as_dict(self) -> dict[str, Any]:
        """Return the plan as JSON can hold it."""
        return {
            "table": self.table,
            "exists": self.exists,
            "equal": self.is_equal,
            "changes": [
                {"subject": change.subject, "does": change.describe(), "cost": change.cost} for change in self.changes
            ],
            "left": [
                {"subject": held.subject, "difference": held.difference, "to_do": held.remedy} for held in self.held
            ],
            "notes": list(self.notes),
        }

    def _headline(self) -> str:
        if not self.exists:
            return f"there is no table {self.table}"
        if self.is_equal:
            return f"table {self.table} is as the models declare it"
        counts = [f"{len(self.changes)} to change"] if self.changes else []
        counts += [f"{len(self.held)} left as they are"] if self.held else []
        return f"table {self.table} is not as the models declare it: {', '.join(counts)}"


def plan_of(table: str, state: TableState | None, settings: TableSettings) -> TablePlan:
    """Return the plan for a table that is ``state``, or is not there."""
    if state is None:
        recovery = (RecoveryChange(True),) if settings.point_in_time_recovery else ()
        return TablePlan(table, settings, False, (TableCreation(settings), *recovery))
    obstacle = _primary_key_fault(state)
    if obstacle is not None:
        return TablePlan(table, settings, True, held=(obstacle,))
    indexes = IndexPlan(state, settings)
    found = [*_safety(state, settings), *_other_settings(state, settings), *indexes.found()]
    changes = [part for part in found if not isinstance(part, Held)]
    # What protects the items comes first, and is taken away last.
    changes.sort(key=_rank)
    notes = [] if state.description["TableStatus"] == "ACTIVE" else [f"the table is {state.description['TableStatus']}"]
    held = tuple(part for part in found if isinstance(part, Held))
    return TablePlan(table, settings, True, tuple(changes), held, (*notes, *indexes.notes()))


def _wrapped(lead: str, text: str) -> list[str]:
    return textwrap.wrap(
        lead + text, _WIDTH, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False
    )


def _rank(change: TableChange) -> int:
    if isinstance(change, ProtectionChange | RecoveryChange):
        return -1 if change.enabled else 1
    return 0


def _primary_key_fault(state: TableState) -> Held | None:
    wanted = table_request(state.name, None)
    types = {entry["AttributeName"]: entry["AttributeType"] for entry in wanted["AttributeDefinitions"]}
    declared = [(key["AttributeName"], key["KeyType"], types[key["AttributeName"]]) for key in wanted["KeySchema"]]
    there = [
        (key["AttributeName"], key["KeyType"], state.key_types[key["AttributeName"]])
        for key in state.description["KeySchema"]
    ]
    if there == declared:
        return None

    def said(keys: list[tuple[str, str, str]]) -> str:
        return " and ".join(f"{name} ({kind}, type {attribute_type})" for name, kind, attribute_type in keys)

    return Held(
        "primary key",
        f"it is {said(there)}, and the models declare {said(declared)}",
        "a primary key can never be changed: create a table of another name and move the items into it",
        blocks=True,
    )


def _safety(state: TableState, settings: TableSettings) -> Iterator[TableChange | Held]:
    protection, recovery = settings.deletion_protection, settings.point_in_time_recovery
    if protection is not None and protection != state.is_protected:
        yield ProtectionChange(protection)
    if recovery is not None and "recovery" in state.unread:
        yield _unread(state, "recovery")
    elif recovery is not None and recovery != state.recovers:
        yield RecoveryChange(recovery)


def _other_settings(state: TableState, settings: TableSettings) -> Iterator[TableChange | Held]:
    yield from _billing(state, settings)
    if settings.kms_key is not None and not _is_same_key(state.kms_key, settings.kms_key):
        yield EncryptionChange(settings.kms_key)
    if settings.tags and "tags" in state.unread:
        yield _unread(state, "tags")
    else:
        yield from (TagChange(*tag) for tag in sorted(settings.tags.items()) if state.tags.get(tag[0]) != tag[1])
    yield from _stream(state, settings)
    yield from _time_to_live(state, settings)


def _billing(state: TableState, settings: TableSettings) -> Iterator[TableChange]:
    billing = settings.billing
    if billing is None:
        return
    declared = [index["IndexName"] for index in table_request(state.name, None)["GlobalSecondaryIndexes"]]
    there = tuple(name for name in declared if name in state.indexes)
    differs = state.billing != billing
    if settings.provisioned is not None:
        differs = differs or any(capacity_of(state.indexes[name]) != billing for name in there)
    if differs:
        yield BillingChange(billing, tuple(declared))


def _stream(state: TableState, settings: TableSettings) -> Iterator[TableChange | Held]:
    view = table_request(state.name, None)["StreamSpecification"]["StreamViewType"]
    if state.stream == view:
        return
    if state.stream is None:
        yield StreamChange(view)
    elif settings.replace_stream:
        yield from (StreamChange(None), StreamChange(view))
    else:
        yield Held(
            "stream",
            f"it shows {state.stream}, and the models declare {view}",
            "the view of a stream is never changed; a stream in its place (--replace-stream) is another one, and its "
            "consumers must be pointed to it",
        )


def _time_to_live(state: TableState, settings: TableSettings) -> Iterator[TableChange | Held]:
    if "time to live" in state.unread:
        yield _unread(state, "time to live")
    elif state.time_to_live is None:
        yield TimeToLiveChange(TTL_ATTRIBUTE, True)
    elif state.time_to_live != TTL_ATTRIBUTE and settings.replace_time_to_live:
        yield from (TimeToLiveChange(state.time_to_live, False), TimeToLiveChange(TTL_ATTRIBUTE, True))
    elif state.time_to_live != TTL_ATTRIBUTE:
        yield Held(
            "time to live",
            f"items expire by {state.time_to_live}, and the models declare {TTL_ATTRIBUTE}",
            f"a table has one such attribute; --replace-time-to-live ends the other and begins {TTL_ATTRIBUTE}, by "
            "which items are deleted then",
        )


def _unread(state: TableState, what: str) -> Held:
    return Held(
        what,
        f"it cannot be compared: {state.unread[what]}",
        f"use credentials that allow {_PERMISSIONS[what]}, or an engine that knows it, or do not ask for it",
    )


def _is_same_key(there: str | None, wanted: str) -> bool:
    if there is None:
        return False
    if there.startswith("arn:") and wanted.startswith("arn:"):
        return there == wanted
    return there.rpartition("/")[2] == wanted.rpartition("/")[2]
