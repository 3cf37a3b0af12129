"""Hold every item of a table as it was at one quiet moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from madmall_models import codec
from madmall_models.errors import redacted

Item = Mapping[str, Mapping[str, Any]]
Place = tuple[str, str]


class Snapshot:
    """The stored items by key, and the entities that the primary ones hold.

    All of it is kept in memory: about 5 KB of it for each item of 1 KB.

    Args:
        items: the raw items of a whole table, read while nobody writes.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self.items: dict[Place, Item] = {place(item): item for item in items}
        self.entities: dict[Place, Any] = {}
        for where, item in self.items.items():
            entity = primary_entity(item)
            if entity is not None:
                self.entities[where] = entity

    @classmethod
    def of(cls, database: Any) -> Snapshot:
        """Return the snapshot of a database's table, read consistently; costs one read unit per 4 KB of the table."""
        return cls(scanned(database))

    def all_of(self, entity: type[Any]) -> list[Any]:
        """Return every entity of a class."""
        return [found for found in self.entities.values() if type(found) is entity]


def scanned(database: Any) -> Iterator[Item]:
    """Yield every raw item of a table, expired ones and those of unknown types too."""
    request: dict[str, Any] = {"TableName": database.table_name, "ConsistentRead": True}
    while True:
        page = database.connection.call("Scan", request)
        yield from page["Items"]
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def primary_entity(item: Item) -> Any:
    """Return the entity whose own item this is, None where it is a copy or of no known class."""
    cls = primary_class(item)
    return None if cls is None else codec.decode(cls, item)


def primary_class(item: Item) -> type[Any] | None:
    """Return the class of the entity whose own item this is, None where it is a copy or of no known class."""
    cls = codec.stored_class(item)
    if cls is None:
        return None
    partition, sort = place(item)
    is_own = cls.key.partition.match(partition) is not None and cls.key.sort.match(sort) is not None
    return cls if is_own else None


def place(item: Item) -> Place:
    """Return the primary key texts of a raw item."""
    return item["PK"]["S"], item["SK"]["S"]


def shown(where: Place) -> str:
    """Return a key as it may be shown: its kind only."""
    return redacted({"PK": where[0], "SK": where[1]})
