"""Start the example sites as their readers do, each as a process of its own on a table of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madmall_models import Database
from tests.conftest import create_table

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = CHECKOUT / "examples"
# What starts each site, by its name; each takes the same options.
SITES = {"django": ["django_site/manage.py", "serve"], "flask": ["-m", "flask_site"]}
_PATIENCE = 60.0


@dataclass(frozen=True)
class Site:
    """A site that runs.

    Attributes:
        name: ``flask`` or ``django``.
        url: where it listens, without a slash at the end.
        database: its table, for what a test wants to find there.
    """

    name: str
    url: str
    database: Database


@contextmanager
def started(name: str, engine: Any) -> Iterator[Site]:
    """Give a site for the time of a block, on a table of its own of an engine that runs."""
    database = Database(table=f"site-{uuid.uuid4().hex}", **engine.connection_settings())
    create_table(database)
    port = _free_port()
    options = ["--port", str(port), "--engine", engine.endpoint, "--table", database.table_name]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *SITES[name], *options], cwd=EXAMPLES, env=environment, stdout=said, stderr=said
        )
        try:
            _wait_until_it_answers(f"http://127.0.0.1:{port}/health", process, said)
            yield Site(name, f"http://127.0.0.1:{port}", database)
        finally:
            process.terminate()
            process.wait(_PATIENCE)
            database.delete_table()
            database.close()


def _wait_until_it_answers(url: str, process: subprocess.Popen[bytes], said: Any) -> None:
    """Ask until the site answers; a site that ended instead is shown with what it said."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=_PATIENCE):  # noqa: S310
                return
        except urllib.error.URLError:
            _wait_a_moment(process)
    said.seek(0)
    raise AssertionError(f"the site does not answer:\n{said.read().decode(errors='replace')}")


def _wait_a_moment(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(0.1)
    except subprocess.TimeoutExpired:
        return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
