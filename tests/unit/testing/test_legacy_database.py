"""The file that ``make_legacy_database`` writes: when, how, and how much of it."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from madmall_models.errors import ConfigurationError, MadMallError
from madmall_models.testing import legacy, legacy_dirt
from madmall_models.testing.legacy import LegacySummary, PlantedRow, make_legacy_database

TABLES = ("users", "circles", "circle_members", "stories", "story_comments", "businesses", "resources", "images",
          "feedback")  # fmt: skip


def rows_of(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        connection.text_factory = bytes
        return {
            table: connection.execute(f"SELECT rowid, * FROM {table} ORDER BY rowid").fetchall()  # noqa: S608
            for table in TABLES
        }


def columns_of(path: Path, table: str) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [column[1] for column in connection.execute(f"PRAGMA table_info({table})")]


def test_equal_arguments_give_equal_rows(tmp_path: Path) -> None:
    first = make_legacy_database(tmp_path / "first.db", users=150, seed=7, dirty=0.1)
    second = make_legacy_database(tmp_path / "second.db", users=150, seed=7, dirty=0.1)
    assert rows_of(first.path) == rows_of(second.path)
    assert replace(first, path=second.path) == second


@pytest.mark.parametrize("other", [{"seed": 8}, {"users": 151}, {"dirty": 0.2}])
def test_other_arguments_give_other_rows(tmp_path: Path, other: dict[str, Any]) -> None:
    arguments = {"users": 150, "seed": 7, "dirty": 0.1}
    first = make_legacy_database(tmp_path / "first.db", **arguments)
    second = make_legacy_database(tmp_path / "second.db", **{**arguments, **other})
    assert rows_of(first.path) != rows_of(second.path)


def test_the_tables_have_the_documented_columns(tmp_path: Path) -> None:
    path = make_legacy_database(tmp_path / "legacy.db", users=1).path
    assert ", ".join(columns_of(path, "circle_members")) == (
        "circleId, userId, role, status, joinedAt, lastActive, contributionScore, badges, notes"
    )
    assert ", ".join(columns_of(path, "story_comments")) == (
        "id, storyId, authorId, authorDisplayName, authorAvatar, content, parentCommentId, likes, isEdited, "
        "moderationStatus, createdAt, updatedAt"
    )
    assert ", ".join(columns_of(path, "images")) == "id, source, category, filePath, altText, status, createdAt"
    assert ", ".join(columns_of(path, "feedback")) == "id, imageId, vote, comment, createdAt"
    assert "category" in columns_of(path, "businesses")
    for table in ("users", "circles", "stories", "businesses", "resources"):
        assert {"id", "tenantId", "createdAt", "updatedAt"} <= set(columns_of(path, table))


def test_primary_and_foreign_keys_are_declared_for_whoever_analyses_the_file(tmp_path: Path) -> None:
    path = make_legacy_database(tmp_path / "legacy.db", users=1).path
    with closing(sqlite3.connect(path)) as connection:
        primary = {
            table: [column[1] for column in connection.execute(f"PRAGMA table_info({table})") if column[5]]
            for table in TABLES
        }
        foreign = {key[2] for key in connection.execute("PRAGMA foreign_key_list(circle_members)")}
    assert primary == {table: [] if table == "circle_members" else ["id"] for table in TABLES}
    assert foreign == {"circles", "users"}


def test_the_numbers_follow_from_the_users(tmp_path: Path) -> None:
    summary = make_legacy_database(tmp_path / "legacy.db", users=2000, dirty=0)
    rows = dict(summary.rows)
    members, comments = rows.pop("circle_members"), rows.pop("story_comments")
    assert rows == {
        "users": 2000, "circles": 100, "stories": 1000, "businesses": 100, "resources": 200, "images": 400,
        "feedback": 1200,
    }  # fmt: skip
    assert 3.5 <= members / 2000 <= 4.5
    assert 2.5 <= comments / 1000 <= 3.5


@pytest.mark.parametrize("users", [1, 2, 3, 19, 60])
@pytest.mark.parametrize("dirty", [0, 0.5])
def test_a_tiny_database_is_possible(tmp_path: Path, users: int, dirty: float) -> None:
    summary = make_legacy_database(tmp_path / "legacy.db", users=users, dirty=dirty)
    assert {table: len(rows) for table, rows in rows_of(summary.path).items()} == dict(summary.rows)
    assert summary.rows["circles"] == 3


def test_the_summary_counts_what_the_file_holds(tmp_path: Path) -> None:
    summary = make_legacy_database(tmp_path / "legacy.db", users=120)
    assert set(summary.rows) == set(TABLES) == set(summary.expected)
    assert {table: len(rows) for table, rows in rows_of(summary.path).items()} == dict(summary.rows)
    for table, kinds in summary.expected.items():
        for kind, count in kinds.items():
            assert len(summary.rowids(table, kind)) == count
    assert summary.planted_is_complete


def test_the_list_of_planted_rows_is_bounded_and_the_counts_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = make_legacy_database(tmp_path / "whole.db", users=120)
    monkeypatch.setattr(legacy, "MOST_PLANTED_ROWS", 10)
    cut = make_legacy_database(tmp_path / "cut.db", users=120)
    assert cut.planted == whole.planted[:10]
    assert not cut.planted_is_complete
    assert cut.expected == whole.expected


def test_rowids_are_those_of_one_table_and_kind() -> None:
    planted = (PlantedRow("users", 1, "a"), PlantedRow("users", 2, "b"), PlantedRow("circles", 3, "a"))
    summary = LegacySummary(path=Path("x"), rows={}, expected={"users": {"a": 1, "b": 1}}, planted=planted)
    assert summary.rowids("users", "a") == (1,)
    assert summary.rowids("circles", "a") == (3,)
    assert summary.rowids("stories", "a") == ()


def test_an_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "legacy.db"
    path.write_text("precious")
    with pytest.raises(ConfigurationError, match=r"legacy\.db exists; .*overwrite=True"):
        make_legacy_database(path, users=1)
    assert path.read_text() == "precious"


def test_an_existing_file_is_replaced_on_request_with_what_sqlite_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "legacy.db"
    for name in ("legacy.db", "legacy.db-journal", "legacy.db-wal", "legacy.db-shm", "legacy.db.mine"):
        (tmp_path / name).write_text("old")
    make_legacy_database(path, users=1, overwrite=True)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["legacy.db", "legacy.db.mine"]
    assert len(rows_of(path)["users"]) == 1


def test_a_folder_is_never_replaced(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="exists"):
        make_legacy_database(tmp_path, users=1, overwrite=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"{tmp_path / 'absent'} cannot be written to")):
        make_legacy_database(tmp_path / "absent" / "legacy.db", users=1)


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_nothing_half_written_is_left_and_the_old_file_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    path = make_legacy_database(tmp_path / "legacy.db", users=1).path
    before = path.read_bytes()

    def fail(*arguments: Any) -> None:
        raise error

    spoilt = tuple(replace(kind, spoil=fail) for kind in legacy_dirt.KINDS["resources"])
    monkeypatch.setitem(legacy_dirt.KINDS, "resources", spoilt)
    with pytest.raises(error):
        make_legacy_database(path, users=100, overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["legacy.db"]
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"users": 0}, "users is 0"),
        ({"users": -5}, "users is -5"),
        ({"dirty": -0.1}, "dirty is -0.1; give a share from 0 to 0.5"),
        ({"dirty": 0.6}, "dirty is 0.6"),
        ({"dirty": float("nan")}, "dirty is nan"),
    ],
)
def test_a_number_out_of_range_is_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(MadMallError, match=message):
        make_legacy_database(tmp_path / "legacy.db", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_written_as_they_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Whoever collects the rows of a table first has them all in memory when the first of them is inserted.
    made = inserted = most = 0
    noted = legacy._Ledger.noted

    def counting(write: Any) -> Any:
        def rows(population: Any) -> Any:
            nonlocal made, most
            for row in write(population):
                made += 1
                most = max(most, made - inserted)
                yield row

        return rows

    def passing(self: Any, table: str, rows: Any) -> Any:
        nonlocal inserted
        for row in noted(self, table, rows):
            yield row
            inserted += 1

    monkeypatch.setattr(legacy, "_WRITERS", tuple((table, counting(write)) for table, write in legacy._WRITERS))
    monkeypatch.setattr(legacy._Ledger, "noted", passing)
    summary = make_legacy_database(tmp_path / "legacy.db", users=100)
    assert made == inserted == sum(summary.rows.values())
    assert most == 1


def test_text_is_stored_as_text_whatever_its_bytes(tmp_path: Path) -> None:
    path = make_legacy_database(tmp_path / "legacy.db", users=100).path
    with closing(sqlite3.connect(path)) as connection:
        for table in TABLES:
            for column in columns_of(path, table):
                types = connection.execute(f"SELECT DISTINCT typeof({column}) FROM {table}")  # noqa: S608
                assert "blob" not in {found for (found,) in types}
