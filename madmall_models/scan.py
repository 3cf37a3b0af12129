"""Read the whole table, in parallel, for the items of one entity: the one way to do so, and asked for by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_
from typing import Any, Generic, Self, TypeVar

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path, Value

from madmall_models import codec, limits
from madmall_models.errors import QueryError
from madmall_models.explanation import FILTER_WARNING, Explanation
from madmall_models.filter_fault import filter_fault
from madmall_models.raw_request import still_alive
from madmall_models.table_segments import Item, segment_pages

E = TypeVar("E")
_MOST_SEGMENTS = 64
_UNIT_BYTES = 4096


@dataclass(frozen=True, repr=False)
class Scan(Generic[E]):
    """A reading of the whole table for the items of one entity, in no order.

    Every item of every entity is read and paid for: half a read unit for each 4 KB of the table. Iterate over it for
    the entities. Each segment is read by a thread of its own, one request at a time, so that at most ``segments``
    megabytes wait; the threads end with the iterator, also when it is left early.

    Attributes:
        database: where to read.
        entity: the class whose items are handed out; expired ones and mirrors are not.
        segments: 1 to 64 parts that are read at the same time.
        consistent: whether to reflect every write that was acknowledged before; costs twice as much.
    """

    database: Any
    entity: type[E]
    segments: int = 4
    consistent: bool = False
    filters: Condition | None = None
    shows_expired: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.entity, type) or not getattr(self.entity, "discriminator", None):
            raise QueryError("scan takes an entity class, as in db.scan(User)")
        if not isinstance(self.segments, int) or isinstance(self.segments, bool):
            raise QueryError("segments is a whole number")
        if not 1 <= self.segments <= _MOST_SEGMENTS:
            raise QueryError(f"a scan has 1 to {_MOST_SEGMENTS} segments; each is a thread")
        if not isinstance(self.consistent, bool):
            raise QueryError("consistent is True or False")

    def filter(self, condition: Condition) -> Self:
        """Keep items that satisfy a condition as well; the whole table is read all the same.

        Raises:
            QueryError: it is no condition, names what the entity does not declare, or compares with None.
        """
        combined = condition
        if self.filters is not None and isinstance(condition, Condition):
            combined = self.filters & condition
        fault = filter_fault(self.entity, (), combined)
        if fault is not None:
            raise QueryError(f"a scan of {self.entity.__name__}: {fault}")
        return replace(self, filters=combined)

    def including_expired(self) -> Self:
        """Hand out items whose time to live has passed and that DynamoDB has not deleted yet."""
        return replace(self, shows_expired=True)

    def __iter__(self) -> Iterator[E]:
        for item in self._items():
            if self._is_primary(item):
                yield codec.decode(self.entity, item, self.database)

    def count(self) -> int:
        """Return how many items there are; the whole table is read."""
        return sum(1 for item in self._items() if self._is_primary(item))

    def request(self) -> dict[str, Any]:
        """Return the request of each segment, without its number."""
        conditions: list[Condition] = [Path(["entityType"]) == Value({"S": self._discriminator})]
        conditions += [] if self.shows_expired else [still_alive()]
        conditions += [] if self.filters is None else [self.filters]
        names: dict[str, str] = {}
        values: dict[str, Any] = {}
        text = reduce(and_, conditions).serialize(names, values)
        return {
            "TableName": self.database.table_name,
            "FilterExpression": text,
            "ExpressionAttributeNames": {placeholder: name for name, placeholder in names.items()},
            "ExpressionAttributeValues": values,
            "ConsistentRead": self.consistent,
            "TotalSegments": self.segments,
        }

    def explain(self) -> Explanation:
        """Return what will be sent and what it costs, without sending it."""
        rate = 1.0 if self.consistent else 0.5
        filtered = (FILTER_WARNING,) if self.filters is not None else ()
        return Explanation(
            question=f"Which {self.entity.__name__} items are in the table?",
            index="table",
            key_condition=f"none: the whole table is read, in {self.segments} segments at the same time",
            filter="by DynamoDB, after reading" if self.filters is not None else None,
            hidden=f"what is not entityType {self._discriminator}"
            + ("" if self.shows_expired else ", and what expired (ttl)"),
            projection="all",
            page_size=None,
            hydrates=False,
            newest_first=False,
            order="in no order",
            read_units=limits.PAGE_BYTES / _UNIT_BYTES * rate,
            read_units_per_item=rate / 4,
            assumptions=("read_units is for each megabyte of the table", "items of 1024 bytes, of every entity"),
            warnings=("every item of every entity is read and paid for; ask a key where one serves", *filtered),
        )

    @property
    def _discriminator(self) -> str:
        return str(getattr(self.entity, "discriminator", ""))

    def _is_primary(self, item: Item) -> bool:
        """Tell whether an item stands at the entity's own key, rather than being its mirror."""
        key: Any = getattr(self.entity, "key", None)
        return key.partition.match(item["PK"]["S"]) is not None and key.sort.match(item["SK"]["S"]) is not None

    def _items(self) -> Iterator[Item]:
        pattern = f"db.scan({self.entity.__name__})"
        for page in segment_pages(self.database.connection, self.request(), self.segments, pattern=pattern):
            yield from page.items

    def __repr__(self) -> str:
        return f"<Scan for {self.entity.__name__} in {self.segments} segments on {self.database!r}>"
