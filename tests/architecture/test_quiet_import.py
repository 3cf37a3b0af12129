"""Importing the package starts nothing and pulls in no extra."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.source_tree import CHECKOUT, PACKAGE, read_package

QUIET = {"started": [], "extras": [], "printed": ""}

# An adapter is imported by who has its framework, the plugin by mypy.
NEEDS_AN_EXTRA = ("adapters", "mypy_plugin")


def probe(folder: Path, *names: str) -> dict[str, Any]:
    """Import the modules in a process of their own and give what it saw."""
    command = [sys.executable, "-m", "tests.architecture.import_probe", str(folder), *names]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_the_package_and_each_public_name_is_quiet() -> None:
    assert probe(CHECKOUT, PACKAGE) == QUIET


def test_importing_every_module_of_the_package_is_quiet() -> None:
    modules = read_package(CHECKOUT / PACKAGE)
    names = [module.name for module in modules if module.room not in NEEDS_AN_EXTRA]

    assert probe(CHECKOUT, *names) == QUIET


@pytest.mark.parametrize(
    ("source", "kind", "seen"),
    [
        ("import socket; socket.socket().close()", "started", "socket.__new__"),
        ("import threading; threading.Thread(target=int).start()", "started", "_thread.start_new_thread"),
        ("import _thread; _thread.start_new_thread(int, ())", "started", "_thread.start_new_thread"),
        ("import subprocess, sys; subprocess.run([sys.executable, '-c', ''])", "started", "subprocess.Popen"),
        ("import boto3", "extras", "boto3"),
        ("__all__ = ['X']\ndef __getattr__(name):\n    import moto\n    return moto", "extras", "moto"),
        ("print('hello')", "printed", "hello"),
    ],
)
def test_the_probe_sees_what_an_import_starts(tmp_path: Path, source: str, kind: str, seen: str) -> None:
    (tmp_path / "noisy.py").write_text(source)

    assert seen in probe(tmp_path, "noisy")[kind]
