"""Conditions evaluated in memory have the answers of an engine.

DynamoDB Local is asked everything, also whether it refuses a condition. Ministack is not asked where it was seen to
deviate from DynamoDB Local 3.3.1 (ministack 1.5.33):

- two missing attributes, or sizes, are equal to it, so a comparison there has a value on its right;
- a number, a boolean and null have the size 0 to it, so sizes there are of attributes that have one;
- ``contains`` there finds nothing in a binary value, and in a set of numbers only what is spelled alike;
- ``begins_with`` is refused there where the attribute is of another type;
- it evaluates conditions that DynamoDB refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import botocore.session
import pytest
from botocore.exceptions import ClientError
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pynamodb.expressions.condition import (
    BeginsWith,
    Between,
    Comparison,
    Condition,
    Contains,
    Exists,
    In,
    IsType,
    NotExists,
    size,
)
from pynamodb.expressions.operand import Path, Value

from madmall_models import QueryBuilder
from madmall_models.condition import fault, matches

pytestmark = pytest.mark.difference("conditions")

MOST_ITEMS = 6
KEY = {"PK": {"S": "p"}, "SK": {"S": "s"}}
OPERATORS = ("=", "<>", "<", "<=", ">", ">=")
NAMES = ("text", "number", "flag", "nothing", "binary", "texts", "numbers", "binaries", "many", "map", "other")
WITH_A_SIZE = ("text", "binary", "texts", "numbers", "binaries", "many", "map")

# -- items ---------------------------------------------------------------------------------------------------------

texts = st.sampled_from(["", "a", "ab", "abc", "b", "é", "e\u0301", "\uffff", "😀", "a😀"]) | st.text(max_size=3)
numbers = st.sampled_from(["0", "-0", "1", "1.0", "1E0", "-1", "2", "10", "1E1", "100", "0.1", "1E-3", "-2.50"])
binaries = st.sampled_from([b"a", b"ab", b"\xff", b"\x00", b"b"])


def sets_of(members: st.SearchStrategy[Any], by: Callable[[Any], Any] | None = None) -> st.SearchStrategy[Any]:
    return st.lists(members, min_size=1, max_size=3, unique_by=by or (lambda member: member))


def tagged(kind: str, content: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return content.map(lambda value: {kind: value})


scalars = {
    "text": tagged("S", texts),
    "number": tagged("N", numbers),
    "flag": tagged("BOOL", st.booleans()),
    "nothing": tagged("NULL", st.just(True)),
    "binary": tagged("B", binaries),
    "texts": tagged("SS", sets_of(st.sampled_from(["a", "b", "é"]))),
    "numbers": tagged("NS", sets_of(numbers, by=Decimal)),
    "binaries": tagged("BS", sets_of(binaries)),
}


def maps_of(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return tagged("M", st.dictionaries(st.sampled_from(NAMES), members, max_size=3))


def lists_of(members: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return tagged("L", st.lists(members, max_size=3))


values = st.recursive(st.one_of(*scalars.values()), lambda inside: lists_of(inside) | maps_of(inside), max_leaves=4)
items = st.fixed_dictionaries(
    {}, optional={**scalars, "many": lists_of(values), "map": maps_of(values), "other": values}
)

# -- conditions ----------------------------------------------------------------------------------------------------

positions = st.sampled_from(["", "", "", "[0]", "[1]", "[0][1]"])
segments = st.tuples(st.sampled_from(NAMES), positions).map("".join)
paths = st.builds(Path, st.lists(segments, min_size=1, max_size=2))
literals = st.builds(Value, values)
sizes = paths.map(size)
attribute_types = st.sampled_from(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"]).map(Value)
presence = st.builds(Exists, paths) | st.builds(NotExists, paths) | st.builds(IsType, paths, attribute_types)


def named(*names: str) -> st.SearchStrategy[Any]:
    return st.builds(Path, st.sampled_from(names))


def combined(simple: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        simple,
        lambda inside: (
            st.builds(lambda left, right: left & right, inside, inside)
            | st.builds(lambda left, right: left | right, inside, inside)
            | inside.map(lambda condition: ~condition)
        ),
        max_leaves=5,
    )


def comparisons(left: st.SearchStrategy[Any], right: st.SearchStrategy[Any]) -> st.SearchStrategy[Condition]:
    return (
        st.builds(Comparison, st.sampled_from(OPERATORS), left, right)
        | st.builds(Between, left, right, right)
        | st.lists(right, min_size=1, max_size=3).flatmap(lambda choices: left.map(lambda path: In(path, *choices)))
    )


any_operand = paths | literals | sizes
everything = combined(
    presence
    | comparisons(paths | sizes, any_operand)
    | st.builds(BeginsWith, paths, any_operand)
    | st.builds(Contains, paths, any_operand)
)
what_ministack_answers_alike = combined(
    presence
    | comparisons(paths | named(*WITH_A_SIZE).map(size), literals)
    | st.builds(BeginsWith, named("text"), tagged("S", texts).map(Value))
    | st.builds(BeginsWith, named("binary"), tagged("B", binaries).map(Value))
    | st.builds(Contains, named("text", "texts", "binaries", "many", "map", "flag", "nothing", "number"), literals)
)


class Table:
    """Be a table with one item, which is asked whether it meets conditions."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.name = f"conditions-{uuid4().hex}"

    def create(self) -> None:
        self.client.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in KEY],
        )

    def put(self, item: dict[str, Any]) -> None:
        self.client.put_item(TableName=self.name, Item={**KEY, **item})

    def answer(self, condition: Condition) -> bool | None:
        """Tell whether the item meets the condition; None where the engine refuses it."""
        names: dict[str, str] = {"PK": "#key"}
        substitutes: dict[str, Any] = {}
        expression = condition.serialize(names, substitutes)
        try:
            response = self.client.query(
                TableName=self.name,
                KeyConditionExpression="#key = :key",
                FilterExpression=expression,
                ExpressionAttributeNames={placeholder: name for name, placeholder in names.items()},
                ExpressionAttributeValues={**substitutes, ":key": KEY["PK"]},
                ConsistentRead=True,
            )
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationException":
                raise
            return None
        return bool(response["Count"])


