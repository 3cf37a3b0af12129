"""One fixture for every engine, and the fence that keeps tests on this machine.

``db`` is a fresh table on the engine that ``--engine`` names; a test never asks which that is. What an engine cannot
serve says so with a marker and a reason, is skipped, and is counted by reason at the end of the run.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, settings

from pytest_madmall_models import forget_accounts
from tests.engine_differences import BY_URL, DIFFERENCES, Difference
from tests.engine_differences import ENGINES as ALL_ENGINES
from tests.engine_of_worker import EngineOfWorker

# The tests of somebody else's project; tests/installed/try_wheel.py runs them where nothing of this checkout is.
collect_ignore = ["installed/project"]
ENGINES = tuple(name for name in ALL_ENGINES if name != BY_URL)
KEPT_SETTINGS = {"MADMALL_DYNAMODB_LOCAL"}

# The machine that runs the tests may be busy: a slow example is no finding, and nothing asserts on a clock.
settings.register_profile("madmall", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("long", parent=settings.get_profile("madmall"), max_examples=2000)
settings.load_profile("madmall")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of the engine, and the page that a run can write."""
    group = parser.getgroup("engine", "the engine that serves the tables")
    group.addoption(
        "--engine",
        default=os.environ.get("MADMALL_TEST_ENGINE") or "ministack",
        metavar="NAME|URL",
        help=f"{', '.join(ENGINES)}, or the URL of one that runs; default: $MADMALL_TEST_ENGINE, else ministack",
    )
    group.addoption(
        "--sequences",
        type=int,
        default=50,
        metavar="N",
        help="sequences of 30 operations that are tried against the engine; default: 50",
    )
    group.addoption(
        "--kills",
        type=int,
        default=5,
        metavar="N",
        help="kills at random of a migration by transactions, and as many of one by batches; default: 5",
    )
    group.addoption(
        "--only-engine-tests",
        action="store_true",
        help="leave out the tests that touch no table: they have the same answer on every engine",
    )
    parser.addoption(
        "--write-defects",
        action="store_true",
        help="write docs/defects.rst, if every test that pins a defect ran and passed; use it with -m defect",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Describe the markers and put up the fence, before any test module is imported."""
    config.addinivalue_line("markers", "difference(name): skip on the engines that tests/engine_differences.py names")
    config.addinivalue_line("markers", "defect(*numbers): keeps out these defects of tests/defects/defects.yaml")
    if config.getoption("write_defects") and not hasattr(config, "workerinput"):
        from tests.defects.writer import DefectPage

        config.pluginmanager.register(DefectPage())
    _check_engine(config.getoption("engine"))
    fence = pytest.MonkeyPatch()
    config.add_cleanup(fence.undo)
    forget_accounts(fence, keep=KEPT_SETTINGS)
    _stay_on_this_machine(fence, _engine_host(config))


def pytest_report_header(config: pytest.Config) -> str:
    """Say which engine serves the tables."""
    return f"engine: {config.getoption('engine')}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what the engine cannot serve; with ``--only-engine-tests`` leave out what touches none."""
    engine = engine_name(config.getoption("engine"))
    for item in items:
        for marker in item.iter_markers("difference"):
            difference = _difference_of(marker, item)
            _skip_if(engine in difference.engines, f"{engine} {difference.reason}", item)
    if config.getoption("only_engine_tests"):
        aside = [item for item in items if "engine" not in getattr(item, "fixturenames", ())]
        items[:] = [item for item in items if "engine" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=aside)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Count what was skipped, by reason, so that no engine loses tests in silence."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    reasons = Counter(_reason_of(report) for report in skipped)
    terminalreporter.section(f"skipped: {len(skipped)}")
    for reason, count in sorted(reasons.items(), key=lambda entry: (-entry[1], entry[0])):
        terminalreporter.write_line(f"{count:5} x {reason}")


@pytest.fixture(scope="session")
def engine_of_worker(pytestconfig: pytest.Config) -> Iterator[EngineOfWorker]:
    """Keep the engine that this run was asked to use: one for each worker, ended with it."""
    kept = EngineOfWorker(pytestconfig.getoption("engine"))
    yield kept
    kept.stop()


@pytest.fixture(scope="module")
def engine(engine_of_worker: EngineOfWorker) -> Any:
    """Give the engine to the tests of a module; between two modules it may be started anew."""
    return engine_of_worker.engine()


@pytest.fixture(scope="module")
def client(engine: Any, engine_of_worker: EngineOfWorker) -> Any:
    """Give one client to all tests."""
    return engine_of_worker.client()


@pytest.fixture(scope="session", autouse=True)
def indexes_without_lag() -> Iterator[None]:
    """Let the deletion of a user not wait for indexes, which are up to date on every engine of this machine."""
    from madmall_models.testing import fresh_table

    with fresh_table.indexes_without_lag():
        yield


@pytest.fixture
def db(engine: Any, client: Any, engine_of_worker: EngineOfWorker) -> Iterator[Any]:
    """Give a database of its own, with an empty table, to one test."""
    from madmall_models.testing.fresh_table import fresh_database

    engine_of_worker.gives_a_table()
    with fresh_database(engine, client=client) as database:
        yield database


def create_table(database: Any) -> None:
    """Create a table in which items expire and stay: when an engine deletes them is a moment of its own."""
    from madmall_models.testing.fresh_table import LastingTable

    LastingTable(database.connection).create(wait=True)


def _check_engine(choice: str) -> None:
    if choice in ENGINES:
        return
    url = urlsplit(choice)
    if url.scheme not in ("http", "https") or not url.hostname:
        raise pytest.UsageError(f"--engine {choice}: say {', '.join(ENGINES)}, or the http:// URL of one that runs")
    if url.hostname.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
        raise pytest.UsageError(f"--engine {choice}: these tests create and delete tables; never on the service")


def engine_name(choice: str) -> str:
    return choice if choice in ENGINES else BY_URL


def _engine_host(config: pytest.Config) -> str | None:
    return urlsplit(config.getoption("engine")).hostname


def _difference_of(marker: pytest.Mark, item: pytest.Item) -> Difference:
    if len(marker.args) != 1 or marker.args[0] not in DIFFERENCES:
        known = ", ".join(sorted(DIFFERENCES))
        raise pytest.UsageError(f"{item.nodeid}: difference takes one of {known}, not {marker.args}")
    return DIFFERENCES[marker.args[0]]


def _skip_if(unserved: bool, reason: str, item: pytest.Item) -> None:
    if unserved:
        item.add_marker(pytest.mark.skip(reason=reason))


def _reason_of(report: Any) -> str:
    where = report.longrepr
    text = str(where[2] if isinstance(where, tuple) else where)
    return text.removeprefix("Skipped: ")


def _stay_on_this_machine(fence: pytest.MonkeyPatch, also: str | None) -> None:
    """Refuse every connection that leaves this machine, but to the engine that was named by its URL."""
    allowed = {"localhost", also}
    if also:
        with contextlib.suppress(OSError):
            allowed |= {str(found[4][0]) for found in socket.getaddrinfo(also, None)}

    def fenced(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
        def connect_nearby(self: socket.socket, address: Any) -> Any:
            internet = self.family in (socket.AF_INET, socket.AF_INET6)
            if internet and address[0] not in allowed and not _is_loopback(address[0]):
                # Not an OSError: libraries retry those, and would hide this one.
                raise RuntimeError(f"a test tried to reach {address[0]}; tests talk to this machine only")
            return connect(self, address)

        return connect_nearby

    fence.setattr(socket.socket, "connect", fenced(socket.socket.connect))
    fence.setattr(socket.socket, "connect_ex", fenced(socket.socket.connect_ex))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
