"""Carry out what a rollback decided, or only note it, as a dry run does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor
from itertools import islice
from typing import Any, Protocol, TypeVar

from madmall_models.identifiers import new_id
from madmall_models.migration.item_digest import Item
from madmall_models.migration.record import PREFIX, RecordKey, Records
from madmall_models.migration.removal import Removal, Restoration
from madmall_models.migration.replaced_item import forgetting_replaced
from madmall_models.migration.rollback_memory import RollbackMemory
from madmall_models.migration.rollback_report import Kept
from madmall_models.pack_writer import PackWriter, Verdict
from madmall_models.packing import packs
from madmall_models.sending import send

MOST_IN_A_PACK = 25
_NOTED_AT_ONCE = 100
_NOTE_PREFIX = "ROLLBACK#"
Touched = tuple[str, str]
T = TypeVar("T")


class RollbackSink(Protocol):
    """Take what a rollback decided."""

    def note(self, touched: Sequence[Touched]) -> None:
        """Note items whose counts are about to change."""

    def remove(self, removals: Sequence[Removal]) -> Iterator[tuple[Removal, Kept | None]]:
        """Remove items, and tell of each why it stays, if it does."""
        ...

    def restore(self, restorations: Sequence[Restoration]) -> Iterator[tuple[Restoration, Kept | None]]:
        """Put items back, and tell of each why it stays as it is, if it does."""
        ...

    def forget(self, old: Item) -> None:
        """Forget what a run replaced by an item that somebody deleted."""


class TableRollback:
    """Write to the table: each item with all that it occupies, by one transaction.

    Args:
        connection: where to write.
        run: the run that is rolled back.
        workers: write at the same time.
    """

    def __init__(self, connection: Any, run: str, workers: Executor) -> None:
        self._connection = connection
        self._run = run
        self._workers = workers
        self._records = Records(connection)
        self._partition = f"{PREFIX}RUN#{run}"

    def note(self, touched: Sequence[Touched]) -> None:
        """Note, in the table, items whose counts are about to change: whoever goes on after a kill must know them."""
        for some in batches(touched, _NOTED_AT_ONCE):
            self._records.write(self._note_key(f"{_NOTE_PREFIX}{new_id()}"), {"touched": some})

    def noted(self) -> Iterator[Touched]:
        """Yield what was noted, also by an earlier attempt."""
        for _, document in self._records.list(self._partition, _NOTE_PREFIX):
            yield from document["touched"]

    def forget_notes(self) -> None:
        """Remove the notes, once the counts are right."""
        for sort in [sort for sort, _ in self._records.list(self._partition, _NOTE_PREFIX)]:
            self._records.remove(self._note_key(sort))

    def remove(self, removals: Sequence[Removal]) -> Iterator[tuple[Removal, Kept | None]]:
        """Remove items, and tell of each why it stays, if it does.

        Raises:
            MadMallError: the service does not take writes (any more).
        """
        writer = PackWriter[Removal](self._connection)
        for verdicts in self._workers.map(writer.write, packs(removals, most=MOST_IN_A_PACK)):
            for verdict in verdicts:
                yield verdict.creation, self._settled(verdict)

    def _settled(self, verdict: Verdict[Removal]) -> Kept | None:
        """Return why an item stays; one of whose values another item holds goes without that claim."""
        while not verdict.is_written:
            foreign = {reason.part for reason in verdict.reasons if reason.part.startswith("claim:")}
            if _stands_in_the_way(verdict) - foreign:
                return Kept.CHANGED
            [verdict] = PackWriter[Removal](self._connection).write([verdict.creation.without(foreign)])
        return None

    def restore(self, restorations: Sequence[Restoration]) -> Iterator[tuple[Restoration, Kept | None]]:
        """Put items back, and tell of each why it stays as it is, if it does.

        Raises:
            MadMallError: the service does not take writes (any more).
        """
        writer = PackWriter[Restoration](self._connection)
        for verdicts in self._workers.map(writer.write, packs(restorations, most=1)):
            for verdict in verdicts:
                met = set() if verdict.is_written else _stands_in_the_way(verdict)
                taken = bool(met) and all(part.startswith(("claim:", "pointer:")) for part in met)
                yield verdict.creation, Kept.TAKEN if taken else Kept.CHANGED if met else None

    def forget(self, old: Item) -> None:
        """Remove the record of an item that somebody deleted: what is deleted must not live on beside the table."""
        send(self._connection, [forgetting_replaced(self._run, old)])

    def _note_key(self, sort: str) -> RecordKey:
        return RecordKey(self._partition, sort, "MIGRATION_ROLLBACK")


class RollbackRehearsal:
    """Write nothing; what would be removed no longer keeps what it depends on.

    Args:
        memory: of the rollback.
    """

    def __init__(self, memory: RollbackMemory) -> None:
        self._memory = memory

    def note(self, touched: Sequence[Touched]) -> None:
        """Do nothing: no count changes."""

    def remove(self, removals: Sequence[Removal]) -> Iterator[tuple[Removal, Kept | None]]:
        """Remember what would be removed."""
        for removal in removals:
            self._memory.leave(removal.places)
            yield removal, None

    def restore(self, restorations: Sequence[Restoration]) -> Iterator[tuple[Restoration, Kept | None]]:
        """Say that each would be put back; whether another item has its value now is found out by writing."""
        for restoration in restorations:
            yield restoration, None

    def forget(self, old: Item) -> None:
        """Do nothing."""


def batches(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield values in their order, ``size`` at a time."""
    left = iter(values)
    while batch := list(islice(left, size)):
        yield batch


def _stands_in_the_way(verdict: Verdict[Any]) -> set[str]:
    """Return the parts whose conditions did not hold.

    Raises:
        MadMallError: something else kept it from being written.
    """
    if verdict.error is not None:
        raise verdict.error
    return {reason.part for reason in verdict.reasons}