class Crowd(Table):
    """Be a table with several items, which is asked which of them meet a condition."""

    def fill(self, items: list[dict[str, Any]]) -> None:
        """Replace the items by these, the place in the list being the sort key."""
        requests: list[dict[str, Any]] = [
            {"PutRequest": {"Item": {**item, "PK": KEY["PK"], "SK": {"S": str(number)}}}}
            for number, item in enumerate(items)
        ]
        requests += [
            {"DeleteRequest": {"Key": {"PK": KEY["PK"], "SK": {"S": str(number)}}}}
            for number in range(len(items), MOST_ITEMS)
        ]
        left: Any = {self.name: requests}
        while left:
            left = self.client.batch_write_item(RequestItems=left)["UnprocessedItems"]

    def found(self, builder: QueryBuilder) -> set[int]:
        """Return the places of the items that a built query finds."""
        answer = self.client.query(TableName=self.name, **builder.consistent_read().build())
        return {int(item["SK"]["S"]) for item in answer["Items"]}


def client_of(engine: Any) -> Any:
    settings = engine.connection_settings()
    return botocore.session.get_session().create_client(
        "dynamodb",
        region_name=settings["region"],
        endpoint_url=settings["endpoint"],
        aws_access_key_id=settings["access_key"],
        aws_secret_access_key=settings["secret_key"],
    )


@pytest.fixture(scope="module")
def table(engine: Any) -> Iterator[Table]:
    client = client_of(engine)
    table = Table(client)
    table.create()
    yield table
    client.delete_table(TableName=table.name)
    client.close()


@pytest.fixture(scope="module")
def crowd(engine: Any) -> Iterator[Crowd]:
    client = client_of(engine)
    crowd = Crowd(client)
    crowd.create()
    yield crowd
    client.delete_table(TableName=crowd.name)
    client.close()


