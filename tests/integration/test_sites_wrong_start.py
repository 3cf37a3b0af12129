"""Who starts an example site with a wrong word is told so in one line, and no engine is left behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.browser.sites import CHECKOUT, EXAMPLES, SITES


def start(name: str, *options: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, *SITES[name], *options],
        cwd=EXAMPLES,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("name", sorted(SITES))
def test_a_misspelt_engine_is_named_with_the_one_that_was_meant(name: str) -> None:
    status, said = start(name, "--engine", "minstack")

    assert status == 1
    assert "did you mean 'ministack'?" in said
    assert "Traceback" not in said


def test_a_port_that_is_taken_is_refused_before_an_engine_is_started_that_nobody_would_stop() -> None:
    with socket.socket() as owner:
        owner.bind(("127.0.0.1", 0))
        owner.listen()
        port = owner.getsockname()[1]

        # An engine that does not exist is not reached: the port is looked at first.
        status, said = start("django", "--port", str(port), "--engine", "minstack")

    assert status == 1
    assert f"cannot listen on port {port}" in said
    assert "minstack" not in said
