"""Keep the records of the engine in the table that it works on: one JSON document an item, apart from all entities."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madmall_models import clock
from madmall_models.errors import ConditionFailed
from madmall_models.expression import Expression

PREFIX = "MIGRATION#"
_DOCUMENT = "document"
_VERSION = "token"  # it guards against lost updates, nothing secret


@dataclass(frozen=True)
class RecordKey:
    """Where a record stands.

    Attributes:
        partition: begins with ``MIGRATION#``, as no key of an entity does.
        sort: the sort key.
        kind: the ``entityType``, begins with ``MIGRATION_``.
    """

    partition: str
    sort: str
    kind: str

    @property
    def wire(self) -> dict[str, Any]:
        """Return the primary key as attribute values."""
        return {"PK": {"S": self.partition}, "SK": {"S": self.sort}}


class Records:
    """Read and write records of one table.

    Args:
        connection: the connection of a database.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def read(self, key: RecordKey) -> dict[str, Any] | None:
        """Return the document of a record as it is now, None where there is none."""
        request = {"TableName": self._connection.table, "Key": key.wire, "ConsistentRead": True}
        item = self._connection.call("GetItem", request).get("Item")
        return None if item is None else _document_of(item)

    def list(self, partition: str, prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield sort key and document of each record in a partition whose sort key begins with ``prefix``."""
        request: dict[str, Any] = {
            "TableName": self._connection.table,
            "KeyConditionExpression": "PK = :partition",
            "ExpressionAttributeValues": {":partition": {"S": partition}},
            "ConsistentRead": True,
        }
        if prefix:
            request["KeyConditionExpression"] += " AND begins_with (SK, :prefix)"
            request["ExpressionAttributeValues"][":prefix"] = {"S": prefix}
        while True:
            page = self._connection.call("Query", request)
            for item in page["Items"]:
                yield item["SK"]["S"], _document_of(item)
            if not page.get("LastEvaluatedKey"):
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def write(self, key: RecordKey, document: Mapping[str, Any]) -> None:
        """Write a record, whatever was there."""
        self._connection.call("PutItem", {"TableName": self._connection.table, "Item": _item(key, document)})

    def replace(self, key: RecordKey, document: Mapping[str, Any], *, was: str | None, token: str) -> None:
        """Write a record under a new token, on condition that it has the token ``was``; None if it must be absent.

        Raises:
            ConditionFailed: somebody else wrote it.
        """
        item = _item(key, document) | {_VERSION: {"S": token}}
        request = {"TableName": self._connection.table, "Item": item, **_with_token(was).request()}
        # A lost answer is no lost race: what is there under our token was written by us.
        self._connection.call("PutItem", request, was_applied=lambda found: token_of(found) == token)

    def remove(self, key: RecordKey, *, token: str | None = None) -> None:
        """Remove a record; one that has another token than a given one stays."""
        request = {"TableName": self._connection.table, "Key": key.wire}
        if token is not None:
            request |= _with_token(token).request()
        try:
            self._connection.call("DeleteItem", request, was_applied=lambda found: token_of(found) != token)
        except ConditionFailed:
            return


def token_of(item: Mapping[str, Any] | None) -> str | None:
    """Return the token of a stored record, None where there is none."""
    return None if not item else item.get(_VERSION, {}).get("S")


def _with_token(token: str | None) -> Expression:
    return Expression().absent("PK") if token is None else Expression().equals((_VERSION,), {"S": token})


def _item(key: RecordKey, document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **key.wire,
        "entityType": {"S": key.kind},
        "updatedAt": {"S": clock.to_text(clock.utc_now())},
        _DOCUMENT: {"S": json.dumps(document, ensure_ascii=False, sort_keys=True)},
    }


def _document_of(item: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(item[_DOCUMENT]["S"])
    return document | {_VERSION: token_of(item)} if token_of(item) else document
