"""Check what follows from the declarations alone, for every entity."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from madmall_models import codec
from madmall_models.errors import MadMallError
from madmall_models.footprint import CLAIM_TYPE, INDEX_KEY_NAMES, Footprint, footprint
from madmall_models.integrity.check_memory import CheckMemory, digest_of_place
from madmall_models.integrity.copies import copies_of, kind_of, wrong_copies
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.snapshot import Item, Place, place, shown
from madmall_models.query_reader import is_expired

_ENGINE_RECORDS = "MIGRATION"
_SCHEMA = """
CREATE TABLE expected (place BLOB PRIMARY KEY, content BLOB, partition TEXT, sort TEXT) WITHOUT ROWID;
CREATE TABLE beside (place BLOB PRIMARY KEY, content BLOB, rule TEXT, kind TEXT, shown TEXT, fact TEXT) WITHOUT ROWID;
"""
_SUSPECTS = """
SELECT DISTINCT partition, sort FROM expected LEFT JOIN beside USING (place)
WHERE beside.content IS NULL OR beside.content <> expected.content
"""
_LEFT_OVER = """
SELECT rule, kind, shown, fact FROM beside LEFT JOIN expected USING (place)
WHERE expected.content IS NULL AND rule IS NOT NULL
"""


class DeclaredRules:
    """Look at the items of a table one by one, and find those that are not what their declaration makes of them.

    Rules: ``unknown`` (no class reads it), ``keys`` (stored keys differ from those rendered), ``mirror``, ``pointer``
    and ``claim`` (missing, different, or left over).

    Args:
        memory: remembers what copies there are and should be.
    """

    def __init__(self, memory: CheckMemory) -> None:
        self._database = memory.database
        self._database.executescript(_SCHEMA)

    def look_at(self, item: Item, entity: Any) -> Iterator[Finding]:
        """Yield what is wrong with an item by itself; ``entity`` is None where it is no entity's own item."""
        where = place(item)
        if entity is None:
            self._note(where, item)
            return
        try:
            print_of = footprint(entity)
        except MadMallError as error:
            yield Finding("keys", type(entity).__name__, shown(where), str(error), where)
            return
        yield from _wrong_keys(where, item, print_of)
        # The copies belong to the item that is stored, also where its own key is wrong.
        for _, copy in copies_of(print_of):
            values = (digest_of_place(place(copy)), _digest(copy), *where)
            self._database.execute("INSERT OR REPLACE INTO expected VALUES (?, ?, ?, ?)", values)

    def conclude(self, database: Any) -> Iterator[Finding]:
        """Yield what only the whole table shows, once every item was looked at.

        A copy that seems wrong is read again with its item, so that a change which came between is no finding.
        """
        suspects = ((partition, sort) for partition, sort in self._database.execute(_SUSPECTS))
        yield from wrong_copies(database, suspects)
        for rule, kind, key, fact in self._database.execute(_LEFT_OVER):
            yield Finding(rule, kind, key, fact)

    def _note(self, where: Place, item: Item) -> None:
        kind = kind_of(item)
        left_over = None if is_expired(item) or kind.startswith(_ENGINE_RECORDS) else _left_over(item, kind)
        rule, fact = left_over or (None, None)
        values = (digest_of_place(where), _digest(item), rule, kind or "-", shown(where), fact)
        self._database.execute("INSERT OR REPLACE INTO beside VALUES (?, ?, ?, ?, ?, ?)", values)


def _left_over(item: Item, kind: str) -> tuple[str, str]:
    """Return what is wrong with an item that belongs to none."""
    if kind == CLAIM_TYPE:
        return "claim", "no item has this value"
    if kind.endswith("_POINTER"):
        return "pointer", "no item belongs here"
    if codec.stored_class(item) is not None:
        return "mirror", "a copy without its item"
    return "unknown", "no declared entity reads this item"


def _wrong_keys(where: Place, stored: Item, print_of: Footprint) -> Iterator[Finding]:
    name = type(print_of.entity).__name__
    if place(print_of.item) != where:
        yield Finding("keys", name, shown(where), "the primary key does not follow from the attributes", where)
    wrong = [key for key in sorted(INDEX_KEY_NAMES) if stored.get(key) != print_of.item.get(key)]
    if wrong:
        fact = f"{', '.join(wrong)} differ from what the attributes give"
        yield Finding("keys", name, shown(where), fact, where)


def _digest(item: Item) -> bytes:
    """Return a digest of an item; of two that are equal to DynamoDB but written differently it may differ."""
    text = json.dumps(item, sort_keys=True, default=_listed)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _listed(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else bytes(value).hex()
