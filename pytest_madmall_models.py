"""Offer fixtures for tests of madmall_models to pytest.

This module is loaded in every session of pytest where madmall_models is installed, so it stands beside that package
and imports nothing of it: a session that uses none of the fixtures pays for their names only. What they do is in
``madmall_models.testing``.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from madmall_models.database import Database
    from madmall_models.testing.engines import Engine
    from madmall_models.testing.factories import Factories
    from madmall_models.testing.factory import Factory
    from madmall_models.testing.movable_clock import MovableClock

ENGINES = ("moto", "ministack", "dynamodb-local")
ENGINE_VARIABLE = "MADMALL_TEST_ENGINE"
# The package looks at this one before each request; see madmall_models/connection/fence.py.
HOSTS_VARIABLE = "MADMALL_ALLOWED_HOSTS"
JAR_VARIABLE = "MADMALL_DYNAMODB_LOCAL"
_REGION = "us-east-1"
_SERVICE = f"https://dynamodb.{_REGION}.amazonaws.com"
_SERVICE_DOMAINS = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws")
_MARKED = ("engine",)
_hosts_before = pytest.StashKey[str | None]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of the engine, and of hosts that tests may reach."""
    group = parser.getgroup("madmall", "tests of madmall_models")
    group.addoption(
        "--madmall-engine",
        metavar="NAME|URL",
        help=f"engine of madmall_db: {', '.join(ENGINES)}, or the URL of one that runs; else ${ENGINE_VARIABLE}, else "
        "the setting madmall_engine, else moto",
    )
    group.addoption(
        "--madmall-allow-host",
        action="append",
        default=[],
        metavar="HOST",
        help="let madmall_models reach this host during tests; without it, it reaches this machine only",
    )
    parser.addini("madmall_engine", "engine of madmall_db, as --madmall-engine", default="")
    parser.addini("madmall_allow_hosts", "hosts that madmall_models may reach during tests", "args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Describe the marker, check the choices, and keep the package's requests on this machine."""
    config.addinivalue_line("markers", "madmall(engine=NAME): run this test on that engine, whatever was chosen")
    for source, engine in _choices(config).items():
        _check_engine(engine, source)
    config.stash[_hosts_before] = os.environ.get(HOSTS_VARIABLE)
    os.environ[HOSTS_VARIABLE] = ",".join(_allowed_hosts(config))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the environment as it was."""
    before = config.stash.get(_hosts_before, None)
    if before is None:
        os.environ.pop(HOSTS_VARIABLE, None)
    else:
        os.environ[HOSTS_VARIABLE] = before


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a marker that would be silent."""
    for item in items:
        for marker in item.iter_markers("madmall"):
            _check_marker(marker, item)


def _choices(config: pytest.Config) -> dict[str, str]:
    """Return the engines that are named, by where: the first one counts."""
    named = {
        "--madmall-engine": config.getoption("madmall_engine"),
        f"${ENGINE_VARIABLE}": os.environ.get(ENGINE_VARIABLE),
        "the setting madmall_engine": config.getini("madmall_engine"),
    }
    return {source: engine for source, engine in named.items() if engine}


def chosen_engine(config: pytest.Config) -> str:
    """Return the engine of a session: by option, else by variable, else by setting, else moto."""
    return next(iter(_choices(config).values()), "moto")


def _allowed_hosts(config: pytest.Config) -> list[str]:
    engines = filter(None, map(_host_of, _choices(config).values()))
    permitted = filter(None, os.environ.get(HOSTS_VARIABLE, "").split(","))
    named = [*config.getoption("madmall_allow_host"), *config.getini("madmall_allow_hosts"), *engines, *permitted]
    return list(dict.fromkeys(named))


def _check_engine(engine: object, source: str) -> None:
    if engine in ENGINES:
        return
    host = _host_of(engine)
    if host is not None and not host.endswith(_SERVICE_DOMAINS):
        return
    if host is not None:
        raise pytest.UsageError(f"{source}: {host} belongs to AWS; tests create and delete tables, never there")
    near = difflib.get_close_matches(str(engine), ENGINES, 1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise pytest.UsageError(
        f"{source}: there is no engine {str(engine)!r}{meant} (say {', '.join(ENGINES)}, or the http:// URL of one)"
    )


def _host_of(engine: object) -> str | None:
    """Return the host of the URL of an engine; None where it is no URL."""
    if not isinstance(engine, str) or not engine.startswith(("http://", "https://")):
        return None
    try:
        return urlsplit(engine).hostname
    except ValueError:
        return None


def _check_marker(marker: pytest.Mark, item: pytest.Item) -> None:
    unknown = [name for name in marker.kwargs if name not in _MARKED]
    if marker.args or unknown or not marker.kwargs:
        near = difflib.get_close_matches(unknown[0], _MARKED, 1) if unknown else []
        meant = f"; did you mean {near[0]}=?" if near else ""
        raise pytest.UsageError(f"{item.nodeid}: the marker is madmall(engine=NAME){meant}")
    _check_engine(marker.kwargs["engine"], f"{item.nodeid}, marker madmall")


# -- a table of one's own ------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _madmall_engines(pytestconfig: pytest.Config) -> Iterator[Any]:
    """Give the engines that this session has started: each once for a worker, and ended with it."""
    from madmall_models.testing.session_engines import SessionEngines

    with SessionEngines() as started:
        yield started


@pytest.fixture
def madmall_engine(request: pytest.FixtureRequest, _madmall_engines: Any) -> Iterator[Engine]:
    """Give the engine that serves this test, in an environment without anybody's account."""
    from madmall_models.errors import EngineError

    marker = request.node.get_closest_marker("madmall")
    name = marker.kwargs["engine"] if marker is not None else chosen_engine(request.config)
    with pytest.MonkeyPatch.context() as patch:
        forget_accounts(patch, keep=(HOSTS_VARIABLE, ENGINE_VARIABLE, JAR_VARIABLE))
        serving, refusal = None, ""
        try:
            serving = _madmall_engines.serving(name)
        except EngineError as error:
            refusal = str(error)
        if serving is None:
            # Outside of the handler: one line says it all.
            pytest.fail(f"madmall_engine: {refusal}", pytrace=False)
        with serving as engine:
            yield engine


@pytest.fixture
def madmall_db(madmall_engine: Engine, _madmall_engines: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Give a database with an empty table of this test's own, which is also the configured default.

    ``User.objects``, ``User(...).create()`` and a ``Database()`` that the application makes without a table and an
    endpoint of its own mean that table too. Nothing is deleted when its time is over; reads hide it.
    """
    from madmall_models import binding
    from madmall_models.testing.fresh_table import fresh_database, indexes_without_lag

    label = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    client = _madmall_engines.client_of(madmall_engine)
    with indexes_without_lag(), fresh_database(madmall_engine, label=label, client=client, cursor_keys=["test"]) as db:
        monkeypatch.setenv("MADMALL_TABLE", db.table_name)
        # moto answers in the place of the service, and only to who asks the service.
        monkeypatch.setenv("MADMALL_ENDPOINT", madmall_engine.endpoint or _SERVICE)
        with binding.configured_as(db):
            yield db


def environment_of_nobody(environment: Mapping[str, str], *, keep: Collection[str] = ()) -> dict[str, str | None]:
    """Return what to set in an environment, and, as None, what to remove: credentials, profiles, endpoints, settings.

    Args:
        environment: as it is.
        keep: names of variables that stay.
    """
    removed = [name for name in environment if name.startswith(("AWS_", "MADMALL_", "PYNAMODB_")) and name not in keep]
    return {
        **dict.fromkeys(removed),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": _REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def forget_accounts(patch: pytest.MonkeyPatch, *, keep: Collection[str] = ()) -> None:
    """Leave no credentials, profile, endpoint or setting of the person who runs the tests, and no way to find one."""
    for name, value in environment_of_nobody(os.environ, keep=keep).items():
        if value is None:
            patch.delenv(name)
        else:
            patch.setenv(name, value)


# -- entities ------------------------------------------------------------------------------------------------------


@pytest.fixture
def _madmall_factories(request: pytest.FixtureRequest) -> Factories:
    """Give the factories of this test; the first entity that is created asks for the table."""
    from madmall_models.testing.factories import Factories

    return Factories(lambda: request.getfixturevalue("madmall_db"))


@pytest.fixture
def madmall_factory(_madmall_factories: Factories) -> Callable[..., Factory[Any]]:
    """Give what makes a factory of an entity: ``make_event = madmall_factory(Event, circle_id=make_circle)``."""
    return _madmall_factories.made


def _maker(entity: str) -> Any:
    """Return the fixture that gives the factory of an entity of the platform, named by its class."""

    def make(_madmall_factories: Factories) -> Factory[Any]:
        from madmall_models import entities

        return _madmall_factories.of(getattr(entities, entity))

    make.__doc__ = f"Give what makes a {entity}: created by a call, or ``.build()`` without a table."
    return pytest.fixture(make)


make_activity = _maker("Activity")
make_business = _maker("Business")
make_circle = _maker("Circle")
make_cohort_membership = _maker("CohortMembership")
make_comment = _maker("Comment")
make_feedback = _maker("Feedback")
make_image = _maker("Image")
make_incident = _maker("Incident")
make_member = _maker("CircleMember")
make_personalization = _maker("Personalization")
make_resource = _maker("Resource")
make_review = _maker("AdvisoryReview")
make_source = _maker("PremiumSource")
make_story = _maker("Story")
make_user = _maker("User")


# -- time, requests, cost ------------------------------------------------------------------------------------------


@pytest.fixture
def madmall_clock() -> Iterator[MovableClock]:
    """Give a clock to stop and to move, by which this package goes during the test."""
    from madmall_models import clock
    from madmall_models.testing.movable_clock import MovableClock

    movable = MovableClock()
    with clock.told_by(movable.now):
        yield movable


@pytest.fixture
def assert_operations(madmall_db: Database) -> Callable[..., AbstractContextManager[Any]]:
    """Give ``assert_operations(query=1, scan=0)``, which fails unless the block sends exactly that to madmall_db."""
    from functools import partial

    from madmall_models.testing import operation_counts

    return partial(operation_counts.assert_operations, madmall_db)


@pytest.fixture
def assert_max_capacity(madmall_db: Database) -> Callable[..., AbstractContextManager[Any]]:
    """Give ``assert_max_capacity(read=2, write=5)``, which fails if the block takes more of madmall_db."""
    from functools import partial

    from madmall_models.testing import operation_counts

    return partial(operation_counts.assert_max_capacity, madmall_db)


@pytest.fixture
def madmall_mock() -> Any:
    """Give a database that is a mock: every manager, each method with its signature, and no engine."""
    from madmall_models.testing.database_mock import mock_database

    return mock_database()
