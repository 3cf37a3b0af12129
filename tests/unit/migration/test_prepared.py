"""The text of a key stands for that key alone."""

from __future__ import annotations

from typing import NamedTuple

from hypothesis import example, given
from hypothesis import strategies as st

from madmall_models.migration.prepared import text_of_key


class Key(NamedTuple):
    partition: str
    sort: str


KEYS = st.builds(Key, st.text("a\0 1", max_size=3), st.text("a\0 1", max_size=3))


@given(KEYS, KEYS)
@example(Key("a\0b", "c"), Key("a", "b\0c"))
@example(Key("a", ""), Key("", "a"))
def test_two_keys_have_one_text_only_if_they_are_one(one: Key, other: Key) -> None:
    assert (text_of_key(one) == text_of_key(other)) is (one == other)
