"""Write packs of rows to the table, and tell of each row what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from madmall_models import batch, codec
from madmall_models.footprint import Action
from madmall_models.migration.config import OnConflict
from madmall_models.migration.preparation import claimed_field
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import Fault
from madmall_models.pack_writer import PackWriter, Verdict
from madmall_models.sending import CONDITION, Reason

Pack = tuple[Prepared, ...]


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
    """

    prepared: Prepared
    fate: Fate
    present: Any = None
    fault: Fault | None = None


class Sink(Protocol):
    """Take packs of rows; may be called by several threads."""

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Write a pack and return an outcome for each of its rows, in any order."""
        ...


class TableSink:
    """Write packs by transactions that create only what is absent; nothing in the table is ever overwritten.

    A transaction that is cancelled is split by its reasons: what is in the table already, or may not be there, gets
    its outcome, and the rest is sent again. As long as packs hold rows that are there, a pack is looked up before it
    is sent, so that a repeated run sends no writes; a fresh table costs one look.

    Args:
        database: where to write.
        on_conflict: what becomes of a row whose item is there.
    """

    def __init__(self, database: Any, on_conflict: OnConflict) -> None:
        self._connection = database.connection
        self._on_conflict = on_conflict
        self._looks_first = True

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Write a pack and return an outcome for each of its rows.

        Raises:
            MadMallError: the service does not take writes (any more).
        """
        present = self._present(pack) if self._looks_first else []
        waiting = _without(pack, present)
        outcomes = [*present, *self._written(waiting)]
        # Whichever writer says this last is right enough: a wrong guess costs a request and changes no outcome.
        self._looks_first = any(outcome.fate is not Fate.WRITTEN for outcome in outcomes)
        return outcomes

    def _present(self, pack: Pack) -> list[Outcome]:
        """Return the outcomes of the rows whose items are in the table already."""
        stored = batch.get_items(self._connection, [row.actions[0].key for row in pack])
        found = [(row, stored.get(_place(row.actions[0]))) for row in pack]
        return [
            outcome_of(row, [Reason(CONDITION, "item", item)], self._on_conflict)
            for row, item in found
            if item is not None
        ]

    def _written(self, pack: Pack) -> list[Outcome]:
        """Return the outcomes of rows that are sent."""
        verdicts = PackWriter[Prepared](self._connection).write(pack) if pack else []
        return [self._outcome(verdict) for verdict in verdicts]

    def _outcome(self, verdict: Verdict[Prepared]) -> Outcome:
        row = verdict.creation
        if verdict.is_written:
            return Outcome(row, Fate.WRITTEN, row.entity)
        if verdict.is_unfit:
            return Outcome(row, Fate.REJECTED, fault=Fault(None, "REFUSED", "the service takes no such item"))
        if verdict.error is not None:
            raise verdict.error
        return outcome_of(row, verdict.reasons, self._on_conflict)


class RehearsalSink:
    """Write nothing: read what is in the table, and tell what writing would have met.

    Args:
        database: where to read.
        on_conflict: what becomes of a row whose item is there.
    """

    def __init__(self, database: Any, on_conflict: OnConflict) -> None:
        self._connection = database.connection
        self._on_conflict = on_conflict

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Return the outcome that each row of a pack would have."""
        conditional = [action for row in pack for action in row.actions if not action.part.startswith("pointer:")]
        stored = batch.get_items(self._connection, [action.key for action in conditional])
        outcomes = []
        for row in pack:
            met = [
                Reason(CONDITION, action.part, stored[_place(action)])
                for action in row.actions
                if _place(action) in stored and not action.part.startswith("pointer:")
            ]
            outcome = outcome_of(row, met, self._on_conflict) if met else Outcome(row, Fate.WRITTEN, row.entity)
            outcomes.append(outcome)
        return outcomes


class EmptySink:
    """Write nothing: tell what writing into a new table would do."""

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Return an outcome for each row of a pack: written."""
        return [Outcome(row, Fate.WRITTEN, row.entity) for row in pack]


def outcome_of(row: Prepared, reasons: Sequence[Reason], on_conflict: OnConflict) -> Outcome:
    """Return what the refusals of its actions mean for a row."""
    entity = type(row.entity)
    for reason in reasons:
        if reason.part != "item" or reason.code != CONDITION:
            continue
        if on_conflict is OnConflict.FAIL:
            return Outcome(
                row, Fate.REJECTED, fault=Fault(None, "ALREADY_EXISTS", "an item with this key is in the table")
            )
        return Outcome(row, Fate.SKIPPED, row.entity if reason.item is None else codec.decode(entity, reason.item))
    return Outcome(row, Fate.REJECTED, fault=_fault_of(entity, reasons[0]))


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


def _place(action: Action) -> tuple[str, str]:
    return action.key.partition, action.key.sort


def _without(rows: Pack, decided: Sequence[Outcome]) -> Pack:
    gone = {id(outcome.prepared) for outcome in decided}
    return tuple(row for row in rows if id(row) not in gone)
