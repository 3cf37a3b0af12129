"""Check a whole table."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Any

from madmall_models.integrity.check_memory import CheckMemory
from madmall_models.integrity.declared import DeclaredRules
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.relations import RelationRules
from madmall_models.integrity.snapshot import Item, place, primary_entity, scanned


def check(database: Any) -> tuple[Finding, ...]:
    """Return every broken invariant of a table, none when all is well; nothing is written.

    The table is scanned consistently, and memory stays flat. While others write, a transaction may be seen half:
    copies that seem wrong are read again, counts are not; repeat the check before you believe a finding.
    """
    with TableCheck(database) as looked:
        found = [finding for item in scanned(database) for finding in looked.look_at(item, primary_entity(item))]
        return (*found, *looked.conclude())


class TableCheck:
    """Check a table by items that somebody else reads, each given once; used by one thread.

    Args:
        database: where what seems wrong is read again.
    """

    def __init__(self, database: Any) -> None:
        self._database = database
        self._memory = CheckMemory()
        self._declared = DeclaredRules(self._memory)
        self._relations = RelationRules(self._memory)

    def __enter__(self) -> TableCheck:
        """Return the check."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Forget what was seen."""
        self._memory.__exit__(kind, error, traceback)

    def look_at(self, item: Item, entity: Any) -> list[Finding]:
        """Take note of an item and return what is wrong with it by itself.

        Args:
            item: as it is stored.
            entity: what :func:`~madmall_models.integrity.snapshot.primary_entity` makes of it.
        """
        found = list(self._declared.look_at(item, entity))
        if entity is not None:
            found += self._relations.look_at(place(item), entity)
        return found

    def conclude(self) -> Iterator[Finding]:
        """Yield what only the whole table shows, once every item was looked at."""
        yield from self._declared.conclude(self._database)
        yield from self._relations.conclude()
