"""Look at the table itself, past everything that is under test."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from madmall_models import Database
from madmall_models.keys import ItemKey

Item = dict[str, dict[str, Any]]


def raw(db: Database, key: ItemKey) -> Item:
    """Return the stored item of a key."""
    item = raw_or_none(db, key)
    assert item is not None, f"there is no item at {key.partition} / {key.sort}"
    return item


def raw_or_none(db: Database, key: ItemKey) -> Item | None:
    answer = db.connection.call("GetItem", {"TableName": db.table_name, "Key": key.wire, "ConsistentRead": True})
    return answer.get("Item")


def everything(db: Database) -> list[Item]:
    """Return every item of the table, in the order of their keys."""
    items: list[Item] = []
    request: dict[str, Any] = {"TableName": db.table_name, "ConsistentRead": True}
    while True:
        page = db.connection.call("Scan", request)
        items.extend(page["Items"])
        if not page.get("LastEvaluatedKey"):
            return in_order(items)
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def in_order(items: Iterable[Item]) -> list[Item]:
    """Return items in the order of their keys."""
    return sorted(items, key=lambda item: (item["PK"]["S"], item["SK"]["S"]))


def without_records(db: Database) -> list[Item]:
    """Return every item of the table but the records of migrations, in the order of their keys."""
    return [item for item in everything(db) if not item["PK"]["S"].startswith("MIGRATION#")]


def places(db: Database) -> list[str]:
    """Return the primary key of every item of the table."""
    return [f"{item['PK']['S']} / {item['SK']['S']}" for item in everything(db)]


def mentions(db: Database, text: str) -> list[str]:
    """Return the primary keys of the items that hold a text anywhere, letter case aside."""
    items = everything(db)
    return [
        f"{item['PK']['S']} / {item['SK']['S']}"
        for item in items
        if text.lower() in json.dumps(item, default=str, ensure_ascii=False).lower()
    ]


def edit(db: Database, key: ItemKey, expression: str, **values: dict[str, Any]) -> None:
    """Change a stored item as some other program would; ``ttl``, ``status`` and ``usage`` are named with a ``#``."""
    reserved = {f"#{name}": name for name in ("ttl", "status", "usage") if f"#{name}" in expression}
    request: dict[str, Any] = {"TableName": db.table_name, "Key": key.wire, "UpdateExpression": expression}
    if values:
        request["ExpressionAttributeValues"] = {f":{name}": wire for name, wire in values.items()}
    if reserved:
        request["ExpressionAttributeNames"] = reserved
    db.connection.call("UpdateItem", request)


def mark_as_leaving(db: Database, key: ItemKey) -> None:
    """Leave an item as a deletion that was killed right after its beginning leaves it."""
    edit(db, key, "SET deletingAt = :moment", moment={"S": "2024-11-22T12:00:00.000Z"})


@contextmanager
def nothing_written(db: Database) -> Iterator[None]:
    """Demand that the table is the same after the block as before."""
    before = everything(db)
    yield
    assert everything(db) == before


@contextmanager
def nothing_sent(db: Database) -> Iterator[None]:
    """Demand that no write leaves in the block."""
    before = db.metrics().write_units, _writes(db)
    yield
    assert (db.metrics().write_units, _writes(db)) == before


def _writes(db: Database) -> int:
    kinds = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
    return sum(figures.calls for name, figures in db.metrics().operations.items() if name in kinds)
