"""What is lost in a race is done again from the read on, a bounded number of times, and nothing else is."""

from __future__ import annotations

import time

import pytest

from madmall_models.connection.retry import retried


class Lost(Exception):
    """A race that was lost."""


class Attempt:
    """Lose a number of races, then give an answer; know how often it was called."""

    def __init__(self, losses: int, error: type[Exception] = Lost) -> None:
        self.losses = losses
        self.error = error
        self.calls = 0

    def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.losses:
            raise self.error(str(self.calls))
        return "done"


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note the waits instead of waiting."""
    noted: list[float] = []
    monkeypatch.setattr(time, "sleep", noted.append)
    return noted


@pytest.mark.parametrize("losses", [0, 1, 3])
def test_an_answer_within_the_bound_is_returned_and_each_loss_is_waited_for(losses: int, waits: list[float]) -> None:
    attempt = Attempt(losses)

    assert retried(attempt, lost=Lost, most=4) == "done"
    assert attempt.calls == losses + 1
    assert len(waits) == losses


@pytest.mark.parametrize("most", [1, 2, 4])
def test_the_last_loss_is_raised_without_a_wait_after_it(most: int, waits: list[float]) -> None:
    attempt = Attempt(losses=9)

    with pytest.raises(Lost, match=f"^{most}$"):
        retried(attempt, lost=Lost, most=most)
    assert attempt.calls == most
    assert len(waits) == most - 1


def test_another_error_is_raised_at_once(waits: list[float]) -> None:
    attempt = Attempt(losses=1, error=ValueError)

    with pytest.raises(ValueError, match="1"):
        retried(attempt, lost=Lost, most=4)
    assert attempt.calls == 1
    assert waits == []


def test_none_is_an_answer() -> None:
    calls: list[int] = []

    retried(lambda: calls.append(1), lost=Lost, most=4)

    assert calls == [1]
