"""A query says what it will send and what it costs, and shows no personal data while doing so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from madmall_models import Circle, CircleMember, Database, Query, QueryBuilder, Resource, Story, User

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
database = Database(table="table")


def asking(key: Any, **fields: Any) -> Query[Any]:
    query: Query[Any] = database.query_of(key, key.checked_fields(fields))
    return query


def test_it_names_the_question_the_index_and_the_condition() -> None:
    explained = asking(Circle.by_type, type="support_group").since(NOON).newest_first().limit(20).explain()
    assert explained.question == "Which circles are of this type, oldest first?"
    assert explained.index == "GSI1"
    assert explained.key_condition == (
        "GSI1PK = CIRCLE_TYPE#support_group AND GSI1SK between CREATED#2026-11-22T12:00:00.000Z and CREATED#…"
    )
    assert (explained.page_size, explained.newest_first, explained.hydrates) == (20, True, False)
    assert (explained.filter, explained.projection) == (None, "all")
    assert explained.hidden == "what is not entityType CIRCLE, and what expired (ttl)"


def test_it_says_who_evaluates_a_filter_and_that_it_is_paid_for() -> None:
    in_service = asking(Circle.by_type, type="t").filter(Circle.is_active == True).explain()
    assert in_service.filter == "by DynamoDB, after reading"
    here = asking(Circle.by_status, status="ACTIVE").filter(Circle.is_active == True).explain()
    assert here.filter == "here, after the items are fetched"
    for explained in (in_service, here):
        assert "what the filter drops is read and paid for" in explained.warnings


@pytest.mark.parametrize(
    ("key", "fields", "what"),
    [
        (Circle.by_status, {"status": "ACTIVE"}, "GSI3 holds keys only"),
        (Circle.by_tenant, {"tenant_id": "default"}, "GSI4 holds keys, entityType, status, createdAt, updatedAt only"),
        (Story.in_circle, {"circle_id": "c1"}, "pointers hold keys and what they are sorted by only"),
    ],
)
def test_it_says_that_items_are_fetched_and_prices_it(key: Any, fields: dict[str, str], what: str) -> None:
    query = asking(key, **fields).limit(20)
    explained = query.explain()
    assert explained.hydrates
    assert any(warning.startswith(what) for warning in explained.warnings)
    assert explained.read_units > 20
    assert asking(Circle.by_type, type="t").limit(20).explain().read_units < 20


def test_it_warns_of_reading_everything() -> None:
    unlimited = asking(Circle.by_type, type="t")
    assert any(warning.startswith("no limit") for warning in unlimited.explain().warnings)
    assert not any(warning.startswith("no limit") for warning in unlimited.limit(5).explain().warnings)


def test_a_consistent_read_costs_twice_as_much() -> None:
    query = asking(CircleMember.key, circle_id="c1").limit(100)
    assert query.consistent().explain().read_units == 2 * query.explain().read_units


def test_it_names_the_attributes_of_rows() -> None:
    assert asking(Circle.by_type, type="t").only("circle_id", "name").explain().projection == "circle_id, name"


def test_it_can_be_printed() -> None:
    text = str(asking(Circle.by_status, status="ACTIVE").filter(Circle.is_active == True).explain())
    assert "question      Which circles have this status" in text
    assert "then          fetch each item by its key, consistently" in text
    assert text.count("warning       ") == 5


@pytest.mark.parametrize(
    "query",
    [
        asking(User.by_email, email="canary@example.org"),
        asking(User.by_email, email="canary@example.org", user_id="u1"),
        asking(Resource.by_category, category="education").begins_with("Canary"),
        asking(Resource.by_category, category="education").between("Canary", "Canary2"),
        asking(Resource.by_category, category="education", title="Canary"),
        asking(Circle.by_type, type="t").filter(Circle.name == "Canary"),
    ],
    ids=["e-mail", "whole key", "beginning", "bounds", "free text", "filter"],
)
def test_it_shows_templates_where_values_may_be_of_people(query: Query[Any]) -> None:
    explained = query.explain()
    assert "canary" not in str(explained).lower()
    assert "canary" not in repr(explained).lower()


def test_nothing_is_sent() -> None:
    asking(Circle.by_type, type="t").explain()
    assert database.connection.metrics().total == 0
    assert database.connection._client is None


@pytest.mark.parametrize(
    ("query", "order", "asked"),
    [
        (asking(Circle.by_type, type="t"), "oldest first", ""),
        (asking(Circle.by_type, type="t").newest_first(), "newest first", " (asked newest first)"),
        (asking(Resource.by_category, category="education"), "ascending by TITLE#{title:fold}", ""),
        (asking(CircleMember.key, circle_id="c1").newest_first(), "descending by MEMBER#{user_id}", ""),
    ],
)
def test_it_speaks_of_age_only_where_a_time_orders(query: Query[Any], order: str, asked: str) -> None:
    explained = query.explain()
    lines = str(explained).splitlines()
    assert explained.order == order
    assert f"order         {order}" in lines
    assert f"question      {query.key.answers}{asked}" in lines


def test_a_scan_has_no_order() -> None:
    assert database.scan(User).explain().order == "in no order"


def test_a_builder_claims_no_question_of_one_entity_for_a_partition_of_several() -> None:
    shared = QueryBuilder.by_partition_key("PK", "CIRCLE#c1")
    assert (shared.explain().question, shared.explain().order) == ("", "ascending by SK")
    assert shared.sort_desc().explain().order == "descending by SK"
    members = shared.begins_with("SK", "MEMBER#").explain()
    assert (members.question, members.order) == (CircleMember.key.answers, "ascending by MEMBER#{user_id}")
