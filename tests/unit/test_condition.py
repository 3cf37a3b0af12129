"""Conditions on an item in memory; each answer was seen on DynamoDB Local 3.3.1."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.expressions.condition import BeginsWith, Between, Comparison, Condition, Contains, In, IsType, size
from pynamodb.expressions.operand import Path, Value

from madmall_models.attributes import (
    BooleanAttribute,
    DecimalAttribute,
    EnumAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.condition import fault, matches, paths
from madmall_models.document import Document
from madmall_models.errors import QueryError

ITEM: dict[str, dict[str, Any]] = {
    "text": {"S": "hello"},
    "empty": {"S": ""},
    "number": {"N": "1.0"},
    "binary": {"B": b"ab\xff"},
    "yes": {"BOOL": True},
    "no": {"BOOL": False},
    "nothing": {"NULL": True},
    "many": {"L": [{"S": "x"}, {"N": "2"}, {"L": [{"S": "y"}]}]},
    "map": {"M": {"key": {"S": "v"}, "count": {"N": "5"}}},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "binaries": {"BS": [b"q", b"w"]},
}


def p(path: str) -> Path:
    return Path(path)


def v(kind: str, content: Any) -> Value:
    return Value({kind: content})


@pytest.mark.parametrize("operator", ["=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("right", [v("S", "x"), p("other"), p("text")], ids=str)
def test_a_missing_attribute_meets_no_comparison(operator: str, right: Any) -> None:
    assert not matches(Comparison(operator, p("missing"), right), ITEM)
    assert matches(~Comparison(operator, p("missing"), right), ITEM)


@pytest.mark.parametrize("right", [v("S", "x"), p("other"), p("text")], ids=str)
def test_a_missing_attribute_is_unequal_to_everything_even_to_another(right: Any) -> None:
    assert matches(Comparison("<>", p("missing"), right), ITEM)
    assert not matches(~Comparison("<>", p("missing"), right), ITEM)


@pytest.mark.parametrize("other", [v("N", "1"), v("B", b"hello"), v("BOOL", True), v("SS", ["hello"])], ids=str)
def test_values_of_different_types_are_unequal_and_unordered(other: Value) -> None:
    assert matches(p("text") != other, ITEM)
    assert not [op for op in ("=", "<", "<=", ">", ">=") if matches(Comparison(op, p("text"), other), ITEM)]


@pytest.mark.parametrize(
    ("path", "equal"),
    [
        ("number", v("N", "1")),
        ("number", v("N", "100E-2")),
        ("yes", v("BOOL", True)),
        ("nothing", v("NULL", True)),
        ("many", v("L", [{"S": "x"}, {"N": "2.0"}, {"L": [{"S": "y"}]}])),
        ("map", v("M", {"count": {"N": "5.0"}, "key": {"S": "v"}})),
        ("texts", v("SS", ["b", "a"])),
        ("numbers", v("NS", ["2.0", "1"])),
        ("binaries", v("BS", [b"w", b"q"])),
    ],
)
def test_values_are_equal_by_what_they_mean(path: str, equal: Value) -> None:
    assert matches(p(path) == equal, ITEM)
    assert not matches(p(path) != equal, ITEM)
    assert matches(In(p(path), v("S", "z"), equal), ITEM)


@pytest.mark.parametrize(
    ("path", "unequal"),
    [
        ("number", v("N", "1.1")),
        ("yes", v("BOOL", False)),
        ("many", v("L", [{"S": "x"}])),
        ("map", v("M", {"key": {"S": "v"}})),
        ("texts", v("SS", ["b"])),
        ("text", v("S", "Hello")),
    ],
)
def test_values_are_unequal_where_anything_differs(path: str, unequal: Value) -> None:
    assert matches(p(path) != unequal, ITEM)
    assert not matches(In(p(path), unequal), ITEM)


def test_texts_are_not_normalised() -> None:
    assert not matches(p("name") == v("S", "\u00e9"), {"name": {"S": "e\u0301"}})


@given(texts=st.lists(st.text(max_size=4), min_size=2, max_size=2))
def test_texts_are_in_the_order_of_their_bytes(texts: list[str]) -> None:
    first, second = texts

    assert matches(p("name") < v("S", second), {"name": {"S": first}}) is (first.encode() < second.encode())


@pytest.mark.parametrize(
    ("condition", "answer"),
    [
        (p("number") < v("N", "1.1"), True),
        (p("number") <= v("N", "1"), True),
        (p("number") > v("N", "-2"), True),
        (p("number") >= v("N", "1.01"), False),
        (p("binary") > v("B", b"ab\x7f"), True),
        (p("binary") < v("B", b"ab\xff\x00"), True),
        (p("yes") > p("no"), False),
        (p("number").between(v("N", "1"), v("N", "1")), True),
        (p("number").between(v("N", "2"), v("N", "3")), False),
        (p("text").between(v("N", "1"), v("N", "2")), False),
        (Between(p("number"), p("text"), p("map.count")), False),
        (Between(p("number"), p("missing"), v("N", "2")), False),
        (Between(v("N", "3"), p("number"), p("map.count")), True),
        (p("missing").is_in(v("S", "x")), False),
        (p("missing").is_in(p("other")), False),
        (p("text").is_in(v("N", "1"), v("S", "hello")), True),
    ],
)
def test_values_of_one_type_are_ordered(condition: Condition, answer: bool) -> None:
    assert matches(condition, ITEM) is answer


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("text", True),
        ("empty", True),
        ("nothing", True),
        ("missing", False),
        ("many[0]", True),
        ("many[7]", False),
        ("many[2][0]", True),
        ("many[2][1]", False),
        ("map.key", True),
        ("map.missing", False),
        ("text.key", False),
        ("text[0]", False),
        ("map[0]", False),
        ("many.key", False),
        ("texts[0]", False),
        ("missing.key[0]", False),
    ],
)
def test_a_path_leads_into_maps_and_lists_only(path: str, there: bool) -> None:
    assert matches(p(path).exists(), ITEM) is there
    assert matches(p(path).does_not_exist(), ITEM) is not there


def test_a_name_with_a_dot_is_one_name_where_the_path_is_a_list() -> None:
    assert matches(Path(["a.b"]).exists(), {"a.b": {"S": "x"}})
    assert not matches(Path("a.b").exists(), {"a.b": {"S": "x"}})


@pytest.mark.parametrize("path", list(ITEM))
def test_the_type_of_an_attribute_is_told(path: str) -> None:
    (kind,) = ITEM[path]

    assert matches(p(path).is_type(kind), ITEM)
    assert not matches(p(path).is_type("SS" if kind != "SS" else "S"), ITEM)
    assert not matches(p("missing").is_type(kind), ITEM)


@pytest.mark.parametrize(
    ("path", "operand", "answer"),
    [
        ("text", v("S", "ell"), True),
        ("text", v("S", ""), True),
        ("text", v("N", "1"), False),
        ("binary", v("B", b"b\xff"), True),
        ("binary", v("S", "a"), False),
        ("many", v("S", "x"), True),
        ("many", v("N", "2.0"), True),
        ("many", v("L", [{"S": "y"}]), True),
        ("many", v("S", "y"), False),
        ("many", p("map.count"), False),
        ("texts", v("S", "a"), True),
        ("texts", v("S", "c"), False),
        ("texts", v("SS", ["a"]), False),
        ("numbers", v("N", "1.0"), True),
        ("numbers", p("number"), True),
        ("numbers", v("S", "1"), False),
        ("numbers", v("BOOL", True), False),
        ("binaries", v("B", b"q"), True),
        ("map", v("S", "v"), False),
        ("number", v("N", "1"), False),
        ("missing", v("S", "x"), False),
        ("text", p("missing"), False),
    ],
)
def test_containing_is_a_part_of_a_text_or_a_member(path: str, operand: Any, answer: bool) -> None:
    assert matches(Contains(p(path), operand), ITEM) is answer


@pytest.mark.parametrize(
    ("path", "prefix", "answer"),
    [
        ("text", v("S", "he"), True),
        ("text", v("S", ""), True),
        ("text", v("S", "hello!"), False),
        ("text", v("B", b"he"), False),
        ("text", p("number"), False),
        ("text", p("missing"), False),
        ("binary", v("B", b"ab"), True),
        ("many", v("S", "x"), False),
        ("missing", v("S", "x"), False),
    ],
)
def test_a_beginning_is_of_a_text_or_of_bytes(path: str, prefix: Any, answer: bool) -> None:
    assert matches(BeginsWith(p(path), prefix), ITEM) is answer


@pytest.mark.parametrize(
    ("path", "length"),
    [
        ("text", 5),
        ("empty", 0),
        ("binary", 3),
        ("many", 3),
        ("many[2]", 1),
        ("map", 2),
        ("texts", 2),
        ("numbers", 2),
        ("binaries", 2),
    ],
)
def test_a_size_counts_characters_bytes_or_members(path: str, length: int) -> None:
    assert matches(size(path) == length, ITEM)


def test_the_size_of_a_text_is_in_utf_16_code_units() -> None:
    assert matches(size("name") == 3, {"name": {"S": "é😀"}})


@pytest.mark.parametrize("path", ["number", "yes", "nothing", "missing", "many[9]"])
def test_what_has_no_size_is_like_a_missing_attribute(path: str) -> None:
    assert not matches(size(path) >= 0, ITEM)
    assert matches(size(path) != 77, ITEM)
    assert not matches(size(path) == size("missing"), ITEM)


def test_a_size_is_a_number_among_others() -> None:
    assert matches(size("text") == p("map.count"), ITEM)
    assert matches(size("text").between(5, 5), ITEM)
    assert matches(size("text").is_in(p("map.count")), ITEM)
    assert matches(Comparison("<>", size("text"), v("S", "5")), ITEM)


@given(left=st.booleans(), right=st.booleans())
def test_and_or_not_are_those_of_logic(left: bool, right: bool) -> None:
    one = p("yes" if left else "no") == True
    other = p("yes" if right else "no") == True

    assert matches(one & other, ITEM) is (left and right)
    assert matches(one | other, ITEM) is (left or right)
    assert matches(~one, ITEM) is (not left)


class Author(Document):
    """Stand inside an item."""

    author_id = UnicodeAttribute(attr_name="id")
    is_verified = BooleanAttribute(default=False)


class Story(Document):
    """Declare attributes of the kinds that entities have."""

    status = EnumAttribute("draft", "published")
    created_at = TimeAttribute()
    score = DecimalAttribute()
    tags = ListAttribute(of=UnicodeAttribute)
    author = Author()


STORY = {
    "status": {"S": "published"},
    "createdAt": {"S": "2026-11-22T13:45:00.000Z"},
    "score": {"N": "0.85"},
    "tags": {"L": [{"S": "hope"}]},
    "author": {"M": {"id": {"S": "a1"}, "isVerified": {"BOOL": True}}},
}


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        (Story.status == "published", [("status",)]),
        (Story.created_at < "2026-11-22T14:45:00.001+01:00", [("createdAt",)]),
        (Story.score.between(0.85, 1), [("score",)]),
        (Story.tags.contains("hope"), [("tags",)]),
        (Story.tags[0] == "hope", [("tags",)]),
        (Story.author.author_id == "a1", [("author", "id")]),
        ((Story.author.is_verified == True) & ~(Story.status == "draft"), [("author", "isVerified"), ("status",)]),
        (size(Story.tags) > Story.score, [("score",), ("tags",)]),
        (Story.status.is_in("draft", "published") | Story.author.does_not_exist(), [("author",), ("status",)]),
    ],
    ids=lambda it: str(it) if isinstance(it, Condition) else "",
)
def test_conditions_on_declared_attributes_match_and_tell_what_they_read(
    condition: Condition, read: list[tuple[str, ...]]
) -> None:
    assert matches(condition, STORY)
    assert sorted(paths(condition)) == read
    assert fault(condition) is None


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (p("a") == p("a"), "itself"),
        (Between(p("a"), v("N", "1"), p("a")), "itself"),
        (In(p("a"), v("N", "1"), p("a")), "itself"),
        (Contains(p("a"), p("a")), "itself"),
        (p("a") < v("BOOL", True), "type S N B, not BOOL"),
        (p("a") >= v("L", []), "type S N B, not L"),
        (Between(p("a"), v("BOOL", True), v("BOOL", True)), "type S N B, not BOOL"),
        (Between(p("a"), v("N", "1"), v("S", "z")), "one type, not N and S"),
        (Between(p("a"), v("S", "z"), v("S", "a")), "over the upper"),
        (BeginsWith(p("a"), v("N", "1")), "type S B, not N"),
        (BeginsWith(p("a"), size("b")), "type S B, not N"),
        (IsType(p("a"), v("S", "STRING")), "name of a type"),
        (IsType(p("a"), v("N", "1")), "name of a type"),
        (IsType(p("a"), p("b")), "name of a type"),
        (In(p("a"), *[v("N", "1")] * 101), "1 to 100"),
        (~((p("b") == 1) & (p("c").exists() | (p("a") < v("M", {})))), "not M"),
    ],
)
def test_what_dynamodb_refuses_is_told_with_the_reason(condition: Condition, reason: str) -> None:
    assert reason in str(fault(condition))


@pytest.mark.parametrize(
    "condition",
    [
        size("a") < size("a"),
        p("a") == p("a[0]"),
        p("a.b") == p("a.c"),
        Between(p("a"), p("b"), p("b")),
        Between(p("a"), p("c"), v("S", "a")),
        Between(p("a"), v("N", "1"), v("N", "1.0")),
        In(p("a"), *[v("N", "1")] * 100),
        Contains(p("a"), v("L", [])),
        p("a") == v("BOOL", True),
    ],
    ids=lambda condition: str(condition)[:40],
)
def test_what_dynamodb_takes_has_no_fault(condition: Condition) -> None:
    assert fault(condition) is None


@pytest.mark.parametrize(
    "condition",
    [
        Between(p("age"), v("S", "secret b"), v("S", "secret a")),
        Between(p("age"), v("S", "secret"), v("N", "1")),
        IsType(p("age"), v("S", "secret")),
        p("age") < v("L", [{"S": "secret"}]),
    ],
)
def test_a_fault_quotes_no_value(condition: Condition) -> None:
    assert "secret" not in str(fault(condition))


class Unheard(Condition):
    """Be a condition that PynamoDB does not have."""


@pytest.mark.parametrize("ask", [lambda it: matches(it, ITEM), paths, fault])
def test_what_is_no_condition_is_refused_by_name(ask: Any) -> None:
    for condition in (Unheard("LIKE"), ~Unheard("LIKE")):
        with pytest.raises(QueryError, match="Unheard"):
            ask(condition)


def test_an_operand_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(QueryError, match="not int"):
        matches(Comparison("=", p("text"), 5), ITEM)
