"""Write packs of rows to the table, and tell of each row what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from madmall_models import batch, codec
from madmall_models.footprint import Action
from madmall_models.migration.config import OnConflict
from madmall_models.migration.preparation import claimed_field
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import Fault
from madmall_models.migration.run_mark import RunMark
from madmall_models.migration.source import Row
from madmall_models.sending import CONDITION, Reason

Pack = tuple[Prepared, ...]
Place = tuple[str, str]


class Fate(Enum):
    """Say what became of a row."""

    WRITTEN = "written"
    SKIPPED = "skipped"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Outcome:
    """What became of one row.

    Attributes:
        present: the entity that is in the table now, None where the row was rejected.
        fault: why it was rejected.
        is_replacement: whether another item had been in its place.
        is_repeated: whether this run had written it before it was interrupted.
        is_gone: whether an earlier run had moved it and it was deleted since.
    """

    prepared: Prepared
    fate: Fate
    present: Any = None
    fault: Fault | None = None
    is_replacement: bool = False
    is_repeated: bool = False
    is_gone: bool = False

    @property
    def row(self) -> Row:
        """Return the row."""
        return self.prepared.row


class Sink(Protocol):
    """Take packs of rows; may be called by several threads."""

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Write a pack and return an outcome for each of its rows, in any order."""
        ...


class EmptySink:
    """Write nothing: tell what writing into a new table would do."""

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Return an outcome for each row of a pack: written."""
        return [written(row) for row in pack]


def written(row: Prepared) -> Outcome:
    """Return the outcome of a row that this run wrote."""
    return Outcome(row, Fate.WRITTEN, row.entity)


def written_before(row: Prepared, stored: Mapping[str, Any]) -> Outcome:
    """Return the outcome of a row that this run wrote before it was interrupted.

    Of what it wrote, only a replacement has another version than a new item.
    """
    fresh = row.actions[0].request["Item"].get("version")
    return Outcome(row, Fate.WRITTEN, row.entity, is_replacement=stored.get("version") != fresh, is_repeated=True)


def outcome_of(row: Prepared, reasons: Sequence[Reason], on_conflict: OnConflict) -> Outcome:
    """Return what the refusals of its actions mean for a row."""
    entity = type(row.entity)
    for reason in reasons:
        if reason.part != "item" or reason.code != CONDITION:
            continue
        if reason.item is not None and is_own(row, reason.item):
            return written_before(row, reason.item)
        if on_conflict is OnConflict.FAIL:
            return Outcome(
                row, Fate.REJECTED, fault=Fault(None, "ALREADY_EXISTS", "an item with this key is in the table")
            )
        return Outcome(row, Fate.SKIPPED, row.entity if reason.item is None else codec.decode(entity, reason.item))
    return Outcome(row, Fate.REJECTED, fault=_fault_of(entity, reasons[0]))


def is_own(row: Prepared, stored: Any) -> bool:
    """Tell whether a stored item was written for this row by this run, before it was interrupted."""
    mark = RunMark.of(row.actions[0].request["Item"])
    return mark is not None and mark == RunMark.of(stored)


def is_stub(stored: Any) -> bool:
    """Tell whether a stored item only stands for one whose row had not come; then the row takes its place."""
    mark = RunMark.of(stored)
    return mark is not None and mark.is_stub


def stored_at_items(connection: Any, pack: Pack) -> list[tuple[Prepared, Any]]:
    """Return each row with the item that is stored at its key, None where there is none."""
    stored = batch.get_items(connection, [row.actions[0].key for row in pack])
    return [(row, stored.get(place(row.actions[0]))) for row in pack]


def refused() -> Fault:
    """Return the fault of a row whose item the service does not take."""
    return Fault(None, "REFUSED", "the service takes no such item")


def place(action: Action) -> Place:
    """Return the primary key that an action is for."""
    return action.key.partition, action.key.sort


def without(rows: Pack, decided: Sequence[Outcome]) -> Pack:
    """Return the rows of a pack that have no outcome yet."""
    gone = {id(outcome.prepared) for outcome in decided}
    return tuple(row for row in rows if id(row) not in gone)


def _fault_of(entity: type[Any], reason: Reason) -> Fault:
    if reason.code != CONDITION:
        return Fault(None, reason.code.upper(), "the service takes no such item")
    if reason.part.startswith("claim:"):
        field = claimed_field(entity, reason.part)
        return Fault(
            field, "VALUE_TAKEN", f"another {entity.__name__} in the table has this value, which must be unique"
        )
    return Fault(
        None, "OUT_OF_STEP", f"the {reason.part.replace(':', ' ')} is in the table without its item; repair it first"
    )
