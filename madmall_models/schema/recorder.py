"""Record the requests that a question makes, and answer them with an example; nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.codec import Item
from madmall_models.connection.operations import READS, Connection
from madmall_models.connection.session import ConnectionSettings
from madmall_models.database import Database
from madmall_models.errors import WriteRefused
from madmall_models.page import CursorSigner
from madmall_models.schema.description_json import json_request
from madmall_models.schema.example_values import MOMENT
from madmall_models.schema.pattern_description import RequestDescription
from madmall_models.writer import EntityWriter

TABLE_NAME = "madmall"
# The filter that hides what expired compares with the present moment.
_NOW = ":now"


class RecordedConnection(Connection):
    """Keep what would be sent, and answer with the items that are known.

    Args:
        items: by their keys, what single reads find.
        entries: what every list holds.
    """

    def __init__(self, items: Mapping[tuple[str, str], Item], entries: list[Item]) -> None:
        super().__init__(ConnectionSettings(), TABLE_NAME, read_only=True)
        self._items = items
        self._entries = entries
        self.requests: list[RequestDescription] = []
        self.patterns: list[str] = []

    def call(
        self, operation: str, request: Mapping[str, Any], *, pattern: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """Record a read and answer it.

        Raises:
            WriteRefused: it is a write.
        """
        if operation not in READS:
            raise WriteRefused(f"{operation} was refused: to describe a question, nothing is written")
        self.patterns.append(pattern or "")
        self.requests.append(RequestDescription(operation, _at_one_moment(json_request(request))))
        if operation == "GetItem":
            item = self._item(request["Key"])
            return {"Item": item} if item is not None else {}
        if operation == "BatchGetItem":
            found = map(self._item, request["RequestItems"][TABLE_NAME]["Keys"])
            return {"Responses": {TABLE_NAME: [item for item in found if item is not None]}}
        return {"Items": self._entries, "Count": len(self._entries)}

    def _item(self, key: Mapping[str, Mapping[str, str]]) -> Item | None:
        return self._items.get((key["PK"]["S"], key["SK"]["S"]))


class RecordedDatabase(Database):
    """Be a database whose connection records; it asks no setting of the surroundings, so that all of it is the same."""

    def __init__(self, items: Mapping[tuple[str, str], Item] | None = None, entries: list[Item] | None = None) -> None:
        self.settings = {}
        self.environment = None
        self.table_name = TABLE_NAME
        self.recorded = RecordedConnection(items or {}, entries or [])
        self.connection = self.recorded
        self.cursors = CursorSigner(["recorded"], strict=False)
        self.writer = EntityWriter(self.connection, self)
        self._managers: dict[type[Any], Any] = {}


def _at_one_moment(request: dict[str, Any]) -> dict[str, Any]:
    values = request.get("ExpressionAttributeValues", {})
    if _NOW in values:
        values[_NOW] = {"N": str(int(MOMENT.timestamp()))}
    return request
