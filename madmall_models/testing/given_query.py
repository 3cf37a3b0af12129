"""Be a query whose answer a test has given, so that the code under test narrows, limits and pages it as ever."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self, TypeVar

from madmall_models import codec
from madmall_models import condition as conditions
from madmall_models.query import Query
from madmall_models.query_reader import Entry, is_expired

E = TypeVar("E")


@dataclass(frozen=True, repr=False)
class GivenQuery(Query[E]):
    """A query that answers with the items it was given, in their order, without a table.

    Filters, limits, pages, ``newest_first`` and what has expired are carried out on those items; whether a filter or a
    bound makes sense is checked as ever. Bounds (``since``, ``between``, ``begins_with``) leave the items as they are:
    give those that lie within.

    Attributes:
        items: the answer, oldest first.
        answering: the class of the items, which filters are about.
    """

    items: tuple[Any, ...] = ()
    answering: Any = None

    @classmethod
    def of(cls, query: Query[E], items: tuple[Any, ...]) -> Self:
        """Return the query that answers with these items where ``query`` was asked, whose own filters they keep."""
        asked = {each.name: getattr(query, each.name) for each in fields(Query)}
        return cls(**{**asked, "filters": None}, items=items, answering=query.answers_with())

    def answers_with(self) -> type[Any]:
        """Return the class of the items."""
        answering: type[Any] = self.answering
        return answering

    def count(self) -> int:
        """Return how many of the items match."""
        return sum(1 for _ in replace(self, names=()))

    def _reader(self) -> Any:
        return _GivenReader(self)

    def _start(self, position: dict[str, str] | None) -> dict[str, Any] | None:
        return None if position is None else {"after": position["PK"]}

    def _position(self, after: str | None) -> tuple[dict[str, str] | None, int]:
        if after is None or after == "":
            return None, 0
        position: dict[str, str] = self.database.cursors.verify(after, self.fingerprint())
        return position, int(position["n"])


class _GivenReader:
    """Read from the items of a query as from a table."""

    def __init__(self, query: GivenQuery[Any]) -> None:
        self._query = query

    def entries(self, start: Mapping[str, Any] | None, page_size: int | None) -> Iterator[Entry]:
        """Yield what matches; a position is the place of an item among all."""
        # What no key can be made of is refused as by the real query.
        self._query.sort_range()
        items = list(self._query.items if self._query.forward else reversed(self._query.items))
        begin = 0 if start is None else int(start["after"]) + 1
        for place, item in enumerate(items[begin:], begin):
            if self._matches(item):
                yield Entry(item, {"PK": str(place)})

    def _matches(self, entity: Any) -> bool:
        stored = codec.encode(entity)
        if is_expired(stored) and not self._query.shows_expired:
            return False
        return self._query.filters is None or conditions.matches(self._query.filters, stored)
