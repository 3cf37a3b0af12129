"""A dry run checks everything, foresees what a run does, and cannot write."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import Database, MigrationError, TableNotFound, WriteRefused, signals
from madmall_models.migration import (
    Completion,
    CreateTable,
    ImportRows,
    MigrationConfig,
    MigrationService,
    Plan,
    Progress,
    SQLiteSource,
    directory_plan,
    madmall_plan,
)
from tests.integration.legacy_file import circle, member, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

HISTORY = Path(__file__).parents[2] / "migrations"
DRY = MigrationConfig(parallelism=1, dry_run=True)
REAL = MigrationConfig(parallelism=1)


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2", email="U1@example.com"), user("u3", theme="neon")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u1"), member("c1", "u2"), member("c1", "u1")],
    )


@pytest.fixture
def elsewhere(engine: Any) -> Any:
    """Give a database whose table is not there."""
    database = Database(table=f"test-{uuid4().hex}", **engine.connection_settings())
    yield database
    database.delete_table()
    database.close()


def figures(report: Any) -> list[tuple[Any, ...]]:
    return [(r.table, r.total, r.successful, r.failed, r.skipped, dict(r.codes), r.byte_count) for r in report.results]


@pytest.mark.defect(75, 76, 79)
def test_a_dry_run_foresees_a_run_and_sends_no_write(db: Any, legacy: Path) -> None:
    sent: set[str] = set()

    def note(sender: Any, *, operation: str, **_: Any) -> None:
        sent.add(operation)

    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source)
        with signals.operation_completed.connected_to(note):
            planned = service.execute(madmall_plan(), DRY)
        done = service.execute(madmall_plan(), REAL)

    assert sent <= {"BatchGetItem", "DescribeTable", "GetItem", "Query"}
    assert figures(planned)[0][:6] == ("users", 3, 1, 2, 0, {"DUPLICATE_VALUE": 1, "INVALID_VALUE": 1})
    assert figures(planned) == figures(done)
    assert planned.dry_run
    assert planned.notes == ("dry run: nothing was written",)


def test_a_dry_run_after_a_run_foresees_that_all_is_there(db: Any, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source)
        done = service.execute(madmall_plan(), REAL)
        planned = service.execute(madmall_plan(), DRY)

    assert (planned.successful, planned.skipped) == (0, done.successful)


@pytest.mark.defect(76)
def test_the_connection_itself_refuses_to_write(db: Any, legacy: Path) -> None:
    class Writes:
        def describe(self) -> str:
            return "Write although this is a dry run"

        def apply(self, run: Any) -> None:
            run.database.users.create(
                user_id="x", email="x@example.com", profile={"first_name": "A", "last_name": "B"}
            )

    with SQLiteSource(legacy) as source, pytest.raises(WriteRefused):
        MigrationService(db, source).execute(Plan("bad", (Writes(),)), DRY)

    assert not db.users.exists("x")


def test_a_plan_can_be_made_before_the_table_is(elsewhere: Any, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        report = MigrationService(elsewhere, source).execute(madmall_plan(), DRY)

    assert report.successful == 3
    assert f"table {elsewhere.table_name} is not there yet" in report.notes


def test_without_a_table_nothing_is_moved(elsewhere: Any, legacy: Path) -> None:
    with SQLiteSource(legacy) as source, pytest.raises(TableNotFound):
        MigrationService(elsewhere, source).execute(madmall_plan(), REAL)


def test_the_history_makes_the_table_and_fills_it(elsewhere: Any, legacy: Path) -> None:
    plan = directory_plan(HISTORY)
    with SQLiteSource(legacy) as source:
        service = MigrationService(elsewhere, source)
        planned = service.execute(plan, DRY)
        done = service.execute(plan, REAL)
        again = service.execute(plan, REAL)

    assert f"table {elsewhere.table_name}: would be created if it is not there" in planned.notes
    assert (planned.successful, done.successful, again.successful) == (3, 3, 0)
    assert elsewhere.circles.get("c1").stats.member_count == 1


@pytest.mark.defect(70)
def test_a_table_that_the_source_lacks_is_said(db: Any, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        report = MigrationService(db, source).execute(madmall_plan(), DRY)

    assert [result.table for result in report.results if result.missing_table] == [
        "stories",
        "story_comments",
        "businesses",
        "resources",
        "images",
        "feedback",
    ]


@pytest.mark.defect(77)
def test_a_service_runs_one_plan_at_a_time(db: Any, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source)

        class Again:
            def describe(self) -> str:
                return "Run the service again"

            def apply(self, run: Any) -> None:
                service.execute(madmall_plan(), DRY)

        with pytest.raises(MigrationError, match="is executing a plan"):
            service.execute(Plan("twice", (Again(),)), DRY)

        assert service.execute(madmall_plan(), DRY).total == 7


def test_progress_and_signals_tell_the_way(db: Any, legacy: Path) -> None:
    told: list[Progress] = []
    results: list[str] = []
    ended: list[Any] = []

    def on_result(sender: Any, *, result: Any) -> None:
        results.append(result.table)

    def on_end(sender: Any, *, report: Any) -> None:
        ended.append(report)

    with (
        SQLiteSource(legacy) as source,
        signals.entity_migrated.connected_to(on_result),
        signals.migration_completed.connected_to(on_end),
    ):
        report = MigrationService(db, source, progress=told.append).execute(madmall_plan(), REAL)

    users = [progress for progress in told if progress.table == "users"]
    assert (users[-1].done, users[-1].total, users[-1].written, users[-1].rejected) == (3, 3, 1, 2)
    assert {progress.phase for progress in told} == {"moving", "completing"}
    assert results == [result.table for result in report.results]
    assert ended == [report]


@pytest.mark.defect(83)
def test_an_application_moves_its_own_tables_the_same_way(db: Any, tmp_path: Path) -> None:
    from madmall_models import User
    from madmall_models.migration import FieldMap, Mapping
    from madmall_models.migration.cast import identifier, text

    people = Mapping(
        entity=User,
        table="people",
        fields=(
            FieldMap("user_id", "no", identifier),
            FieldMap("email", "mail", text, secret=True),
            FieldMap("profile.first_name", "first", text),
            FieldMap("profile.last_name", "last", text),
        ),
    )
    seen: list[str] = []
    plan = Plan(
        "own", (CreateTable(), ImportRows((people,), (Completion(User, lambda _, name, run: bool(seen.append(name))),)))
    )
    path = write_legacy(
        tmp_path / "own.db", people=[{"no": 5, "mail": "five@example.com", "first": "Fi", "last": "Ve", "extra": 1}]
    )

    with SQLiteSource(path) as source:
        report = MigrationService(db, source).execute(plan, REAL)

    assert db.users.get_by_email("five@example.com").user_id == "5"
    assert report.results[0].unmapped_columns == ("extra",)
    assert seen == []
