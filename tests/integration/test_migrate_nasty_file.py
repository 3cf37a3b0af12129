"""Of the nastiest file each row lands whole or is rejected with its reason, whatever the number of writers."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from madmall_models import codec
from madmall_models.integrity import check
from madmall_models.migration import (
    ImportRows,
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    Policies,
    SQLiteSource,
    as_json,
    as_text,
    madmall_completions,
    madmall_mappings,
    with_policies,
)
from madmall_models.migration.legacy_stubs import UNKNOWN_MEMBER
from tests.integration.nasty_file import Tables, write_nasty
from tests.integration.nasty_row import CANARY, GONE, Lands, Rejected
from tests.integration.table_content import everything, without_records

pytestmark = [pytest.mark.difference("many-requests"), pytest.mark.difference("no-lock")]

ENTITIES = {mapping.table: mapping.entity for mapping in madmall_mappings()}
# The owner of "lonely" has no row among the members; those of "torn" and "numbers" neither.
ADDED_OWNERS = [("lonely", "letters"), ("torn", "ada"), ("numbers", "ada")]


@pytest.fixture
def nasty(tmp_path: Path) -> Tables:
    return write_nasty(tmp_path / "nasty.db")


def migrate(db: Any, folder: Path, policies: Policies | None = None, **settings: Any) -> MigrationReport:
    mappings = with_policies(madmall_mappings(), policies or {})
    plan = Plan("nasty", (ImportRows(mappings, madmall_completions()),))
    with SQLiteSource(folder / "nasty.db") as source:
        config = MigrationConfig(rejects=folder / "rejects.jsonl", batch_size=10, **settings)
        return MigrationService(db, source).execute(plan, config)


def rejected(tables: Tables) -> list[tuple[Any, ...]]:
    return [
        (table, rowid, row.becomes.stage, row.becomes.field, row.becomes.code)
        for table, rows in tables.items()
        for rowid, row in enumerate(rows, 1)
        if isinstance(row.becomes, Rejected)
    ]


def landed(tables: Tables) -> list[tuple[str, Lands]]:
    return [(table, row.becomes) for table, rows in tables.items() for row in rows if isinstance(row.becomes, Lands)]


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rejects.jsonl").read_text(encoding="utf-8").splitlines()]


def shown(line: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(line[name] for name in ("table", "rowid", "stage", "field", "code"))


def value_at(entity: Any, dotted: str) -> Any:
    for name in dotted.split("."):
        entity = getattr(entity, name)
    return entity


@pytest.mark.parametrize("writers", [1, 4])
def test_every_row_becomes_what_its_writer_says(db: Any, nasty: Tables, tmp_path: Path, writers: int) -> None:
    report = migrate(db, tmp_path, parallelism=writers)

    assert sorted(map(shown, lines(tmp_path)), key=str) == sorted(rejected(nasty), key=str)
    _check_counts(report, nasty)
    _check_items(db, nasty)
    dangling = {result.table: dict(result.dangling) for result in report.results if result.dangling}
    assert dangling == {
        "circles": {"createdBy": 2},
        "stories": {"author.id": 1, "circleId": 1},
        "story_comments": {"author.id": 1, "parentCommentId": 3},
        "businesses": {"ownerId": 1},
        "resources": {"author.id": 1},
    }
    circular = {result.table: dict(result.circular) for result in report.results if result.circular}
    assert circular == {"story_comments": {"parentCommentId": 3}}
    # Two owners are nobody, which is what their policy allows; nothing else is out of order.
    assert sorted((finding.rule, finding.entity) for finding in check(db)) == [("owner", "Circle")] * 2


def _check_counts(report: MigrationReport, tables: Tables) -> None:
    bad = Counter(table for table, *_ in rejected(tables))
    for result in report.results:
        assert result.total == result.successful + result.failed + result.skipped
        assert (result.total, result.failed, result.skipped) == (len(tables[result.table]), bad[result.table], 0)


def _check_items(db: Any, tables: Tables) -> None:
    added = [
        place
        for circle, owner in ADDED_OWNERS
        for place in (f"CIRCLE#{circle} / MEMBER#{owner}", f"USER#{owner} / CIRCLE#{circle}")
    ]
    expected = [place for _, lands in landed(tables) for place in lands.places]
    items = {f"{item['PK']['S']} / {item['SK']['S']}": item for item in without_records(db)}
    assert list(items) == sorted([*expected, *added], key=lambda place: tuple(place.split(" / ")))
    for table, lands in landed(tables):
        entity = codec.decode(ENTITIES[table], items[lands.places[0]])
        assert {name: value_at(entity, name) for name in lands.values} == dict(lands.values), lands.places[0]


def test_nothing_personal_is_in_the_rejects_or_the_report(db: Any, nasty: Tables, tmp_path: Path) -> None:
    report = migrate(db, tmp_path, parallelism=1)

    assert rejected(nasty)
    for text in ((tmp_path / "rejects.jsonl").read_text(encoding="utf-8"), as_text(report), as_json(report)):
        assert CANARY.lower() not in text.lower()
    assert "d\\u00e9j" not in (tmp_path / "rejects.jsonl").read_text(encoding="utf-8")
    assert [str(error) for result in report.results for error in result.errors if CANARY in str(error)] == []


def test_a_row_that_names_two_things_in_vain_says_both(db: Any, nasty: Tables, tmp_path: Path) -> None:
    migrate(db, tmp_path, parallelism=1)

    [both] = [line for line in lines(tmp_path) if line["row"].get("circleId") == line["row"].get("userId") == GONE]
    assert [other["field"] for other in both["others"]] == ["userId"]


def test_a_dry_run_says_the_same_and_writes_nothing(db: Any, nasty: Tables, tmp_path: Path) -> None:
    planned = migrate(db, tmp_path, dry_run=True, parallelism=1)
    first = (tmp_path / "rejects.jsonl").read_text(encoding="utf-8")

    assert everything(db) == []
    report = migrate(db, tmp_path, parallelism=1)
    assert (tmp_path / "rejects.jsonl").read_text(encoding="utf-8") == first
    for one, other in zip(planned.results, report.results, strict=True):
        assert (one.successful, one.codes, one.dangling, one.circular) == (
            other.successful, other.codes, other.dangling, other.circular,
        )  # fmt: skip


STUBBED: Policies = {
    reference.named(mapping.table): "stub"
    for mapping in madmall_mappings()
    for reference in mapping.references
    if reference.stub is not None
}


@pytest.mark.parametrize("writers", [1, 4])
def test_with_stubs_for_everything_nothing_dangles_and_nothing_is_out_of_order(
    db: Any, nasty: Tables, tmp_path: Path, writers: int
) -> None:
    planned = migrate(db, tmp_path, STUBBED, dry_run=True, parallelism=writers)
    assert everything(db) == []
    report = migrate(db, tmp_path, STUBBED, parallelism=writers)

    assert check(db) == ()
    expected = [each for each in rejected(nasty) if each[2] != "reference"]
    assert sorted(map(shown, lines(tmp_path)), key=str) == sorted(expected, key=str)
    # Once there, a stub serves every table that names it.
    stubbed = {result.table: dict(result.stubbed) for result in report.results if result.stubbed}
    assert stubbed == {
        "circles": {"createdBy": 2},
        "circle_members": {"circleId": 2},
        "story_comments": {"storyId": 2},
        "feedback": {"imageId": 2},
    }
    assert [result.stubbed for result in planned.results] == [result.stubbed for result in report.results]
    assert {name for result in report.results for name in result.dangling} == {"parentCommentId"}
    for name in (GONE, "maybe", UNKNOWN_MEMBER):
        assert not db.users.get(name).is_active
    assert db.circles.get_member("orphan", GONE).role == "admin"
    assert db.circles.get(GONE).status == "INACTIVE"

    again = migrate(db, tmp_path, STUBBED, parallelism=writers)
    assert again.successful == 0
    assert [dict(result.stubbed) for result in again.results if result.stubbed] == []
