"""What a function makes of an item is worked out without a table, and a function that cannot be repeated is refused."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import MigrationModuleError, RewriteRefused
from madmall_models.expression import Change
from madmall_models.migration import Migration, Phase, RemoveAttribute, RewriteItems, Run
from madmall_models.migration.item_writer import update_request
from madmall_models.migration.rewriting import Rewriting, Unfit

KEY = {"PK": {"S": "CIRCLE#canary"}, "SK": {"S": "METADATA"}, "entityType": {"S": "CIRCLE"}}
ITEM = {
    **KEY,
    "name": {"S": "Canary circle"},
    "version": {"N": "3"},
    "stats": {"M": {"members": {"N": "7"}, "posts": {"N": "0"}}},
    "tags": {"SS": ["b", "a"]},
}


def rewritten(function: Any, item: Any = ITEM) -> Any:
    return Rewriting("Mend circles (CIRCLE)", "CIRCLE", function).of(item)


NUMBERS = st.one_of(
    st.integers(-(10**37), 10**37).map(str),
    st.decimals(-(10**6), 10**6, places=4).map(str),
    st.sampled_from(["1.50", "0.0", "-0", "1E+30", "1E-100", "12345678901234567890123456789012345678"]),
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = TEXTS.filter(bool)
SCALARS = st.one_of(
    TEXTS.map(lambda text: {"S": text}),
    NUMBERS.map(lambda text: {"N": text}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.binary(max_size=8).map(lambda content: {"B": content}),
    st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(lambda members: {"SS": members}),
    st.lists(st.integers(-99, 99), min_size=1, max_size=3, unique=True).map(lambda found: {"NS": [*map(str, found)]}),
    st.lists(st.binary(max_size=4), min_size=1, max_size=3, unique=True).map(lambda members: {"BS": members}),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda members: {"L": members}),
        st.dictionaries(NAMES, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_a_function_that_gives_the_item_back_changes_nothing_whatever_is_in_it(content: dict[str, Any]) -> None:
    item = {**content, **KEY}
    assert rewritten(lambda found: found, item) is item
    assert rewritten(lambda found: dict(found), item) is item
    assert rewritten(lambda found: None, item) is item


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_the_function_does_not_touch_stays_equal(content: dict[str, Any]) -> None:
    item = {**content, **KEY}
    made = rewritten(lambda found: {**found, "language": "en"}, item)
    assert Change.between(item, made).paths == ((("language",),) if item.get("language") != {"S": "en"} else ())


def test_the_function_is_given_plain_values_by_their_stored_names() -> None:
    seen: list[dict[str, Any]] = []
    item = {**ITEM, "rate": {"N": "0.5"}, "raw": {"B": b"x"}, "at": {"NULL": True}}

    rewritten(lambda found: seen.append(found), item)

    assert seen[0] == {
        "PK": "CIRCLE#canary",
        "SK": "METADATA",
        "entityType": "CIRCLE",
        "name": "Canary circle",
        "version": 3,
        "stats": {"members": 7, "posts": 0},
        "tags": {"a", "b"},
        "rate": Decimal("0.5"),
        "raw": b"x",
        "at": None,
    }


@pytest.mark.parametrize("name", ["PK", "SK", "entityType"])
@pytest.mark.parametrize("change", [lambda text: text + "x", lambda text: None])
def test_a_key_cannot_change(name: str, change: Any) -> None:
    with pytest.raises(RewriteRefused, match=rf"Mend circles \(CIRCLE\): the function changes {name}"):
        rewritten(lambda found: {**found, name: change(found[name])})
    with pytest.raises(RewriteRefused, match=f"changes {name}"):
        rewritten(lambda found: {key: value for key, value in found.items() if key != name})


MARKED = {**ITEM, "migratedBy": {"S": "r1 0123456789abcdef"}}


@pytest.mark.parametrize(
    ("item", "function"),
    [
        (MARKED, lambda found: {name: value for name, value in found.items() if name != "migratedBy"}),
        (MARKED, lambda found: {**found, "migratedBy": "r2 0123456789abcdef"}),
        (MARKED, lambda found: {**found, "migratedBy": None}),
        (ITEM, lambda found: {**found, "migratedBy": "r1 0123456789abcdef"}),
    ],
)
def test_the_mark_of_a_run_is_neither_removed_nor_changed_nor_given(item: Any, function: Any) -> None:
    with pytest.raises(RewriteRefused, match=r"Mend circles \(CIRCLE\): the function changes migratedBy"):
        rewritten(function, item)


@pytest.mark.parametrize("item", [ITEM, MARKED])
def test_an_item_keeps_its_mark_while_other_attributes_change(item: Any) -> None:
    made = rewritten(lambda found: {**found, "language": "en"}, item)
    assert made.get("migratedBy") == item.get("migratedBy")
    assert made["language"] == {"S": "en"}


@pytest.mark.parametrize(
    "function",
    [
        lambda found: {**found, "seen": found.get("seen", 0) + 1},
        lambda found: {**found, "seen": time.perf_counter_ns()},
        lambda found: {**found, "seen": "a" if "seen" not in found else "b"},
        lambda found: {**{k: v for k, v in found.items() if k != "seen"}, **({} if "seen" in found else {"seen": 1})},
    ],
)
def test_a_function_that_changes_its_own_result_is_refused(function: Any) -> None:
    with pytest.raises(RewriteRefused, match="the function changes its own result in seen; it must leave what it made"):
        rewritten(function)


def test_a_function_that_fails_on_its_own_result_is_refused() -> None:
    def renamed(found: dict[str, Any]) -> dict[str, Any]:
        found["title"] = found.pop("name")
        return found

    with pytest.raises(RewriteRefused, match="of its own result, the function raised KeyError in line"):
        rewritten(renamed)


def test_a_function_that_forgets_to_return_is_refused() -> None:
    def forgets(found: dict[str, Any]) -> None:
        found["language"] = "en"

    with pytest.raises(RewriteRefused, match="changes the item and returns None; return the item as a dict"):
        rewritten(forgets)
    with pytest.raises(RewriteRefused, match="the function returns a list"):
        rewritten(lambda found: [found])


def test_a_function_that_raises_says_what_and_where_and_nothing_of_the_item() -> None:
    def judged(found: dict[str, Any]) -> dict[str, Any]:
        raise ValueError(f"no good: {found['name']}")

    with pytest.raises(Unfit, match=r"^the function raised ValueError in line \d+ of test_rewriting.py$") as fault:
        rewritten(judged)
    assert fault.value.__cause__ is None
    assert fault.value.__suppress_context__


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (object(), "cannot be stored: DynamoDB has no form for a value of type object"),
        (set(), "cannot be stored"),
        (float("nan"), "cannot be stored"),
        ({"": 1}, "cannot be stored: the names in a map"),
        ("x" * 400 * 1024, "CIRCLE is 409"),
    ],
)
def test_a_result_that_cannot_be_stored_is_a_fault_of_the_item(value: object, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        rewritten(lambda found: {**found, "new": value})


# -- what is sent --------------------------------------------------------------------------------------------------


def request_for(function: Any, item: Any = ITEM) -> dict[str, Any]:
    after = rewritten(function, item)
    return update_request(item, after, Change.between(item, after))


def named(request: dict[str, Any], part: str) -> str:
    text: str = request[part]
    for placeholder, name in sorted(request["ExpressionAttributeNames"].items(), key=lambda pair: -len(pair[0])):
        text = text.replace(placeholder, name)
    return text


def test_only_leaves_that_change_are_sent_each_as_it_was_read() -> None:
    def mended(found: dict[str, Any]) -> dict[str, Any]:
        found["stats"].pop("posts", None)
        found["stats"]["stories"] = 0
        return {**found, "name": "New"}

    request = request_for(mended)

    assert named(request, "UpdateExpression") == "SET name = :4, stats.stories = :5 REMOVE stats.posts"
    assert named(request, "ConditionExpression") == (
        "entityType = :0 AND version = :1 AND name = :2 AND attribute_not_exists (stats.stories) AND stats.posts = :3"
    )
    assert {"N": "7"} not in request["ExpressionAttributeValues"].values()


def test_a_new_map_is_made_only_where_there_is_none_and_a_version_only_where_nobody_gave_one() -> None:
    request = request_for(lambda found: {**found, "settings": {"a": 1}}, {**KEY})

    assert named(request, "ConditionExpression") == (
        "entityType = :0 AND attribute_not_exists (version) AND attribute_not_exists (settings)"
    )


def test_many_leaves_of_one_map_are_sent_as_the_map_while_it_is_as_it_was_read() -> None:
    scores = {"M": {f"score{number}": {"N": str(number)} for number in range(400)}}
    item = {**ITEM, "scores": scores}

    request = request_for(lambda found: {**found, "scores": {name: "new" for name in found["scores"]}}, item)

    assert named(request, "UpdateExpression") == "SET scores = :3"
    assert named(request, "ConditionExpression") == "entityType = :0 AND version = :1 AND scores = :2"
    assert request["ExpressionAttributeValues"][":2"] == scores


def test_more_attributes_than_a_request_can_name_are_a_fault_of_the_item() -> None:
    with pytest.raises(Unfit, match="more attributes change than one request can name"):
        request_for(lambda found: {**found, **{f"new{number}": 1 for number in range(400)}})


# -- what is declared ----------------------------------------------------------------------------------------------


def test_an_attribute_is_removed_wherever_it_is() -> None:
    removed = RemoveAttribute("CIRCLE", "stats.old").removed
    assert removed({"stats": {"old": 1, "new": 2}}) == {"stats": {"new": 2}}
    for without in ({}, {"stats": 5}, {"stats": {"new": 2}}, {"stats": None}):
        assert removed(dict(without)) == without
    assert RemoveAttribute("CIRCLE", "old").removed({"old": None, "new": 2}) == {"new": 2}
    assert RemoveAttribute("CIRCLE", "stats.old").describe() == "Remove stats.old from every CIRCLE"


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: RewriteItems("", dict, describe="Do"), "entityType, such as CIRCLE"),
        (lambda: RewriteItems(dict, dict, describe="Do"), "entityType, such as CIRCLE"),  # type: ignore[arg-type]
        (lambda: RewriteItems("MIGRATION_RUN", dict, describe="Do"), "a record of the engine itself"),
        (lambda: RewriteItems("CIRCLE", 5, describe="Do"), "by a function"),  # type: ignore[arg-type]
        (lambda: RewriteItems("CIRCLE", dict, describe=" "), "say in describe="),
        (lambda: RewriteItems("CIRCLE", dict, describe="Do", segments=0), "from 1 to 64"),
        (lambda: RewriteItems("CIRCLE", dict, describe="Do", segments=65), "from 1 to 64"),
        (lambda: RewriteItems("CIRCLE", dict, describe="Do", segments=True), "from 1 to 64"),
        (lambda: RemoveAttribute("CIRCLE", "PK"), "none of PK, SK, entityType, migratedBy"),
        (lambda: RemoveAttribute("CIRCLE", "migratedBy"), "none of PK, SK, entityType, migratedBy"),
        (lambda: RemoveAttribute("CIRCLE", "stats."), "dotted where it is in a map"),
        (lambda: RemoveAttribute("CIRCLE", "old", segments=65), "from 1 to 64"),
        (lambda: Run(5, describe="Do"), "Run takes a function"),  # type: ignore[arg-type]
        (lambda: Run(print, describe=""), "say in describe="),
    ],
)
def test_what_cannot_work_is_refused_when_the_module_is_loaded(make: Any, said: str) -> None:
    with pytest.raises(MigrationModuleError, match=said):
        make()


def test_two_operations_of_a_step_that_say_the_same_are_refused() -> None:
    """Each keeps its place by what it says: the second would take the first one's for its own."""
    one = RewriteItems("CIRCLE", dict, describe="Mend")
    other = RewriteItems("CIRCLE", lambda item: None, describe="Mend")
    with pytest.raises(MigrationModuleError, match=r"say the same: 'Mend \(CIRCLE\)'; describe each"):
        Migration(after=None, phase=Phase.EXPAND, operations=[one, other])
