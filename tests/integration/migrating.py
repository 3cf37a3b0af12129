"""Move legacy files for the tests of what interrupts a run, and look at what it sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from madmall_models import Database, signals
from madmall_models.connection.operations import READS
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    SQLiteSource,
    as_dict,
    madmall_plan,
)
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy

PLAN = madmall_plan()
WHEN = {"createdAt": "2024-05-06T07:08:09Z", "updatedAt": "2024-05-06T07:08:09Z"}


def whole_file(path: Path, users: int = 30) -> Path:
    """Write a legacy file in which every table depends on others, and some rows are bad; times are given."""
    people = [user(f"u{number:02}", **WHEN) for number in range(users)]
    return write_legacy(
        path,
        users=[*people, user("bad#1"), user("u98", email="U00@example.com", **WHEN)],
        circles=[circle("c1", "u00", **WHEN), circle("c2", "u01", **WHEN)],
        circle_members=[member("c1", person["id"], **WHEN) for person in people] + [member("c9", "u00", **WHEN)],
        stories=[story("s1", "u02", circleId="c1", **WHEN), story("s2", "u03", **WHEN)],
        story_comments=[comment(f"k{number}", "s1", f"u{number:02}", **WHEN) for number in range(8)],
    )


def move(db: Database, path: Path, plan: Plan = PLAN, **config: Any) -> MigrationReport:
    """Run a plan over a file."""
    settings = {"parallelism": 1, "batch_size": 5, **config}
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(plan, MigrationConfig(**settings))


def go_on(db: Database, path: Path, plan: Plan = PLAN, **config: Any) -> MigrationReport:
    """Resume a plan over a file."""
    settings = {"parallelism": 1, "batch_size": 5, **config}
    with SQLiteSource(path) as source:
        return MigrationService(db, source).resume(plan, MigrationConfig(**settings))


def figures(report: MigrationReport) -> dict[str, tuple[Any, ...]]:
    """Return what became of the rows, whatever time it took."""
    entities = as_dict(report)["entities"]
    names = ("read", "written", "rejected", "skipped", "replaced", "gone", "bytes", "reject_codes")
    return {entity["table"]: tuple(entity[name] for name in names) for entity in entities}


@contextmanager
def writes_sent(db: Database) -> Iterator[Counter[str]]:
    """Count the writes that are sent in a block."""
    sent: Counter[str] = Counter()

    def note(sender: Any, *, operation: str, **_: Any) -> None:
        if operation not in READS:
            sent[operation] += 1

    with signals.operation_completed.connected_to(note):
        yield sent


@contextmanager
def before_each_call(db: Database, deed: Callable[[str, Any], object]) -> Iterator[None]:
    """Do something before each request of a block, such as raising what the connection would."""
    call = db.connection.call

    def told(operation: str, request: Any, **options: Any) -> Any:
        deed(operation, request)
        return call(operation, request, **options)

    db.connection.call = told  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        db.connection.call = call  # type: ignore[method-assign]


class Failing:
    """Raise an error from the n-th write of rows on, until it is told that all is well."""

    def __init__(self, error: BaseException, after: int) -> None:
        self._error = error
        self._left = after

    def __call__(self, operation: str, _: Any) -> None:
        if operation in ("TransactWriteItems", "BatchWriteItem"):
            self._left -= 1
        if self._left < 0:
            raise self._error
