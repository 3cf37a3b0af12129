"""Fetch the whole items that entries of an index or pointers name, and leave out what does not stand there any more."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from madmall_models import batch, codec, limits
from madmall_models.connection.operations import Connection
from madmall_models.errors import KeyValueError
from madmall_models.keys import IndexKey, ItemKey, Key, Mirror, Pointer, StoredKey

_log = logging.getLogger(__name__)
Item = Mapping[str, Mapping[str, Any]]


def hydrated(connection: Connection, key: Key, entries: Sequence[Item]) -> Iterator[Item | None]:
    """Yield the whole item of each entry of a key, read consistently and in the order of the entries.

    None stands for an item that is gone, and for one that has left the place of its entry: an index lags behind.
    """
    targets = [target_of(key, entry) for entry in entries]
    for entry, item in zip(entries, fetched(connection, targets, pattern=key.label), strict=True):
        yield item if item is not None and _stands_there(key, entry, item) else None


def fetched(connection: Connection, targets: Sequence[ItemKey | None], *, pattern: str) -> Iterator[Item | None]:
    """Yield the item of each key, read consistently; None where there is none.

    A request is made when its first item is taken, for as many as one request can have: a list that is left early
    has not fetched the rest.
    """
    for first in range(0, len(targets), limits.BATCH_GET_KEYS):
        chunk = targets[first : first + limits.BATCH_GET_KEYS]
        found = batch.get_items(connection, [target for target in chunk if target is not None], pattern=pattern)
        for target in chunk:
            yield None if target is None else found.get((target.partition, target.sort))


def key_names(key: Key) -> tuple[str, str]:
    """Return the stored names of the two halves of a key."""
    return key.names if isinstance(key, IndexKey) else ("PK", "SK")


def target_of(key: Key, entry: Item) -> ItemKey | None:
    """Return the key that an entry of a list names, or None where it names none."""
    names = ("targetPK", "targetSK") if isinstance(key, Pointer) else ("PK", "SK")
    target = named_key(entry, names, key.entity)
    if target is None:
        _log.warning("%s: an entry of the collection is of another kind; left out", key.label)
    return target


def named_key(item: Item, names: tuple[str, str], entity: Any) -> ItemKey | None:
    """Return the key of an entity's item that two attributes of a stored item give, None where they are no key."""
    partition, sort = (str(item.get(name, {}).get("S", "")) for name in names)
    halves = ((partition, limits.PARTITION_KEY_BYTES), (sort, limits.SORT_KEY_BYTES))
    fits = all(0 < len(text.encode()) <= most for text, most in halves)
    return ItemKey(partition, sort, entity) if fits else None


def _stands_there(key: Key, entry: Item, item: Item) -> bool:
    """Tell whether the item, read now, still stands where the entry says."""
    cls = key.entity
    if item.get("entityType", {}).get("S") != cls.discriminator:
        return False
    entity = codec.decode(cls, item)
    if not belongs(key, entity):
        return False
    try:
        if isinstance(key, IndexKey) and _is_mirror(entity, item):
            return False
        stored = key.stored_key(entity.field_values())
    except KeyValueError:
        # Somebody else's writing: it may be read, but it stands in no list of ours.
        return False
    place = tuple(entry[name]["S"] for name in key_names(key))
    return stored is not None and (stored.partition, stored.sort) == place


def belongs(key: Key, entity: Any) -> bool:
    """Tell whether an entity that was read belongs in the list of a sparse key; what cannot be told does not."""
    try:
        return key.applies_to(entity)
    except KeyValueError:
        _log.warning("%s: its when= failed on a stored item; left out", key.label)
        return False


def _is_mirror(entity: Any, item: Item) -> bool:
    """Tell whether a stored item is the second copy: other programs gave it index keys too, and listed it twice."""
    values = entity.field_values()
    mirrors = [key.stored_key(values) for key in type(entity).keys.values() if isinstance(key, Mirror)]
    return StoredKey(item["PK"]["S"], item["SK"]["S"]) in mirrors
