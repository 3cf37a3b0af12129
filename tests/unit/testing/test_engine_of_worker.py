"""The engine of a worker is one for all tests, but where it grows slow with every table."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models.testing import engines
from tests.engine_of_worker import GROWS_SLOW, TABLES_UNTIL_THEN, EngineOfWorker


class Started:
    """Count the engines that were started, and those that were stopped."""

    def __init__(self) -> None:
        self.stopped: list[int] = []
        self.count = 0

    def __call__(self, name: str) -> Any:
        self.count += 1
        number = self.count
        started = self

        class Engine:
            def stop(self) -> None:
                started.stopped.append(number)

            def connection_settings(self) -> dict[str, Any]:
                return {"endpoint": f"http://localhost:{8000 + number}", "region": "us-east-1"}

        return Engine()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    made = Started()
    monkeypatch.setattr(engines, "start", made)
    return made


def after(tables: int, choice: str) -> EngineOfWorker:
    kept = EngineOfWorker(choice)
    kept.engine()
    for _ in range(tables):
        kept.gives_a_table()
    return kept


def test_an_engine_that_had_many_tables_is_started_anew_and_so_is_the_client(started: Started) -> None:
    kept = after(TABLES_UNTIL_THEN, GROWS_SLOW)
    before = kept.client()
    kept.engine()
    assert (started.count, started.stopped) == (2, [1])
    assert kept.client() is not before
    assert "8002" in kept.client().meta.endpoint_url


@pytest.mark.parametrize(("tables", "choice"), [(TABLES_UNTIL_THEN - 1, GROWS_SLOW), (TABLES_UNTIL_THEN, "ministack")])
def test_another_engine_or_one_that_had_few_stays(started: Started, tables: int, choice: str) -> None:
    kept = after(tables, choice)
    kept.engine()
    assert (started.count, started.stopped) == (1, [])
    kept.stop()
    assert started.stopped == [1]