@given(item=items, condition=what_ministack_answers_alike)
def test_a_condition_has_the_answer_of_the_engine(table: Table, item: dict[str, Any], condition: Condition) -> None:
    assume(fault(condition) is None)
    table.put(item)

    assert matches(condition, item) is table.answer(condition)


@pytest.mark.difference("bad-conditions")
@given(item=items, condition=everything)
def test_any_condition_has_the_answer_of_dynamodb_or_is_refused_by_both(
    table: Table, item: dict[str, Any], condition: Condition
) -> None:
    table.put(item)
    expected = matches(condition, item) if fault(condition) is None else None

    assert table.answer(condition) is expected


# -- what a builder asks, by the names of its operators ------------------------------------------------------------

plain_texts = st.sampled_from(["a", "ab", "b", "é", "\uffff", "😀"])
plain_numbers = st.sampled_from([0, 1, -1, 10, 2.5, Decimal("1.0"), Decimal("0.001"), 10**37])
plain_bytes = st.sampled_from([b"a", b"ab", b"\xff", b"\x00"])
plain = st.recursive(
    st.none() | st.booleans() | plain_texts | plain_numbers | plain_bytes
    | st.sets(plain_texts, min_size=1) | st.sets(plain_numbers, min_size=1) | st.sets(plain_bytes, min_size=1),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inside, max_size=3),
    max_leaves=4,
)  # fmt: skip
names = st.lists(segments, min_size=1, max_size=2).map(".".join)
Step = Callable[[QueryBuilder], QueryBuilder]


def bounds(members: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(members, min_size=2, max_size=2).map(sorted)


def asking(operator: str, operands: st.SearchStrategy[Any], by: str = "filter_condition") -> st.SearchStrategy[Step]:
    return st.builds(lambda name, value: lambda to: getattr(to, by)(name, operator, value), names, operands)


steps: st.SearchStrategy[Step] = st.one_of(
    *(asking(operator, plain) for operator in ("EQ", "NE", "CONTAINS")),
    *(asking(operator, plain_texts | plain_numbers | plain_bytes) for operator in ("LT", "LE", "GT", "GE")),
    *(asking("BETWEEN", bounds(members)) for members in (plain_texts, plain_numbers, plain_bytes)),
    asking("IN", st.lists(plain, min_size=1, max_size=4)),
    asking("BEGINS_WITH", plain_texts | plain_bytes),
    asking("ATTRIBUTE_TYPE", st.sampled_from(["S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS"])),
    *(asking(operator, st.integers(0, 3), by="size") for operator in ("EQ", "NE", "LT", "LE", "GT", "GE")),
    names.map(lambda name: lambda to: to.exists(name)),
    names.map(lambda name: lambda to: to.not_exists(name)),
)


def filtered(*given_steps: Step) -> QueryBuilder:
    builder = QueryBuilder.create()
    for step in given_steps:
        builder = step(builder)
    return builder


several = st.lists(steps, min_size=1, max_size=2).map(lambda found: filtered(*found))
connected: st.SearchStrategy[Step] = (
    steps
    | st.builds(lambda one, other: lambda to: to.or_(one, other), several, several)
    | several.map(lambda one: lambda to: to.not_(one))
)


@pytest.mark.difference("bad-conditions")
@settings(max_examples=200)
@given(stored=st.lists(items, min_size=1, max_size=MOST_ITEMS), asked=st.lists(connected, min_size=1, max_size=3))
def test_a_builder_finds_what_matches_in_memory(crowd: Crowd, stored: list[dict[str, Any]], asked: list[Step]) -> None:
    builder = QueryBuilder.by_partition_key("PK", KEY["PK"]["S"])
    for step in asked:
        builder = step(builder)
    crowd.fill(stored)
    expected = {
        number for number, item in enumerate(stored) if all(matches(condition, item) for condition in builder.filters)
    }

    assert crowd.found(builder) == expected
