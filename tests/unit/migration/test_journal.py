"""A journal gives back what its last checkpoint held, all of it and no more, and never touches another file."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models import ConfigurationError, MigrationError
from madmall_models.migration.journal import Journal
from madmall_models.migration.source import Row, UndecodableText

ROW, LATER = Row("users", (1,), {}), Row("users", (2,), {})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


def claim(journal: Journal, value: str, row: Row) -> None:
    journal.memory.claim(value, row)
    journal.memory.settle(row)


def interrupted(path: Path) -> None:
    """Leave a journal as a process does that is killed some time after its checkpoint."""
    with Journal(path, "r1") as journal:
        claim(journal, "jane@example.com", ROW)
        journal.memory.remember("USER#u1", {"name": "u1"})
        journal.memory.touch("CIRCLE", "c1", 2)
        journal.checkpoint("step/users", {"tally": {"written": 1}, "finished": False}, (1,), (3, 120))
        claim(journal, "ruth@example.com", LATER)
        journal.memory.remember("USER#u2", {})
        journal.memory.touch("CIRCLE", "c1", 5)
        journal.memory.flush()


def test_after_a_crash_everything_is_as_at_the_last_checkpoint(path: Path) -> None:
    interrupted(path)

    with Journal(path, "r1") as journal:
        assert journal.is_of_this_run
        assert journal.point("step/users") == {"tally": {"written": 1}, "finished": False, "after": (1,)}
        assert journal.point("step/circles") is None
        assert journal.rejects == (3, 120)
        memory = journal.memory
        assert (memory.is_claimed("jane@example.com"), memory.is_claimed("ruth@example.com")) == (True, False)
        assert (memory.recall("USER#u1"), memory.recall("USER#u2")) == ({"name": "u1"}, None)
        assert list(memory.touched("CIRCLE")) == [("c1", 2, 0)]


def test_the_journal_of_another_run_begins_empty(path: Path) -> None:
    interrupted(path)

    with Journal(path, "r2") as journal:
        assert not journal.is_of_this_run
        assert (journal.point("step/users"), journal.rejects) == (None, (0, 0))
        assert not journal.memory.is_claimed("jane@example.com")
        assert list(journal.memory.touched("CIRCLE")) == []
    with Journal(path, "r2") as journal:
        assert journal.is_of_this_run


def test_a_journal_that_is_started_anew_is_no_more_where_it_had_been(path: Path) -> None:
    interrupted(path)

    with Journal(path, "r1") as journal:
        journal.start_anew()

        assert not journal.is_of_this_run
        assert (journal.point("step/users"), journal.rejects) == (None, (0, 0))
        assert not journal.memory.is_claimed("jane@example.com")
        journal.checkpoint("step/users", {}, (9,), (0, 0))
    with Journal(path, "r1") as journal:
        assert journal.point("step/users") == {"after": (9,)}


@pytest.mark.parametrize(
    "key", [(1,), ("a", b"\x00\xff"), (UndecodableText(b"\xff\xfe"), "b"), (None,), (1.5, 2**62), ("",), None]
)
def test_keys_come_back_as_they_were(path: Path, key: tuple[Any, ...] | None) -> None:
    with Journal(path, "r1") as journal:
        journal.checkpoint("users", {}, key, (0, 0))
    with Journal(path, "r1") as journal:
        point = journal.point("users")

    assert point is not None
    assert point["after"] == key


def test_only_its_owner_can_read_it(path: Path) -> None:
    interrupted(path)
    path.chmod(0o644)

    with Journal(path, "r1"):
        files = [path, *path.parent.glob("journal-*")]
        assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
        assert len(files) == 3


def test_its_end_leaves_no_file(path: Path) -> None:
    with Journal(path, "r1") as journal:
        journal.checkpoint("users", {}, (1,), (0, 0))
        journal.remove()

    assert list(path.parent.iterdir()) == []


def somebodys_database(path: Path, mode: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA journal_mode = {mode}")
        connection.execute("CREATE TABLE people (name)")
        connection.commit()


@pytest.mark.parametrize("content", ["text", "delete", "wal", "short"])
def test_another_file_is_refused_and_left_as_it_is(path: Path, content: str) -> None:
    if content in ("text", "short"):
        path.write_text("call Ruth\n" * (50 if content == "text" else 1))
    else:
        somebodys_database(path, content)
    path.chmod(0o644)
    before, mode = path.read_bytes(), path.stat().st_mode

    with pytest.raises(ConfigurationError, match="is no journal; it was left as it is"):
        Journal(path, "r1")

    assert (path.read_bytes(), path.stat().st_mode) == (before, mode)
    assert list(path.parent.iterdir()) == [path]


def test_a_link_is_never_followed(path: Path, tmp_path: Path) -> None:
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigurationError, match="cannot be written"):
        Journal(path, "r1")

    assert not (tmp_path / "elsewhere").exists()


def test_a_damaged_journal_says_what_to_do(path: Path) -> None:
    interrupted(path)
    data = bytearray(path.read_bytes())
    data[100:] = b"\x07" * (len(data) - 100)
    path.write_bytes(data)

    with pytest.raises(ConfigurationError, match=r"cannot be used .* remove it"):
        Journal(path, "r1")


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="name another with journal="):
        Journal(tmp_path / "no" / "journal", "r1")


def room(journal: Journal, pages: int) -> None:
    """Let the disk have room for so many pages, or at least for what is there."""
    journal._database.execute(f"PRAGMA max_page_count = {pages}")


@pytest.mark.parametrize("kept_anyway", [True, False])
def test_a_full_disk_is_a_typed_error_and_leaves_the_last_checkpoint(path: Path, kept_anyway: bool) -> None:
    interrupted(path)

    full = r"could not be kept \(database or disk is full\); make room .* resume"

    with Journal(path, "r1") as journal:
        room(journal, 1)
        for number in range(2000):
            claim(journal, f"u{number}@example.com", Row("users", (number,), {}))
        with pytest.raises(MigrationError, match=full):
            journal.checkpoint("step/users", {"finished": True}, (2000,), (9, 900))
        if kept_anyway:
            # Room again: what were written now would stand alone.
            sqlite3.Connection.execute(journal._database, "PRAGMA max_page_count = 100000")
        with pytest.raises(MigrationError, match="could not be kept"):
            journal.checkpoint("step/users", {"finished": True}, (2000,), (9, 900))
        with pytest.raises(MigrationError, match="could not be kept"):
            journal.memory.is_claimed("jane@example.com")

    with Journal(path, "r1") as journal:
        point = journal.point("step/users")
        assert point is not None
        assert (point["after"], journal.rejects) == ((1,), (3, 120))
        assert journal.memory.is_claimed("jane@example.com")
        assert not journal.memory.is_claimed("u7@example.com")
        assert list(journal.memory.touched("CIRCLE")) == [("c1", 2, 0)]


def test_a_journal_without_a_path_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with Journal(None, "r1") as journal:
        journal.checkpoint("users", {}, (1,), (0, 0))
        assert journal.point("users") == {"after": (1,)}
        journal.remove()

    assert list(tmp_path.iterdir()) == []
