"""Page a query by the address of a request."""

from __future__ import annotations

from typing import TypeVar

from django.http import HttpRequest

from madmall_models.adapters.url_page import PARAMETER, SIZE, UrlPage, page_at
from madmall_models.query import Query

T = TypeVar("T")


def paginate(request: HttpRequest, query: Query[T], size: int = SIZE, parameter: str = PARAMETER) -> UrlPage[T]:
    """Return the page of a query that a request asks for with ``?after=``; without it, the first.

    Iterate over it for the items; ``next_url`` is None on the last page, and keeps the other parameters.

    Args:
        request: the request.
        query: what is paged.
        size: 1 to 1,000 items.
        parameter: the name of the parameter with the cursor, for two lists on one page.

    Raises:
        InvalidCursor: the cursor is not one of this query; the middleware answers 400. QueryError: the size is out of
            range. ConfigurationError: production has no key to sign cursors with.
    """
    return page_at(request.get_full_path(), query, size, parameter)
