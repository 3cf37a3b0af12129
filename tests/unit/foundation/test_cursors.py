"""A cursor is taken only as it was given out, for the query that it was given out for."""

from __future__ import annotations

import base64
import logging
import string
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import ConfigurationError, InvalidCursor, Page, QueryError
from madmall_models.page import KEYS_VARIABLE, CursorSigner, fingerprint

QUERY = fingerprint("table", "Circle.by_type", "support_group")
POSITION = {"PK": "CIRCLE#c1", "SK": "METADATA", "GSI1PK": "CIRCLE_TYPE#support_group", "n": "10"}
URL_SAFE = string.ascii_letters + string.digits + "-_"

signer = CursorSigner(["a secret"])
CURSOR = signer.sign(POSITION, QUERY)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


def refused(cursor: object, by: CursorSigner = signer, query: str = QUERY) -> None:
    with pytest.raises(InvalidCursor) as error:
        by.verify(cursor, query)  # type: ignore[arg-type]
    # Always the same words: nothing tells an attacker how far the attempt came.
    assert str(error.value) == str(InvalidCursor(SAME_WORDS))


SAME_WORDS = "this cursor is not one of this query, or its key is not known; start from the first page"


@given(st.dictionaries(texts, texts, min_size=1, max_size=5), texts)
def test_a_position_comes_back(position: dict[str, str], query: str) -> None:
    assert signer.verify(signer.sign(position, query), query) == position


def test_a_cursor_can_stand_in_a_url() -> None:
    assert set(CURSOR) <= set(URL_SAFE)


@pytest.mark.parametrize("place", range(len(CURSOR)))
def test_a_cursor_with_one_character_replaced_is_refused(place: int) -> None:
    for other in set(URL_SAFE) - {CURSOR[place]}:
        refused(CURSOR[:place] + other + CURSOR[place + 1 :])


@pytest.mark.parametrize("length", range(len(CURSOR)))
def test_a_cursor_cut_short_is_refused(length: int) -> None:
    refused(CURSOR[:length])
    refused(CURSOR[length + 1 :])


@pytest.mark.parametrize("added", ["A", "=", "==", " ", "\n", ".", CURSOR])
def test_a_cursor_with_something_added_is_refused(added: str) -> None:
    refused(CURSOR + added)
    refused(added + CURSOR)


@given(st.text(max_size=60) | st.text(URL_SAFE, max_size=60))
def test_what_was_never_given_out_is_refused(text: str) -> None:
    refused(text)


@pytest.mark.parametrize("value", [5, b"bytes", CURSOR.encode(), ["list"]])
def test_what_is_no_text_is_refused(value: object) -> None:
    refused(value)


@pytest.mark.parametrize("length", [40_001, 10_000_000])
def test_what_is_longer_than_any_cursor_is_refused(length: int) -> None:
    refused("A" * length)


def test_the_longest_cursor_is_taken() -> None:
    longest = {"PK": "\0" * 2048, "SK": "\0" * 1024, "GSI1SK": "\0" * 1024, "n": "1000"}
    assert signer.verify(signer.sign(longest, QUERY), QUERY) == longest


def test_a_second_spelling_of_the_same_bytes_is_refused() -> None:
    blob = base64.urlsafe_b64decode(CURSOR + "=" * (-len(CURSOR) % 4))
    spellings = {
        base64.urlsafe_b64encode(blob).decode(),
        base64.b64encode(blob).decode(),
        base64.b64encode(blob).decode().rstrip("="),
        CURSOR + "\n",
    }
    # Bits that base64 does not use: another last character, the same bytes.
    spare = [CURSOR[:-1] + other for other in URL_SAFE]
    spellings |= {text for text in spare if base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) == blob}
    for spelling in spellings - {CURSOR}:
        refused(spelling)
    assert signer.verify(CURSOR, QUERY) == POSITION


@given(st.text(max_size=10))
def test_a_cursor_of_another_query_is_refused(query: str) -> None:
    refused(signer.sign(POSITION, QUERY + "x" + query))


@given(st.tuples(texts, texts), st.tuples(texts, texts))
def test_different_queries_have_different_fingerprints(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert (fingerprint(*one) == fingerprint(*other)) is (one == other)


# -- keys ----------------------------------------------------------------------------------------------------------


def test_a_key_can_be_replaced_without_breaking_cursors_in_use() -> None:
    before, during, after = CursorSigner(["old"]), CursorSigner(["new", "old"]), CursorSigner(["new"])
    in_use = before.sign(POSITION, QUERY)
    assert during.verify(in_use, QUERY) == POSITION
    fresh = during.sign(POSITION, QUERY)
    assert after.verify(fresh, QUERY) == POSITION
    refused(in_use, by=after)
    refused(fresh, by=before)


def test_keys_come_from_the_environment_when_none_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEYS_VARIABLE, " new , old,")
    assert CursorSigner().verify(CursorSigner(["old"]).sign(POSITION, QUERY), QUERY) == POSITION
    assert CursorSigner(["new"]).verify(CursorSigner().sign(POSITION, QUERY), QUERY) == POSITION
    refused(CursorSigner(["given"]).sign(POSITION, QUERY), by=CursorSigner())


def test_without_a_key_a_cursor_is_of_this_process_only_and_a_warning_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    alone = CursorSigner()
    with caplog.at_level(logging.WARNING):
        cursor = alone.sign(POSITION, QUERY)
    assert KEYS_VARIABLE in caplog.text
    assert alone.verify(cursor, QUERY) == POSITION
    refused(cursor, by=CursorSigner())


@pytest.mark.parametrize("keys", ["secret", [""], ["secret", " "], [b"secret"], [None], {"secret"}, 5])
def test_keys_that_are_no_list_of_texts_are_refused(keys: object) -> None:
    with pytest.raises(ConfigurationError, match="cursor_keys is a list of texts, none of them empty"):
        CursorSigner(keys)  # type: ignore[arg-type]


def test_threads_that_begin_together_share_one_key() -> None:
    alone = CursorSigner()
    with ThreadPoolExecutor(8) as threads:
        cursors = list(threads.map(lambda number: alone.sign({"n": str(number)}, QUERY), range(40)))
    assert [alone.verify(cursor, QUERY)["n"] for cursor in cursors] == [str(number) for number in range(40)]


def test_a_strict_signer_refuses_to_page_without_a_key() -> None:
    with pytest.raises(ConfigurationError, match=f"give cursor_keys=.* or set {KEYS_VARIABLE}"):
        CursorSigner(strict=True).sign(POSITION, QUERY)
    assert CursorSigner(["key"], strict=True).verify(CursorSigner(["key"]).sign(POSITION, QUERY), QUERY) == POSITION


def test_a_cursor_error_is_an_error_of_the_query() -> None:
    assert issubclass(InvalidCursor, QueryError)
    assert issubclass(InvalidCursor, ValueError)


# -- pages ---------------------------------------------------------------------------------------------------------


def test_a_page_is_read_like_a_sequence() -> None:
    page = Page(("a", "b"), cursor="c", has_more=True)
    assert list(page) == ["a", "b"]
    assert len(page) == 2
    assert not Page((), cursor=None, has_more=False)
