"""The pipeline gives every row one outcome, decides in the order of the source, and ends in good order."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import wait
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import EndpointUnreachable, SourceError, TooManyRejects
from madmall_models.migration.pipeline import Pipeline, read_ahead
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import Fault, RowRejected
from madmall_models.migration.sink import Fate, Outcome, Pack
from madmall_models.migration.source import Row
from tests.unit.migration.prepared_rows import user

ONE = user(1)


class Collector:
    """Stand for all that a pipeline talks to, and note what it was told."""

    def __init__(self, *, refused: frozenset[int] = frozenset(), broken_at: int | None = None) -> None:
        self.refused = refused
        self.broken_at = broken_at
        self.prepared: list[int] = []
        self.rejected: list[int] = []
        self.settled: list[int] = []
        self.sizes: list[int] = []
        self.written: list[int] = []

    def run(self, rows: Iterator[Row], *, batch_size: int = 3, parallelism: int = 2) -> None:
        Pipeline(Course(self), self, batch_size=batch_size, parallelism=parallelism).run(rows)

    def prepare(self, row: Row) -> Prepared:
        self.prepared.append(row.rowid)
        if row.rowid in self.refused:
            raise RowRejected("cast", (Fault("id", "NOT_AN_ID", "is no id"),))
        return Prepared(row, ONE.entity, ONE.actions)

    def write(self, pack: Pack) -> Sequence[Outcome]:
        self.sizes.append(len(pack))
        if self.broken_at is not None and any(row.row.rowid >= self.broken_at for row in pack):
            raise EndpointUnreachable("gone")
        self.written.extend(row.row.rowid for row in pack)
        return [Outcome(row, Fate.WRITTEN, row.entity) for row in pack]


class Course:
    """Be the course of the rows of a collector."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector
        self.prepare = collector.prepare

    def begin(self, row: Row) -> None:
        """Let every row begin."""

    def rejected(self, row: Row, rejection: RowRejected) -> None:
        self.collector.rejected.append(row.rowid)

    def settled(self, outcome: Outcome) -> None:
        self.collector.settled.append(outcome.prepared.row.rowid)


def rows(count: int) -> Iterator[Row]:
    return (Row("users", (number,), {}) for number in range(count))


@pytest.mark.defect(79)
@given(st.integers(0, 40), st.frozensets(st.integers(0, 40)), st.integers(1, 7), st.integers(1, 5))
def test_every_row_has_one_outcome_and_is_decided_in_order(
    count: int, refused: frozenset[int], batch_size: int, parallelism: int
) -> None:
    collector = Collector(refused=refused)

    collector.run(rows(count), batch_size=batch_size, parallelism=parallelism)

    assert collector.prepared == list(range(count))
    assert collector.rejected == sorted(refused & set(range(count)))
    assert sorted([*collector.settled, *collector.rejected]) == list(range(count))
    assert all(size <= batch_size for size in collector.sizes)


def test_an_error_of_a_writer_ends_the_run_and_what_was_written_is_counted() -> None:
    collector = Collector(broken_at=6)

    with pytest.raises(EndpointUnreachable):
        collector.run(rows(1000), parallelism=1)

    assert collector.settled == list(range(6))
    assert len(collector.prepared) < 100


def test_an_error_of_the_source_ends_the_run_and_what_was_written_is_counted() -> None:
    def broken() -> Iterator[Row]:
        yield from rows(9)
        raise SourceError("damaged")

    collector = Collector()

    with pytest.raises(SourceError):
        collector.run(broken())

    # A pack that no writer had begun is not written; what was written is counted, all of it.
    assert sorted(collector.settled) == sorted(collector.written)
    assert set(collector.settled) <= set(range(9))


def test_nothing_piles_up_before_slow_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = threading.Event()
    read: list[int] = []
    read_before_waiting: list[int] = []

    def counted() -> Iterator[Row]:
        for row in rows(500):
            read.append(row.rowid)
            yield row

    def noted_wait(*arguments: Any, **options: Any) -> Any:
        read_before_waiting.append(len(read))
        waits.set()
        return wait(*arguments, **options)

    def slow(pack: Pack) -> Sequence[Outcome]:
        assert waits.wait(timeout=60)
        return [Outcome(row, Fate.WRITTEN, row.entity) for row in pack]

    monkeypatch.setattr("madmall_models.migration.pipeline.wait", noted_wait)
    collector = Collector()
    collector.write = slow  # type: ignore[method-assign]
    collector.run(counted(), batch_size=10, parallelism=2)

    # Four packs wait for the two writers, one is being made, two batches are read ahead.
    assert read_before_waiting[0] <= 70
    assert sorted(collector.settled) == list(range(500))


@given(st.lists(st.integers(), max_size=50), st.integers(1, 10))
def test_reading_ahead_changes_nothing(values: list[int], batch_size: int) -> None:
    assert list(read_ahead(iter(values), batch_size)) == values


def threads_of_the_migration() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("madmall-migration")]


@pytest.mark.defect(77)
def test_an_interruption_leaves_no_thread_behind() -> None:
    def interrupted() -> Iterator[Any]:
        yield from rows(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Collector().run(interrupted())

    assert threads_of_the_migration() == []


def test_a_run_that_is_given_up_leaves_no_thread_behind_while_its_error_is_held() -> None:
    class Impatient(Collector):
        def prepare(self, row: Row) -> Prepared:
            raise TooManyRejects("enough")

    with pytest.raises(TooManyRejects) as failure:
        Impatient().run(rows(500))

    # The error holds every frame of the run: what only the garbage collection would end is still alive.
    assert failure.tb is not None
    assert threads_of_the_migration() == []
