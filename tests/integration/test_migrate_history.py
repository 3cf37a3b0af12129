"""A directory is applied step by step, each step once; what fails is failed, and says how to go on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madmall_models import BackupFailed, Database, MigrationError, MigrationModuleError, SourceError, integrity
from madmall_models.migration import (
    Ledger,
    MigrationReport,
    MigrationService,
    Plan,
    SQLiteSource,
    Status,
    directory_plan,
)
from madmall_models.migration import run_beginning as beginnings
from tests.integration.legacy_file import circle, user, write_legacy
from tests.integration.migrating import PLAN, go_on, move
from tests.integration.samples import make_user

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

MODULE = '''"""{title}."""

from madmall_models import SourceError
from madmall_models.migration import Migration, Phase, Run


def work(run):
    {work}


migration = Migration(after={after!r}, phase=Phase.EXPAND, operations=(Run(work, describe="{title}"),))
'''
BROKEN = 'raise SourceError("the file is damaged; repair it")'


class Directory:
    """A directory of two steps, the second of which can be given another text."""

    def __init__(self, path: Path) -> None:
        path.mkdir()
        self.path = path
        self.write("0001_first", None, 'run.note("first")')
        self.second('run.note("second")')

    def write(self, name: str, after: str | None, work: str) -> None:
        (self.path / f"{name}.py").write_text(MODULE.format(title=name.title(), work=work, after=after))

    def second(self, work: str) -> None:
        self.write("0002_second", "0001_first", work)

    @property
    def plan(self) -> Plan:
        return directory_plan(self.path)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "migrations")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(tmp_path / "legacy.db", users=[user("u1"), user("u2")])


def statuses(db: Database) -> dict[str, Status]:
    return {name: record.status for name, record in Ledger(db).steps().items()}


def did(report: MigrationReport) -> list[str]:
    return [note for note in report.notes if note in ("first", "second", "third", "mended")]


def test_a_directory_is_applied_once(db: Database, directory: Directory, legacy: Path) -> None:
    first, second = move(db, legacy, directory.plan), move(db, legacy, directory.plan)

    assert did(first) == ["first", "second"]
    assert statuses(db) == {"0001_first": Status.APPLIED, "0002_second": Status.APPLIED}
    assert (second.notes, second.status) == (("every step is applied already",), "applied")
    assert len(Ledger(db).runs()) == 1


def test_a_new_step_is_applied_alone(db: Database, directory: Directory, legacy: Path) -> None:
    move(db, legacy, directory.plan)
    directory.write("0003_third", "0002_second", 'run.note("third")')

    assert did(move(db, legacy, directory.plan)) == ["third"]


def test_a_step_that_fails_is_failed_and_refused_until_it_is_resumed(
    db: Database, directory: Directory, legacy: Path
) -> None:
    directory.second(BROKEN)
    with pytest.raises(SourceError, match="the file is damaged"):
        move(db, legacy, directory.plan)
    assert statuses(db) == {"0001_first": Status.APPLIED, "0002_second": Status.FAILED}

    with pytest.raises(MigrationModuleError, match=r"0002_second failed .*SourceError: the file is damaged.*resume"):
        move(db, legacy, directory.plan)
    directory.second('run.note("mended")')
    report = go_on(db, legacy, directory.plan)

    assert did(report) == ["mended"]
    assert statuses(db) == {"0001_first": Status.APPLIED, "0002_second": Status.APPLIED}
    assert [run.status for run in Ledger(db).runs()] == [Status.APPLIED]


def test_a_step_whose_code_is_wrong_is_failed_too(db: Database, directory: Directory, legacy: Path) -> None:
    directory.second('raise KeyError("jane@example.com")')

    with pytest.raises(KeyError):
        move(db, legacy, directory.plan)

    record = Ledger(db).steps()["0002_second"]
    assert (record.status, record.error) == (Status.FAILED, "KeyError")


def test_an_edited_failed_step_forgets_how_far_it_came(
    db: Database, directory: Directory, legacy: Path
) -> None:
    seen = 'run.note("found " + str(run.read_point("half"))); run.write_point("half", {"done": 5}); '
    directory.second(seen + BROKEN)
    with pytest.raises(SourceError):
        move(db, legacy, directory.plan)
    assert Ledger(db).point(Ledger(db).runs()[0].run, "0002_second/half") == {"done": 5}

    directory.second(seen)

    assert "found None" in go_on(db, legacy, directory.plan).notes


def test_an_unchanged_failed_step_goes_on_from_its_point(db: Database, directory: Directory, legacy: Path) -> None:
    directory.second(
        'found = run.read_point("half"); run.note(f"found {found}"); run.write_point("half", {"done": 5}); '
        'run.note("second") if found else (_ for _ in ()).throw(SourceError("damaged"))'
    )
    with pytest.raises(SourceError):
        move(db, legacy, directory.plan)

    assert "found {'done': 5}" in go_on(db, legacy, directory.plan).notes


def test_an_edited_import_reads_its_source_from_the_first_row(
    db: Database, tmp_path: Path, legacy: Path
) -> None:
    folder = tmp_path / "imports"
    folder.mkdir()
    module = folder / "0001_import.py"
    text = '''"""Import."""

from madmall_models import SourceError
from madmall_models.migration import ImportRows, Migration, Phase, Run, madmall_mappings


def work(run):
    {work}


migration = Migration(
    after=None, phase=Phase.EXPAND, operations=(ImportRows(madmall_mappings()[:1]), Run(work, describe="Work"))
)
'''
    files = {"journal": tmp_path / "journal", "rejects": tmp_path / "rejects.jsonl"}
    module.write_text(text.format(work=BROKEN))
    with pytest.raises(SourceError):
        move(db, legacy, directory_plan(folder), **files)
    db.users.delete("u2")
    with pytest.raises(SourceError):
        go_on(db, legacy, directory_plan(folder), **files)
    assert not db.users.exists("u2")

    module.write_text(text.format(work="pass"))
    report = go_on(db, legacy, directory_plan(folder), **files)

    assert f"run {report.run} was taken up from the first row: one of its steps was edited" in report.notes
    assert (report.total, report.successful, db.users.exists("u2")) == (2, 2, True)


@pytest.mark.parametrize("changed", ["edited", "missing"])
def test_a_history_that_was_tampered_with_is_refused_before_anything_is_done(
    db: Database, directory: Directory, legacy: Path, changed: str
) -> None:
    move(db, legacy, directory.plan)
    before = Ledger(db).runs()
    if changed == "edited":
        directory.second('run.note("another")')
    else:
        (directory.path / "0002_second.py").unlink()

    for attempt in (move, go_on):
        with pytest.raises(MigrationModuleError, match="0002_second"):
            attempt(db, legacy, directory.plan)
    assert Ledger(db).runs() == before


def test_a_step_that_was_rolled_back_is_applied_again(db: Database, directory: Directory, legacy: Path) -> None:
    move(db, legacy, directory.plan)
    ledger = Ledger(db)
    ledger.write_step(replace(ledger.steps()["0002_second"], status=Status.ROLLED_BACK))

    assert did(move(db, legacy, directory.plan)) == ["second"]


# -- what stands around a plan -------------------------------------------------------------------------------------


def test_a_plan_waits_for_those_that_it_depends_on(db: Database, legacy: Path) -> None:
    later = Plan("later", PLAN.operations, dependencies=(PLAN.name, "another"))
    with pytest.raises(MigrationError, match=f"the plan later depends on {PLAN.name}, another, not completed"):
        move(db, legacy, later)

    move(db, legacy)
    move(db, legacy, Plan("another", PLAN.operations))

    assert move(db, legacy, later).status == "applied"


def test_hooks_surround_a_run_and_only_a_real_one(db: Database, legacy: Path) -> None:
    seen: list[tuple[str, bool]] = []
    plan = Plan(
        "hooked",
        PLAN.operations,
        before=(lambda database: seen.append(("before", database.users.exists("u1"))),),
        after=(lambda database: seen.append(("after", database.users.exists("u1"))),),
    )

    move(db, legacy, plan, dry_run=True)
    assert seen == []
    move(db, legacy, plan)

    assert seen == [("before", False), ("after", True)]


def test_nothing_follows_a_run_that_failed(db: Database, legacy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, table: str, **_: Any) -> Any:
        raise SourceError("damaged")

    monkeypatch.setattr(SQLiteSource, "rows", broken)
    plan = Plan("hooked", PLAN.operations, after=(lambda _: pytest.fail("it was called"),))

    with pytest.raises(SourceError):
        move(db, legacy, plan)


def test_what_was_saved_before_the_first_write_is_in_report_and_ledger(
    db: Database, legacy: Path, tmp_path: Path
) -> None:
    make_user(db, "old")

    report = move(db, legacy, backup=True, backup_file=tmp_path / "backup.jsonl")

    [run] = Ledger(db).runs()
    assert run.backup is not None
    assert any("backup" in note or "saved" in note for note in report.notes), report.notes
    assert "no backup was made" not in report.notes


def test_a_backup_that_failed_is_made_before_the_run_is_taken_up(
    db: Database, legacy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_user(db, "old")

    def refuse(*_: Any) -> Any:
        raise BackupFailed("no room; name another file")

    with monkeypatch.context() as patch:
        patch.setattr(beginnings, "back_up", refuse)
        with pytest.raises(BackupFailed):
            move(db, legacy, backup=True)
    assert not db.users.exists("u1")
    assert [run.status for run in Ledger(db).runs()] == [Status.FAILED]

    move(db, legacy, backup=True, backup_file=tmp_path / "backup.jsonl")

    [run] = Ledger(db).runs()
    assert run.backup is not None
    assert run.status is Status.APPLIED
    assert db.users.exists("u1")


def test_going_on_after_an_error_ends_failed_and_can_be_resumed_where_it_was(
    db: Database, legacy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_legacy(
        tmp_path / "two.db",
        users=[user("u1")],
        circles=[circle("c1", "u1")],
    )
    rows = SQLiteSource.rows

    def broken(self: Any, table: str, **options: Any) -> Any:
        if table == "users":
            raise SourceError("the table users is damaged")
        return rows(self, table, **options)

    files = {"journal": tmp_path / "journal", "rejects": tmp_path / "rejects.jsonl"}
    with monkeypatch.context() as patch:
        patch.setattr(SQLiteSource, "rows", broken)
        report = move(db, path, continue_on_error=True, **files)

    assert (report.status, report.ok, [str(step.stopped_by) for step in report.stopped_steps]) == (
        "failed",
        False,
        ["the table users is damaged"],
    )
    assert db.circles.exists("c1")
    assert [run.status for run in Ledger(db).runs()] == [Status.FAILED]
    assert files["journal"].exists()

    report = go_on(db, path, **files)

    assert (report.status, report.successful) == ("applied", 2)
    assert db.circles.get_member("c1", "u1").role == "admin"
    assert integrity.check(db) == ()
    assert f"run {report.run} was taken up where it had been" in report.notes


def test_a_service_forgets_the_report_of_the_run_before(db: Database, legacy: Path) -> None:
    with SQLiteSource(legacy) as source:
        service = MigrationService(db, source)
        service.execute(PLAN)
        with pytest.raises(MigrationError):
            service.resume(PLAN)
        assert service.report is None
