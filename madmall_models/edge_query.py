"""Ask the edges between entities, and give what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar, cast

from madmall_models import batch, codec, limits
from madmall_models import condition as conditions
from madmall_models.declaration import attribute_at
from madmall_models.errors import DoesNotExist, QueryError
from madmall_models.explanation import ASSUMED_ITEMS, Explanation
from madmall_models.keys import ItemKey
from madmall_models.query import Query
from madmall_models.query_reader import Entry, QueryReader, is_expired
from madmall_models.row import Row

E = TypeVar("E")


@dataclass(frozen=True, repr=False)
class EdgeQuery(Query[E]):
    """A question to a key of an edge, answered with the entities at its other end.

    Each is fetched by its key, consistently. One that is gone, or that the edge does not belong to any more since the
    index lagged, is left out. Filters and ``only`` are about the entities, not about the edges.

    Attributes:
        target: the class at the other end.
        lead: gives the key of the entity that an edge leads to.
        belongs: tells whether an entity, read now, still has the edge.
    """

    target: Any = None
    lead: Callable[[Any], ItemKey] | None = None
    belongs: Callable[[Any, Any], bool] | None = None

    def __repr__(self) -> str:
        return f"<EdgeQuery of {self.target.__name__} by {self.key.label} on {self.database!r}>"

    def only(self, *names: str) -> Query[Row]:
        """Give read-only rows of these attributes instead of entities.

        Raises:
            QueryError: the entity has no such attribute.
        """
        if not names or any(not isinstance(name, str) or attribute_at(self.target, name) is None for name in names):
            raise QueryError(f"{self.key.label}: only() takes attributes of {self.target.__name__}")
        return cast(Query[Row], replace(self, names=names))

    def one(self) -> E:
        """Return the only entity.

        Raises:
            DoesNotExist: there is none (the entity's own class of it). QueryError: there are several.
        """
        try:
            return super().one()
        except DoesNotExist:
            missing: type[DoesNotExist] = self.target.DoesNotExist
            raise missing(f"{self.key.label}: no item") from None

    def count(self) -> int:
        """Return how many entities there are, over all pages. Every one of them is read and paid for."""
        return sum(1 for _ in self)

    def explain(self) -> Explanation:
        """Return what will be sent and what it costs, without sending it and without values of people."""
        told = super().explain()
        fetched = self.most or ASSUMED_ITEMS
        warning = f"edges lead to {self.target.__name__}: each is fetched, one read unit per 4 KB"
        return replace(
            told,
            hydrates=True,
            read_units=told.read_units + fetched,
            read_units_per_item=told.read_units_per_item + 1,
            warnings=(*told.warnings, warning),
        )

    def answers_with(self) -> type[Any]:
        """Return the class at the other end, which filters are about."""
        target: type[Any] = self.target
        return target

    def filters_in_service(self) -> bool:
        """Tell that the filter is evaluated here: it is about the entities, and DynamoDB sees edges."""
        return False

    def _reader(self) -> Any:
        return _EdgeReader(self)


class _EdgeReader:
    """Read edges, then what they lead to."""

    def __init__(self, query: EdgeQuery[Any]) -> None:
        self._query = query
        self._edges = QueryReader(replace(query, filters=None, names=()))

    def entries(self, start: Mapping[str, Any] | None, page_size: int | None) -> Iterator[Entry]:
        """Yield the matches in order, from after ``start``; each request reads at most ``page_size`` edges."""
        edges = self._edges.entries(start, page_size)
        most = min(page_size or limits.BATCH_GET_KEYS, limits.BATCH_GET_KEYS)
        while chunk := list(islice(edges, most)):
            yield from self._followed(chunk)

    def _followed(self, chunk: Sequence[Entry]) -> Iterator[Entry]:
        lead = self._query.lead
        assert lead is not None
        keys = [lead(entry.entity) for entry in chunk]
        found = batch.get_items(self._query.database.connection, keys)
        for entry, key in zip(chunk, keys, strict=True):
            item = found.get((key.partition, key.sort))
            if item is not None and self._is_wanted(item):
                entity = codec.decode(self._query.target, item, self._query.database)
                if self._query.belongs is None or self._query.belongs(entry.entity, entity):
                    yield Entry(entity, entry.position)

    def _is_wanted(self, item: Mapping[str, Any]) -> bool:
        query = self._query
        if item.get("entityType", {}).get("S") != query.target.discriminator:
            return False
        if is_expired(item) and not query.shows_expired:
            return False
        return query.filters is None or conditions.matches(query.filters, item)
