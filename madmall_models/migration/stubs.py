"""Write what rows name and nobody has: minimal items, marked as such, so that the rows can land."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol

from madmall_models.footprint import creation
from madmall_models.migration.mapping import Arguments, Reference
from madmall_models.migration.prepared import Prepared, text_of_key
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import Fault, RowRejected
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import Row
from madmall_models.writer import prepare_creation


class Writing(Protocol):
    """Take packs of rows and tell what became of each; see :class:`~madmall_models.migration.sink.Sink`."""

    def write(self, pack: tuple[Prepared, ...]) -> Sequence[Any]:
        """Write a pack and return an outcome for each of its rows."""
        ...


class Stubs:
    """Make the items that references with ``Policy.STUB`` name, each once.

    A stub goes the way of the rows: in a dry run nothing is written, and an item that is there is left as it is. It is
    written before its row; should the row be refused by the table after all, the stub stays.

    Args:
        sink: where it goes.
        lookup: knows what is there, and learns of the stubs.
        memory: what was claimed in this run.
        started_at: when the run started; the stubs are of that moment.
        mark: marks what is written as the run's.
    """

    def __init__(
        self,
        sink: Writing,
        lookup: ReferenceLookup,
        memory: RunMemory,
        *,
        started_at: datetime,
        mark: Callable[[Prepared], None],
    ) -> None:
        self._sink = sink
        self._lookup = lookup
        self._memory = memory
        self._started_at = started_at
        self._mark = mark

    def entities(self, reference: Reference, identifier: str, arguments: Arguments) -> tuple[Any, ...]:
        """Return the entities that are made for a row: the one that it names last, what that one needs before it.

        They belong to the tenant of the row.
        """
        assert reference.stub is not None, "a reference without stub= does not take Policy.STUB"
        given: Arguments = {"created_at": self._started_at, "updated_at": self._started_at}
        if arguments.get("tenant_id") is not None:
            given["tenant_id"] = arguments["tenant_id"]
        return reference.stub(identifier, given)

    def write(self, row: Row, field: str, entities: tuple[Any, ...]) -> None:
        """Write entities that are not there yet.

        Raises:
            RowRejected: the table takes one of them not.
        """
        for entity in entities:
            if self._lookup.knows(entity):
                continue
            prepared = Prepared(row, entity, tuple(creation(prepare_creation(entity))))
            self._mark(prepared)
            [outcome] = self._sink.write((prepared,))
            if outcome.fault is not None:
                message = f"a stub for the {type(entity).__name__} that it names was refused: {outcome.fault.message}"
                raise RowRejected("reference", (Fault(field, "STUB_REFUSED", message),))
            for action in prepared.actions:
                self._memory.claim(text_of_key(action.key), row)
            self._lookup.keep(outcome.present)
            # The owner that comes with a circle has counts too, and no row that touches them.
            names = entity.key.field_names
            if len(names) == 1:
                self._memory.touch(str(entity.discriminator), getattr(entity, names[0]), None)


