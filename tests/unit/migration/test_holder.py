"""A process is called gone only when it certainly is: another machine's never, a hidden one's never."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from madmall_models.migration import holder as holders
from madmall_models.migration.holder import Holder

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="the system does not tell of processes")


@pytest.fixture
def ended() -> Holder:
    """Return a process of this machine that ran, told when it started, and ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = holders._start_of(child.pid)
    child.communicate(b"\n")
    return replace(Holder.this(), process=child.pid, started=started)


def test_a_living_process_is_not_gone() -> None:
    assert not Holder.this().is_gone
    assert not replace(Holder.this(), process=os.getppid(), started=holders._start_of(os.getppid())).is_gone


def test_a_process_that_ended_on_this_machine_is_gone(ended: Holder) -> None:
    assert ended.is_gone


def test_one_that_ended_and_was_not_yet_asked_after_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    holder = replace(Holder.this(), process=child.pid, started=holders._start_of(child.pid))
    assert not holder.is_gone

    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    assert holder.is_gone
    child.wait()


def test_a_process_id_that_was_given_to_another_process_is_gone() -> None:
    assert replace(Holder.this(), started="1").is_gone


@pytest.mark.parametrize("machine", ["another boot pid:[1]", ""])
def test_a_process_of_another_machine_is_never_called_gone(ended: Holder, machine: str) -> None:
    assert not replace(ended, machine=machine).is_gone


def test_a_process_whose_start_is_not_known_is_never_called_gone(ended: Holder) -> None:
    assert not replace(ended, started="").is_gone


def test_a_process_that_the_system_hides_is_not_called_gone(monkeypatch: pytest.MonkeyPatch, ended: Holder) -> None:
    living = Holder.this()
    monkeypatch.setattr(holders, "_start_of", lambda process: "")

    assert not living.is_gone
    assert ended.is_gone


def test_a_process_that_may_not_be_signalled_is_not_called_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(process: int, number: int) -> None:
        raise PermissionError

    living = Holder.this()
    monkeypatch.setattr(holders, "_start_of", lambda process: "")
    monkeypatch.setattr(os, "kill", refused)

    assert not living.is_gone


def test_a_holder_is_read_as_it_was_written_and_named_for_people() -> None:
    holder = Holder("ward-3", 17, "99", "boot pid:[1]")

    assert Holder.from_document(holder.as_document()) == holder
    assert str(holder) == "process 17 on ward-3"
