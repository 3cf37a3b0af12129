"""Figures are counted once for each call, whatever the number of threads."""

from __future__ import annotations

import threading

import pytest

from madmall_models.connection.metrics import CountedCall, Recorder, capacity_of


def finish(
    recorder: Recorder,
    operation: str,
    milliseconds: float = 1.0,
    *,
    ok: bool = True,
    retries: int = 0,
    pattern: str | None = None,
) -> None:
    recorder.started()
    recorder.finished(
        operation,
        ok=ok,
        milliseconds=milliseconds,
        capacity=0.5,
        writes=operation == "PutItem",
        retries=retries,
        pattern=pattern,
    )


def test_nothing_was_done_yet() -> None:
    metrics = Recorder().snapshot()
    assert (metrics.in_flight, metrics.total, metrics.succeeded, metrics.failed, metrics.retried) == (0, 0, 0, 0, 0)
    assert metrics.average_latency_ms == 0
    assert metrics.operations == {}


def test_calls_are_counted_by_what_became_of_them() -> None:
    recorder = Recorder()
    finish(recorder, "GetItem", 2.0)
    finish(recorder, "GetItem", 4.0, retries=2)
    finish(recorder, "PutItem", 6.0, ok=False)
    recorder.started()
    metrics = recorder.snapshot()
    assert (metrics.in_flight, metrics.total, metrics.succeeded, metrics.failed, metrics.retried) == (1, 3, 2, 1, 2)
    assert metrics.average_latency_ms == 4.0
    assert (metrics.read_units, metrics.write_units) == (1.0, 0.5)


def test_each_operation_has_figures_of_its_own() -> None:
    recorder = Recorder()
    for milliseconds in range(1, 101):
        finish(recorder, "GetItem", float(milliseconds))
    finish(recorder, "PutItem", 7.0)
    figures = recorder.snapshot().operations
    assert list(figures) == ["GetItem", "PutItem"]
    assert figures["GetItem"].calls == 100
    assert (figures["GetItem"].capacity, figures["GetItem"].read_units, figures["GetItem"].write_units) == (
        50.0,
        50.0,
        0,
    )
    assert (figures["PutItem"].read_units, figures["PutItem"].write_units) == (0, 0.5)
    assert 50 <= figures["GetItem"].p50_ms <= 51
    assert 99 <= figures["GetItem"].p99_ms <= 100
    assert (figures["PutItem"].p50_ms, figures["PutItem"].p99_ms) == (7.0, 7.0)


def test_each_access_pattern_has_figures_of_all_its_operations() -> None:
    recorder = Recorder()
    finish(recorder, "Query", 3.0, pattern="Circle.by_status")
    finish(recorder, "BatchGetItem", 9.0, pattern="Circle.by_status")
    finish(recorder, "PutItem", pattern="Circle.key")
    finish(recorder, "TransactWriteItems")
    patterns = recorder.snapshot().access_patterns
    assert list(patterns) == ["Circle.by_status", "Circle.key"]
    by_status = patterns["Circle.by_status"]
    assert (by_status.calls, by_status.read_units, by_status.write_units) == (2, 1.0, 0)
    assert (by_status.p50_ms, by_status.p99_ms) == (9.0, 9.0)
    assert patterns["Circle.key"].write_units == 0.5


def test_latencies_are_of_the_last_thousand_calls() -> None:
    recorder = Recorder()
    finish(recorder, "GetItem", 1_000_000.0)
    for _ in range(1000):
        finish(recorder, "GetItem", 1.0)
    metrics = recorder.snapshot()
    assert metrics.operations["GetItem"].p99_ms == 1.0
    assert metrics.average_latency_ms == 1.0
    assert metrics.total == 1001


def test_a_snapshot_does_not_change_afterwards() -> None:
    recorder = Recorder()
    before = recorder.snapshot()
    finish(recorder, "GetItem")
    assert before.total == 0


def test_no_call_is_lost_among_threads() -> None:
    recorder = Recorder()

    def work() -> None:
        for _ in range(200):
            finish(recorder, "GetItem", retries=1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    metrics = recorder.snapshot()
    assert (metrics.in_flight, metrics.total, metrics.retried) == (0, 1600, 1600)
    assert metrics.read_units == 800.0


@pytest.mark.parametrize(
    ("answer", "units"),
    [
        ({}, 0.0),
        ({"ConsumedCapacity": None}, 0.0),
        ({"ConsumedCapacity": {"TableName": "t", "CapacityUnits": 2.5}}, 2.5),
        ({"ConsumedCapacity": [{"CapacityUnits": 1.0}, {"CapacityUnits": 4.0}]}, 5.0),
        ({"ConsumedCapacity": [{"TableName": "t"}]}, 0.0),
    ],
)
def test_capacity_is_read_from_an_answer(answer: dict[str, object], units: float) -> None:
    assert capacity_of(answer) == units


def test_a_journal_has_the_calls_of_its_block_and_of_no_other() -> None:
    recorder = Recorder()
    finish(recorder, "Query")
    with recorder.journal() as outer:
        finish(recorder, "PutItem", pattern="Circle.key")
        with recorder.journal() as inner:
            finish(recorder, "Scan", ok=False)
    finish(recorder, "Query")
    scan = CountedCall("Scan", None, read_units=0.5, write_units=0.0)
    assert outer == [CountedCall("PutItem", "Circle.key", read_units=0.0, write_units=0.5), scan]
    assert inner == [scan]
