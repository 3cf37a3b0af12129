"""A filter that DynamoDB would refuse, or that could only match nothing, is refused before anything is sent."""

from __future__ import annotations

from functools import reduce
from operator import and_, or_
from typing import Any

import pytest
from pynamodb.expressions.condition import size
from pynamodb.expressions.operand import Path

from madmall_models import Circle, Database, Query, QueryError, Story, User
from madmall_models.condition import matches, operator_count

database = Database(table="table")


def circles() -> Query[Circle]:
    query: Query[Circle] = database.circles.get_by_type("support_group")
    return query


@pytest.mark.parametrize(
    "condition",
    [
        Circle.name == None,  # noqa: E711
        Circle.name != None,  # noqa: E711
        ~(Circle.settings.max_members == None),  # noqa: E711
        (Circle.name == "x") | (Circle.is_active != None),  # noqa: E711
        Circle.name.is_in("x", None),
        Circle.tags.contains(None),
        Circle.created_at == None,  # noqa: E711
    ],
)
def test_a_comparison_with_none_is_refused_and_says_what_to_use(condition: Any) -> None:
    with pytest.raises(QueryError, match=r"stored NULL and not a missing attribute; use \.does_not_exist\(\) or"):
        circles().filter(condition)


@pytest.mark.parametrize("condition", [Circle.name < None, Circle.name.between(None, "b")])
def test_an_order_of_none_is_refused(condition: Any) -> None:
    with pytest.raises(QueryError, match="type S N B, not NULL"):
        circles().filter(condition)


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        (Path("nmae") == "x", "did you mean 'name'?"),
        (Path("settings.maxMember") > 1, "did you mean 'maxMembers'?"),
        (User.email == "x", "Circle does not declare"),
        (Story.author.id == "x", "Circle does not declare"),
        (size("nothing") > 1, "QueryBuilder filters by any stored name"),
        ((Circle.name == "x") & Path("nothing").exists(), "Circle does not declare"),
    ],
)
def test_a_filter_by_what_is_not_declared_is_refused(condition: Any, hint: str) -> None:
    with pytest.raises(QueryError) as error:
        circles().filter(condition)
    assert hint in str(error.value)


@pytest.mark.parametrize(
    "condition",
    [
        Path("settings.maxMembers") > 1,
        Path("tags[0]") == "tea",
        Path("PK") == "CIRCLE#c1",
        Circle.settings.exists(),
        Circle.stats.member_count >= size(Circle.tags),
        Circle.name.does_not_exist(),
    ],
)
def test_a_filter_by_what_is_declared_is_taken(condition: Any) -> None:
    assert circles().filter(condition).filters is not None


@pytest.mark.parametrize("condition", [None, True, "name = 'x'", {"name": "x"}, Circle.name, Circle])
def test_what_is_no_condition_is_refused(condition: Any) -> None:
    with pytest.raises(QueryError, match="filter takes a condition such as"):
        circles().filter(condition)
    with pytest.raises(QueryError, match="filter takes a condition such as"):
        circles().filter(Circle.name == "x").filter(condition)


@pytest.mark.parametrize("count", [147, 5000])
def test_a_filter_of_too_many_operators_is_refused_however_deep(count: int) -> None:
    for connective in (and_, or_):
        condition = reduce(connective, [Circle.name == "x"] * count)
        assert operator_count(condition) == 2 * count - 1
        if 2 * count - 1 + 7 <= 300:
            assert circles().filter(condition)
            continue
        with pytest.raises(QueryError, match="at most 300 operators"):
            circles().filter(condition)


def test_filters_that_add_up_to_too_much_are_refused() -> None:
    query = circles()
    for _ in range(147):
        query = query.filter(Circle.name == "x")
    with pytest.raises(QueryError, match="at most 300 operators, not 302"):
        query.filter(Circle.name == "x")


def test_a_deep_condition_is_evaluated_without_recursion() -> None:
    condition = Circle.name == "x"
    for _ in range(3000):
        condition = ~condition
    assert matches(condition, {"name": {"S": "x"}})
    assert not matches(~condition, {"name": {"S": "x"}})


def test_nothing_was_sent() -> None:
    assert database.connection.metrics().total == 0
