"""Be a run without a ledger: points, notes and progress are kept in memory, so that operations are tried alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from madmall_models import Database
from madmall_models.migration import Operation, Pace, Progress


class Watched:
    """Stand before a connection: make pages small, keep the requests, and do something before each.

    Args:
        db: whose connection.
        before: told of operation and request before it is sent.
    """

    def __init__(self, db: Database, before: Callable[[str, Any], object] = lambda operation, request: None) -> None:
        self.sent: list[tuple[str, Any]] = []
        self._call, self._before = db.connection.call, before
        db.connection.call = self  # type: ignore[method-assign,assignment]

    @property
    def counts(self) -> Counter[str]:
        """Return how many requests of each kind were sent."""
        return Counter(operation for operation, _ in self.sent)

    def __call__(self, operation: str, request: Any, **options: Any) -> Any:
        self._before(operation, request)
        self.sent.append((operation, request))
        return self._call(operation, {**request, "Limit": 3} if operation == "Scan" else request, **options)


class PlainRun:
    """One run of one step; taken up again, it still has its points.

    Args:
        db: the table.
        pace: holds writes back; None for nothing.
        on_check: called whenever an operation asks whether to go on.
    """

    def __init__(
        self,
        db: Database,
        *,
        dry_run: bool = False,
        pace: Pace | None = None,
        on_check: Callable[[], object] = lambda: None,
    ) -> None:
        self.database: Any = db.read_only() if dry_run else db
        self.dry_run = dry_run
        self.pace = pace or Pace(None)
        self.points: dict[str, dict[str, Any]] = {}
        self.notes: list[str] = []
        self.progress: list[Progress] = []
        self._on_check = on_check

    def create_table(self) -> None:
        raise AssertionError("no operation under test creates the table")

    def import_rows(self, mappings: Any, completions: Any) -> None:
        raise AssertionError("no operation under test imports rows")

    def read_point(self, part: str) -> dict[str, Any] | None:
        return self.points.get(part)

    def write_point(self, part: str, document: Mapping[str, Any]) -> None:
        assert not self.dry_run, "a dry run keeps no place"
        self.points[part] = dict(document)

    def check(self) -> None:
        self._on_check()

    def report(self, progress: Progress) -> None:
        self.progress.append(progress)

    def note(self, text: str) -> None:
        self.notes.append(text)


def applied(db: Database, *operations: Operation, **options: Any) -> PlainRun:
    """Apply operations in a new run, and return it."""
    run = PlainRun(db, **options)
    for operation in operations:
        operation.apply(run)
    return run
