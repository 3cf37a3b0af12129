"""Carry a query out: page by page, fetching whole items where an index holds only keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madmall_models import clock, codec
from madmall_models import condition as conditions
from madmall_models.connection.operations import Connection
from madmall_models.declaration import stored_path
from madmall_models.hydration import belongs, hydrated, key_names
from madmall_models.keys import IndexKey

if TYPE_CHECKING:
    from madmall_models.query import Query

_MOST_PER_REQUEST = 1000
Item = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Entry:
    """One match: the entity, and the key texts to go on after it."""

    entity: Any
    position: Mapping[str, str]


class QueryReader:
    """Read what a query asks for."""

    def __init__(self, query: Query[Any]) -> None:
        self._query = query
        self._key = query.key
        self._cls = query.key.entity
        self._connection = query.database.connection
        self._names = key_names(query.key)

    def entries(self, start: Mapping[str, Any] | None, page_size: int | None) -> Iterator[Entry]:
        """Yield the matches in order, from after ``start``; each request reads at most ``page_size`` entries."""
        for page in self._answers({"Limit": page_size} if page_size else {}, start):
            stored = page["Items"]
            items = hydrated(self._connection, self._key, stored) if self._key.hydrates else stored
            for entry, item in zip(stored, items, strict=True):
                if item is None or not self._matches(item):
                    continue
                entity = codec.decode(self._cls, item, self._query.database)
                # Other programs may have written the index key of what does not belong in this list.
                if belongs(self._key, entity):
                    yield Entry(entity, self._position(entry))

    def count(self) -> int:
        """Return the number of matches without fetching them; for keys that need no second look."""
        request = {"Select": "COUNT"}
        return sum(page["Count"] for page in self._answers(request, None))

    def request(self) -> dict[str, Any]:
        """Return the request of the first page, without table name and page size."""
        query = self._query
        request = query.sort_range().request(self._names)
        names, values = request["ExpressionAttributeNames"], request["ExpressionAttributeValues"]
        filters = [] if self._key.hydrates else [self._visible(names, values)]
        if query.filters is not None and query.filters_in_service():
            filters.append(_serialized(query.filters, names, values))
        if filters:
            # PynamoDB puts AND, OR and NOT in parentheses itself; DynamoDB refuses a second pair.
            request["FilterExpression"] = " AND ".join(filters)
        # What decides whether an item belongs in a sparse list may be any attribute of it.
        if query.names and not self._key.hydrates and self._key.when is None:
            request["ProjectionExpression"] = self._projection(names)
        if isinstance(self._key, IndexKey):
            request["IndexName"] = self._key.index_name
        if query.reads_consistently:
            request["ConsistentRead"] = True
        request["ScanIndexForward"] = query.forward
        return request

    def _visible(self, names: dict[str, str], values: dict[str, Any]) -> str:
        """Return the filter that hides expired items and items of other entities."""
        names["#type"], values[":type"] = "entityType", {"S": self._cls.discriminator}
        text = "#type = :type"
        if not self._query.shows_expired:
            names["#ttl"], values[":now"] = "ttl", {"N": str(int(clock.utc_now().timestamp()))}
            # Only a number is a time to live; DynamoDB lets an item with any other value stay.
            values[":number"] = {"S": "N"}
            text += " AND (NOT attribute_type (#ttl, :number) OR #ttl > :now)"
        return text

    def _projection(self, names: dict[str, str]) -> str:
        """Return the projection of a row: what was asked, and what tells where and what the item is."""
        placeholders = {name: placeholder for placeholder, name in names.items()}
        paths = [stored_path(self._cls, name) for name in self._query.names]
        paths += [(name,) for name in dict.fromkeys(("PK", "SK", *self._names, "entityType", "ttl"))]
        # DynamoDB refuses a path beside one that it lies in.
        outermost = [path for path in dict.fromkeys(paths) if not any(path[:n] in paths for n in range(1, len(path)))]
        for path in outermost:
            for name in path:
                placeholders.setdefault(name, f"#p{len(placeholders)}")
        names.update({placeholder: name for name, placeholder in placeholders.items()})
        return ", ".join(".".join(placeholders[name] for name in path) for path in outermost)

    def _answers(self, options: Mapping[str, Any], start: Mapping[str, Any] | None) -> Iterator[Mapping[str, Any]]:
        request = {"TableName": self._connection.table, **self.request(), **options}
        if start:
            request["ExclusiveStartKey"] = start
        return answers(self._connection, request, pattern=self._key.label)

    def _matches(self, item: Item) -> bool:
        if not self._key.hydrates:
            return True
        if not self._query.shows_expired and is_expired(item):
            return False
        return self._query.filters is None or conditions.matches(self._query.filters, item)

    def _position(self, entry: Item) -> dict[str, str]:
        # The partition that is read follows from the query, and may name a person: it stays out of cursors.
        return {name: entry[name]["S"] for name in dict.fromkeys(("PK", "SK", *self._names)) if name != self._names[0]}


def answers(connection: Connection, request: Mapping[str, Any], *, pattern: str) -> Iterator[Mapping[str, Any]]:
    """Yield the answers to a query, one for each megabyte or page, to the end."""
    start = request.get("ExclusiveStartKey")
    while True:
        asked = {**request, "ExclusiveStartKey": start} if start else request
        answer = connection.call("Query", asked, pattern=pattern)
        yield answer
        start = answer.get("LastEvaluatedKey")
        if not start:
            return


def request_size(wanted: int, *, filtered: bool) -> int:
    """Return how many items a request reads where ``wanted`` matches are asked for."""
    # What a filter drops is read anyway: small requests would only make more of them.
    return min(_MOST_PER_REQUEST, max(100, 4 * wanted) if filtered else wanted)


def is_expired(item: Item) -> bool:
    """Tell whether the time to live of a stored item has passed."""
    wire = item.get("ttl", {})
    return "N" in wire and float(wire["N"]) <= clock.utc_now().timestamp()


def _serialized(condition: Any, names: dict[str, str], values: dict[str, Any]) -> str:
    """Return a PynamoDB condition as text, its placeholders added to those of the request."""
    own_names = {name: placeholder for placeholder, name in names.items()}
    own_values = dict(values)
    text: str = condition.serialize(own_names, own_values)
    names.update({placeholder: name for name, placeholder in own_names.items()})
    values.update(own_values)
    return text
