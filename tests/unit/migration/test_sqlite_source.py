"""A SQLite file is read as it is: never written, as of one moment, every row once, whatever its tables look like."""

from __future__ import annotations

import json
import shutil
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models.errors import SourceError
from madmall_models.migration.source import UndecodableText
from madmall_models.migration.sqlite_source import SQLiteSource

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes a SQLite file from statements."""

    def made(*statements: str, name: str = "legacy.db") -> Path:
        path = tmp_path / name
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        connection.close()
        return path

    return made


def values(source: SQLiteSource, table: str, **options: Any) -> list[dict[str, Any]]:
    return [dict(row.values) for row in source.rows(table, **options)]


@pytest.mark.defect(84)
def test_tables_columns_and_counts_are_told(make: Make) -> None:
    path = make("CREATE TABLE users (id TEXT PRIMARY KEY, age INTEGER NOT NULL)", "INSERT INTO users VALUES ('u1', 3)")

    with SQLiteSource(path) as source:
        assert source.tables() == ("users",)
        identifier, age = source.columns("users")
        assert (identifier.name, identifier.declared_type, identifier.primary_key) == ("id", "TEXT", 1)
        assert (age.not_null, age.primary_key) == (True, 0)
        assert source.row_count("users") == 1


def test_generated_columns_are_read_too(make: Make) -> None:
    path = make("CREATE TABLE t (a INTEGER, b INTEGER AS (a * 2))", "INSERT INTO t (a) VALUES (2)")

    with SQLiteSource(path) as source:
        assert values(source, "t") == [{"a": 2, "b": 4}]


@pytest.mark.defect(80)
@pytest.mark.parametrize(
    "schema",
    [
        "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT)",
        "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT)",
        "CREATE TABLE t (id TEXT, v TEXT)",
        "CREATE TABLE t (id TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID",
        "CREATE TABLE t (id TEXT, v TEXT, PRIMARY KEY (v, id)) WITHOUT ROWID",
        "CREATE TABLE t (id TEXT, v TEXT, PRIMARY KEY (id DESC, v)) WITHOUT ROWID",
        "CREATE TABLE t (id INTEGER, rowid TEXT, oid TEXT, v TEXT)",
    ],
)
def test_pages_give_every_row_once(make: Make, schema: str) -> None:
    path = make(
        schema,
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 23) "
        "INSERT INTO t (id, v) SELECT i, 'v' || (i % 3) FROM n",
    )

    with SQLiteSource(path) as source:
        found = [str(row["id"]) for row in values(source, "t", batch=5)]

        assert sorted(found, key=int) == [str(number) for number in range(1, 24)]


def test_a_table_that_hides_its_rowid_is_read_by_its_key(make: Make) -> None:
    path = make(
        "CREATE TABLE t (rowid TEXT, _rowid_ TEXT, oid TEXT PRIMARY KEY)",
        "INSERT INTO t VALUES ('a', 'b', 'k2')",
        "INSERT INTO t VALUES ('a', 'b', 'k1')",
    )

    with SQLiteSource(path) as source:
        assert [row.rowid for row in source.rows("t", batch=1)] == ["k1", "k2"]


def test_a_table_that_hides_its_rowid_and_has_no_key_is_refused(make: Make) -> None:
    path = make("CREATE TABLE t (rowid TEXT, _rowid_ TEXT, oid TEXT)")

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="hide its rowid"):
        list(source.rows("t"))


@pytest.mark.defect(80)
def test_reading_goes_on_after_any_row(make: Make) -> None:
    path = make(
        "CREATE TABLE pairs (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID",
        "INSERT INTO pairs VALUES ('x', 1), ('x', 2), ('y', 1), ('z', 1)",
    )

    with SQLiteSource(path) as source:
        rows = list(source.rows("pairs"))
        assert [row.rowid for row in rows] == [["x", 1], ["x", 2], ["y", 1], ["z", 1]]
        for position, row in enumerate(rows):
            assert [later.key for later in source.rows("pairs", after=row.key)] == [
                later.key for later in rows[position + 1 :]
            ]


@given(count=st.integers(min_value=0, max_value=30), batch=st.integers(min_value=1, max_value=40), gaps=st.randoms())
def test_the_size_of_a_page_changes_nothing(count: int, batch: int, gaps: Any) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "legacy.db"
        numbers = sorted(gaps.sample(range(-1000, 1000), count))
        connection = sqlite3.connect(path)
        connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        connection.executemany("INSERT INTO t VALUES (?)", [(number,) for number in numbers])
        connection.commit()
        connection.close()

        with SQLiteSource(path) as source:
            assert [row.rowid for row in source.rows("t", batch=batch)] == numbers


@pytest.mark.defect(80)
def test_names_are_quoted_whatever_they_hold(make: Make) -> None:
    path = make(
        'CREATE TABLE "odd ""table; DROP" ("a""b" TEXT, "select" TEXT)',
        "INSERT INTO \"odd \"\"table; DROP\" VALUES ('1', '2')",
    )

    with SQLiteSource(path) as source:
        [table] = source.tables()
        assert values(source, table) == [{'a"b': "1", "select": "2"}]


def test_text_that_is_not_utf8_is_marked_and_the_other_rows_are_read(make: Make) -> None:
    path = make(
        "CREATE TABLE t (k TEXT PRIMARY KEY, v TEXT) WITHOUT ROWID",
        "INSERT INTO t VALUES (CAST(x'61e9' AS TEXT), 'first'), ('b', CAST(x'ff' AS TEXT)), ('c', 'last')",
    )

    with SQLiteSource(path) as source:
        rows = list(source.rows("t", batch=1))

    assert [row.values["v"] for row in rows] == ["first", UndecodableText(b"\xff"), "last"]
    assert rows[0].values["k"] == UndecodableText(b"a\xe9")
    assert "xff" not in repr(rows[1].values["v"])


def test_rows_that_come_later_are_not_seen(make: Make) -> None:
    path = make("PRAGMA journal_mode = WAL", "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1), (2)")

    with SQLiteSource(path) as source:
        reading = source.rows("t", batch=1)
        next(reading)
        other = sqlite3.connect(path)
        other.execute("INSERT INTO t VALUES (3)")
        other.commit()
        other.close()

        assert [row.rowid for row in reading] == [2]
        assert source.row_count("t") == 2


def test_nothing_can_be_written(make: Make) -> None:
    path = make("CREATE TABLE t (id INTEGER)")

    with SQLiteSource(path) as source, pytest.raises(SourceError, match=r"readonly|read-only|query_only"):
        source._select("INSERT INTO t VALUES (1)")


def test_a_path_with_marks_of_a_url_is_a_path(make: Make) -> None:
    path = make("CREATE TABLE t (id INTEGER)", name="odd name?mode=rwc#100%.db")

    with SQLiteSource(path) as source:
        assert source.tables() == ("t",)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda path: None, "no file"),
        (lambda path: path.mkdir(), "not a file"),
        (lambda path: path.write_text("name,email\n" * 200), "not a SQLite database"),
    ],
)
def test_what_cannot_be_read_is_named_with_a_remedy(tmp_path: Path, prepare: Callable[[Path], Any], said: str) -> None:
    path = tmp_path / "legacy.db"
    prepare(path)

    with pytest.raises(SourceError, match=said):
        SQLiteSource(path)


def test_a_damaged_file_is_said_to_be_damaged(make: Make) -> None:
    path = make("CREATE TABLE t (id INTEGER, v TEXT)", "INSERT INTO t VALUES (1, printf('%.*c', 20000, 'x'))")
    content = bytearray(path.read_bytes())
    content[4096:8192] = b"\xff" * 4096
    path.write_bytes(content)

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="damaged"):
        list(source.rows("t"))


def test_a_table_that_is_not_there_is_refused_with_those_that_are(make: Make) -> None:
    path = make("CREATE TABLE users (id INTEGER)")

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="its tables are users"):
        source.row_count("circles")


def test_a_closed_source_says_so(make: Make) -> None:
    source = SQLiteSource(make("CREATE TABLE t (id INTEGER)"))
    source.close()
    source.close()

    with pytest.raises(SourceError, match="was closed"):
        source.tables()


def test_an_export_holds_every_row_and_is_private(make: Make, tmp_path: Path) -> None:
    path = make(
        "CREATE TABLE t (a, b)",
        "INSERT INTO t VALUES ('é', NULL), (x'00ff', 9e999), (CAST(x'e9' AS TEXT), 1.5)",
    )
    target = tmp_path / "t.jsonl"
    target.write_text("old")

    with SQLiteSource(path) as source:
        assert source.export_table("t", target) == 3

    assert [json.loads(line) for line in target.read_text().splitlines()] == [
        {"a": "é", "b": None},
        {"a": {"$base64": "AP8="}, "b": {"$number": "Infinity"}},
        {"a": {"$base64": "6Q=="}, "b": 1.5},
    ]
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert list(tmp_path.glob(".t.jsonl*")) == []


def test_an_export_that_fails_leaves_the_old_file(make: Make, tmp_path: Path) -> None:
    target = tmp_path / "t.jsonl"
    target.write_text("old")

    with SQLiteSource(make("CREATE TABLE t (a)")) as source:
        with pytest.raises(SourceError, match="no table"):
            source.export_table("missing", target)
        with pytest.raises(SourceError, match="cannot write"):
            source.export_table("t", tmp_path / "no" / "folder.jsonl")

    assert target.read_text() == "old"


def test_the_fingerprint_follows_the_content(make: Make) -> None:
    path = make("CREATE TABLE t (id INTEGER)")
    with SQLiteSource(path) as source:
        before = source.fingerprint()
        assert source.fingerprint() == before
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO t VALUES (1)")
    connection.commit()
    connection.close()

    with SQLiteSource(path) as source:
        assert source.fingerprint() != before


def test_a_database_with_a_log_is_read_in_a_folder_that_takes_no_files(make: Make) -> None:
    path = make("PRAGMA journal_mode = WAL", "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
    # Where SQLite wants to make its file stands a folder, as if none could be made.
    path.with_name("legacy.db-shm").mkdir()

    with SQLiteSource(path) as source:
        assert values(source, "t") == [{"id": 1}]


def test_rows_in_the_log_are_not_passed_over_there(make: Make, tmp_path: Path) -> None:
    path = make("PRAGMA journal_mode = WAL", "CREATE TABLE t (id INTEGER)", "INSERT INTO t VALUES (1)")
    folder = tmp_path / "copy"
    folder.mkdir()
    with closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (2)")
        writer.commit()
        for name in ("legacy.db", "legacy.db-wal"):
            shutil.copy(tmp_path / name, folder / name)
    (folder / "legacy.db-shm").mkdir()

    with SQLiteSource(folder / "legacy.db") as source:
        assert values(source, "t") == [{"id": 1}, {"id": 2}]
