"""Find out whether an item that a row names is there: moved in this run, or in the table before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.errors import KeyValueError
from madmall_models.migration.prepared import text_of_key
from madmall_models.migration.run_memory import RunMemory

_MISSES_KEPT = 10_000


class ReferenceLookup:
    """Look items up by their id.

    Args:
        database: where to look for items that were not moved in this run, by a consistent read; None where there is no
            table yet.
        memory: what was moved.
        remembered: by entity type, the attributes to hand out.
    """

    def __init__(self, database: Any, memory: RunMemory, remembered: Mapping[str, tuple[str, ...]]) -> None:
        self._database = database
        self._memory = memory
        self._remembered = remembered
        self._misses: set[str] = set()

    def find(self, entity: type[Any], identifier: str) -> Mapping[str, Any] | None:
        """Return what is remembered of an item, or None if there is no such item."""
        try:
            key = entity.key.of(identifier)
        except KeyValueError:
            return None
        text = text_of_key(key)
        known = self._memory.recall(text)
        if known is not None or text in self._misses:
            return known
        stored = self._stored(entity, identifier)
        if stored is None:
            self._miss(text)
            return None
        self.keep(stored)
        return self._memory.recall(text)

    def keep(self, entity: Any) -> None:
        """Remember an item that is in the table."""
        names = self._remembered.get(str(entity.discriminator), ())
        self._memory.remember(text_of_key(entity.item_key()), {name: getattr(entity, name) for name in names})

    def _stored(self, entity: type[Any], identifier: str) -> Any:
        if self._database is None:
            return None
        return self._database.manager_of(entity).get_or_none(identifier, consistent=True)

    def _miss(self, text: str) -> None:
        if len(self._misses) >= _MISSES_KEPT:
            self._misses.clear()
        self._misses.add(text)
