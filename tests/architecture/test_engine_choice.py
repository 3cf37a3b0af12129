"""The choice of an engine, its markers and the fence around the tests, shown on small suites with the real conftest."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture.source_tree import CHECKOUT

ENGINES = """
import contextlib, pathlib

class Engine:
    def __init__(self, name):
        self.name = name

    def connection_settings(self):
        return {"region": "us-east-1", "endpoint": None}

    def stop(self):
        pathlib.Path("stopped").write_text(self.name)

def start(name):
    return Engine(name)
"""
DATABASE = """
import pathlib
import types
from .errors import TableNotFound

def log(line):
    with pathlib.Path("log").open("a") as lines:
        lines.write(line + "\\n")

class Table:
    def __init__(self, connection):
        self.table_name = connection.table

    def create(self, wait):
        log(f"create {self.table_name}")

class Database:
    def __init__(self, table, region, endpoint):
        self.table_name = table
        self.connection = types.SimpleNamespace(client=None, table=table)

    def delete_table(self):
        log(f"delete {self.table_name}")
        if pathlib.Path("gone").exists():
            raise TableNotFound

    def close(self):
        log(f"close {self.table_name}")
"""

DIFFERENCES = (
    (CHECKOUT / "tests" / "engine_differences.py").read_text()
    + """
DIFFERENCES = {
    "no-lock": Difference("has no lock between threads", (MOTO,)),
    "tokens": Difference("has no idempotency tokens", (MOTO, BY_URL)),
}
"""
)
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def suite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a suite of one module with this project's conftest and settings, against a package that stands in for it."""
    monkeypatch.delenv("MADMALL_TEST_ENGINE", raising=False)
    (tmp_path / "conftest.py").write_text((CHECKOUT / "tests" / "conftest.py").read_text())
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "__init__.py").touch()
    (tmp_path / "tests" / "engine_differences.py").write_text(DIFFERENCES)
    (tmp_path / "tests" / "engine_of_worker.py").write_text((CHECKOUT / "tests" / "engine_of_worker.py").read_text())
    (tmp_path / "setup.cfg").write_text((CHECKOUT / "setup.cfg").read_text().replace("testpaths = tests", ""))
    package = tmp_path / "madmall_models"
    (package / "testing").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "testing" / "__init__.py").touch()
    (package / "testing" / "engines.py").write_text(ENGINES)
    for shared in ("pytest_madmall_models.py", "madmall_models/testing/fresh_table.py"):
        (tmp_path / shared).write_text((CHECKOUT / shared).read_text())
    (package / "database.py").write_text(DATABASE)
    (package / "table.py").write_text("from .database import Table")
    (package / "managers").mkdir()
    (package / "managers" / "__init__.py").touch()
    (package / "managers" / "former_member.py").write_text("SECONDS = 0.5")
    (package / "errors.py").write_text("class TableNotFound(LookupError): pass")

    def run(source: str, *options: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "test_suite.py").write_text("import pytest\n" + source)
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", *options]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)

    return run


MARKED = """
@pytest.mark.difference("no-lock")
def test_one(engine): pass

@pytest.mark.difference("no-lock")
def test_two(engine): pass

@pytest.mark.difference("tokens")
def test_three(engine): pass

def test_four(engine): pass

def test_five(): pass
"""


def test_what_moto_cannot_serve_is_skipped_and_counted_by_reason(suite: Run) -> None:
    done = suite(MARKED, "--engine", "moto")

    assert "2 passed, 3 skipped" in done.stdout
    assert "skipped: 3" in done.stdout
    assert "    2 x moto has no lock between threads" in done.stdout
    assert "    1 x moto has no idempotency tokens" in done.stdout
    assert "engine: moto" in done.stdout


def test_skips_of_all_workers_are_counted_together(suite: Run) -> None:
    done = suite(MARKED, "-n", "2", "--engine", "moto")

    assert "    2 x moto has no lock between threads" in done.stdout


def test_on_another_engine_the_same_tests_run(suite: Run) -> None:
    done = suite(MARKED, "--engine", "ministack")

    assert done.returncode == 0
    assert "5 passed" in done.stdout
    assert "skipped" not in done.stdout


def test_an_engine_by_its_url_is_none_of_the_named_ones(suite: Run) -> None:
    done = suite(MARKED, "--engine", "http://127.0.0.1:8000")

    assert "4 passed, 1 skipped" in done.stdout
    assert "    1 x url has no idempotency tokens" in done.stdout


def test_tests_that_touch_no_table_can_be_left_out(suite: Run) -> None:
    done = suite(MARKED, "--engine", "ministack", "--only-engine-tests")

    assert "4 passed, 1 deselected" in done.stdout


def test_leaving_out_every_test_is_a_failure(suite: Run) -> None:
    done = suite("def test_pure(): pass", "--engine", "ministack", "--only-engine-tests")

    assert done.returncode == pytest.ExitCode.NO_TESTS_COLLECTED


