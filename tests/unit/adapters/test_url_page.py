"""An address asks for a page, and names the next one without leading anywhere else."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from madmall_models.adapters import http_status, url_page
from madmall_models.adapters.url_page import first_page_url, page_at
from madmall_models.page import Page


class Asked:
    """Be a query that notes what page was asked for."""

    def __init__(self, cursor: str | None = None) -> None:
        self.cursor = cursor
        self.calls: list[dict[str, Any]] = []

    def page(self, **asked: Any) -> Page[str]:
        self.calls.append(asked)
        return Page(("first", "second"), self.cursor, has_more=self.cursor is not None)


def test_an_address_without_a_cursor_asks_for_the_first_page() -> None:
    query = Asked()
    found = page_at("/circles", query, size=2)

    assert query.calls == [{"size": 2, "after": None}]
    assert list(found) == ["first", "second"]
    assert (len(found), found.has_more, found.next_url) == (2, False, None)


def test_the_cursor_is_taken_from_the_address_and_replaced_in_the_next_one() -> None:
    query = Asked(cursor="n-_x")
    found = page_at("/events?city=Atlanta&after=old&tag=a&tag=b", query)

    assert query.calls[0]["after"] == "old"
    assert found.next_url == "/events?city=Atlanta&tag=a&tag=b&after=n-_x"
    assert found.first_url == "/events?city=Atlanta&tag=a&tag=b"


def test_what_somebody_typed_stays_inside_its_parameter() -> None:
    found = page_at("/events?city=%22%3E%3Cscript%3E%26after%3Dx", Asked(cursor="c"))

    assert found.next_url == "/events?city=%22%3E%3Cscript%3E%26after%3Dx&after=c"


@pytest.mark.parametrize("url", ["//evil.example/circles?after=x", "https://evil.example/circles", "///circles"])
def test_no_address_leads_to_another_host(url: str) -> None:
    found = page_at(url, Asked(cursor="c"))

    assert found.next_url == "/circles?after=c"
    assert found.first_url == "/circles"


def test_a_backslash_makes_no_host() -> None:
    assert first_page_url("/\\evil.example/circles") == "/%5Cevil.example/circles"


def test_another_name_for_the_parameter_may_be_chosen() -> None:
    query = Asked(cursor="c")
    found = page_at("/feed?cursor=x&after=kept", query, parameter="cursor")

    assert query.calls[0]["after"] == "x"
    assert found.next_url == "/feed?after=kept&cursor=c"


def test_of_two_cursors_the_last_counts() -> None:
    query = Asked()
    page_at("/feed?after=a&after=b", query)

    assert query.calls[0]["after"] == "b"


@pytest.mark.parametrize("module", [http_status, url_page])
def test_the_examples_of_the_docstrings_hold(module: Any) -> None:
    found = doctest.testmod(module)

    assert found.attempted > 0
    assert found.failed == 0


def test_the_address_of_the_first_page_has_no_empty_rest() -> None:
    assert first_page_url("/circles?after=abc") == "/circles"
