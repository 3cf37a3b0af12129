"""A list in a Django project is paged by its address, and a link that was meddled with is refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from madmall_models import Database
from tests.integration.django_project import HTML, JANE, project_on


@pytest.fixture
def site(db: Database, engine: Any, client: Any) -> Iterator[Client]:
    db.users.create(user_id="u1", **JANE)
    for number in range(5):
        db.circles.create(
            circle_id=f"c{number}", name=f"Circle {number}", type="support_group", created_by="u1", description="Tea"
        )
    with project_on(db, engine, client, cursor_keys=["a secret for tests"]):
        yield Client()


def read(site: Client, address: str) -> tuple[list[str], str]:
    shown, _, following = site.get(address).content.decode().partition("|")
    return shown.split(), following


def test_the_pages_hold_every_item_once_and_the_last_says_so(site: Client) -> None:
    address, seen, pages = "/circles", [], 0
    while address:
        shown, address = read(site, address)
        seen += shown
        pages += 1

    assert seen == ["c4", "c3", "c2", "c1", "c0"]
    assert pages == 3


def test_the_other_parameters_stay_in_the_link(site: Client) -> None:
    _, following = read(site, "/circles?tag=a%26b&tag=c")

    assert following.startswith("/circles?tag=a%26b&tag=c&after=")


@pytest.mark.parametrize("cursor", ["x", "A" * 50_000, "é", "' OR 1=1", "%00", "AAAA" * 20])
def test_a_forged_link_is_answered_with_400_and_a_way_back(site: Client, cursor: str) -> None:
    answer = site.get(f"/circles?after={quote(cursor)}", headers=HTML)

    assert answer.status_code == 400
    assert "This page link is no longer valid" in answer.content.decode()
    assert "href='/circles'" in answer.content.decode()


def test_a_link_of_another_key_is_stale(site: Client, db: Database, engine: Any, client: Any) -> None:
    _, following = read(site, "/circles")
    with project_on(db, engine, client, cursor_keys=["another secret"]):
        assert site.get(following).status_code == 400


def test_a_link_outlives_the_replacement_of_the_key(site: Client, db: Database, engine: Any, client: Any) -> None:
    _, following = read(site, "/circles")
    with project_on(db, engine, client, cursor_keys=["another secret", "a secret for tests"]):
        assert read(site, following)[0] == ["c2", "c1"]


def test_an_empty_cursor_is_the_first_page(site: Client) -> None:
    assert read(site, "/circles?after=")[0] == ["c4", "c3"]
