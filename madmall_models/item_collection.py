"""Read an item collection: everything in one partition, of whatever kinds, each decoded by its own class."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from madmall_models import codec
from madmall_models.declaration import entity_class
from madmall_models.entity import Entity
from madmall_models.errors import redacted
from madmall_models.hydration import Item, hydrated
from madmall_models.keys import Key, Mirror, Pointer, PrimaryKey
from madmall_models.query_reader import answers, is_expired

_log = logging.getLogger(__name__)
E = TypeVar("E", bound=Entity)
_POINTER = "_POINTER"


@dataclass(frozen=True, repr=False)
class ItemCollection:
    """What lies in one partition, in the order of the sort keys.

    An item is decoded by the class of its ``entityType``, a mirror as the entity that it copies; a pointer stands for
    the item that it names, which is fetched. An application's own entities are found like ours.

    Attributes:
        items: the entities.
        unknown: the raw items that no declared class reads at this place, as DynamoDB attribute values.
    """

    items: tuple[Any, ...]
    unknown: tuple[Item, ...] = ()

    @classmethod
    def read(cls, database: Any, partition: str, *, consistent: bool = False, including_expired: bool = False) -> Self:
        """Read a partition to its end, one request for each megabyte, and then what its pointers name.

        All of it is held in memory. What a pointer names is always read consistently.

        Args:
            database: where to read.
            partition: the text of the partition key.
            consistent: reflect every write that was acknowledged before; costs twice as much.
            including_expired: show items whose time to live has passed.
        """
        found = [_Found.of(item) for item in _stored(database, partition, consistent)]
        _follow_pointers(database, found)
        shown = [each for each in found if each.item is not None and (including_expired or not is_expired(each.item))]
        unknown = tuple(each.item for each in shown if each.cls is None and each.item is not None)
        _report(partition, unknown)
        entities = (codec.decode(each.cls, each.item, database) for each in shown if each.cls and each.item)
        return cls(tuple(entities), unknown)

    def of(self, entity: type[E]) -> tuple[E, ...]:
        """Return the entities of a class."""
        return tuple(item for item in self.items if type(item) is entity)

    def kept_in(self, partition: str) -> tuple[Any, ...]:
        """Return the entities whose own item lies in a partition; of the others there is a copy or a pointer."""
        return tuple(item for item in self.items if item.item_key().partition == partition)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        kinds = Counter(type(item).__name__ for item in self.items)
        if self.unknown:
            kinds["unknown"] = len(self.unknown)
        said = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        return f"<{type(self).__name__} of {said or 'nothing'}>"


@dataclass
class _Found:
    """A stored item of the partition: its class, its key there, and what stands for it in the collection."""

    item: Item | None
    cls: type[Any] | None
    key: Key | None

    @classmethod
    def of(cls, item: Item) -> _Found:
        kind = item.get("entityType", {}).get("S", "")
        points = kind.endswith(_POINTER)
        known = entity_class(kind.removesuffix(_POINTER)) if points else codec.stored_class(item)
        key = None if known is None else _key_of(known, item, (Pointer,) if points else (PrimaryKey, Mirror))
        return cls(item, known if key is not None else None, key)


def _key_of(cls: type[Any], item: Item, kinds: tuple[type[Key], ...]) -> Key | None:
    """Return the key of a class that puts an item at this place."""
    partition, sort = item["PK"]["S"], item["SK"]["S"]
    for key in cls.keys.values():
        if isinstance(key, kinds) and key.partition.match(partition) is not None and key.sort.match(sort) is not None:
            found: Key = key
            return found
    return None


def _stored(database: Any, partition: str, consistent: bool) -> Iterator[Item]:
    request: dict[str, Any] = {
        "TableName": database.table_name,
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "PK"},
        "ExpressionAttributeValues": {":pk": {"S": partition}},
        "ConsistentRead": bool(consistent),
    }
    for answer in answers(database.connection, request, pattern="ItemCollection"):
        yield from answer["Items"]


def _follow_pointers(database: Any, found: Sequence[_Found]) -> None:
    """Put what they name in the place of pointers, None where it is gone or has moved."""
    for key in dict.fromkeys(each.key for each in found if isinstance(each.key, Pointer)):
        pointers = [each for each in found if each.key is key]
        entries = [each.item for each in pointers if each.item is not None]
        for pointer, item in zip(pointers, hydrated(database.connection, key, entries), strict=True):
            pointer.item = item


def _report(partition: str, unknown: Sequence[Item]) -> None:
    if not unknown:
        return
    kinds = {item.get("entityType", {}).get("S", "") for item in unknown}
    said = sorted(kind for kind in kinds if kind.isidentifier() and len(kind) <= 64)
    _log.warning(
        "%s: %d items that no declared entity reads here (%s); they are kept as they are stored",
        redacted({"PK": partition}), len(unknown), ", ".join(said) or "without a type",
    )  # fmt: skip
