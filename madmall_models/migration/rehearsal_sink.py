"""Write nothing: read what is in the table, and tell what writing would have met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from madmall_models import batch
from madmall_models.migration.config import OnConflict
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.replacement import replacement_of
from madmall_models.migration.sink import Outcome, Pack, Place, is_stub, outcome_of, place, written
from madmall_models.sending import CONDITION, Reason


class RehearsalSink:
    """Be the sink of a dry run.

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
        return [self._outcome(row, stored) for row in pack]

    def _outcome(self, row: Prepared, stored: Mapping[Place, Any]) -> Outcome:
        met = met_by(row, stored)
        taken = stored.get(place(row.actions[0]))
        if taken is not None and self._gives_way(taken):
            return replacement_of(row, taken, met)
        return outcome_of(row, met, self._on_conflict) if met else written(row)


    def _gives_way(self, taken: Mapping[str, Any]) -> bool:
        """Tell whether a row would take the place of a stored item."""
        return self._on_conflict is OnConflict.REPLACE or is_stub(taken)


def met_by(row: Prepared, stored: Mapping[Place, Any]) -> list[Reason]:
    """Return what stands in the way of a row, as a transaction would have said it."""
    return [
        Reason(CONDITION, action.part, stored[place(action)])
        for action in row.actions
        if place(action) in stored and not action.part.startswith("pointer:")
    ]
