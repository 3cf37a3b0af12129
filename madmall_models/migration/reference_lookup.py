"""Find out whether an item that a row names is there: moved in this run, or in the table before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.errors import KeyValueError
from madmall_models.keys import ItemKey
from madmall_models.migration.prepared import text_of_key
from madmall_models.migration.run_memory import RunMemory

_MISSES_KEPT = 4096
_TEXTS_KEPT = 4096


class ReferenceLookup:
    """Look items up by the ids that make their key.

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
        self._texts: dict[tuple[type[Any], tuple[str, ...]], str | None] = {}

    def find(self, entity: type[Any], *ids: str) -> Mapping[str, Any] | None:
        """Return what is remembered of an item, or None if there is no such item."""
        text = self._text_of(entity, ids)
        if text is None or text in self._misses:
            return None
        known = self._memory.recall(text)
        if known is not None:
            return known
        stored = self._stored(entity, ids)
        if stored is None:
            self._miss(text)
            return None
        self.keep(stored)
        return self._memory.recall(text)

    def knows(self, entity: Any) -> bool:
        """Tell whether the item of an entity is known to be in the table."""
        return self._memory.recall(text_of_key(entity.item_key())) is not None

    def _text_of(self, entity: type[Any], ids: tuple[str, ...]) -> str | None:
        """Return the key of these ids as text, None where they make none; rows name the same items many times."""
        asked = (entity, ids)
        try:
            is_new = asked not in self._texts
        except TypeError:
            # A cast of somebody's own gave a list or a map, of which no key is made.
            return None
        if is_new:
            if len(self._texts) >= _TEXTS_KEPT:
                self._texts.clear()
            try:
                self._texts[asked] = text_of_key(entity.key.of(*ids))
            except KeyValueError:
                self._texts[asked] = None
        return self._texts[asked]

    def keep(self, entity: Any, key: ItemKey[Any] | None = None) -> None:
        """Remember an item that is in the table; its key may be given where it is known."""
        text = text_of_key(entity.item_key() if key is None else key)
        self._misses.discard(text)
        self._memory.remember(text, self.remembered_of(entity))

    def remembered_of(self, entity: Any) -> Mapping[str, Any]:
        """Return what is remembered of an entity of this kind."""
        names = self._remembered.get(str(entity.discriminator), ())
        return {name: getattr(entity, name) for name in names}

    def _stored(self, entity: type[Any], ids: tuple[str, ...]) -> Any:
        if self._database is None:
            return None
        return self._database.manager_of(entity).get_or_none(*ids, consistent=True)

    def _miss(self, text: str) -> None:
        if len(self._misses) >= _MISSES_KEPT:
            self._misses.clear()
        self._misses.add(text)
