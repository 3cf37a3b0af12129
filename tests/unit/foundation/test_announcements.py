"""A receiver that raises is logged and neither hides the write nor keeps others from hearing of it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from blinker import Signal

from madmall_models import signals
from madmall_models.signals import announce


@pytest.fixture
def signal() -> Signal:
    signal = Signal()
    signal.name = "thing-happened"  # type: ignore[attr-defined]
    return signal


def test_each_receiver_hears_the_sender_and_the_keywords(signal: Signal) -> None:
    heard: list[Any] = []

    def receiver(sender: Any, **keywords: Any) -> None:
        heard.append((sender, keywords))

    signal.connect(receiver)
    announce(signal, str, item=5)
    assert heard == [(str, {"item": 5})]


def test_a_receiver_hears_only_the_sender_that_it_asked_for(signal: Signal) -> None:
    heard: list[Any] = []

    def receiver(sender: Any) -> None:
        heard.append(sender)

    signal.connect(receiver, sender=str)
    announce(signal, int)
    announce(signal, str)
    assert heard == [str]


def test_a_receiver_that_raises_is_logged_and_the_others_are_called(
    signal: Signal, caplog: pytest.LogCaptureFixture
) -> None:
    heard: list[str] = []

    def broken(sender: Any) -> None:
        heard.append("broken")
        raise ZeroDivisionError

    def working(sender: Any) -> None:
        heard.append("working")

    signal.connect(broken)
    signal.connect(working)
    with caplog.at_level(logging.ERROR):
        announce(signal, str)
    assert sorted(heard) == ["broken", "working"]
    assert "a receiver of thing-happened raised; the write stands" in caplog.text


def test_every_signal_says_its_sender_its_keywords_and_its_moment() -> None:
    all_signals = [value for value in vars(signals).values() if isinstance(value, Signal)]
    assert len(all_signals) == 13
    for each in all_signals:
        assert "Sender:" in each.__doc__
        assert "Moment:" in each.__doc__
