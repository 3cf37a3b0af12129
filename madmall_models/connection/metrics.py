"""Count what a connection did: data operations only; an unmet condition is not a failure."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

_SAMPLES = 1000


@dataclass(frozen=True)
class OperationMetrics:
    """Figures of one operation or access pattern; latencies are in milliseconds, over the last 1,000 calls."""

    calls: int
    read_units: float
    write_units: float
    p50_ms: float
    p99_ms: float

    @property
    def capacity(self) -> float:
        """Return the capacity units, read and written."""
        return self.read_units + self.write_units


@dataclass(frozen=True)
class Metrics:
    """Figures of a connection since it was opened; latencies are in milliseconds, over the last 1,000 calls.

    ``operations`` has them by DynamoDB's name of the operation. ``access_patterns`` has them by the key that was
    asked, such as ``Circle.by_type``: with the reads that fetch what an index only names; ``Circle.key`` also has the
    writes of circles alone. A transaction over several entities belongs to no pattern.
    """

    in_flight: int
    total: int
    succeeded: int
    failed: int
    retried: int
    average_latency_ms: float
    read_units: float
    write_units: float
    operations: Mapping[str, OperationMetrics] = field(default_factory=dict)
    access_patterns: Mapping[str, OperationMetrics] = field(default_factory=dict)


@dataclass(frozen=True)
class CountedCall:
    """One call that came back: what was asked and what it took, without a value of an item.

    Attributes:
        operation: DynamoDB's name of it.
        pattern: the key that was asked, such as ``Circle.by_type``; None for a transaction over several entities.
        read_units: capacity that it took to read.
        write_units: capacity that it took to write.
    """

    operation: str
    pattern: str | None
    read_units: float
    write_units: float


class _Figures:
    """The running figures of one operation or access pattern."""

    def __init__(self) -> None:
        self.calls = 0
        self.read_units = 0.0
        self.write_units = 0.0
        self.latencies: deque[float] = deque(maxlen=_SAMPLES)

    def add(self, milliseconds: float, capacity: float, *, writes: bool) -> None:
        """Count a call."""
        self.calls += 1
        self.latencies.append(milliseconds)
        if writes:
            self.write_units += capacity
        else:
            self.read_units += capacity

    def summary(self) -> OperationMetrics:
        """Return the figures as they are now."""
        ordered = sorted(self.latencies)
        return OperationMetrics(
            self.calls, self.read_units, self.write_units, _share(ordered, 0.5), _share(ordered, 0.99)
        )


class Recorder:
    """Collect figures from any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_flight = 0
        self._succeeded = 0
        self._failed = 0
        self._retried = 0
        self._operations: dict[str, _Figures] = {}
        self._patterns: dict[str, _Figures] = {}
        self._journals: list[list[CountedCall]] = []

    @contextmanager
    def journal(self) -> Iterator[list[CountedCall]]:
        """Give a list to which every call is added that comes back within the block, from whatever thread."""
        journal: list[CountedCall] = []
        with self._lock:
            self._journals.append(journal)
        try:
            yield journal
        finally:
            with self._lock:
                self._journals = [kept for kept in self._journals if kept is not journal]

    def started(self) -> None:
        """Count a call that leaves."""
        with self._lock:
            self._in_flight += 1

    def finished(
        self,
        operation: str,
        *,
        ok: bool,
        milliseconds: float,
        capacity: float,
        writes: bool,
        retries: int,
        pattern: str | None = None,
    ) -> None:
        """Count a call that came back, after so many repeated requests; ``pattern`` is the key that was asked."""
        with self._lock:
            self._in_flight -= 1
            self._succeeded += ok
            self._failed += not ok
            self._retried += retries
            self._operations.setdefault(operation, _Figures()).add(milliseconds, capacity, writes=writes)
            if pattern is not None:
                self._patterns.setdefault(pattern, _Figures()).add(milliseconds, capacity, writes=writes)
            for journal in self._journals:
                read, written = (0.0, capacity) if writes else (capacity, 0.0)
                journal.append(CountedCall(operation, pattern, read, written))

    def snapshot(self) -> Metrics:
        """Return the figures as they are now."""
        with self._lock:
            operations = {name: figures.summary() for name, figures in sorted(self._operations.items())}
            latencies = [value for figures in self._operations.values() for value in figures.latencies]
            return Metrics(
                in_flight=self._in_flight,
                total=self._succeeded + self._failed,
                succeeded=self._succeeded,
                failed=self._failed,
                retried=self._retried,
                average_latency_ms=sum(latencies) / len(latencies) if latencies else 0.0,
                read_units=sum(figures.read_units for figures in operations.values()),
                write_units=sum(figures.write_units for figures in operations.values()),
                operations=operations,
                access_patterns={name: figures.summary() for name, figures in sorted(self._patterns.items())},
            )


def capacity_of(answer: Mapping[str, Any]) -> float:
    """Return the capacity units that an answer reports, 0 where it reports none."""
    consumed = answer.get("ConsumedCapacity") or []
    parts = consumed if isinstance(consumed, list) else [consumed]
    return float(sum(part.get("CapacityUnits", 0.0) for part in parts))


def _share(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0
