"""Write packs by batches of plain puts: at half the write units, for a table that nobody else writes meanwhile.

A batch is not atomic. So whatever stands beside an item (mirrors, pointers, claims) is put before the item itself: an
item that is there has all of it, and a run that was killed knows by the item what is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from madmall_models import batch
from madmall_models.batch_write import Put, chunks, put_chunk
from madmall_models.errors import MadMallError, ServiceError, Throttled
from madmall_models.footprint import Action
from madmall_models.migration.config import OnConflict
from madmall_models.migration.pace import Pace
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rehearsal_sink import met_by
from madmall_models.migration.replacement import replace
from madmall_models.migration.sink import (
    Fate,
    Outcome,
    Pack,
    Place,
    is_own,
    is_stub,
    outcome_of,
    place,
    refused,
    without,
    written,
    written_before,
)
from madmall_models.migration.table_sink import MOST_THROTTLED

_HALF_OF_A_TRANSACTION = 0.5


class BatchSink:
    """Write packs by batches.

    What is in the table is looked for before it is put, unless the table was empty when the run began.

    Args:
        database: where to write.
        on_conflict: what becomes of a row whose item is there.
        pace: how fast to write.
        looks_first: whether the table held anything when the run began.
    """

    def __init__(self, database: Any, on_conflict: OnConflict, pace: Pace, *, looks_first: bool) -> None:
        self._connection = database.connection
        self._on_conflict = on_conflict
        self._pace = pace
        self._looks_first = looks_first

    def write(self, pack: Pack) -> Sequence[Outcome]:
        """Write a pack and return an outcome for each of its rows.

        Raises:
            MadMallError: the service does not take writes (any more).
        """
        met = self._met(pack) if self._looks_first else []
        fresh = without(pack, met)
        if not fresh:
            return met
        beside = [(row, action) for row in fresh for action in row.actions if action.part != "item"]
        unfit = self._put(beside)
        items = [(row, row.actions[0]) for row in fresh if id(row) not in unfit]
        unfit |= self._put(items)
        self._take_back(action for row, action in beside if id(row) in unfit)
        return [*met, *(_outcome(row, unfit) for row in fresh)]

    def _met(self, pack: Pack) -> list[Outcome]:
        """Return the outcomes of the rows that must not be put, since something of theirs is in the table."""
        asked = [action.key for row in pack for action in row.actions if not action.part.startswith("pointer:")]
        stored = batch.get_items(self._connection, asked)
        outcomes = []
        for row in pack:
            reasons = [reason for reason in met_by(row, stored) if not _is_own_part(row, stored, reason.part)]
            stored_item = stored.get(place(row.actions[0]))
            if stored_item is not None and is_stub(stored_item) and not is_own(row, stored_item):
                outcomes.append(replace(self._connection, row, stored_item))
            elif reasons:
                outcomes.append(outcome_of(row, reasons, self._on_conflict))
            elif stored_item is not None and is_own(row, stored_item):
                outcomes.append(written_before(row, stored_item))
        return outcomes

    def _put(self, parts: Sequence[tuple[Prepared, Action]]) -> dict[int, MadMallError]:
        """Put items, and return by row what the service does not take.

        Raises:
            MadMallError: something else than the item itself is in the way.
        """
        rows: dict[Place, Prepared] = {place(action): row for row, action in parts}
        unfit: dict[int, MadMallError] = {}
        waiting = [Put(row.entity, action.request["Item"], action.byte_count) for row, action in parts]
        for turn in range(MOST_THROTTLED):
            failed: dict[Place, MadMallError] = {}
            for chunk in chunks(waiting):
                self._pace.take(_HALF_OF_A_TRANSACTION * sum(rows[put.place].write_units for put in chunk))
                failed |= put_chunk(self._connection, chunk)
            for where, error in failed.items():
                if isinstance(error, ServiceError) and error.code == "ValidationException":
                    unfit[id(rows[where])] = error
                elif not isinstance(error, Throttled) or turn == MOST_THROTTLED - 1:
                    raise error
            waiting = [put for put in waiting if isinstance(failed.get(put.place), Throttled)]
            if not waiting:
                break
            self._pace.throttled()
        return unfit


    def _take_back(self, actions: Iterable[Action]) -> None:
        """Remove what was put beside an item that the service does not take."""
        for action in actions:
            self._connection.call("DeleteItem", {"TableName": self._connection.table, "Key": action.key.wire})


def _is_own_part(row: Prepared, stored: Mapping[Place, Any], part: str) -> bool:
    """Tell whether a stored part was put for this row, before the run was interrupted."""
    action = next(action for action in row.actions if action.part == part)
    found = stored.get(place(action))
    if part == "item" or part.startswith("mirror:"):
        return is_own(row, found)
    return bool(found == action.request["Item"])


def _outcome(row: Prepared, unfit: Mapping[int, MadMallError]) -> Outcome:
    return Outcome(row, Fate.REJECTED, fault=refused()) if id(row) in unfit else written(row)
