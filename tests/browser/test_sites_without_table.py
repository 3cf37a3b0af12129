"""The sites lose their table, and say so: in their own words and design, with the right status, and to the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.browser.sites import SITES, started
from tests.integration.site_visitor import Visitor

pytestmark = pytest.mark.difference("one-process")


@pytest.mark.parametrize("name", sorted(SITES))
def test_a_site_without_its_table_says_that_it_is_away(name: str, engine: Any) -> None:
    with started(name, engine) as site:
        rosa, stranger = Visitor(site.url), Visitor(site.url)
        rosa.register("Rosa Diaz", "rosa@example.com")
        form = rosa.get("/circles/new")
        site.database.delete_table()

        for visitor, path in ((rosa, "/circles"), (stranger, "/circles"), (rosa, "/"), (stranger, "/feed")):
            answer = visitor.get(path)
            assert (answer.status, answer.heading) == (503, "The service is not available")
            assert site.database.table_name not in answer.text
            assert "Traceback" not in answer.text
        assert rosa.post("/circles/new", form, name="Morning tea", type="support_group").status == 503
        health = stranger.get("/health")
        assert (health.status, json.loads(health.text)["ok"]) == (503, False)
