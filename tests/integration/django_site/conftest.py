"""Serve the example site on Django as its page says, and give visitors to it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database
from tests.integration.site_visitor import Visitor, registered

SITE = Path(__file__).resolve().parents[3] / "examples" / "django_site"


@pytest.fixture(scope="module")
def served(engine: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Serve the site as a process of its own; give its address and its table."""
    table = f"site-{uuid.uuid4().hex}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-W", "error", "manage.py", "serve", "--port", str(port), "--engine", engine.endpoint]
    log = (tmp_path_factory.mktemp("django-site") / "log").open("w+")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.integration.django_site.fast_settings",
        "PYTHONPATH": str(SITE.parents[1]),
        "PYTHONUNBUFFERED": "1",
    }
    process = subprocess.Popen([*command, "--table", table], cwd=SITE, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(port, process, log)
        yield address, table
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Any) -> None:
    limit = time.monotonic() + 60
    while time.monotonic() < limit:
        if process.poll() is not None:
            log.seek(0)
            pytest.fail(f"the site ended: {log.read()}")
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        threading.Event().wait(0.1)
    pytest.fail("the site did not answer")


@pytest.fixture
def visitor(served: tuple[str, str]) -> Callable[[], Visitor]:
    return lambda: Visitor(served[0])


@pytest.fixture
def table(served: tuple[str, str], engine: Any, client: Any) -> Database:
    database = Database(table=served[1], **engine.connection_settings())
    database.connection._client = client
    return database


@pytest.fixture
def jane(visitor: Callable[[], Visitor]) -> Visitor:
    return registered(visitor(), "Jane Smith")


@pytest.fixture
def ann(visitor: Callable[[], Visitor]) -> Visitor:
    return registered(visitor(), "Ann Lee")
