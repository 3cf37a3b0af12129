"""Migration: a legacy file is looked at, moved and told of. Each block is one that the documents show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from madmall_models import Database
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_mappings, madmall_plan
from tests.integration.legacy_file import circle, member, user, write_legacy

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture(autouse=True)
def _legacy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    people = [user("u1"), user("u2"), user("u#3")]
    write_legacy(
        tmp_path / "legacy.db", users=people, circles=[circle("c1", "u1")], circle_members=[member("c1", "u2")]
    )


def test_a_file_is_looked_at_before_it_is_moved() -> None:
    with SQLiteSource("legacy.db") as source:
        analysis = source.analyze()
        tables = {table.name: table for table in analysis.tables}
        assert tables["users"].row_count == 3
        assert [column.name for column in tables["users"].columns][:2] == ["id", "email"]
        assert "u1@example.com" not in str(tables["users"].sample)
        assert {mapping.table for mapping in analysis.suggested_mappings} == set(tables)
        assert source.export_table("users", "users.jsonl") == 3
    assert [json.loads(line)["id"] for line in Path("users.jsonl").read_text().splitlines()] == ["u1", "u2", "u#3"]


def test_a_file_is_moved_and_each_entity_told_of(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with SQLiteSource("legacy.db") as source:
        report = MigrationService(db, source).execute(
            madmall_plan(),
            MigrationConfig(
                batch_size=25,
                parallelism=4,
                dry_run=False,
                validate=True,
                backup=True,
                continue_on_error=False,
                log_level="info",
            ),
        )
        for result in report.results:  # entity_type is the discriminator; total == successful + failed + skipped
            print(f"{result.entity_type}: {result.successful}/{result.total} migrated")

    assert capsys.readouterr().out.splitlines()[:3] == [
        "USER: 2/3 migrated",
        "CIRCLE: 1/1 migrated",
        "CIRCLE_MEMBER: 1/1 migrated",
    ]
    users = report.results[0]
    assert users.total == users.successful + users.failed + users.skipped
    assert [reject.code for reject in users.errors] == ["NOT_AN_ID"]
    assert users.duration > 0
    assert users.throughput > 0


def test_the_ready_mappings_are_data() -> None:
    assert [mapping.table for mapping in madmall_mappings()][:3] == ["users", "circles", "circle_members"]
