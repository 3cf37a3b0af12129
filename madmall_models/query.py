"""Ask for items by a key: immutable, lazy, able to explain itself.

Each method returns a new query; nothing is sent before it is iterated, counted or paged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, Self, TypeVar, cast

from pynamodb.expressions.condition import Condition

from madmall_models import condition as conditions
from madmall_models.declaration import attribute_at
from madmall_models.errors import DoesNotExist, QueryError
from madmall_models.explanation import Explanation, explain
from madmall_models.filter_fault import filter_fault
from madmall_models.identifiers import shown_name
from madmall_models.key_condition import NOW, SortRange, sort_range
from madmall_models.keys import IndexKey, Key
from madmall_models.page import Page, fingerprint, read_page
from madmall_models.query_reader import Entry, QueryReader, request_size
from madmall_models.row import Row

E = TypeVar("E")
_PAGE_SIZE = 20
_MOST_PER_PAGE = 1000


@dataclass(frozen=True, repr=False)
class Query(Generic[E]):
    """A question to one key of one entity.

    Iterate over it for the entities, or end it with :meth:`first`, :meth:`one`, :meth:`count` or :meth:`page`.

    Attributes:
        database: where to ask.
        key: which key is asked.
        values: the key fields that are known, by dotted name.
    """

    database: Any
    key: Key
    values: Mapping[str, Any]
    lower: Any = None
    upper: Any = None
    beginning: str | None = None
    filters: Condition | None = None
    most: int | None = None
    forward: bool = True
    reads_consistently: bool = False
    names: tuple[str, ...] = ()
    shows_expired: bool = False

    def __repr__(self) -> str:
        return f"<Query of {self.key.label} on {self.database!r}>"

    # -- narrowing -------------------------------------------------------------------------------------------------

    def between(self, lower: Any, upper: Any) -> Self:
        """Keep items whose next part of the sort key lies between two bounds, both included.

        A bound is a datetime, or a text that is compared as DynamoDB compares key text: a date alone is a prefix.
        """
        return self._narrowed(lower=lower, upper=upper)

    def since(self, lower: Any) -> Self:
        """Keep items whose next part of the sort key is at or after ``lower``."""
        return self._narrowed(lower=lower)

    def from_now(self) -> Self:
        """Keep items whose next part of the sort key, a time, is not before the moment at which they are asked for.

        Unlike ``since(utc_now())`` it is the same query a second later, so that a cursor of it stays good.

        Raises:
            QueryError: the next part of the sort key is no time.
        """
        return self._narrowed(lower=NOW)

    def until(self, upper: Any) -> Self:
        """Keep items whose next part of the sort key is at or before ``upper``."""
        return self._narrowed(upper=upper)

    def begins_with(self, beginning: str) -> Self:
        """Keep items whose next part of the sort key begins with a text; an empty text keeps all."""
        if not isinstance(beginning, str):
            raise QueryError(f"{self.key.label}: begins_with takes text, not {type(beginning).__name__}")
        return self._narrowed(beginning=beginning)

    def filter(self, condition: Condition) -> Self:
        """Keep items that satisfy a condition; what it drops was read and is paid for.

        Raises:
            QueryError: it is no condition, names what the entity does not declare or a key attribute, compares with
                None, or is over a limit of DynamoDB.
        """
        combined = condition
        if self.filters is not None and isinstance(condition, Condition):
            combined = self.filters & condition
        fault = filter_fault(self.answers_with(), self._key_names(), combined)
        if fault is not None:
            raise QueryError(f"{self.key.label}: {fault}")
        return replace(self, filters=combined)

    def limit(self, most: int) -> Self:
        """Return at most ``most`` matching items.

        Raises:
            QueryError: ``most`` is not a whole number above 0.
        """
        if not isinstance(most, int) or isinstance(most, bool) or most < 1:
            raise QueryError(f"{self.key.label}: a limit is a whole number above 0")
        return replace(self, most=most)

    def newest_first(self) -> Self:
        """Give the items in descending order of the sort key."""
        return replace(self, forward=False)

    def oldest_first(self) -> Self:
        """Give the items in ascending order of the sort key, which is the default."""
        return replace(self, forward=True)

    def consistent(self) -> Self:
        """Reflect every write that was acknowledged before; costs twice as much.

        Raises:
            QueryError: the key is in an index, which DynamoDB never reads consistently.
        """
        if isinstance(self.key, IndexKey):
            raise QueryError(f"{self.key.label} is in {self.key.index_name}, which DynamoDB never reads consistently")
        return replace(self, reads_consistently=True)

    def including_expired(self) -> Self:
        """Show items whose time to live has passed and that DynamoDB has not deleted yet."""
        return replace(self, shows_expired=True)

    def only(self, *names: str) -> Query[Row]:
        """Give read-only rows of these attributes instead of entities.

        Raises:
            QueryError: the entity has no such attribute.
        """
        entity = self.key.entity
        unknown = [name for name in names if not isinstance(name, str) or attribute_at(entity, name) is None]
        if unknown or not names:
            given = ", ".join(map(shown_name, unknown)) or "nothing"
            raise QueryError(f"{self.key.label}: only() takes attributes of {entity.__name__}; unknown: {given}")
        return cast(Query[Row], replace(self, names=names))

    # -- asking ----------------------------------------------------------------------------------------------------

    def __iter__(self) -> Iterator[E]:
        for count, entry in enumerate(self._reader().entries(None, self._page_size(self.most)), 1):
            yield self._handed_out(entry)
            if self.most is not None and count >= self.most:
                return

    def first(self) -> E | None:
        """Return the first item, or None."""
        return next(iter(replace(self, most=1)), None)

    def one(self) -> E:
        """Return the only item.

        Raises:
            DoesNotExist: there is none (the entity's own class of it). QueryError: there are several.
        """
        found = list(replace(self, most=2))
        if not found:
            missing: type[DoesNotExist] = self.key.entity.DoesNotExist
            raise missing(f"{self.key.label}: no item")
        if len(found) > 1:
            raise QueryError(f"{self.key.label}: several items where exactly one was expected")
        return found[0]

    def count(self) -> int:
        """Return how many items match, over all pages. Every one of them is read and paid for."""
        if self.most is None and not self.key.hydrates and self.key.when is None:
            # DynamoDB counts or projects, and refuses to be asked for both.
            return QueryReader(replace(self, names=())).count()
        return sum(1 for _ in self)

    def page(self, size: int = _PAGE_SIZE, after: str | None = None) -> Page[E]:
        """Return a page of at most ``size`` items.

        Args:
            size: 1 to 1,000 items.
            after: the cursor of the page before; None or empty for the first.

        Raises:
            InvalidCursor: the cursor is not one of this query. QueryError: the size is out of range.
            ConfigurationError: production has no key to sign cursors with.
        """
        if not isinstance(size, int) or isinstance(size, bool) or not 1 <= size <= _MOST_PER_PAGE:
            raise QueryError(f"{self.key.label}: a page has 1 to {_MOST_PER_PAGE} items")
        self.database.cursors.check()
        position, before = self._position(after)
        start = self._start(position)
        wanted = size if self.most is None else min(size, self.most - before)
        if wanted <= 0 or (position is not None and start is None and not self.forward):
            return Page((), None, has_more=False)
        taken, has_more = read_page(self._reader().entries(start, self._page_size(wanted + 1)), wanted)
        has_more = has_more and (self.most is None or before + wanted < self.most)
        cursor = self._cursor(taken[-1], before + wanted) if has_more else None
        return Page(tuple(map(self._handed_out, taken)), cursor, has_more)

    def explain(self) -> Explanation:
        """Return what will be sent and what it costs, without sending it and without values of people."""
        return explain(self)

    # -- how -------------------------------------------------------------------------------------------------------

    def answers_with(self) -> type[Any]:
        """Return the class of the entities that are given."""
        entity: type[Any] = self.key.entity
        return entity

    def sort_range(self) -> SortRange:
        """Return the part of the partition that is read."""
        return sort_range(self.key, self.values, self.lower, self.upper, self.beginning)

    def filters_in_service(self) -> bool:
        """Tell whether DynamoDB evaluates the filter, rather than this package after fetching."""
        if self.filters is None or not isinstance(self.key, IndexKey):
            return self.filters is not None and not self.key.hydrates
        projected = self.key.index.projected_names()
        return not self.key.hydrates or all(path[0] in projected for path in conditions.paths(self.filters))

    def fingerprint(self) -> str:
        """Return a text that tells this query from others; it binds cursors."""
        stored = {name: {"S": str(value)} for name, value in self.values.items()}
        moving = self.lower is NOW
        span = replace(self, lower=None).sort_range() if moving else self.sort_range()
        asked = (self.key.label, sorted(stored.items(), key=str), span, moving, repr(self.filters))
        shown = (self.most, self.forward, self.names, self.shows_expired)
        return fingerprint(self.database.table_name, *asked, *shown)

    def _narrowed(self, **narrowing: Any) -> Self:
        present = {name for name in ("lower", "upper", "beginning") if getattr(self, name) is not None}
        if present & set(narrowing) or ("beginning" in present | set(narrowing) and len(present | set(narrowing)) > 1):
            raise QueryError(f"{self.key.label}: the sort key is narrowed already; DynamoDB takes one condition on it")
        for value in narrowing.values():
            if value is None:
                raise QueryError(
                    f"{self.key.label}: a bound is missing; leave the narrowing out instead of giving None"
                )
            if isinstance(value, datetime) and value.utcoffset() is None:
                raise QueryError(f"{self.key.label}: a bound without an offset is ambiguous; give an aware datetime")
        narrowed = replace(self, **narrowing)
        narrowed.sort_range()
        return narrowed

    def _reader(self) -> QueryReader:
        return QueryReader(self)

    def _page_size(self, wanted: int | None) -> int | None:
        if wanted is None:
            return None
        return request_size(wanted, filtered=self.filters is not None)

    def _handed_out(self, entry: Entry) -> Any:
        return Row.of(entry.entity, self.names) if self.names else entry.entity

    def _cursor(self, entry: Entry, returned: int) -> str:
        cursor: str = self.database.cursors.sign({**entry.position, "n": str(returned)}, self.fingerprint())
        return cursor

    def _position(self, after: str | None) -> tuple[dict[str, str] | None, int]:
        """Return the key texts after which a page begins, and how many items were given before."""
        if after is None or after == "":
            return None, 0
        position: dict[str, str] = self.database.cursors.verify(after, self.fingerprint())
        returned = int(position.pop("n"))
        position[self._key_names()[0]] = self.sort_range().partition
        return position, returned

    def _start(self, position: dict[str, str] | None) -> dict[str, Any] | None:
        """Return where a request begins; None where time has passed the position, which DynamoDB would refuse."""
        if position is None or (self.lower is NOW and position[self._key_names()[1]] < self.sort_range().texts[0]):
            return None
        return {name: {"S": text} for name, text in position.items()}

    def _key_names(self) -> tuple[str, str]:
        return self.key.names if isinstance(self.key, IndexKey) else ("PK", "SK")