def test_the_environment_chooses_the_engine_and_the_option_wins(suite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "engine: ministack" in suite(MARKED).stdout
    monkeypatch.setenv("MADMALL_TEST_ENGINE", "moto")

    assert "engine: moto" in suite(MARKED).stdout
    assert "engine: ministack" in suite(MARKED, "--engine", "ministack").stdout


@pytest.mark.parametrize(
    "choice", ["minstack", "ftp://127.0.0.1", "https://dynamodb.us-east-1.amazonaws.com", "https://x.us-east-1.api.aws"]
)
def test_an_unknown_engine_and_the_service_itself_are_refused(suite: Run, choice: str) -> None:
    done = suite(MARKED, "--engine", choice)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"--engine {choice}: " in done.stderr


@pytest.mark.parametrize(
    "marker", ['difference("no-locks")', "difference()", 'difference("no-lock", "tokens")', "difference(name='tokens')"]
)
def test_a_marker_that_would_be_silent_is_refused(suite: Run, marker: str) -> None:
    done = suite(f"@pytest.mark.{marker}\ndef test_one(engine): pass")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "difference takes one of no-lock, tokens" in done.stderr


def test_an_engine_that_cannot_start_is_an_error_and_no_skip(suite: Run, tmp_path: Path) -> None:
    engines = tmp_path / "madmall_models" / "testing" / "engines.py"
    engines.write_text("def start(name):\n    raise OSError('no java')")

    done = suite(MARKED, "--engine", "dynamodb-local")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "1 passed, 4 errors" in done.stdout
    assert "OSError: no java" in done.stdout


def test_each_test_has_a_table_of_its_own_and_leaves_none(suite: Run, tmp_path: Path) -> None:
    done = suite("def test_one(db): pass\ndef test_two(db): assert False")

    assert "1 failed, 1 passed" in done.stdout
    steps = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert [step for step, _ in steps] == ["create", "delete", "close"] * 2
    assert len({table for _, table in steps}) == 2
    assert (tmp_path / "stopped").read_text() == "ministack"


def test_a_test_may_delete_its_table_itself(suite: Run, tmp_path: Path) -> None:
    (tmp_path / "gone").touch()

    assert "1 passed" in suite("def test_one(db): pass").stdout


def test_nothing_of_the_person_who_runs_the_tests_is_seen(suite: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_DYNAMODB", "MADMALL_TABLE", "PYNAMODB_CONFIG"):
        monkeypatch.setenv(name, "of a person")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "of a person")

    done = suite(
        "import os\n"
        "SEEN = dict(os.environ)\n"  # while the module is imported: before any fixture
        "def test_environment():\n"
        "    assert 'of a person' not in SEEN.values()\n"
        "    assert SEEN['AWS_ACCESS_KEY_ID'] == 'testing'\n"
    )

    assert "1 passed" in done.stdout


def test_no_test_can_reach_another_machine(suite: Run) -> None:
    done = suite(
        "import socket\n"
        "@pytest.mark.parametrize('address', [('192.0.2.1', 443), ('dynamodb.us-east-1.amazonaws.com', 443)])\n"
        "def test_far(address):\n"
        "    with socket.socket() as far, pytest.raises(RuntimeError, match='this machine only'):\n"
        "        far.connect(address)\n"
        "    with socket.socket() as far, pytest.raises(RuntimeError, match='this machine only'):\n"
        "        far.connect_ex(address)\n"
        "def test_near():\n"
        "    with socket.create_server(('127.0.0.1', 0)) as server, socket.socket() as near:\n"
        "        near.connect(server.getsockname())\n"
    )

    assert "3 passed" in done.stdout


def test_only_the_machine_that_was_named_can_be_reached_as_well(suite: Run) -> None:
    # 0.0.0.0 is this machine, but no loopback address: it stands for another machine, and nothing leaves this one.
    source = (
        "import socket\n"
        "def test_named():\n"
        "    with socket.create_server(('0.0.0.0', 0)) as server, socket.socket() as named:\n"
        "        named.connect(server.getsockname())\n"
    )

    assert "RuntimeError: a test tried to reach 0.0.0.0" in suite(source).stdout
    assert "1 passed" in suite(source, "--engine", "http://0.0.0.0:8000").stdout


def test_the_fence_comes_down_with_the_suite() -> None:
    probe = (
        "import os, socket, pytest\n"
        "def seen():\n"
        "    kept = {name: text for name, text in os.environ.items() if not name.startswith('PYTEST_')}\n"
        "    return kept, socket.socket.connect\n"
        "before = seen()\n"
        "pytest.main(['--collect-only', '-q', 'tests/architecture/test_house.py', '-p', 'no:cacheprovider'])\n"
        "assert seen() == before\n"
    )
    done = subprocess.run([sys.executable, "-c", probe], cwd=CHECKOUT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
