"""Fetch the whole items that entries of an index or pointers name, and leave out what does not stand there any more."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from madmall_models import batch, codec
from madmall_models.connection.operations import Connection
from madmall_models.keys import IndexKey, ItemKey, Key, Mirror, Pointer, StoredKey

_log = logging.getLogger(__name__)
Item = Mapping[str, Mapping[str, Any]]


def hydrated(connection: Connection, key: Key, entries: Sequence[Item]) -> list[Item | None]:
    """Return the whole item of each entry of a key, read consistently and in the order of the entries.

    None stands for an item that is gone, and for one that has left the place of its entry: an index lags behind.
    """
    targets = [_target(key, entry) for entry in entries]
    wanted = [target for target in targets if target is not None]
    found = batch.get_items(connection, wanted, pattern=key.label)
    items: list[Item | None] = []
    for entry, target in zip(entries, targets, strict=True):
        item = found.get((target.partition, target.sort)) if target is not None else None
        items.append(item if item is not None and _stands_there(key, entry, item) else None)
    return items


def key_names(key: Key) -> tuple[str, str]:
    """Return the stored names of the two halves of a key."""
    return key.names if isinstance(key, IndexKey) else ("PK", "SK")


def _target(key: Key, entry: Item) -> ItemKey | None:
    names = ("targetPK", "targetSK") if isinstance(key, Pointer) else ("PK", "SK")
    if any(name not in entry for name in names):
        _log.warning("%s: an entry of the collection is of another kind; left out", key.label)
        return None
    return ItemKey(entry[names[0]]["S"], entry[names[1]]["S"], key.entity)


def _stands_there(key: Key, entry: Item, item: Item) -> bool:
    """Tell whether the item, read now, still stands where the entry says."""
    cls = key.entity
    if item.get("entityType", {}).get("S") != cls.discriminator:
        return False
    entity = codec.decode(cls, item)
    if key.when is not None and not key.when(entity):
        return False
    if isinstance(key, IndexKey) and _is_mirror(entity, item):
        return False
    stored = key.stored_key(entity.field_values())
    place = tuple(entry[name]["S"] for name in key_names(key))
    return stored is not None and (stored.partition, stored.sort) == place


def _is_mirror(entity: Any, item: Item) -> bool:
    """Tell whether a stored item is the second copy: other programs gave it index keys too, and listed it twice."""
    values = entity.field_values()
    mirrors = [key.stored_key(values) for key in type(entity).keys.values() if isinstance(key, Mirror)]
    return StoredKey(item["PK"]["S"], item["SK"]["S"]) in mirrors
