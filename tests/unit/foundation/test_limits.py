"""Sizes are counted as DynamoDB counts them, and what it would refuse is refused before it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import ItemTooLarge, KeyValueError, LimitExceeded, limits


@pytest.mark.parametrize(
    ("wire", "size"),
    [
        # The developer guide: text is its UTF-8 bytes; a number one byte for two digits and one more; a boolean or
        # null one byte; a list or map three bytes and one for each member, with the names of a map.
        ({"S": ""}, 0),
        ({"S": "abc"}, 3),
        ({"S": "é€😀"}, 2 + 3 + 4),
        ({"N": "0"}, 1),
        ({"N": "1"}, 2),
        ({"N": "27"}, 2),
        ({"N": "123"}, 3),
        ({"N": "1000"}, 2),
        ({"N": "-27"}, 3),
        ({"N": "9" * 38}, 20),
        ({"N": "-" + "9" * 38}, 21),
        ({"BOOL": True}, 1),
        ({"NULL": True}, 1),
        ({"B": b"abcd"}, 4),
        ({"SS": ["a", "bc"]}, 3),
        ({"NS": ["1", "27"]}, 4),
        ({"BS": [b"a", b"bc"]}, 3),
        ({"L": []}, 3),
        ({"L": [{"S": "abc"}, {"BOOL": True}]}, 3 + 4 + 2),
        ({"M": {}}, 3),
        ({"M": {"ab": {"S": "abc"}}}, 3 + 1 + 2 + 3),
    ],
)
def test_the_size_of_a_value(wire: dict[str, Any], size: int) -> None:
    assert limits.value_bytes(wire) == size


def test_the_size_of_an_item_counts_its_names() -> None:
    # The developer guide's own example: an attribute "shirt-color" with the value "R" has 12 bytes.
    assert limits.item_bytes({"shirt-color": {"S": "R"}, "shirt-size": {"S": "M"}}) == 23


@given(st.text(max_size=50))
def test_text_counts_in_bytes(text: str) -> None:
    text = text.encode(errors="ignore").decode()
    assert limits.value_bytes({"S": text}) == len(text.encode())


def test_an_item_of_400_kb_fits_and_one_byte_more_does_not() -> None:
    room = limits.ITEM_BYTES - len("PK") - len("text") - 1
    fitting = {"PK": {"S": "k"}, "text": {"S": "x" * room}}
    assert limits.check_item(fitting, entity="Story") == 400 * 1024
    with pytest.raises(ItemTooLarge, match=r"Story is 409601 bytes; an item has at most 409600\. Keep long texts"):
        limits.check_item({**fitting, "text": {"S": "x" * (room + 1)}}, entity="Story")


@pytest.mark.parametrize("kind", ["SS", "NS", "BS"])
def test_an_empty_set_is_refused_by_its_name(kind: str) -> None:
    with pytest.raises(LimitExceeded, match=r"Story\.tags is an empty set.*leave the attribute out"):
        limits.check_item({"tags": {kind: []}}, entity="Story")
    with pytest.raises(LimitExceeded, match=r"Story\.metadata is an empty set"):
        limits.check_item({"metadata": {"M": {"tags": {"L": [{kind: []}]}}}}, entity="Story")


def nested(depth: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "leaf"}
    for level in range(depth):
        value = {"M": {"a": value}} if level % 2 else {"L": [value]}
    return value


def test_nesting_is_bounded() -> None:
    limits.check_item({"deep": nested(31)}, entity="Story")
    with pytest.raises(LimitExceeded, match=r"Story\.deep nests deeper than 32 levels"):
        limits.check_item({"deep": nested(32)}, entity="Story")


def test_a_key_text_fits_up_to_its_bytes() -> None:
    assert limits.check_key("é" * 512, name="Circle.by_type", most=1024) == "é" * 512
    with pytest.raises(KeyValueError, match=r"Circle\.by_type is 1026 bytes; this kind of key has at most 1024"):
        limits.check_key("é" * 513, name="Circle.by_type", most=1024)


def test_an_empty_key_text_is_refused() -> None:
    with pytest.raises(KeyValueError, match=r"Circle\.by_type is empty"):
        limits.check_key("", name="Circle.by_type", most=1024)


def test_a_refusal_of_a_key_does_not_show_it() -> None:
    with pytest.raises(KeyValueError) as refused:
        limits.check_key("canary" * 500, name="User.by_email", most=2048)
    assert "canary" not in str(refused.value)


def test_a_name_inside_a_map_is_neither_empty_nor_endless() -> None:
    for name in ("", "x" * 65536):
        with pytest.raises(
            LimitExceeded, match=r"Story\.links holds a map with a name that is empty or over 65535 bytes"
        ):
            limits.check_item({"links": {"M": {name: {"S": ""}}}}, entity="Story")


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        # As DynamoDB Local counts them: comparisons, logical words, functions; AND of a BETWEEN belongs to it.
        ("NOT #a = :a OR " + " OR ".join(["#a = :a"] * 149), True),
        ("NOT #a = :a OR " + " OR ".join(["#a = :a"] * 150), False),
        (" OR ".join(["attribute_exists(#a)"] * 150), True),
        (" OR ".join(["attribute_exists(#a)"] * 151), False),
        (" AND ".join(["#a BETWEEN :a AND :b"] * 150), True),
        (" AND ".join(["#a BETWEEN :a AND :b"] * 151), False),
        ("#a <= :a AND " * 149 + "#a <> :a", True),
        (f"NOT #a IN ({', '.join([':a'] * 100)})", True),
        (f"NOT #a IN ({', '.join([':a'] * 101)})", False),
        ("#a = :a".ljust(4096), True),
        ("#a = :a".ljust(4097), False),
    ],
)
def test_a_condition_is_as_long_as_dynamodb_takes(expression: str, fits: bool) -> None:
    for name in ("ConditionExpression", "FilterExpression"):
        if fits:
            limits.check_expressions({name: expression}, operation="Query")
        else:
            with pytest.raises(LimitExceeded, match=f"Query: the {name} "):
                limits.check_expressions({name: expression}, operation="Query")


@pytest.mark.parametrize(
    ("expression", "fits"),
    [
        # An assignment is no operator.
        ("SET " + ", ".join(f"#{number} = :0" for number in range(350)), True),
        ("SET " + ",".join(["#0=#0 + :0"] * 300), True),
        ("SET " + ",".join(["#0=#0 + :0"] * 301), False),
        ("SET " + ",".join(["#=f(#,:)"] * 301), False),
    ],
)
def test_an_update_is_as_long_as_dynamodb_takes(expression: str, fits: bool) -> None:
    assert len(expression) < 4096
    if fits:
        limits.check_expressions({"UpdateExpression": expression}, operation="UpdateItem")
    else:
        with pytest.raises(LimitExceeded, match="UpdateItem: the UpdateExpression has 301 operators"):
            limits.check_expressions({"UpdateExpression": expression}, operation="UpdateItem")


def test_the_actions_of_a_transaction_are_checked_each() -> None:
    fine, long = {"ConditionExpression": "#a = :a"}, {"ConditionExpression": "#a = :a".ljust(4097)}
    limits.check_expressions({"TransactItems": [{"Put": fine}] * 100}, operation="TransactWriteItems")
    with pytest.raises(LimitExceeded):
        limits.check_expressions({"TransactItems": [{"Put": fine}, {"Delete": long}]}, operation="TransactWriteItems")


def test_a_refusal_of_an_expression_does_not_show_it() -> None:
    with pytest.raises(LimitExceeded) as refused:
        limits.check_expressions({"FilterExpression": "canary " * 1000}, operation="Query")
    assert "canary" not in str(refused.value)
