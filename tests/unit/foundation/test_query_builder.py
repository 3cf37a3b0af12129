"""A builder makes the request that its calls say, or refuses with what to do instead; nothing is sent."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import KeyValueError, LimitExceeded, MadMallError, QueryBuilder, QueryError

IN_GSI1 = QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "a")
USER = QueryBuilder.by_partition_key("PK", "USER#u1")
NOTHING_BUT = QueryBuilder.create


def resolved(builder: QueryBuilder, name: str = "FilterExpression") -> str:
    """Return an expression with its placeholders replaced by what they stand for."""
    request = builder.build()
    text = str(request[name])
    for placeholder, attribute in sorted(request["ExpressionAttributeNames"].items(), reverse=True):
        text = text.replace(placeholder, attribute)
    for placeholder, value in sorted(request["ExpressionAttributeValues"].items(), reverse=True):
        text = text.replace(placeholder, next(iter(map(str, value.values()))))
    return text


def test_the_request_has_what_was_said_and_nothing_else() -> None:
    assert USER.build() == {
        "KeyConditionExpression": "#0 = :0",
        "ExpressionAttributeNames": {"#0": "PK"},
        "ExpressionAttributeValues": {":0": {"S": "USER#u1"}},
    }
    whole = (
        QueryBuilder.gsi_by_keys_beginning("GSI1", "GSI1PK", "CIRCLE_TYPE#a", "GSI1SK", "CREATED#2026")
        .filter_condition("status", "EQ", "active")
        .project("circleId", "settings.maxMembers", "status")
        .limit(20)
        .consistent_read(False)
        .sort_desc()
    )
    assert whole.build() == {
        "IndexName": "GSI1",
        "KeyConditionExpression": "#0 = :0 AND begins_with (#1, :1)",
        "FilterExpression": "#2 = :2",
        "ProjectionExpression": "#3, #4.#5, #2",
        "ExpressionAttributeNames": {
            "#0": "GSI1PK", "#1": "GSI1SK", "#2": "status", "#3": "circleId", "#4": "settings", "#5": "maxMembers",
        },
        "ExpressionAttributeValues": {
            ":0": {"S": "CIRCLE_TYPE#a"}, ":1": {"S": "CREATED#2026"}, ":2": {"S": "active"},
        },
        "Limit": 20,
        "ConsistentRead": False,
        "ScanIndexForward": False,
    }  # fmt: skip


def test_every_call_gives_a_new_builder() -> None:
    before = USER.build()
    USER.begins_with("SK", "CIRCLE#").exists("a").project("b").limit(1).sort_desc().consistent_read()
    assert USER.build() == before


@pytest.mark.parametrize(
    ("builder", "text"),
    [
        (USER, "PK = USER#u1"),
        (QueryBuilder.by_keys("PK", "a", "SK", "b"), "PK = a AND SK = b"),
        (QueryBuilder.by_keys_beginning("PK", "a", "SK", "b"), "PK = a AND begins_with (SK, b)"),
        (QueryBuilder.gsi_by_partition_key("GSI2", "GSI2PK", "a"), "GSI2PK = a"),
        (QueryBuilder.gsi_by_keys("GSI3", "GSI3PK", "a", "GSI3SK", "b"), "GSI3PK = a AND GSI3SK = b"),
        (USER.sort_key("SK", "GE", "b"), "PK = USER#u1 AND SK >= b"),
        (USER.sort_key("SK", "GT", "b"), "PK = USER#u1 AND SK > b"),
        (USER.sort_key("SK", "LE", "b"), "PK = USER#u1 AND SK <= b"),
        (USER.key_condition("SK", "LT", "b"), "PK = USER#u1 AND SK < b"),
        (USER.between("SK", "a", "b"), "PK = USER#u1 AND SK BETWEEN a AND b"),
        (USER.sort_key("SK", "BETWEEN", values=["a", "b"]), "PK = USER#u1 AND SK BETWEEN a AND b"),
        (QueryBuilder().sort_key("SK", "EQ", "b").partition_key("PK", "a"), "PK = a AND SK = b"),
    ],
)
def test_keys(builder: QueryBuilder, text: str) -> None:
    assert resolved(builder, "KeyConditionExpression") == text


@pytest.mark.defect(59, 61)
@pytest.mark.parametrize(
    ("builder", "text"),
    [
        (USER.filter_condition("a", "NE", 1), "a <> 1"),
        (USER.filter_condition("a", "BETWEEN", values=(1, 2)), "a BETWEEN 1 AND 2"),
        (USER.filter_condition("a", "BETWEEN", [1, 2]), "a BETWEEN 1 AND 2"),
        (USER.filter_condition("a", "IN", ["x", "y"]), "a IN (x, y)"),
        (USER.filter_condition("a", "BEGINS_WITH", "x"), "begins_with (a, x)"),
        (USER.exists("a"), "attribute_exists (a)"),
        (USER.not_exists("a"), "attribute_not_exists (a)"),
        (USER.contains("tags", "x"), "contains (tags, x)"),
        (USER.in_("a", ["x"]), "a IN (x)"),
        (USER.attribute_type("a", "SS"), "attribute_type (a, SS)"),
        (USER.size("tags", "GE", 2), "size (tags) >= 2"),
        (USER.size("tags", "BETWEEN", values=[1, 2]), "size (tags) BETWEEN 1 AND 2"),
        (USER.exists("a").exists("b"), "attribute_exists (a) AND attribute_exists (b)"),
        (USER.not_(NOTHING_BUT().exists("a")), "(NOT attribute_exists (a))"),
        (
            USER.or_(NOTHING_BUT().exists("a").exists("b"), NOTHING_BUT().not_(NOTHING_BUT().exists("c"))),
            "((attribute_exists (a) AND attribute_exists (b)) OR (NOT attribute_exists (c)))",
        ),
        (USER.filter_condition("profile.location.city", "EQ", "x"), "profile.location.city = x"),
        (USER.filter_condition("meetings[1].place", "EQ", "x"), "meetings[1].place = x"),
        (USER.filter_condition("rows[0][12]", "EQ", "x"), "rows[0][12] = x"),
    ],
)  # fmt: skip
def test_filters(builder: QueryBuilder, text: str) -> None:
    assert resolved(builder) == text


@pytest.mark.defect(52, 59)
def test_a_name_has_one_placeholder_wherever_it_stands() -> None:
    names = (USER.filter_condition("author.status", "EQ", 1).exists("status").project("status", "author.id").build())[
        "ExpressionAttributeNames"
    ]
    assert sorted(names.values()) == ["PK", "author", "id", "status"]
    assert len(names) == len(set(names.values()))


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        (0, {"N": "0"}),
        (10**37, {"N": "1" + "0" * 37}),
        (Decimal("0.10000000000000000000000000000000000001"), {"N": "0.10000000000000000000000000000000000001"}),
        (0.1, {"N": "0.1"}),
        ("", {"S": ""}),
        ("größe", {"S": "größe"}),
        (b"\x00\xff", {"B": b"\x00\xff"}),
        ({"b", "a"}, {"SS": ["a", "b"]}),
        ({2, Decimal("1.5")}, {"NS": ["1.5", "2"]}),
        ({b"a"}, {"BS": [b"a"]}),
        (datetime(2026, 1, 2, 3, 4, 5, 678999, tzinfo=timezone(timedelta(hours=2))), {"S": "2026-01-02T01:04:05.678Z"}),
        ([1, [None], "x"], {"L": [{"N": "1"}, {"L": [{"NULL": True}]}, {"S": "x"}]}),
        ({"a": {"b": [True]}}, {"M": {"a": {"M": {"b": {"L": [{"BOOL": True}]}}}}}),
    ],
)
def test_a_value_is_written_exactly(value: Any, wire: dict[str, Any]) -> None:
    assert USER.filter_condition("a", "EQ", value).build()["ExpressionAttributeValues"][":1"] == wire


@pytest.mark.parametrize("number", [Decimal("0.1"), 3, 10**38 - 1, Decimal("1E-130")])
def test_a_number_keeps_every_digit(number: Any) -> None:
    wire = USER.filter_condition("a", "EQ", number).build()["ExpressionAttributeValues"][":1"]
    assert Decimal(wire["N"]) == number


@pytest.mark.parametrize(
    "value",
    [
        float("nan"), float("inf"), Decimal("NaN"), 10**38 + 1, Decimal("1E-131"), set(), {1, "a"}, object(), 1j,
        datetime(2026, 1, 2), "\ud800", {"a": "\ud800"}, [[object()]],
    ],
)  # fmt: skip
def test_a_value_without_a_form_is_refused(value: Any) -> None:
    with pytest.raises(QueryError, match=r"^a: "):
        USER.filter_condition("a", "EQ", value)


@pytest.mark.parametrize("levels", [33, 5000])
def test_a_value_that_nests_too_deep_is_refused(levels: int) -> None:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    with pytest.raises(QueryError, match="deeper than 32 levels"):
        USER.filter_condition("a", "EQ", value)


# -- what is refused, and the way out ------------------------------------------------------------------------------

REFUSED: dict[str, tuple[Callable[[], Any], str]] = {
    "no partition": (lambda: QueryBuilder().build(), r"needs one partition: add partition_key\('PK'.*db\.scan"),
    "sort key alone": (lambda: QueryBuilder().begins_with("SK", "a").build(), "needs one partition"),
    "partition of an index": (lambda: QueryBuilder().use_index("GSI1").build(), r"partition_key\('GSI1PK'"),
    "NE in a key": (lambda: USER.sort_key("SK", "NE", "a"), "NE is no operator for it: a sort key takes EQ, LT"),
    "IN in a key": (lambda: USER.key_condition("SK", "IN", values=["a"]), "IN is no operator for it"),
    "CONTAINS in a key": (lambda: USER.sort_key("SK", "CONTAINS", "a"), "CONTAINS is no operator for it"),
    "EXISTS in a key": (lambda: USER.sort_key("SK", "EXISTS"), "EXISTS is no operator for it"),
    "NOT_EXISTS in a key": (lambda: USER.sort_key("SK", "NOT_EXISTS"), "NOT_EXISTS is no operator for it"),
    "GE of a partition": (lambda: QueryBuilder().key_condition("PK", "GE", "a"), "a partition key takes EQ only"),
    "begins_with of a partition": (lambda: QueryBuilder().begins_with("PK", "a"), "a partition key takes EQ only"),
    "two on the sort key": (lambda: USER.sort_key("SK", "GE", "a").sort_key("SK", "LE", "b"), "use BETWEEN"),
    "two on the partition": (lambda: USER.partition_key("PK", "b"), "PK has a condition already"),
    "no key attribute": (lambda: USER.between("status", "a", "b"), "is no key attribute .* use filter_condition"),
    "partition as sort key": (lambda: QueryBuilder().sort_key("PK", "EQ", "a"), "PK is no sort key"),
    "sort key as partition": (lambda: QueryBuilder().partition_key("SK", "a"), "SK is no partition key"),
    "key of an index that is not asked": (
        lambda: QueryBuilder.by_partition_key("GSI1PK", "a").build(),
        r"GSI1PK is no key of the table.*add use_index\('GSI1'\)",
    ),
    "key of the table with an index": (lambda: USER.use_index("GSI2").build(), "leave use_index out"),
    "unknown index": (lambda: USER.use_index("GSI9"), "no index GSI9; the indexes are GSI1: alternate keys.*GSI4"),
    "empty beginning of a key": (lambda: USER.begins_with("SK", ""), "leave it out to read all"),
    "empty key": (lambda: QueryBuilder.by_partition_key("PK", ""), "not empty"),
    "key of no text": (lambda: QueryBuilder.by_partition_key("PK", 5), "keys of this table are text, not int"),  # type: ignore[arg-type]
    "key of a lone surrogate": (lambda: QueryBuilder.by_partition_key("PK", "\ud800"), "lone surrogate"),
    "reversed bounds of a key": (lambda: USER.between("SK", "b", "a"), "lower bound of BETWEEN is above"),
    "one bound of a key": (lambda: USER.sort_key("SK", "BETWEEN", values=["a"]), "two bounds; use GE or LE"),
    "no upper bound of a key": (lambda: USER.between("SK", "a", None), "two bounds"),  # type: ignore[arg-type]
    "no bound of a key": (lambda: USER.sort_key("SK", "BETWEEN"), "values as one list"),
    "no value of a key": (lambda: USER.sort_key("SK", "EQ"), "EQ takes one value"),
    "unknown operator": (lambda: USER.filter_condition("a", "LIKE", "x"), "no operator of filter_condition; it"),
    "operator of no text": (lambda: USER.filter_condition("a", None, 1), "no operator of filter_condition"),  # type: ignore[arg-type]
    "size of a beginning": (lambda: USER.size("a", "BEGINS_WITH", 1), "no operator of size"),
    "size of text": (lambda: USER.size("a", "EQ", "2"), "whole numbers from 0"),
    "negative size": (lambda: USER.size("a", "GE", -1), "whole numbers from 0"),
    "too many in IN": (lambda: USER.in_("a", list(range(101))), "IN takes 1 to 100 values, not 101"),
    "none in IN": (lambda: USER.in_("a", []), "IN takes 1 to 100 values, not 0"),
    "text in IN": (lambda: USER.in_("a", "abc"), "takes a list of values, not str"),
    "one bound": (lambda: USER.filter_condition("a", "BETWEEN", values=[1]), "two bounds; use GE or LE"),
    "bound of None": (lambda: USER.filter_condition("a", "BETWEEN", values=[None, 1]), "two bounds"),
    "reversed bounds": (lambda: USER.filter_condition("a", "BETWEEN", values=[2, 1]), "lower value of BETWEEN"),
    "bounds of two types": (lambda: USER.filter_condition("a", "BETWEEN", values=[2, "a"]), "one type"),
    "empty beginning": (lambda: USER.filter_condition("a", "BEGINS_WITH", ""), "an empty beginning fits every text"),
    "beginning of a number": (lambda: USER.filter_condition("a", "BEGINS_WITH", 1), "type S B, not N"),
    "order of a list": (lambda: USER.filter_condition("a", "LT", [1]), "type S N B, not L"),
    "order of None": (lambda: USER.filter_condition("a", "GE", None), "type S N B, not NULL"),
    "value of EXISTS": (lambda: USER.filter_condition("a", "EXISTS", 1), "EXISTS takes no value"),
    "no value": (lambda: USER.filter_condition("a", "EQ"), "EQ takes one value"),
    "values of EQ": (lambda: USER.filter_condition("a", "EQ", 1, [2]), "EQ takes one value"),
    "unknown type": (lambda: USER.attribute_type("a", "STRING"), "ATTRIBUTE_TYPE takes one of B, BS"),
    "filter on the key": (lambda: USER.exists("SK").build(), "cannot name SK, the key that is asked; narrow it by"),
    "filter on the index key": (
        lambda: QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "a").exists("GSI1SK").build(),
        "cannot name GSI1SK",
    ),
    "consistent index": (
        lambda: QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "a").consistent_read().build(),
        "GSI1 is an index, which DynamoDB never reads consistently",
    ),
    "limit 0": (lambda: USER.limit(0), "above 0"),
    "negative limit": (lambda: USER.limit(-1), "above 0"),
    "limit of bool": (lambda: USER.limit(True), "above 0"),
    "limit of text": (lambda: USER.limit("5"), "above 0"),  # type: ignore[arg-type]
    "projection of nothing": (lambda: USER.project(), "leave it out for whole items"),
    "projection twice": (lambda: USER.project("a", "a"), "one path is, or lies in, another"),
    "overlapping projection": (lambda: USER.project("a.b", "a"), "one path is, or lies in, another"),
    "overlapping positions": (lambda: USER.project("a[0]", "a[0].b"), "one path is, or lies in, another"),
    "list and map": (lambda: USER.project("a[0]", "a.b"), "one path is, or lies in, another"),
    "empty path": (lambda: USER.exists(""), "named by its stored name"),
    "path of no text": (lambda: USER.exists(5), "named by its stored name"),  # type: ignore[arg-type]
    "empty name in a path": (lambda: USER.exists("a..b"), "one is empty"),
    "open bracket": (lambda: USER.exists("a[0"), "names, dots and positions"),
    "negative position": (lambda: USER.exists("a[-1]"), "names, dots and positions"),
    "position too large": (lambda: USER.exists("a[2147483648]"), "at most 2147483647"),
    "path too deep": (lambda: USER.exists(".".join("a" * 33)), "at most 32 names"),
    "order of another attribute": (lambda: USER.sort_desc("createdAt").build(), "order of SK and of nothing else"),
    "consistent of text": (lambda: USER.consistent_read("yes"), "True or False"),  # type: ignore[arg-type]
    "forward of number": (lambda: USER.scan_index_forward(1), "True or False"),  # type: ignore[arg-type]
    "or of one": (lambda: USER.or_(QueryBuilder().exists("a")), "two builders with filters or more"),
    "or of nothing": (lambda: USER.or_(QueryBuilder(), QueryBuilder().exists("a")), "or_ takes builders that hold"),
    "or of a query": (lambda: USER.or_(USER.exists("a"), QueryBuilder().exists("a")), "hold filters only"),
    "not of a condition": (lambda: USER.not_("a"), "not_ takes builders"),  # type: ignore[arg-type]
    "start key of another partition": (
        lambda: USER.exclusive_start_key({"PK": "USER#u2", "SK": "a"}).build(),
        "outside of what is asked",
    ),
    "start key outside of the range": (
        lambda: USER.begins_with("SK", "b").exclusive_start_key({"PK": "USER#u1", "SK": "a"}).build(),
        "outside of what is asked",
    ),
    "start key with too little": (
        lambda: IN_GSI1.exclusive_start_key({"PK": "a", "SK": "a"}).build(),
        "holds PK, SK, GSI1PK, GSI1SK",
    ),
    "start key with too much": (
        lambda: USER.exclusive_start_key({"PK": "USER#u1", "SK": "a", "GSI1PK": "b"}).build(),
        "holds PK, SK, no more",
    ),
    "start key of others": (lambda: USER.exclusive_start_key({"name": "a"}), "key attributes only"),
    "start key of numbers": (lambda: USER.exclusive_start_key({"PK": {"N": "1"}}), "key attributes only"),
    "start key of nothing": (lambda: USER.exclusive_start_key({}), "leave it out to begin at the start"),
    "start key of text": (lambda: USER.exclusive_start_key("a"), "a start key is a mapping"),  # type: ignore[arg-type]
    "too many operators": (
        lambda: QueryBuilder().or_(*[QueryBuilder().filter_condition("a", "EQ", n) for n in range(151)]),
        "over 300 operators",
    ),
    "too many operators together": (
        lambda: USER.or_(*[QueryBuilder().exists("a")] * 149).build(),
        "FilterExpression has 302 operators; the most is 300",
    ),
    "too long an expression": (
        lambda: USER.or_(*[QueryBuilder().in_("a", list(range(100))) for _ in range(7)]).build(),
        r"FilterExpression has \d+ bytes; the most is 4096",
    ),
    "too long a projection": (
        lambda: USER.project(*(f"a{number}" for number in range(1000))).build(),
        r"ProjectionExpression has \d+ bytes; the most is 4096",
    ),
    "values too large": (
        lambda: USER.in_("a", ["x" * 300_000] * 8).build(),
        r"the values of its expressions have \d+ bytes; the most is 2097152",
    ),
    "a value too large": (lambda: USER.filter_condition("a", "EQ", "x" * 500_000), "at most 409600"),
}  # fmt: skip


@pytest.mark.defect(38, 51, 60, 61)
@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_the_way_out(case: str) -> None:
    ask, reason = REFUSED[case]
    with pytest.raises((QueryError, LimitExceeded), match=reason):
        ask()


def test_a_key_longer_than_a_key_can_be_is_refused() -> None:
    for ask in (lambda: QueryBuilder.by_partition_key("PK", "x" * 2049), lambda: USER.begins_with("SK", "x" * 1025)):
        with pytest.raises(KeyValueError, match="this kind of key has at most"):
            ask()


def test_what_is_just_within_the_limits_is_taken() -> None:
    assert USER.begins_with("SK", "x" * 1024).in_("a", list(range(100))).build()
    assert USER.exists(".".join("a" * 32)).exists("a[2147483647]").build()
    assert USER.or_(*[QueryBuilder().exists("a")] * 148).build()
    assert USER.sort_asc("SK").build()["ScanIndexForward"] is True
    start = {"PK": {"S": "USER#u1"}, "SK": "a"}
    assert USER.exclusive_start_key(start).build()["ExclusiveStartKey"] == {"PK": {"S": "USER#u1"}, "SK": {"S": "a"}}


@given(st.text(), st.one_of(st.text(), st.none(), st.integers(), st.lists(st.text(), max_size=3)))
def test_any_name_and_value_is_taken_or_refused_by_a_typed_error(name: str, value: Any) -> None:
    for operator in ("EQ", "IN", "BETWEEN", "BEGINS_WITH", "CONTAINS", "LT"):
        with contextlib.suppress(MadMallError):
            assert USER.filter_condition(name, operator, value).project(name or "a").build()["FilterExpression"]


def test_a_message_has_no_values_in_it() -> None:
    secret = "Canary of Somebody"
    for ask in (
        lambda: USER.filter_condition(secret, "LIKE", secret),
        lambda: USER.filter_condition("a", secret, secret),
        lambda: USER.use_index(secret),
        lambda: USER.between(secret, secret, secret),
        lambda: USER.filter_condition("a", "BETWEEN", values=[secret + "b", secret + "a"]),
        lambda: USER.begins_with("SK", secret).exclusive_start_key({"PK": secret, "SK": secret}).build(),
        lambda: USER.sort_desc(secret).build(),
        lambda: USER.attribute_type("a", secret),
    ):
        with pytest.raises(QueryError) as error:
            ask()
        assert secret not in str(error.value)
    assert secret not in repr(USER.begins_with("SK", secret).exists("a"))


# -- explaining ----------------------------------------------------------------------------------------------------


def test_it_explains_what_it_will_send() -> None:
    explained = QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "CIRCLE_TYPE#support_group").limit(20).explain()
    assert explained.question == "Which circles are of this type, oldest first?"
    assert (explained.index, explained.key_condition) == ("GSI1", "GSI1PK = CIRCLE_TYPE#support_group")
    assert (explained.hidden, explained.hydrates, explained.page_size) == ("what expired (ttl)", False, 20)
    assert (explained.read_units, explained.read_units_per_item) == (2.5, 0.125)
    assert any("share one partition" in warning for warning in explained.warnings)


def test_it_explains_that_items_are_fetched_or_that_rows_come_from_the_index() -> None:
    active = QueryBuilder.gsi_by_partition_key("GSI3", "GSI3PK", "CIRCLE_STATUS#ACTIVE").limit(100)
    fetched = active.filter_condition("name", "EQ", "x").explain()
    assert (fetched.hydrates, fetched.filter) == (True, "here, after the items are fetched")
    assert fetched.read_units_per_item > 1
    rows = active.project("PK", "GSI3SK").explain()
    assert (rows.hydrates, rows.hidden) == (False, "nothing")
    assert rows.read_units < fetched.read_units / 10
    assert any("expired items are among them" in warning for warning in rows.warnings)


@pytest.mark.parametrize(
    "builder",
    [
        QueryBuilder.gsi_by_partition_key("GSI1", "GSI1PK", "EMAIL#canary@example.org"),
        QueryBuilder.by_partition_key("PK", "canary"),
        QueryBuilder.by_partition_key("PK", "SOMETHING#canary").begins_with("SK", "canary"),
        USER.filter_condition("name", "EQ", "canary"),
    ],
    ids=["e-mail", "unknown", "sort key", "filter"],
)
def test_an_explanation_shows_nothing_that_may_be_of_people(builder: QueryBuilder) -> None:
    assert "canary" not in str(builder.explain())


def test_a_time_is_now_in_utc() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    assert USER.filter_condition("a", "GT", at).build()["ExpressionAttributeValues"][":1"]["S"].endswith("Z")
