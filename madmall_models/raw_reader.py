"""Carry out a query that was put together by stored names, and hand out what each item is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madmall_models import codec, document_path
from madmall_models.attributes.any_value import any_from_wire
from madmall_models.errors import QueryError
from madmall_models.hydration import fetched
from madmall_models.keys import ItemKey
from madmall_models.page import Page, read_page
from madmall_models.query_builder import QueryBuilder
from madmall_models.query_reader import Item, answers, is_expired, request_size
from madmall_models.raw_request import RawRequest
from madmall_models.row import Row

# How many items a page holds at most where the builder sets no limit.
PAGE_SIZE = 1000
# What the figures of ``db.metrics()`` call it.
PATTERN = "QueryBuilder"


@dataclass(frozen=True)
class _Found:
    """One match: the item as it is stored, or as much of it as was asked for, and the keys of its index entry."""

    item: Item
    entry: Item


def run(database: Any, builder: Any, after: str | None) -> Page[Any]:
    """Return a page of what a builder asks for.

    Raises:
        QueryError: it is no builder, or one that is not whole. InvalidCursor: the cursor is not one of this query.
        ConfigurationError: production has no key to sign cursors with.
    """
    if not isinstance(builder, QueryBuilder):
        raise QueryError("run takes a QueryBuilder; a Query is iterated over, or ended with page() or first()")
    database.cursors.check()
    reader = RawReader(database, builder.request())
    return reader.page(builder.most or PAGE_SIZE, after)


class RawReader:
    """Read what a request by stored names asks for."""

    def __init__(self, database: Any, request: RawRequest) -> None:
        self._database = database
        self._connection = database.connection
        self._request = request
        self._keys = tuple(dict.fromkeys(("PK", "SK", *request.names)))

    def page(self, size: int, after: str | None) -> Page[Any]:
        """Return a page of ``size`` matches: entities, or rows of what was named or has no class here."""
        fingerprint = self._request.fingerprint(self._database.table_name)
        start = self._position(after, fingerprint)
        found, has_more = read_page(self._matches(start, size + 1), size)
        cursor = None
        if has_more:
            last = found[-1].entry
            # The partition that is read follows from the query, and may name a person: it stays out of cursors.
            position = {name: last[name]["S"] for name in self._keys if name != self._request.partition.name}
            cursor = self._database.cursors.sign(position, fingerprint)
        return Page(tuple(self._handed_out(match.item) for match in found), cursor, has_more)

    def _position(self, after: str | None, fingerprint: str) -> dict[str, Any] | None:
        if after is None or after == "":
            return None
        position = self._database.cursors.verify(after, fingerprint)
        position[self._request.partition.name] = self._request.partition.texts[0]
        return {name: {"S": text} for name, text in position.items()}

    def _matches(self, start: Mapping[str, Any] | None, wanted: int) -> Iterator[_Found]:
        request = {"TableName": self._connection.table, **self._request.sent()}
        if start is not None:
            request["ExclusiveStartKey"] = start
        request["Limit"] = request_size(wanted, filtered=bool(self._request.builder.filters))
        for answer in answers(self._connection, request, pattern=PATTERN):
            for entry, item in self._with_items(answer["Items"]):
                if item is not None and self._is_asked_for(item):
                    yield _Found(item, entry)

    def _with_items(self, entries: list[Item]) -> Iterator[tuple[Item, Item | None]]:
        """Yield each entry with its item, None where that is gone or the index lags behind it."""
        if not self._request.hydrates:
            yield from zip(entries, entries, strict=True)
            return
        targets = [ItemKey(entry["PK"]["S"], entry["SK"]["S"]) for entry in entries]
        for entry, item in zip(entries, fetched(self._connection, targets, pattern=PATTERN), strict=True):
            # An item whose keys are others by now is not what was asked for any more.
            still_there = item is not None and all(item.get(name) == entry[name] for name in self._keys)
            yield entry, item if still_there else None

    def _is_asked_for(self, item: Item) -> bool:
        if not self._request.hydrates:
            return True
        # DynamoDB may have judged the filters by an entry that lags behind the item.
        return not is_expired(item) and self._request.meets_filters(item)

    def _handed_out(self, item: Item) -> Any:
        names = self._request.builder.names
        if names:
            found = {name: document_path.value_at(document_path.parse(name), item) for name in names}
            return Row({name: None if wire is None else any_from_wire(wire) for name, wire in found.items()})
        cls = codec.stored_class(item)
        if cls is not None:
            return codec.decode(cls, item, self._database)
        return Row({name: any_from_wire(wire) for name, wire in item.items()})
