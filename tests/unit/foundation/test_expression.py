"""The difference of two items, applied to the one, gives the other."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynamodb.attributes import NumberAttribute

from madmall_models.expression import Change, Expression, same

Item = dict[str, dict[str, Any]]
names = st.sampled_from(["a", "b", "c", "d.e", "#x", ":v", "stats"])


def sets_of(members: list[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(members), min_size=1, max_size=3, unique=True)


scalars = st.one_of(
    st.text("ab", max_size=2).map(lambda text: {"S": text}),
    st.sampled_from(["0", "1", "1.0", "1E0", "2.50", "2.5"]).map(lambda number: {"N": number}),
    st.booleans().map(lambda flag: {"BOOL": flag}),
    st.just({"NULL": True}),
    sets_of(["a", "b", "c"]).map(lambda members: {"SS": members}),
    sets_of(["1", "2", "3"]).map(lambda members: {"NS": members}),
    sets_of([b"a", b"b"]).map(lambda members: {"BS": members}),
)
wires = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(names, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=6,
)
items = st.dictionaries(names, wires, max_size=5)


def applied(change: Change, item: Mapping[str, Any]) -> Item:
    """Return the item as DynamoDB would leave it: each path is set or removed in the state before the update."""
    result: Item = copy.deepcopy(dict(item))
    for path in change.new_maps:
        assert found(item, path) is None
    for path, wire in change.sets.items():
        parent(result, path)[path[-1]] = copy.deepcopy(dict(wire))
    for path in change.removes:
        del parent(result, path)[path[-1]]
    return result


def parent(item: Item, path: tuple[str, ...]) -> dict[str, Any]:
    for name in path[:-1]:
        item = item[name]["M"]
    return item


def found(item: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    for name in path[:-1]:
        item = item.get(name, {}).get("M", {})
    return item.get(path[-1])


@given(items, items)
def test_a_change_turns_the_old_item_into_the_new(old: Item, new: Item) -> None:
    assert same({"M": applied(Change.between(old, new), old)}, {"M": new})


@given(items)
def test_nothing_changes_between_equal_items(item: Item) -> None:
    assert not Change.between(item, copy.deepcopy(item))


@given(items, items)
def test_a_change_is_empty_only_between_equal_items(old: Item, new: Item) -> None:
    assert bool(Change.between(old, new)) is not same({"M": old}, {"M": new})


@given(items, items)
def test_a_change_touches_no_path_twice_and_none_within_another(old: Item, new: Item) -> None:
    paths = Change.between(old, new).paths
    for position, one in enumerate(paths):
        for other in paths[position + 1 :]:
            assert one != other[: len(one)]
            assert other != one[: len(other)]


@given(items, items)
def test_a_skipped_path_stays_as_it_is(old: Item, new: Item) -> None:
    change = Change.between(old, new, skip=frozenset({("stats",), ("a", "b")}))
    left = applied(change, old)
    assert left.get("stats") == old.get("stats")
    before, after = old.get("a", {}), new.get("a", {})
    if "M" in before and "M" in after:
        assert found(left, ("a", "b")) == found(old, ("a", "b"))


@given(items, items)
def test_what_is_left_out_of_a_change_stays_as_it_is(old: Item, new: Item) -> None:
    change = Change.between(old, new).without({"a"})
    assert applied(Change(change.sets, change.removes), old).get("a") == old.get("a")


@given(items, items)
def test_a_request_of_a_change_names_only_what_it_uses(old: Item, new: Item) -> None:
    change = Change.between(old, new)
    request = Expression().updating(change).request()
    text = request.get("UpdateExpression", "") + " " + request.get("ConditionExpression", "")
    for kind in ("ExpressionAttributeNames", "ExpressionAttributeValues"):
        placeholders = request.get(kind, {})
        assert all(placeholder in text for placeholder in placeholders)
        assert len(set(placeholders)) == len(placeholders)


@given(wires, wires)
def test_sameness_is_symmetric(one: Any, other: Any) -> None:
    assert same(one, one)
    assert same(one, other) == same(other, one)


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ({"N": "1"}, {"N": "1.0"}, True),
        ({"N": "1"}, {"S": "1"}, False),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}, True),
        ({"NS": ["1", "2"]}, {"NS": ["2.0", "1"]}, True),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1.0"}]}, True),
        ({"L": [{"N": "1"}, {"N": "2"}]}, {"L": [{"N": "2"}, {"N": "1"}]}, False),
        ({"M": {"a": {"N": "1"}}}, {"M": {"a": {"N": "1.0"}}}, True),
        ({"BOOL": True}, {"BOOL": False}, False),
    ],
)
def test_values_are_the_same_where_dynamodb_says_so(one: Any, other: Any, equal: bool) -> None:
    assert same(one, other) is equal


# -- requests ------------------------------------------------------------------------------------------------------


def test_a_condition_and_an_update_share_their_placeholders() -> None:
    change = Change.between({"a": {"S": "x"}, "b": {"S": "y"}}, {"a": {"S": "z"}})
    request = Expression().exists("a").equals(("a",), {"S": "x"}).updating(change).request()
    assert request == {
        "UpdateExpression": "SET #0 = :1 REMOVE #1",
        "ConditionExpression": "attribute_exists (#0) AND #0 = :0",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        "ExpressionAttributeNames": {"#0": "a", "#1": "b"},
        "ExpressionAttributeValues": {":0": {"S": "x"}, ":1": {"S": "z"}},
    }


def test_a_map_that_is_set_as_a_whole_must_still_be_absent() -> None:
    change = Change.between({}, {"stats": {"M": {"n": {"N": "0"}}}})
    assert change.new_maps == (("stats",),)
    assert Expression().updating(change).request()["ConditionExpression"] == "attribute_not_exists (#0)"


@pytest.mark.parametrize("counters_first", [True, False])
def test_counters_are_added_beside_a_change(counters_first: bool) -> None:
    change = Change.between({"a": {"S": "x"}}, {"a": {"S": "y"}})
    count = NumberAttribute(attr_name="n").add(2)
    if counters_first:
        request = Expression().adding(count).updating(change).request()
    else:
        request = Expression().updating(change).adding(count).request()
    names = {name: placeholder for placeholder, name in request["ExpressionAttributeNames"].items()}
    values = request["ExpressionAttributeValues"]
    y, two = (next(name for name, wire in values.items() if wire == expected) for expected in ({"S": "y"}, {"N": "2"}))
    assert request["UpdateExpression"] == f"SET {names['a']} = {y} ADD {names['n']} {two}"


def test_a_condition_of_several_parts_keeps_them_apart() -> None:
    either = (NumberAttribute(attr_name="n") < 1) | NumberAttribute(attr_name="n").does_not_exist()
    request = Expression().exists("PK").satisfying(either).satisfying(None).request()
    assert request["ConditionExpression"] == "attribute_exists (#0) AND (#1 < :0 OR attribute_not_exists (#1))"


def test_a_claim_is_free_or_mine() -> None:
    request = Expression().either_absent_or_equal("PK", {"ownerPK": {"S": "p"}, "ownerSK": {"S": "s"}}).request()
    assert request["ConditionExpression"] == "(attribute_not_exists (#2) OR (#0 = :0 AND #1 = :1))"
