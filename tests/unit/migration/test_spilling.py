"""Sets and maps that spill answer like those that do not, and keep no more in memory than they may."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

from hypothesis import given
from hypothesis import strategies as st

from madmall_models.migration.spilling import SpillingCounts, SpillingDigests, SpillingTexts

MOST = 3
NUMBERS = st.integers(0, 30)


def digest(number: int) -> bytes:
    return hashlib.blake2b(str(number).encode(), digest_size=16).digest()


@contextmanager
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect("", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE claimed (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        connection.execute("CREATE TABLE present (digest BLOB PRIMARY KEY, remembered TEXT) WITHOUT ROWID")
        connection.execute(
            "CREATE TABLE touched (entity TEXT, id TEXT, count INT, unknown INT, PRIMARY KEY (entity, id))"
        )
        yield connection


@given(st.lists(NUMBERS))
def test_a_set_of_digests_has_what_was_added_and_nothing_else(numbers: list[int]) -> None:
    with database() as connection:
        digests = SpillingDigests(connection, "claimed", most=MOST)
        for place, number in enumerate(numbers):
            assert (digest(number) in digests) is (number in numbers[:place])
            digests.add(digest(number))
            assert digest(number) in digests

        assert {number for number in range(31) if digest(number) in digests} == set(numbers)
        assert len(digests._new) < MOST


def test_a_digest_that_shares_every_bit_with_others_is_still_told_from_them() -> None:
    with database() as connection:
        digests = SpillingDigests(connection, "claimed", most=1)
        digests.add(digest(1))
        assert digests._bits is not None
        digests._bits = bytearray(b"\xff") * len(digests._bits)

        assert digest(2) not in digests
        assert digest(1) in digests


@given(st.lists(st.tuples(NUMBERS, st.text("ab", max_size=2))), st.lists(NUMBERS))
def test_a_map_gives_the_last_text_of_each_digest(entries: list[tuple[int, str]], asked: list[int]) -> None:
    with database() as connection:
        texts = SpillingTexts(connection, "present", most=MOST)
        expected: dict[int, str] = {}
        for place, (number, text) in enumerate(entries):
            texts.put(digest(number), text)
            expected[number] = text
            for other in asked[: place % 4]:
                assert texts.get(digest(other)) == expected.get(other)

        assert [texts.get(digest(number)) for number in range(31)] == [expected.get(number) for number in range(31)]
        assert len(texts._new) < MOST
        assert len(texts._read) <= MOST


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"), st.text("ab\u00e9", min_size=1, max_size=2), st.none() | st.integers(0, 5)
        )
    )
)
def test_counts_are_summed_and_given_in_order(parts: list[tuple[str, str, int | None]]) -> None:
    with database() as connection:
        spilling = SpillingCounts(connection, "touched", most=MOST)
        expected: dict[tuple[str, str], int | None] = {}
        for first, second, count in parts:
            spilling.add(first, second, count)
            before = expected.get((first, second), 0)
            expected[first, second] = None if count is None or before is None else before + count
            assert len(spilling._new) < MOST
            assert spilling.get(first, second) == expected[first, second]

        assert spilling.get("A", "nobody") == 0
        for name in "AB":
            wanted = sorted((second, count) for (first, second), count in expected.items() if first == name)
            assert spilling.total(name) == len(wanted)
            assert list(spilling.counts_of(name)) == wanted


@given(st.sets(NUMBERS), st.sets(NUMBERS))
def test_what_was_spilled_is_known_to_whoever_opens_the_database_again(some: set[int], others: set[int]) -> None:
    with database() as connection:
        digests, texts = SpillingDigests(connection, "claimed"), SpillingTexts(connection, "present")
        for number in some:
            digests.add(digest(number))
            texts.put(digest(number), str(number))
        digests.spill()
        texts.spill()

        again = SpillingDigests(connection, "claimed")
        assert {number for number in some | others if digest(number) in again} == some
        assert all(SpillingTexts(connection, "present").get(digest(number)) == str(number) for number in some)
