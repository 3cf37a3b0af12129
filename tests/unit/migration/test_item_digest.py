"""A digest is of what an item holds, however it is written down, and a checksum of what a table holds, in any order."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.item_digest import Checksum, item_digest

LONG = "12345678901234567890123456789012345678"
DIGESTS = st.lists(st.binary(min_size=16, max_size=16), max_size=20)


def of(**attributes: dict[str, Any]) -> bytes:
    return item_digest(attributes)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": "1.50"}, {"N": "1.5"}),
        ({"N": "0"}, {"N": "-0.00"}),
        ({"N": "100"}, {"N": "1E+2"}),
        ({"N": "100"}, {"N": "1e2"}),
        ({"N": "007"}, {"N": "7"}),
        ({"N": LONG}, {"N": f"{LONG}.000"}),
        ({"N": f"{LONG}e80"}, {"N": f"{LONG}0e79"}),
        ({"SS": ["a", "b"]}, {"SS": ["b", "a"]}),
        ({"NS": ["1", "20"]}, {"NS": ["2e1", "1.0"]}),
        ({"BS": [b"\x00", b"\xff"]}, {"BS": [b"\xff", b"\x00"]}),
        ({"B": b"\x00\xff"}, {"B": bytearray(b"\x00\xff")}),
        ({"M": {"a": {"N": "1"}, "b": {"S": ""}}}, {"M": {"b": {"S": ""}, "a": {"N": "1.0"}}}),
        ({"L": [{"N": "1"}]}, {"L": [{"N": "1.0"}]}),
    ],
)
def test_what_is_equal_to_dynamodb_has_one_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert of(a=one) == of(a=other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"N": LONG}, {"N": f"{LONG[:-1]}9"}),
        ({"N": f"0.{LONG}"}, {"N": f"0.{LONG[:-1]}9"}),
        ({"N": "1"}, {"N": "-1"}),
        ({"N": "1"}, {"S": "1"}),
        ({"S": "AA=="}, {"B": b"\x00"}),
        ({"S": "a"}, {"S": "A"}),
        ({"SS": ["a"]}, {"L": [{"S": "a"}]}),
        ({"SS": ["1"]}, {"NS": ["1"]}),
        ({"L": [{"S": "a"}, {"S": "b"}]}, {"L": [{"S": "b"}, {"S": "a"}]}),
        ({"M": {}}, {"L": []}),
        ({"NULL": True}, {"BOOL": True}),
        ({"S": "\ud800"}, {"S": "\udfff"}),
    ],
)
def test_what_differs_has_another_digest(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert of(a=one) != of(a=other)


def test_the_name_of_an_attribute_counts_and_so_does_its_absence() -> None:
    assert len({of(a={"S": "x"}), of(b={"S": "x"}), of(a={"S": "x"}, b={"S": "x"}), of()}) == 4


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2), st.randoms())
def test_the_order_of_attributes_makes_no_difference(values: dict[str, int], chance: random.Random) -> None:
    item = {name: {"N": str(value)} for name, value in values.items()}
    names = list(item)
    chance.shuffle(names)

    assert item_digest(item) == item_digest({name: item[name] for name in names})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=10, min_value=-(10**20), max_value=10**20))
def test_every_spelling_of_a_number_has_one_digest(number: Decimal) -> None:
    spellings = [str(number), f"{number:f}", f"{number:e}", f"{number:f}00"]

    assert len({of(a={"N": spelling}) for spelling in spellings}) == 1


def test_what_is_left_out_may_change_and_nothing_beside_it() -> None:
    def digest(members: str, likes: str) -> bytes:
        item = {"PK": {"S": "k"}, "stats": {"M": {"memberCount": {"N": members}, "likes": {"N": likes}}}}
        return item_digest(item, without=[("stats", "memberCount")])

    assert digest("1", "5") == digest("2", "5")
    assert digest("1", "5") != digest("1", "6")
    without_stats = item_digest({"PK": {"S": "k"}, "stats": {"M": {}}}, without=[("stats",)])
    assert without_stats == item_digest({"PK": {"S": "k"}})


def test_an_attribute_of_the_same_name_elsewhere_is_not_left_out() -> None:
    item = {"memberCount": {"N": "1"}, "stats": {"M": {"memberCount": {"N": "1"}}}}
    other = {**item, "memberCount": {"N": "2"}}

    without = [("stats", "memberCount")]
    assert item_digest(item, without=without) != item_digest(other, without=without)


@given(DIGESTS, st.randoms())
def test_a_checksum_does_not_depend_on_the_order(digests: list[bytes], chance: random.Random) -> None:
    shuffled = list(digests)
    chance.shuffle(shuffled)

    assert checksum(digests) == checksum(shuffled)
    assert hash(checksum(digests)) == hash(checksum(shuffled))
    assert checksum(digests).text == checksum(shuffled).text


@given(DIGESTS, st.binary(min_size=16, max_size=16))
def test_one_item_more_or_twice_is_another_checksum(digests: list[bytes], extra: bytes) -> None:
    assert checksum(digests) != checksum([*digests, extra])
    assert checksum([extra, extra]) != checksum([])


def checksum(digests: list[bytes]) -> Checksum:
    made = Checksum()
    for digest in digests:
        made.add(digest)
    return made
