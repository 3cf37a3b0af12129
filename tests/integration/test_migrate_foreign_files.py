"""A file that nobody here designed is moved by the module that is written for it, once its questions are answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from madmall_models.declaration import entity_class, isolated_registry
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    SQLiteSource,
    directory_plan,
    scaffold,
)
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.unit.migration.foreign_files import ODD, SHOP, answered, write

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture(autouse=True)
def _registry() -> Iterator[None]:
    with isolated_registry():
        yield


def plan_for(path: Path, folder: Path, **answers: str) -> Plan:
    """Return the plan of the module that is written for a file, each question answered."""
    folder.mkdir()
    with SQLiteSource(path) as source:
        text = scaffold(source.analyze())
    (folder / "0001_import_it.py").write_text(answered(text, **answers), encoding="utf-8")
    return directory_plan(folder)


def move(db: Any, path: Path, plan: Plan, **options: Any) -> MigrationReport:
    with SQLiteSource(path) as source:
        return MigrationService(db, source).execute(plan, MigrationConfig(**options))


def counts(report: MigrationReport) -> dict[str, tuple[int, int, int]]:
    return {result.table: (result.total, result.successful, result.failed) for result in report.results}


@pytest.mark.parametrize("parallelism", [1, 4])
def test_a_shop_is_moved_and_only_orphans_are_rejected(db: Any, tmp_path: Path, parallelism: int) -> None:
    path = write(tmp_path / "shop.db", SHOP)
    plan = plan_for(path, tmp_path / "history")

    report = move(db, path, plan, parallelism=parallelism)

    assert counts(report) == {
        "Artist": (2, 2, 0), "Album": (3, 2, 1), "Employee": (3, 3, 0), "Track": (4, 4, 0), "Playlist": (2, 2, 0),
        "PlaylistTrack": (3, 3, 0),
    }  # fmt: skip
    album = next(result for result in report.results if result.table == "Album")
    assert album.codes == {"MISSING_REFERENCE": 1}
    again = move(db, path, plan, parallelism=parallelism)
    assert again.successful == 0


def test_what_was_moved_can_be_asked_for(db: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "shop.db", SHOP)
    move(db, path, plan_for(path, tmp_path / "history"))

    track, employee, listed = (entity_class(name) for name in ("TRACK", "EMPLOYEE", "PLAYLIST_TRACK"))
    found = db.manager_of(track).get("4")
    assert (found.name, found.album_id, found.unit_price) == ("Lost Album", "77", Decimal(1))
    assert db.manager_of(employee).get("1").birth_date == datetime(1962, 2, 18, tzinfo=UTC)
    with db.bound():
        assert [each.track_id for each in listed.key.query(playlist_id="1")] == ["1", "2"]
        assert [each.playlist_id for each in listed.by_track.query(track_id="1")] == ["1", "2"]
        assert [each.employee_id for each in employee.by_reports_to.query(reports_to="1")] == ["3"]


def test_every_row_of_an_odd_file_is_written_or_rejected(db: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.db", ODD)
    plan = plan_for(path, tmp_path / "history", Doc="move")

    report = move(db, path, plan)

    found = counts(report)
    assert all(total == written + rejected for total, written, rejected in found.values())
    assert {table: rejected for table, (_, _, rejected) in found.items() if rejected} == {"child": 1}
    with SQLiteSource(path) as source:
        tables = [table for table in source.analyze().tables if table.kind != "view" and table.row_key]
    assert {table.name: table.row_count for table in tables} == {table: total for table, (total, _, _) in found.items()}
    log = entity_class("LOG")
    assert [db.manager_of(log).get(str(number)).line for number in (1, 2, 3)] == ["one", "one", None]


def test_values_of_an_odd_file_arrive_as_they_were(db: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "odd.db", ODD)
    move(db, path, plan_for(path, tmp_path / "history", Blob__exact="time", Blob__stamp="time", Blob__sure="boolean"))

    blob = db.manager_of(entity_class("BLOB")).get("00ff")
    assert (blob.data, blob.document, blob.list, blob.is_on, blob.code) == (b"\xff", {"a": 1}, [1], True, "007")
    assert (blob.stamp, blob.sure) == (datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), True)
    assert (blob.made_at, blob.exact) == (blob.stamp, datetime(2024, 1, 1, 0, 0, 0, 123000, tzinfo=UTC))
    pair = db.manager_of(entity_class("PAIR")).get("2", "x#%")
    assert (pair.a, pair.b, pair.c) == ("x#%", "2", Decimal(2))
    order = db.manager_of(entity_class("ORDER")).get("1")
    assert (order.order_key, order.order_version, order.order_class, order.version) == ("k", 1, "c", 1)
    assert (order.created_at, order.tenant_id) == (datetime(2024, 1, 1, tzinfo=UTC), "atlanta")
    assert [db.manager_of(entity_class("STRICT_ONE")).get(key).either for key in "12"] == ["ff", "3"]


def test_known_tables_keep_their_mappings_beside_others(db: Any, tmp_path: Path) -> None:
    path = write_legacy(
        tmp_path / "mixed.db", users=[user("u1")], circles=[circle("c1", "u1")], circle_members=[member("c1", "u1")]
    )
    write(path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT); INSERT INTO notes VALUES (1, 'Calm.')")

    report = move(db, path, plan_for(path, tmp_path / "history"))

    assert report.ok
    assert db.circles.get("c1").stats.member_count == 1
    assert db.manager_of(entity_class("NOTE")).get("1").body == "Calm."
