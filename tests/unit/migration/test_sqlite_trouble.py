"""A file that changes, may not be read or is damaged is told as such, with the table and what to do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from madmall_models.errors import SourceError
from madmall_models.migration import SQLiteSource
from tests.unit.migration.foreign_files import write

NOBODY = 65534
TABLE = "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT); INSERT INTO t VALUES (1, 'a')"
LOGGED = f"PRAGMA journal_mode = WAL; {TABLE}"


@contextmanager
def without_rights() -> Iterator[None]:
    """Be somebody whom permissions bind: root reads whatever it wants."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder that anybody may enter; those of pytest are for their owner only."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


def test_a_file_that_nobody_writes_has_not_changed(tmp_path: Path) -> None:
    for name, script in (("plain.db", TABLE), ("logged.db", LOGGED)):
        with SQLiteSource(write(tmp_path / name, script)) as source:
            list(source.rows("t"))
            source.analyze()
            assert source.changed() is False


def test_a_file_that_is_overwritten_has_changed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.db", TABLE)

    with SQLiteSource(path) as source:
        content = path.read_bytes()
        path.write_bytes(content + b"\0")
        assert source.changed() is True


def test_a_file_that_was_replaced_or_removed_has_changed(tmp_path: Path) -> None:
    path = write(tmp_path / "a.db", TABLE)
    with SQLiteSource(path) as source:
        other = tmp_path / "other.db"
        shutil.copy2(path, other)
        os.replace(other, path)
        assert source.changed() is True
    with SQLiteSource(path) as source:
        path.unlink()
        assert source.changed() is True


def test_rows_that_another_program_adds_to_the_log_are_a_change(tmp_path: Path) -> None:
    path = write(tmp_path / "a.db", LOGGED)

    with SQLiteSource(path) as source, closing(sqlite3.connect(path)) as writer:
        assert source.changed() is False
        writer.execute("INSERT INTO t VALUES (2, 'b')")
        writer.commit()
        assert source.changed() is True
        assert source.row_count("t") == 1, "what is read stays as it was"


def test_a_file_without_read_permission_is_refused(folder: Path) -> None:
    path = write(folder / "a.db", TABLE)
    path.chmod(0)

    with without_rights(), pytest.raises(SourceError, match=r"a\.db cannot be read; check its permissions"):
        SQLiteSource(path)


def test_a_file_in_a_folder_that_may_not_be_entered_is_refused(folder: Path) -> None:
    path = write(folder / "a.db", TABLE)
    folder.chmod(stat.S_IRUSR)

    with without_rights(), pytest.raises(SourceError, match=r"a\.db cannot be read \(Permission denied\); check"):
        SQLiteSource(path)


def test_a_permission_that_is_lost_is_told_by_the_fingerprint(folder: Path) -> None:
    path = write(folder / "a.db", TABLE)

    with SQLiteSource(path) as source:
        path.chmod(0)
        with without_rights(), pytest.raises(SourceError, match=r"cannot be read \(Permission denied\)"):
            source.fingerprint()


def test_a_damaged_page_in_the_middle_of_a_table_is_told_with_the_table(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.db",
        "CREATE TABLE fine (id INTEGER PRIMARY KEY); INSERT INTO fine VALUES (1); "
        "CREATE TABLE broken (id INTEGER PRIMARY KEY, v TEXT); "
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) "
        "INSERT INTO broken SELECT i, printf('%0100d', i) FROM n",
    )
    content = bytearray(path.read_bytes())
    page = content.index(b"1000".rjust(100, b"0")) // 4096 * 4096
    content[page : page + 4096] = b"\xff" * 4096
    path.write_bytes(content)
    said = r"is damaged in table 'broken'; restore it from a backup, or save into a new file .* '\.recover'"

    with SQLiteSource(path) as source:
        read = []
        with pytest.raises(SourceError, match=said):
            list(source.rows("broken", batch=10))
        with pytest.raises(SourceError, match=said):
            for row in source.rows("broken", batch=10):
                read.append(row.rowid)
        assert 500 < len(read) < 1000, "what stands before the page is given"
        with pytest.raises(SourceError, match=said):
            source.analyze()
        assert [row.rowid for row in source.rows("fine")] == [1]
