"""Read the page of a query that a URL asks for, and know the URL of the next one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

from madmall_models.page import Page
from madmall_models.query import Query

T = TypeVar("T")
PARAMETER = "after"
SIZE = 20


@dataclass(frozen=True)
class UrlPage(Generic[T]):
    """One page of a query at an address.

    Attributes:
        page: the items and the cursor.
        next_url: the address of the next page, its other parameters kept; None on the last.
        first_url: the address of the first page.
    """

    page: Page[T]
    next_url: str | None
    first_url: str

    @property
    def items(self) -> tuple[T, ...]:
        """Return the items of the page."""
        return self.page.items

    @property
    def has_more(self) -> bool:
        """Tell whether there is a next page."""
        return self.page.has_more

    def __iter__(self) -> Iterator[T]:
        return iter(self.page.items)

    def __len__(self) -> int:
        return len(self.page.items)


def page_at(url: str, query: Query[T], size: int = SIZE, parameter: str = PARAMETER) -> UrlPage[T]:
    """Return the page of a query that an address asks for by its cursor; without one, the first.

    Only the path and the parameters of the address are used, so that no foreign host gets into a link.

    Args:
        url: the address of the request as it came, percent-encoded, with its parameters: ``/circles?after=...``.
        query: what is paged.
        size: 1 to 1,000 items.
        parameter: the name of the parameter that holds the cursor. Where it stands twice, the last counts.

    Raises:
        InvalidCursor: the cursor is not one of this query. QueryError: the size is out of range.
        ConfigurationError: production has no key to sign cursors with.
    """
    page = query.page(size=size, after=_cursor(url, parameter))
    next_url = _with_cursor(url, parameter, page.cursor) if page.cursor is not None else None
    return UrlPage(page, next_url, first_page_url(url, parameter))


def first_page_url(url: str, parameter: str = PARAMETER) -> str:
    """Return an address without its cursor.

    >>> first_page_url("/events?city=Atlanta&after=abc")
    '/events?city=Atlanta'
    """
    return _with_cursor(url, parameter, None)


def _cursor(url: str, parameter: str) -> str | None:
    return dict(_parameters(url)).get(parameter)


def _with_cursor(url: str, parameter: str, cursor: str | None) -> str:
    kept = [(name, value) for name, value in _parameters(url) if name != parameter]
    asked = kept if cursor is None else [*kept, (parameter, cursor)]
    # A browser reads a host where a path begins with two slashes, and takes a backslash for one.
    path = "/" + quote(urlsplit(url).path, safe="/%:@!$&'()*+,;=~").lstrip("/")
    return urlunsplit(("", "", path, urlencode(asked), ""))


def _parameters(url: str) -> list[tuple[str, str]]:
    return parse_qsl(urlsplit(url).query, keep_blank_values=True)
