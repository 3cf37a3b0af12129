"""Keep what a run replaced, so that its rollback can put it back: a record beside those of the run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.keys import ItemKey
from madmall_models.migration.item_digest import Item
from madmall_models.migration.record import PREFIX

KIND = "MIGRATION_REPLACED"
_SORT_PREFIX = "REPLACED#"
_ITEM = "item"


def keeping_replaced(run: str, old: Item) -> Action:
    """Return the action that keeps an item that a run is about to replace, for the transaction that replaces it.

    What was kept first stays: the transaction is refused where the run keeps an item of this key already. The record
    is a little larger than the item, so one of nearly 400 KB cannot be kept, and then not be replaced.
    """
    key = _record_key(run, old["PK"]["S"], old["SK"]["S"])
    item = {**key.wire, "entityType": {"S": KIND}, _ITEM: {"M": dict(old)}}
    return Action("Put", "replaced", {"Item": item, **Expression().absent("PK").request()}, key)


def forgetting_replaced(run: str, old: Item) -> Action:
    """Return the action that removes the record of a replaced item; it must still be there."""
    key = _record_key(run, old["PK"]["S"], old["SK"]["S"])
    return Action("Delete", "replaced", {"Key": key.wire, **Expression().exists("PK").request()}, key)


def replaced_items(connection: Any, run: str) -> Iterator[Item]:
    """Yield every item that a run replaced, as it was before."""
    request: dict[str, Any] = {
        "TableName": connection.table,
        "KeyConditionExpression": "PK = :partition AND begins_with (SK, :prefix)",
        "ExpressionAttributeValues": {":partition": {"S": _partition_of(run)}, ":prefix": {"S": _SORT_PREFIX}},
        "ConsistentRead": True,
    }
    while True:
        page = connection.call("Query", request)
        for record in page["Items"]:
            yield record[_ITEM]["M"]
        if not page.get("LastEvaluatedKey"):
            return
        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _record_key(run: str, partition: str, sort: str) -> ItemKey[Any]:
    digest = hashlib.blake2b(f"{partition}\0{sort}".encode(), digest_size=16).hexdigest()
    return ItemKey(_partition_of(run), f"{_SORT_PREFIX}{digest}")


def _partition_of(run: str) -> str:
    return f"{PREFIX}RUN#{run}"
