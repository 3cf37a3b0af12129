"""Any SQLite file is analyzed: what is declared, what its values are, and nothing of the values themselves."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from madmall_models.errors import SourceError
from madmall_models.migration import Analysis, SQLiteSource, TableAnalysis
from madmall_models.migration.sqlite_schema import SQLiteSchema
from tests.unit.migration.foreign_files import LONG, ODD, SHOP, write


def analyze(path: Path) -> Analysis:
    with SQLiteSource(path) as source:
        return source.analyze()


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TableAnalysis]:
    path = write(tmp_path_factory.mktemp("odd") / "odd.db", ODD)
    return {table.name: table for table in analyze(path).tables}


@pytest.mark.defect(84)
def test_a_shop_is_told_with_keys_types_and_sizes(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.db", SHOP)

    analysis = analyze(path)

    assert (analysis.name, analysis.size) == ("shop.db", path.stat().st_size)
    tables = {table.name: table for table in analysis.tables}
    assert [table.row_count for table in analysis.tables] == [3, 2, 3, 2, 3, 4]
    assert tables["PlaylistTrack"].primary_key == ("PlaylistId", "TrackId")
    assert [(key.columns, key.table, key.references) for key in tables["PlaylistTrack"].foreign_keys] == [
        (("PlaylistId",), "Playlist", ("PlaylistId",)),
        (("TrackId",), "Track", ("TrackId",)),
    ]
    price = tables["Track"].column("UnitPrice")
    assert (price.declared_type, price.not_null, dict(price.observed.storage)) == (
        "NUMERIC(10,2)", True, {"real": 3, "integer": 1},
    )  # fmt: skip
    assert tables["Employee"].column("BirthDate").observed.forms == {"ISO time": 2}
    assert all(table.size is None or table.size >= 4096 for table in analysis.tables)
    assert {name for name, table in tables.items() if table.column(table.columns[0].name).distinct} == {
        "Album", "Artist", "Employee", "Playlist", "Track",
    }  # fmt: skip


@pytest.mark.defect(84)
def test_nothing_that_is_told_holds_a_value_of_a_row(tmp_path: Path) -> None:
    path = write(tmp_path / "shop.db", SHOP)

    told = json.dumps(analyze(path).as_dict())

    for value in ("AC/DC", "Rock", "Adams", "andrew@example.com", "1962", "1.99"):
        assert value not in told
    [row, *_] = analyze(path).tables[2].sample
    assert row == {
        "EmployeeId": "integer, digits: 1", "LastName": "text, other, length: 5", "ReportsTo": "NULL",
        "BirthDate": "text, ISO time, length: 19", "Email": "text, e-mail address, length: 18",
    }  # fmt: skip


def test_kinds_of_tables_are_told_apart(odd: dict[str, TableAnalysis]) -> None:
    assert {name for name, table in odd.items() if table.kind == "view"} == {"seen", "broken"}
    assert {name for name, table in odd.items() if table.kind == "virtual"} == {"docs"}
    assert {name for name, table in odd.items() if table.without_rowid} == {"pairs"}
    assert {name for name, table in odd.items() if table.strict} == {"strict_one"}
    assert not any(name.startswith("docs_") for name in odd), "what a virtual table is kept in is no table"


def test_views_and_virtual_tables_are_read_too(odd: dict[str, TableAnalysis]) -> None:
    assert (odd["seen"].row_count, odd["seen"].column("version").observed.given) == (2, 2)
    assert (odd["docs"].row_count, [column.name for column in odd["docs"].columns]) == (1, ["title", "body"])
    assert (odd["broken"].row_count, odd["broken"].fault) == (0, "no such table: main.gone")


def test_it_is_told_whose_rows_can_be_read_one_after_the_other(odd: dict[str, TableAnalysis]) -> None:
    assert {name for name, table in odd.items() if not table.row_key} == {"seen", "broken", "hidden"}
    assert (odd["pairs"].row_key, odd["log"].row_key, odd[LONG].row_key) == (("b", "a"), ("rowid",), ("rowid",))


def test_odd_names_are_told_as_they_are(odd: dict[str, TableAnalysis]) -> None:
    assert {"select", "two words", "größe", "名前", "q\"uote'"} <= {column.name for column in odd["order"].columns}
    assert odd[LONG].primary_key == ("odd\nname",)


def test_defaults_and_generated_columns_are_told(odd: dict[str, TableAnalysis]) -> None:
    assert [column.generated for column in odd["computed"].columns] == ["", "", "virtual", "stored"]
    assert odd["computed"].column("s").observed.longest == 2
    assert odd["strict_one"].column("t").default == "'x''y'"


def test_a_reference_without_columns_means_the_primary_key(odd: dict[str, TableAnalysis]) -> None:
    keys = {key.columns: (key.table, key.references) for key in odd["child"].foreign_keys}

    assert keys == {("user_id",): ("users", ("id",)), ("parent",): ("child", ("id",)), ("gone_id",): ("gone", ("id",))}


def test_names_of_references_are_those_of_the_tables(tmp_path: Path) -> None:
    path = write(
        tmp_path / "cases.db",
        "CREATE TABLE Parent (Id INTEGER PRIMARY KEY, A, B, UNIQUE (A, B)); "
        "CREATE TABLE child (x, Y, z REFERENCES PARENT (ID), FOREIGN KEY (X, y) REFERENCES parent (a, b));",
    )

    [both, one] = sorted(analyze(path).tables[1].foreign_keys, key=lambda key: key.columns)

    assert (both.columns, both.table, both.references) == (("x", "Y"), "Parent", ("A", "B"))
    assert (one.columns, one.table, one.references) == (("z",), "Parent", ("Id",))


def test_in_a_table_without_a_key_it_is_seen_what_tells_rows_apart(tmp_path: Path) -> None:
    path = write(
        tmp_path / "log.db",
        "CREATE TABLE log (line, mark, place, late); "
        "INSERT INTO log VALUES (1, 'a', 'x', 1), (2, 'a', NULL, 2), (3, 'b', 'y', 1);",
    )

    [log] = analyze(path).tables

    assert {column.name: column.distinct for column in log.columns} == {
        "line": True, "mark": False, "place": False, "late": False,
    }  # fmt: skip


def test_an_empty_database_has_no_tables(tmp_path: Path) -> None:
    path = write(tmp_path / "empty.db", "PRAGMA user_version = 1")

    analysis = analyze(path)

    assert (analysis.tables, analysis.suggested_mappings) == ((), ())


def most_memory(path: Path, rows: int) -> int:
    """Return how many bytes the analysis of a table without a key has at a time."""
    write(
        path,
        "CREATE TABLE t (a TEXT, b INT); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "  # noqa: S608
        f"WHERE i < {rows}) INSERT INTO t SELECT printf('%0200d', i), i FROM n",
    )
    with SQLiteSource(path) as source:
        tracemalloc.start()
        source.analyze()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


def test_rows_are_not_kept_in_memory(tmp_path: Path) -> None:
    few, many, twice = (most_memory(tmp_path / f"{rows}.db", rows) for rows in (1_000, 20_000, 40_000))

    assert few < 4_000_000, "the map of what is on the disk takes 8 million bytes, and nothing is there"
    assert many < 12_000_000, "what is new, and that map"
    assert abs(twice - many) < 100_000 < 20_000 * 200, "the texts of the other rows alone have 4 million bytes"


def test_a_sqlite_that_lists_no_kinds_tells_as_much_as_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "odd.db", "CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM t; INSERT INTO t VALUES (1)")
    with SQLiteSource(path) as source:
        select = source._file.select

        def older(statement: str, *arguments: Any, **options: Any) -> Any:
            if "dbstat" in statement:
                raise SourceError("none") from sqlite3.OperationalError("no such table: dbstat")
            return [] if "table_list" in statement else select(statement, *arguments, **options)

        monkeypatch.setattr(source._file, "select", older)
        tables = source.analyze().tables

    assert [(table.name, table.kind, table.row_count, table.size) for table in tables] == [
        ("t", "table", 1, None),
        ("v", "view", 1, None),
    ]


def test_a_name_that_is_not_utf8_is_refused_rather_than_passed_over(tmp_path: Path) -> None:
    path = write(tmp_path / "odd.db", "CREATE TABLE aaaa (x)")
    path.write_bytes(path.read_bytes().replace(b"aaaa", b"\xff\xfe\xfd\xfc"))

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="name is not UTF-8; rename it"):
        source.tables()


def test_rows_of_a_view_cannot_be_moved(tmp_path: Path) -> None:
    path = write(tmp_path / "v.db", "CREATE TABLE t (a); INSERT INTO t VALUES (1), (2); CREATE VIEW v AS SELECT 1")

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="'v' is a view"):
        list(source.rows("v", batch=1))


def test_a_key_with_nulls_that_would_end_the_reading_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path / "hidden.db",
        "CREATE TABLE t (rowid TEXT, _rowid_ TEXT, oid TEXT PRIMARY KEY); "
        "INSERT INTO t VALUES ('a', 'b', NULL), ('a', 'b', NULL), ('a', 'b', 'k')",
    )

    with SQLiteSource(path) as source, pytest.raises(SourceError, match="whose primary key is NULL"):
        list(source.rows("t", batch=1))
    assert analyze(path).tables[0].row_key == ()


def test_the_rowid_is_there_for_whoever_asks_by_its_name(tmp_path: Path) -> None:
    path = write(tmp_path / "log.db", "CREATE TABLE log (line); INSERT INTO log VALUES ('a'), ('a')")

    with SQLiteSource(path) as source:
        rows = [row.values for row in source.rows("log")]

    assert [(row.get("rowid"), row["_rowid_"], dict(row)) for row in rows] == [
        (1, 1, {"line": "a"}),
        (2, 2, {"line": "a"}),
    ]
    assert rows[0].get("nothing") is None
    with pytest.raises(KeyError):
        rows[0]["nothing"]


def test_columns_that_are_unique_by_an_index_are_distinct(tmp_path: Path) -> None:
    path = write(
        tmp_path / "u.db",
        "CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b, c, UNIQUE (b, c)); "
        "CREATE UNIQUE INDEX half ON t (c) WHERE c > 1; CREATE UNIQUE INDEX computed ON t (lower(b))",
    )

    with SQLiteSource(path) as source:
        assert SQLiteSchema(source._file).distinct_columns("t") == {"id", "a"}


def test_a_table_being_written_meanwhile_is_read_as_it_was(tmp_path: Path) -> None:
    path = write(tmp_path / "w.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)")

    with SQLiteSource(path) as source, closing(sqlite3.connect(path)) as writer:
        writer.execute("INSERT INTO t VALUES (2)")
        writer.commit()
        assert source.analyze().tables[0].row_count == 1
