"""Page a query by the address of the request."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

from flask import request

from madmall_models.adapters.flask.state import current_madmall
from madmall_models.adapters.url_page import PARAMETER, UrlPage, page_at
from madmall_models.query import Query

T = TypeVar("T")


def paginate(query: Query[T], size: int | None = None, parameter: str = PARAMETER) -> UrlPage[T]:
    """Return the page of a query that the request asks for with ``?after=``; without it, the first.

    Iterate over it for the items; ``next_url`` is None on the last page, and keeps the other parameters.

    Args:
        query: what is paged.
        size: 1 to 1,000 items; left out, MADMALL_PAGE_SIZE, which is 20.
        parameter: the name of the parameter with the cursor, for two lists on one page.

    Raises:
        InvalidCursor: the cursor is not one of this query; it is answered with 400. QueryError: the size is out of
            range. ConfigurationError: production has no key to sign cursors with.
    """
    address = quote(request.script_root + request.path) + "?" + request.query_string.decode("ascii", "replace")
    return page_at(address, query, current_madmall.page_size if size is None else size, parameter)
