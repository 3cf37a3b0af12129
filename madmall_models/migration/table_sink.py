"""Write packs by transactions that create only what is absent: the way that is safe while others use the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from madmall_models.errors import Throttled
from madmall_models.migration.config import OnConflict
from madmall_models.migration.pace import Pace
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.replacement import replace
from madmall_models.migration.sink import (
    Fate,
    Outcome,
    Pack,
    is_own,
    is_stub,
    outcome_of,
    refused,
    stored_at_items,
    without,
    written,
)
from madmall_models.pack_writer import PackWriter, Verdict
from madmall_models.sending import CONDITION, Reason

MOST_THROTTLED = 8


class TableSink:
    """Write packs by transactions; nothing in the table is ever overwritten.

    A transaction that is cancelled is split by its reasons: what is in the table already, or may not be there, gets
    its outcome, and the rest is sent again. As long as packs hold rows that are there, a pack is looked up before it
    is sent, so that a repeated run sends no writes; a fresh table costs one look. What is throttled after every retry
    is sent again at half the pace, a bounded number of times.

    Args:
        database: where to write.
        on_conflict: what becomes of a row whose item is there.
        pace: how fast to write.
    """

    def __init__(self, database: Any, on_conflict: OnConflict, pace: Pace) -> None:
        self._connection = database.connection
        self._on_conflict = on_conflict
        self._pace = pace
        self._looks_first = True

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Write a pack and return an outcome for each of its rows.

        Raises:
            MadMallError: the service does not take writes (any more).
        """
        present = self._present(pack) if self._looks_first else []
        outcomes = [*present, *self._sent(without(pack, present))]
        # Whichever writer says this last is right enough: a wrong guess costs a request and changes no outcome.
        self._looks_first = bool(present) or any(outcome.fate is not Fate.WRITTEN for outcome in outcomes)
        return outcomes

    def _present(self, pack: Pack) -> list[Outcome]:
        """Return the outcomes of the rows whose items are in the table already."""
        return [
            self._met(row, [Reason(CONDITION, "item", item)])
            for row, item in stored_at_items(self._connection, pack)
            if item is not None
        ]

    def _met(self, row: Prepared, reasons: Sequence[Reason]) -> Outcome:
        """Return the outcome of a row whose place is taken."""
        taken = next((reason.item for reason in reasons if reason.part == "item" and reason.is_condition), None)
        gives_way = taken is not None and (self._on_conflict is OnConflict.REPLACE or is_stub(taken))
        if taken is not None and gives_way and not is_own(row, taken):
            return replace(self._connection, row, taken)
        return outcome_of(row, reasons, self._on_conflict)

    def _sent(self, pack: Pack) -> list[Outcome]:
        """Return the outcomes of rows that are sent, at a pace that the service can keep."""
        outcomes: list[Outcome] = []
        for turn in range(MOST_THROTTLED):
            if not pack:
                break
            self._pace.take(sum(row.write_units for row in pack))
            verdicts = PackWriter[Prepared](self._connection).write(pack)
            is_last = turn == MOST_THROTTLED - 1
            outcomes += [self._outcome(verdict) for verdict in verdicts if is_last or not _is_throttled(verdict)]
            pack = without(pack, outcomes)
            if pack:
                self._pace.throttled()
        return outcomes

    def _outcome(self, verdict: Verdict[Prepared]) -> Outcome:
        row = verdict.creation
        if verdict.is_written:
            return written(row)
        if verdict.is_unfit:
            return Outcome(row, Fate.REJECTED, fault=refused())
        if verdict.error is not None:
            raise verdict.error
        return self._met(row, verdict.reasons)


def _is_throttled(verdict: Verdict[Prepared]) -> bool:
    return isinstance(verdict.error, Throttled)
