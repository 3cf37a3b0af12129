"""Measure how fast rows move, beside plain loops that do the same mapping, and how much memory that takes.

``make bench-migration`` runs all of it. Each figure is rows a second from opening the source to the end, the median of
interleaved rounds in one run: compare within a run only. The machine should do nothing else.

    python -m benchmarks.migration                      # the canned server and ministack, 1, 2, 4 and 8 writers
    python -m benchmarks.migration --engine dynamodb-local --rows 6000
    python -m benchmarks.migration --memory 10000 1000000
"""

from __future__ import annotations

import argparse
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

from benchmarks.canned_server import canned_server
from benchmarks.plain_loops import boto3_loop, learn_defaults, pynamodb_loop
from madmall_models import Database
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from madmall_models.testing import engines
from madmall_models.testing.legacy import make_legacy_database

WORKERS = (1, 2, 4, 8)
ROWS_FOR_EACH_USER = 7
CANNED = "canned"
REGION = "us-east-1"
Contestant = Callable[[Path, str, str], int]


def main() -> None:
    """Run what the command line asks for, and print a table."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        if arguments.one_load is not None:
            print(json.dumps(_one_load(Path(arguments.one_load))))
        elif arguments.memory:
            _memory(arguments.memory, Path(folder))
        else:
            _speed(arguments, Path(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.migration", description=__doc__.split("\n\n")[0])
    parser.add_argument("--engine", action="append", help="canned, ministack or dynamodb-local; may be repeated")
    parser.add_argument("--rows", type=int, default=4000, help="rows of the source, about")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=WORKERS)
    parser.add_argument("--memory", type=int, nargs="+", metavar="ROWS", help="measure peak memory at these sizes")
    parser.add_argument("--one-load", metavar="FILE", help=argparse.SUPPRESS)
    return parser.parse_args()


# -- speed -------------------------------------------------------------------------------------------------------------


def _speed(arguments: argparse.Namespace, folder: Path) -> None:
    legacy = make_legacy_database(folder / "legacy.db", users=arguments.rows // ROWS_FOR_EACH_USER, dirty=0.0)
    rows = sum(legacy.rows.values())
    with SQLiteSource(legacy.path) as source:
        learn_defaults(source)
    for name in arguments.engine or [CANNED, "ministack"]:
        _print_rates(name, rows, _rates(name, legacy.path, rows, arguments))


def _rates(engine: str, legacy: Path, rows: int, arguments: argparse.Namespace) -> dict[str, float]:
    contestants = _contestants(tuple(arguments.workers))
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(arguments.rounds):
        # Each round begins with another one, so that none always runs first.
        names = list(contestants)
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            # An engine of its own for each: some grow slower with every table that they hold.
            with _endpoint(engine) as endpoint:
                table = _table(endpoint)
                started = time.perf_counter()
                contestants[name](legacy, table, endpoint)
                seconds[name].append(time.perf_counter() - started)
    return {name: rows / statistics.median(measured) for name, measured in seconds.items()}


def _contestants(workers: tuple[int, ...]) -> dict[str, Contestant]:
    found = {"boto3 batch_writer": _loop(boto3_loop), "PynamoDB batch_write": _loop(pynamodb_loop)}
    for exclusive in (True, False):
        for count in workers:
            mode = "exclusive" if exclusive else "safe"
            found[f"{mode}, {count} writers"] = _engine(MigrationConfig(parallelism=count, exclusive=exclusive))
    return found


def _loop(loop: Callable[[SQLiteSource, str, str, str], int]) -> Contestant:
    def run(legacy: Path, table: str, endpoint: str) -> int:
        with SQLiteSource(legacy) as source:
            return loop(source, table, endpoint, REGION)

    return run


def _engine(config: MigrationConfig) -> Contestant:
    def run(legacy: Path, table: str, endpoint: str) -> int:
        database = Database(table=table, region=REGION, endpoint=endpoint, timeout=30.0)
        with contextlib.closing(database), SQLiteSource(legacy) as source:
            return MigrationService(database, source).execute(madmall_plan(), config).successful

    return run


def _table(endpoint: str) -> str:
    """Return the name of a new table, so that nobody finds what another one wrote."""
    name = f"bench-{uuid4().hex}"
    with contextlib.closing(Database(table=name, region=REGION, endpoint=endpoint)) as database:
        database.create_table(wait=True)
    return name


@contextlib.contextmanager
def _endpoint(name: str) -> Iterator[str]:
    if name == CANNED:
        with canned_server() as server:
            yield server.endpoint
    else:
        with engines.start(name) as engine:
            yield str(engine.connection_settings()["endpoint"])


def _print_rates(engine: str, rows: int, rates: dict[str, float]) -> None:
    baseline = rates["boto3 batch_writer"]
    print(f"\n{engine}: {rows:,} rows\n{'':24}{'rows/s':>10}{'of boto3':>10}")
    for name, rate in rates.items():
        print(f"{name:24}{rate:>10,.0f}{rate / baseline:>10.2f}")


# -- memory ------------------------------------------------------------------------------------------------------------


def _memory(sizes: list[int], folder: Path) -> None:
    print(f"{'rows':>10}{'peak MB':>10}{'seconds':>10}{'rows/s':>10}")
    for size in sizes:
        path = folder / f"{size}.db"
        make_legacy_database(path, users=max(1, size // ROWS_FOR_EACH_USER), dirty=0.01)
        # A process of its own: the peak of a process never comes down again.
        command = [sys.executable, "-m", "benchmarks.migration", "--one-load", str(path)]
        ended = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
        load = json.loads(ended.stdout)
        print(f"{load['rows']:>10,}{load['peak_megabytes']:>10.1f}{load['seconds']:>10.1f}{load['rate']:>10,.0f}")


def _one_load(path: Path) -> dict[str, float]:
    with canned_server() as server, SQLiteSource(path) as source:
        database = Database(table="any", region=REGION, endpoint=server.endpoint, timeout=30.0)
        journal = path.with_suffix(".journal")
        config = MigrationConfig(exclusive=True, journal=journal)
        report = MigrationService(database, source).execute(madmall_plan(), config)
    return {
        "rows": report.total,
        "peak_megabytes": _peak_megabytes(),
        "seconds": report.duration,
        "rate": report.total / report.duration,
    }


def _peak_megabytes() -> float:
    """Return the most memory that this program had at a time; only Linux tells."""
    # resource.getrusage counts whoever started the process too, from before it became this program.
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    [peak] = (line.split() for line in lines if line.startswith("VmHWM:"))
    return int(peak[1]) / 1024


if __name__ == "__main__":
    main()
