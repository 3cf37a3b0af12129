"""Ids ascend, never repeat, and an id is told from what is none."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import KeyValueError, clock, new_id
from madmall_models.identifiers import check_id, is_id

A_MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def told() -> Iterator[list[datetime]]:
    """Let the clock tell the moment that is in this list."""
    moment = [A_MOMENT]
    with clock.told_by(lambda: moment[0]):
        yield moment


@pytest.mark.defect(92)
@pytest.mark.usefixtures("told")
def test_ids_ascend_even_within_a_millisecond() -> None:
    ids = [new_id() for _ in range(1000)]
    assert ids == sorted(set(ids))


def test_ids_ascend_when_the_clock_goes_back(told: list[datetime]) -> None:
    first = new_id()
    told[0] -= timedelta(seconds=1)
    assert new_id() > first


@pytest.mark.defect(92)
def test_ids_ascend_within_each_thread_and_never_repeat_across_them() -> None:
    made: list[list[str]] = [[] for _ in range(8)]
    ready = threading.Barrier(len(made))

    def make(into: list[str]) -> None:
        ready.wait()
        into.extend(new_id() for _ in range(500))

    threads = [threading.Thread(target=make, args=(into,)) for into in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(into == sorted(into) for into in made)
    assert len({each for into in made for each in into}) == 8 * 500


def test_an_id_begins_with_its_moment(told: list[datetime], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madmall_models.identifiers._sequence", type(new_id.__globals__["_sequence"])())
    first = new_id()
    told[0] += timedelta(milliseconds=1)
    assert first[:10] < new_id()[:10]
    assert len(first) == 26
    assert is_id(first)


@pytest.mark.usefixtures("told")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork")
def test_a_forked_child_gives_ids_of_its_own() -> None:
    # A millisecond full of ids: from here on they are counted up, in the parent and in the child.
    for _ in range(10_000):
        new_id()
    context: Any = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    child = context.Process(target=lambda: theirs.send([new_id() for _ in range(5)]))
    child.start()
    made_by_child = ours.recv()
    child.join()
    assert not set(made_by_child) & {new_id() for _ in range(5)}


@given(st.text(max_size=5))
def test_an_id_has_letters_digits_underscores_and_hyphens_only(text: str) -> None:
    plain = bool(text) and all(char.isascii() and (char.isalnum() or char in "_-") for char in text)
    assert is_id(text) is plain


@pytest.mark.parametrize(
    ("value", "fact"),
    [
        (None, "it is missing"),
        ("", "it is empty"),
        ("canary@example.org", "it has other characters"),
        ("canary" * 30, "it is too long"),
        (5, "it is of type int, not text"),
        ("canary\n", "it has other characters"),
    ],
)
def test_what_is_no_id_is_refused_without_being_shown(value: object, fact: str) -> None:
    with pytest.raises(KeyValueError) as refused:
        check_id(value, name="user_id")
    assert str(refused.value).startswith(f"user_id is not an id ({fact})")
    assert "canary" not in str(refused.value)


def test_an_id_of_128_characters_is_one() -> None:
    assert check_id("x" * 128, name="user_id") == "x" * 128
