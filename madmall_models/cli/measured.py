"""Measure what one piece of work cost, by the figures of the connection."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from madmall_models.database import Database

T = TypeVar("T")


@dataclass(frozen=True)
class Cost:
    """What a piece of work cost.

    Attributes:
        requests: how many requests were answered or given up.
        milliseconds: by the clock of the caller.
        read_units: as the engine reported them.
        write_units: as the engine reported them.
    """

    requests: int
    milliseconds: float
    read_units: float
    write_units: float


def measured(database: Database, work: Callable[[], T]) -> tuple[T, Cost]:
    """Do the work and return its result and cost. Nobody else may use the database meanwhile."""
    before = database.metrics()
    started = time.perf_counter()
    result = work()
    milliseconds = (time.perf_counter() - started) * 1000
    after = database.metrics()
    return result, Cost(
        requests=after.total - before.total,
        milliseconds=milliseconds,
        read_units=after.read_units - before.read_units,
        write_units=after.write_units - before.write_units,
    )
