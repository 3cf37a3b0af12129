"""Undo a run: remove exactly what it wrote, put back what it replaced, and keep what was changed since.

It can be killed at any point and called again: what is gone is gone with all that it occupied, what is left still has
its mark, and the items whose counts are to be brought up to date are noted in the table before any of them changes.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from madmall_models import batch, clock
from madmall_models.codec import decode, stored_class
from madmall_models.declaration import entity_class
from madmall_models.errors import RollbackRefused
from madmall_models.keys import ItemKey
from madmall_models.migration.completion import Completion
from madmall_models.migration.item_digest import Item
from madmall_models.migration.lease import Lease, lease_state
from madmall_models.migration.ledger import Ledger, RunRecord, Status
from madmall_models.migration.removal import Removal, Restoration
from madmall_models.migration.replaced_item import replaced_items
from madmall_models.migration.rollback_judge import RollbackJudge, read_entity
from madmall_models.migration.rollback_memory import RollbackMemory, place_of
from madmall_models.migration.rollback_report import Kept, RollbackReport, RollbackTally
from madmall_models.migration.rollback_scope import RollbackScope
from madmall_models.migration.rollback_sink import RollbackRehearsal, RollbackSink, TableRollback, batches
from madmall_models.migration.run_mark import MARK
from madmall_models.table_segments import segment_pages

_ITEMS_AT_ONCE = 200
_NAMES_SHOWN = 3
_BEGUN = "its rollback was begun and has not ended; roll it back again"


def roll_back(database: Any, run: str, scope: RollbackScope, *, segments: int = 4) -> RollbackReport:
    """Remove what a run wrote and nobody changed since, and put back what it replaced.

    The whole table is read once, consistently; memory stays flat. An item stays, with its mirrors, pointers and claims,
    where it was changed since, where others depend on it, or where what it belongs to stays; a counter that went on,
    such as the likes of a story, is a change. Call it while nobody else writes: an item that is put beside a parent
    without any change of that parent, in the moment in which the parent goes, is not seen.

    Args:
        database: whose table.
        run: the id of the run.
        scope: what the run may have written.
        segments: into how many parts the table is divided for reading; as many writers write.

    Raises:
        RollbackRefused: there is no such run, or it wrote entities that the scope or this program does not know;
            nothing was removed.
        LeaseHeld: the run, or another one, is still going on. Any error of the database.
    """
    ledger = Ledger(database)
    _record_of(ledger, run)
    with Lease(database, f"rollback {run}") as lease, RollbackMemory() as memory:
        with ThreadPoolExecutor(segments, "madmall-migration-rollback") as workers:
            sink = TableRollback(database.connection, run, workers)
            rollback = _Rollback(database, run, scope, memory, sink, workers, lease.check)
            rollback.survey(segments)
            record = _record_of(ledger, run)
            # Whoever resumes the run instead begins at the beginning, since what it wrote is no longer there.
            ledger.write_run(replace(record, status=Status.FAILED, ended_at=clock.utc_now(), error=_BEGUN))
            ledger.forget_points(run)
            for entity_type, identifier in sink.noted():
                memory.touch(entity_type, identifier)
            rollback.remove()
            rollback.restore()
            rollback.recount()
            sink.forget_notes()
        _record_end(ledger, record)
        return rollback.tally.report(run, database.table_name, dry_run=False)


def plan_rollback(database: Any, run: str, scope: RollbackScope, *, segments: int = 4) -> RollbackReport:
    """Return what :func:`roll_back` would do now, without writing anything; the connection itself refuses writes.

    Raises:
        RollbackRefused: there is no such run, or it wrote entities that the scope or this program does not know.
    """
    reader = database.read_only()
    try:
        _record_of(Ledger(reader), run)
        with RollbackMemory() as memory, ThreadPoolExecutor(segments, "madmall-migration-rollback") as workers:
            rollback = _Rollback(reader, run, scope, memory, RollbackRehearsal(memory), workers, lambda: None)
            rollback.survey(segments)
            rollback.remove()
            rollback.restore()
        rollback.tally.notes += _who_works_on(reader)
        rollback.tally.notes.append("dry run: nothing was written")
        return rollback.tally.report(run, reader.table_name, dry_run=True)
    finally:
        reader.close()


class _Rollback:
    """One rollback on its way."""

    def __init__(
        self,
        database: Any,
        run: str,
        scope: RollbackScope,
        memory: RollbackMemory,
        sink: RollbackSink,
        workers: ThreadPoolExecutor,
        check: Callable[[], None],
    ) -> None:
        self._database = database
        self._connection = database.connection
        self._run = run
        self._scope = scope
        self._memory = memory
        self._sink = sink
        self._workers = workers
        self._check = check
        self._judge = RollbackJudge(database.connection, run, scope, memory)
        self.tally = RollbackTally()

    def survey(self, segments: int) -> None:
        """Remember the key of every item that the run wrote.

        Raises:
            RollbackRefused: some are of a type that the scope or this program does not know.
        """
        unknown: set[str] = set()
        for old in replaced_items(self._connection, self._run):
            self._memory.set_aside(place_of(old))
            unknown |= self._unknown_type(old)
        for page in segment_pages(self._connection, self._request(), segments):
            for item in page.items:
                unknown |= self._unknown_type(item)
                self._remember(item)
        if unknown:
            raise RollbackRefused(
                f"run {self._run} wrote items of {', '.join(sorted(unknown))}, which nothing here knows how to remove; "
                "import the module that declares them and name the migrations that moved them. Nothing was removed"
            )

    def _request(self) -> dict[str, Any]:
        return {
            "TableName": self._connection.table,
            "ConsistentRead": True,
            "FilterExpression": "begins_with (#mark, :run)",
            "ExpressionAttributeNames": {"#mark": MARK},
            "ExpressionAttributeValues": {":run": {"S": f"{self._run} "}},
        }

    def _unknown_type(self, item: Item) -> set[str]:
        entity_type = str(item.get("entityType", {}).get("S", "no entityType"))
        return set() if stored_class(item) is not None and entity_type in self._scope.order else {entity_type}

    def _remember(self, item: Item) -> None:
        cls, place = stored_class(item), place_of(item)
        if cls is None or cls.key.partition.match(place[0]) is None or cls.key.sort.match(place[1]) is None:
            return  # a mirror, which goes with its item
        self._memory.mark(cls.discriminator, place)
        companion = None if self._memory.is_aside(place) else self._judge.companion_key(decode(cls, item))
        if companion is not None:
            self._memory.set_aside((companion.partition, companion.sort))

    def remove(self) -> None:
        """Remove what can go, children before their parents."""
        for entity_type in reversed(self._scope.order):
            for places in self._memory.marked(entity_type, _ITEMS_AT_ONCE):
                self._check()
                self._remove_some([place for place in places if not self._memory.is_aside(place)], entity_type)

    def _remove_some(self, places: list[tuple[str, str]], entity_type: str) -> None:
        entities = self._read([ItemKey(*place, entity_class(entity_type)) for place in places])
        asked = [self._judge.companion_key(entity) for entity in entities]
        found = batch.get_items(self._connection, [key for key in asked if key is not None])
        companions = [None if key is None else read_entity(key, found) for key in asked]
        removals: list[Removal] = []
        verdicts = self._workers.map(self._judge.verdict, entities, companions)
        for entity, companion, verdict in zip(entities, companions, verdicts, strict=True):
            if isinstance(verdict, Removal):
                removals.append(verdict)
            else:
                self._keep(entity, companion, verdict)
        self._touch(
            touched
            for removal in removals
            for entity in removal.entities
            for touched in self._scope.touched_by(entity)
        )
        for removal, kept in self._sink.remove(removals):
            self._count(removal, kept)

    def _read(self, keys: list[ItemKey]) -> list[Any]:
        found = batch.get_items(self._connection, keys)
        entities = (read_entity(key, found) for key in keys)
        return [entity for entity in entities if entity is not None]

    def _keep(self, entity: Any, companion: Any, reason: Kept) -> None:
        self.tally.keep(entity.discriminator, reason)
        self._recount_later(entity)
        if companion is not None and self._judge.is_of_the_run(companion):
            unchanged = self._judge.is_unchanged(companion)
            self.tally.keep(companion.discriminator, Kept.COMPANION if unchanged else Kept.CHANGED)

    def _recount_later(self, entity: Any) -> None:
        """Remember what stays and has counts: a run that was killed may not have counted what it wrote."""
        for touched in self._scope.counted_itself(entity):
            self._memory.touch(*touched)

    def _count(self, removal: Removal, kept: Kept | None) -> None:
        if kept is not None:
            self._keep(removal.entities[0], next(iter(removal.entities[1:]), None), kept)
            return
        self.tally.removed.update(entity.discriminator for entity in removal.entities)

    def _touch(self, touched: Iterable[tuple[str, str]]) -> None:
        """Note the items whose counts are about to change, before any does."""
        self._sink.note([pair for pair in touched if self._memory.touch(*pair)])

    def restore(self) -> None:
        """Put back what the run replaced; what waits for a value that another one still has is tried again."""
        while True:
            kept: Counter[tuple[str, Kept]] = Counter()
            before = self.tally.restored.total()
            for some in batches(replaced_items(self._connection, self._run), _ITEMS_AT_ONCE):
                self._check()
                kept.update(self._restore_some(some))
            waiting = any(reason is Kept.TAKEN for _, reason in kept)
            if not waiting or self.tally.restored.total() == before:
                break
        for (entity_type, reason), count in kept.items():
            for _ in range(count):
                self.tally.keep(entity_type, reason)

    def _restore_some(self, olds: list[Item]) -> Iterator[tuple[str, Kept]]:
        keys = [ItemKey(*place_of(old), stored_class(old)) for old in olds]
        found = batch.get_items(self._connection, keys)
        restorations = []
        for old, key in zip(olds, keys, strict=True):
            present = read_entity(key, found)
            if present is None:
                self._sink.forget(old)
                self.tally.keep(key.entity.discriminator, Kept.GONE)
            elif not self._judge.is_unchanged(present):
                self._recount_later(present)
                yield present.discriminator, Kept.CHANGED
            else:
                restorations.append(Restoration.of(self._run, old, present))
        for each in restorations:
            self._touch(self._scope.touched_by(each.present))
            # The item comes back with the counts that it had.
            self._touch([*self._scope.touched_by(each.old), *self._scope.counted_itself(each.old)])
        for restoration, kept in self._sink.restore(restorations):
            if kept is None:
                self.tally.restored[restoration.old.discriminator] += 1
            else:
                self._recount_later(restoration.present)
                yield restoration.old.discriminator, kept

    def recount(self) -> None:
        """Bring up to date the counts of what stays."""
        for completion in self._scope.recounts:
            for identifiers in self._memory.touched(completion.entity_type, _ITEMS_AT_ONCE):
                self._check()
                wrote = self._workers.map(partial(_recounted, completion, self._database), identifiers)
                self.tally.recounted[completion.entity_type] += sum(wrote)


def _recounted(completion: Completion, database: Any, identifier: str) -> bool:
    # What is counted again after a rollback is no part of any run.
    return completion.complete(database, identifier, None)


def _record_of(ledger: Ledger, run: str) -> RunRecord:
    record = ledger.run(run)
    if record is not None:
        return record
    known = [each.run for each in ledger.runs()]
    near = difflib.get_close_matches(run, known, _NAMES_SHOWN) or known[-_NAMES_SHOWN:]
    hint = f"the nearest are {', '.join(near)}" if near else "no run is recorded there at all"
    raise RollbackRefused(f"the ledger of this table has no run {run!r}; {hint}. Nothing was removed")


def _record_end(ledger: Ledger, record: RunRecord) -> None:
    """Say in the ledger that a run and its steps are rolled back."""
    for step in ledger.steps().values():
        if step.run == record.run:
            ledger.write_step(replace(step, status=Status.ROLLED_BACK, at=clock.utc_now()))
    ledger.end_run(record, Status.ROLLED_BACK)


def _who_works_on(database: Any) -> list[str]:
    state = lease_state(database)
    if state is None or state.is_free:
        return []
    return [f"{state.holder} is changing the table now ({state.purpose}); a rollback must wait for it"]
