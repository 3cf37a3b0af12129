"""A migration that is killed, wherever that is and however often, loses nothing and doubles nothing.

Each load has 3,000 rows. It is begun, killed, taken up again by a new process, killed again, and so on; then it is left
alone, and must have done what a load that nobody killed does. ``--kills`` says how many random kills there are.
"""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import Database, signals
from madmall_models.integrity import check
from madmall_models.integrity.snapshot import scanned
from madmall_models.migration import Ledger, MigrationConfig, MigrationService, SQLiteSource, Status, madmall_plan
from madmall_models.migration.verification import verify
from madmall_models.testing.legacy import make_legacy_database
from tests.conftest import create_table
from tests.reliability.migration_child import ANY_REQUEST

pytestmark = [pytest.mark.difference("one-process"), pytest.mark.difference("many-rows")]

ROOT = Path(__file__).parents[2]
USERS = 420  # with them, the legacy database has a little over 3,000 rows
KILLS_OF_A_LOAD = 5
RANDOM_REQUESTS = 120
NAMED = {
    "transactions": (
        ("before LEASE", 1),
        ("after LEASE", 1),
        ("before RUN", 1),
        ("after RUN", 1),
        ("before TransactWriteItems", 1),
        ("after TransactWriteItems", 3),
        ("before reject", 1),
        ("before journal", 1),
        ("after journal", 1),
        ("after POINT", 1),
        ("after TransactWriteItems", 40),
        ("after reject", 1),
        ("before counts", 1),
        ("after counts", 1),
        ("after UpdateItem", 1),
        ("before journal's end", 1),
        ("after journal's end", 1),
    ),
    "batches": (
        ("before BatchWriteItem", 1),
        ("after BatchWriteItem", 1),
        ("after BatchWriteItem", 2),
        ("before journal", 1),
        ("after BatchWriteItem", 33),
        ("after POINT", 2),
        ("before counts", 1),
        ("before RUN", 2),
    ),
}


@dataclass
class Load:
    """One load on a table of its own, moved by processes that end one after the other."""

    database: Database
    connection: dict[str, Any]
    legacy: Path
    folder: Path
    exclusive: bool
    killed: list[str] = field(default_factory=list)

    def move(self, point: str | None = None, occurrence: int = 1) -> dict[str, Any] | None:
        """Start a process; return its report, or None if it was killed."""
        orders = {
            "kill": None if point is None else {"point": point, "occurrence": occurrence},
            "database": {"table": self.database.table_name, **self.connection},
            "legacy": str(self.legacy),
            "config": {
                "exclusive": self.exclusive,
                "rejects": str(self.folder / "rejects.jsonl"),
                "journal": str(self.folder / "journal"),
                "log_level": "error",
            },
        }
        command = [sys.executable, "-m", "tests.reliability.migration_child"]
        ended = subprocess.run(command, input=json.dumps(orders), text=True, capture_output=True, cwd=ROOT, check=False)
        if ended.returncode == -signal.SIGKILL:
            self.killed.append(f"{point} {occurrence}")
            return None
        assert ended.returncode == 0, ended.stderr
        report: dict[str, Any] = json.loads(ended.stdout)
        return report

    def rejected(self) -> list[tuple[str, int, str]]:
        lines = (self.folder / "rejects.jsonl").read_text().splitlines()
        return [(line["table"], line["rowid"], line["code"]) for line in map(json.loads, lines)]


def figures(report: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    names = ("read", "written", "rejected", "skipped")
    return {entity["table"]: tuple(entity[name] for name in names) for entity in report["entities"]}


def item_count(database: Database) -> int:
    return sum(not item["PK"]["S"].startswith("MIGRATION#") for item in scanned(database))


@pytest.fixture(scope="module")
def legacy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    summary = make_legacy_database(tmp_path_factory.mktemp("kills") / "legacy.db", users=USERS, seed=4, dirty=0.03)
    assert sum(summary.rows.values()) >= 3000
    return summary.path


@pytest.fixture
def load(engine: Any, legacy: Path, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Load]:
    connection = engine.connection_settings()
    database = Database(table=f"test-{uuid4().hex}", **connection)
    create_table(database)
    yield Load(database, connection, legacy, tmp_path, request.param == "batches")
    database.delete_table()
    database.close()


@pytest.fixture(scope="module")
def unharmed(engine: Any, legacy: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """Return what a load that nobody kills does: figures, rejects, findings, and the number of items."""
    connection = engine.connection_settings()
    database = Database(table=f"test-{uuid4().hex}", **connection)
    create_table(database)
    calm = Load(database, connection, legacy, tmp_path_factory.mktemp("calm"), exclusive=False)
    report = calm.move()
    assert report is not None
    content = (figures(report), calm.rejected(), sorted(map(str, check(database))), item_count(database))
    database.delete_table()
    database.close()
    return content


def assert_as_if_nothing_had_happened(load: Load, unharmed: tuple[Any, ...]) -> None:
    report = load.move()
    assert report is not None
    # A kill right after the end is followed by a repetition, which moves nothing: the ledger tells what the run did.
    [run] = Ledger(load.database).runs()
    assert (report["status"], run.status) == ("applied", Status.APPLIED)
    assert (figures(run.results), load.rejected()) == unharmed[:2]
    assert (sorted(map(str, check(load.database))), item_count(load.database)) == unharmed[2:]
    with SQLiteSource(load.legacy) as source:
        plan = madmall_plan()
        default_time = Ledger(load.database).default_time(plan.name)
        assert default_time is not None
        verified = verify(load.database, source, plan, started_at=default_time)
        assert verified.ok, verified.findings
        assert_nothing_is_written_again(load.database, source)


def assert_nothing_is_written_again(database: Database, source: SQLiteSource) -> None:
    sent: set[str] = set()

    def note(sender: Any, *, operation: str, **_: Any) -> None:
        sent.add(operation)

    with signals.operation_completed.connected_to(note):
        again = MigrationService(database, source).execute(madmall_plan(), MigrationConfig(log_level="error"))
    assert again.successful == 0
    assert sent <= {"BatchGetItem", "DescribeTable", "GetItem", "Query"}


@pytest.mark.parametrize("load", list(NAMED), indirect=True)
def test_a_kill_at_every_named_point_loses_and_doubles_nothing(load: Load, unharmed: tuple[Any, ...]) -> None:
    points = NAMED["batches" if load.exclusive else "transactions"]
    for point in points:
        load.move(*point)

    assert_as_if_nothing_had_happened(load, unharmed)
    # A run that was over when a kill was to come has none; those are few, and every other one was killed.
    assert len(load.killed) >= len(points) - 2


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Divide the random kills into loads."""
    if "seed" in metafunc.fixturenames:
        kills = metafunc.config.getoption("kills")
        metafunc.parametrize("seed", range(max(1, kills // KILLS_OF_A_LOAD)))


@pytest.mark.parametrize("load", ["transactions", "batches"], indirect=True)
def test_kills_at_random_lose_and_double_nothing(load: Load, unharmed: tuple[Any, ...], seed: int) -> None:
    chance = random.Random(f"{seed} {load.exclusive}")
    for _ in range(KILLS_OF_A_LOAD):
        when, occurrence = chance.choice(["before", "after"]), chance.randrange(1, RANDOM_REQUESTS)
        load.move(f"{when} {ANY_REQUEST}", occurrence)

    assert_as_if_nothing_had_happened(load, unharmed)
    assert load.killed
