"""Be a program that moves a legacy file and kills itself, as with kill -9, at a point that it is told.

Started as ``python -m tests.reliability.migration_child``, with its orders as JSON on standard input; it prints its
report. A point is ``before`` or ``after`` something that leaves a trace: a request, or a record in a file.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from madmall_models import Database
from madmall_models.connection.operations import Connection
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, as_dict, madmall_plan, plan_run
from madmall_models.migration.journal import Journal
from madmall_models.migration.rejects import RejectFile

ANY_REQUEST = "request"


class Killer:
    """Count how often each point is reached, and end the process at the one that was named.

    Args:
        point: for example ``before LEASE``.
        occurrence: the how-manyeth time, from 1.
    """

    def __init__(self, point: str, occurrence: int) -> None:
        self._point = point
        self._occurrence = occurrence
        self._seen = Counter[str]()
        self._lock = threading.Lock()

    def reached(self, point: str) -> None:
        with self._lock:
            self._seen[point] += 1
            if (point, self._seen[point]) == (self._point, self._occurrence):
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, owner: Any, name: str, say: Callable[..., tuple[str, ...]]) -> None:
        """Let a function tell before and after it does its work."""
        work = getattr(owner, name)

        def told(*arguments: Any, **options: Any) -> Any:
            points = say(*arguments, **options)
            for point in points:
                self.reached(f"before {point}")
            result = work(*arguments, **options)
            for point in points:
                self.reached(f"after {point}")
            return result

        setattr(owner, name, told)


def arm(killer: Killer) -> None:
    """Let everything that leaves a trace tell the killer."""
    killer.around(Connection, "call", _request)
    killer.around(Journal, "checkpoint", lambda *_, **__: ("journal",))
    killer.around(Journal, "remove", lambda *_, **__: ("journal's end",))
    killer.around(RejectFile, "write", lambda *_, **__: ("reject",))
    killer.around(plan_run, "set_counts", lambda *_, **__: ("counts",))


def _request(_: Connection, operation: str, request: Mapping[str, Any], **__: Any) -> tuple[str, ...]:
    kind = request.get("Item", {}).get("entityType", {}).get("S", "")
    if kind.startswith("MIGRATION_"):
        return (ANY_REQUEST, kind.removeprefix("MIGRATION_"))
    return (ANY_REQUEST, operation)


def main() -> None:
    """Do what standard input says."""
    orders = json.load(sys.stdin)
    if orders["kill"] is not None:
        arm(Killer(**orders["kill"]))
    database = Database(**orders["database"])
    config = MigrationConfig(**orders["config"])
    with SQLiteSource(orders["legacy"]) as source:
        report = MigrationService(database, source).execute(madmall_plan(), config)
    json.dump(as_dict(report), sys.stdout)


if __name__ == "__main__":
    main()
