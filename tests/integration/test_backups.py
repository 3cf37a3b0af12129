"""A table is saved before a run, and what a file holds can be put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from madmall_models import BackupFailed, Circle, Database, User, integrity
from madmall_models.migration.backup import BackupKind, Restored, back_up, restore_export
from madmall_models.migration.export_file import exported_items
from madmall_models.migration.ledger import Ledger, RunRecord
from tests.integration.file_backups import allow_only_files
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import everything, in_order, nothing_written, raw, without_records


@pytest.fixture
def only_files(monkeypatch: pytest.MonkeyPatch) -> None:
    allow_only_files(monkeypatch)


@pytest.fixture
def content(db: Database) -> None:
    for number in range(5):
        make_user(db, f"u{number}")
    make_circle(db)
    make_story(db, circle_id="c1")
    db.circles.add_member("c1", "u2")


def write_a_record(db: Database) -> None:
    Ledger(db).write_run(RunRecord("r1", "plan", "legacy.db", "f", "m", NOON, NOON))


def test_a_table_that_holds_only_the_engine_s_records_needs_no_backup(db: Database, tmp_path: Path) -> None:
    write_a_record(db)

    made = back_up(db, "r1", tmp_path / "export.jsonl")

    assert made.kind is BackupKind.NOTHING
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("content")
def test_a_backup_is_made_whatever_the_engine_can_do(db: Database, tmp_path: Path) -> None:
    made = back_up(db, "r1", tmp_path / "export.jsonl")

    assert made.kind in (BackupKind.ON_DEMAND, BackupKind.EXPORT)
    assert made.place
    Ledger(db).write_run(RunRecord("r1", "plan", "legacy.db", "f", "m", NOON, NOON, backup=made.as_document()))
    kept = Ledger(db).run("r1")
    assert kept is not None
    assert kept.backup == made.as_document()


@pytest.mark.usefixtures("content", "only_files")
def test_a_file_holds_every_item_but_the_engine_s_records(db: Database, tmp_path: Path) -> None:
    write_a_record(db)
    path = tmp_path / "export.jsonl"

    with nothing_written(db):
        made = back_up(db, "r1", path)

    assert (made.kind, made.place, made.size) == (BackupKind.EXPORT, str(path), path.stat().st_size)
    assert made.notes == (
        "no point-in-time recovery: the engine does not know it",
        "no on-demand backup: CreateBackup was refused: AccessDeniedException; check credentials and policy",
    )
    held = in_order(exported_items(path))
    assert held == without_records(db)
    assert made.count == len(held)
    assert f"the {len(held)} items that table {db.table_name} held at" in made.describe()


@pytest.mark.defect(76)
@pytest.mark.usefixtures("content", "only_files")
def test_an_emptied_table_is_restored_from_its_file(db: Database, tmp_path: Path) -> None:
    before = everything(db)
    made = back_up(db, "r1", tmp_path / "export.jsonl")
    for item in before:
        key = {name: item[name] for name in ("PK", "SK")}
        db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})

    restored = restore_export(db, str(made.place))

    assert restored == Restored(written=len(before), present=0)
    assert everything(db) == before
    assert integrity.check(db) == ()
    assert restore_export(db, str(made.place)) == Restored(written=0, present=len(before))


@pytest.mark.usefixtures("content", "only_files")
def test_what_lives_on_is_never_overwritten_by_a_file(db: Database, tmp_path: Path) -> None:
    made = back_up(db, "r1", tmp_path / "export.jsonl")
    db.circles.update("c1", name="Another name")
    db.stories.delete("s1")

    restored = restore_export(db, str(made.place))

    assert restored.written == 2
    assert raw(db, Circle.key.of("c1"))["name"] == {"S": "Another name"}
    assert [story.story_id for story in db.stories.get_by_circle("c1")] == ["s1"]
    assert raw(db, User.key.of("u1"))


@pytest.mark.usefixtures("content", "only_files")
def test_where_no_file_can_be_written_nothing_goes_on(db: Database, tmp_path: Path) -> None:
    with nothing_written(db), pytest.raises(BackupFailed, match="cannot be written"):
        back_up(db, "r1", tmp_path / "none" / "export.jsonl")
