"""Of a dry run over ten thousand rows no write is seen on the wire, and the run after it does what was foretold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database
from madmall_models.connection.operations import READS
from madmall_models.migration import MigrationConfig, MigrationReport, MigrationService, SQLiteSource, madmall_plan
from madmall_models.testing.legacy import make_legacy_database
from tests.integration.samples import make_user
from tests.reliability.counting_proxy import CountingProxy

pytestmark = [pytest.mark.difference("one-process"), pytest.mark.difference("many-rows")]

ROWS = 10_000
USERS = 1_450  # with them, the legacy database has a little over that many rows


@pytest.fixture
def proxy(engine: Any) -> Iterator[CountingProxy]:
    with CountingProxy(engine.connection_settings()["endpoint"]) as standing:
        yield standing


def figures(report: MigrationReport) -> list[tuple[Any, ...]]:
    return [
        (r.table, r.total, r.successful, r.failed, r.skipped, dict(r.codes), r.byte_count, r.largest_item)
        for r in report.results
    ]


def test_a_plan_of_ten_thousand_rows_sends_no_write_and_foretells_the_run(
    db: Database, engine: Any, proxy: CountingProxy, tmp_path: Path
) -> None:
    legacy = make_legacy_database(tmp_path / "legacy.db", users=USERS, seed=7, dirty=0.05)
    assert sum(legacy.rows.values()) >= ROWS
    watched = Database(table=db.table_name, **{**engine.connection_settings(), "endpoint": proxy.endpoint})
    try:
        with SQLiteSource(legacy.path) as source:
            settings: dict[str, Any] = {"log_level": "error", "batch_size": 100}
            planned = MigrationService(watched, source).execute(
                madmall_plan(), MigrationConfig(dry_run=True, **settings)
            )
            asked = dict(proxy.asked)
            # Nobody else writes this table: the faster way, which moves the same rows.
            done = MigrationService(db, source).execute(madmall_plan(), MigrationConfig(exclusive=True, **settings))
        make_user(watched, "seen")
    finally:
        watched.close()

    assert set(asked) <= READS
    assert asked["BatchGetItem"] > ROWS / 100
    assert not set(proxy.asked) <= READS, "the proxy sees writes where there are some"
    assert planned.total == sum(legacy.rows.values())
    assert planned.failed > 0
    assert figures(planned) == figures(done)
