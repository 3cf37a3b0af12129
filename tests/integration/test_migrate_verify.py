"""What differs between a table and its source is found and named, and nothing else is."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from madmall_models import ConfigurationError, SourceError, TableNotFound
from madmall_models.clock import utc_now
from madmall_models.entities import Circle, CircleMember, Resource, User
from madmall_models.footprint import footprint
from madmall_models.integrity.snapshot import place
from madmall_models.keys import ItemKey
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from madmall_models.migration.ledger import Ledger
from madmall_models.migration.verification import verify
from madmall_models.migration.verification_report import VerificationReport
from madmall_models.migration.verification_summary import verification_dict, verification_text
from madmall_models.testing.legacy import make_legacy_database
from tests.integration.legacy_file import circle, comment, member, story, user, write_legacy
from tests.integration.table_content import edit, nothing_sent, nothing_written

pytestmark = [pytest.mark.difference("many-requests"), pytest.mark.difference("no-lock")]

MIRROR = ItemKey("USER#u2", "CIRCLE#c1")


def resource(identifier: str, **columns: Any) -> dict[str, Any]:
    return {
        "id": identifier, "title": "Understanding your numbers", "description": "What a lab report says.",
        "content": "It says a lot.", "type": "article", "category": "Nutrition", "authorId": "u1",
        "authorName": "Ada", **columns,
    }  # fmt: skip


def migrate(db: Any, path: Path, config: MigrationConfig | None = None) -> datetime:
    """Move a file, and return the time that its rows without a time were given."""
    with SQLiteSource(path) as source:
        MigrationService(db, source).execute(madmall_plan(), config or MigrationConfig(parallelism=1))
    given = Ledger(db).default_time(madmall_plan().name)
    assert given is not None
    return given


def only_run(db: Any) -> str:
    [record] = Ledger(db).runs()
    return record.run


def verified(db: Any, path: Path, started_at: datetime, **options: Any) -> VerificationReport:
    with SQLiteSource(path) as source:
        return verify(db, source, madmall_plan(), started_at=started_at, **options)


def remove(db: Any, key: ItemKey) -> None:
    db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key.wire})


def figures(report: VerificationReport, entity_type: str) -> dict[str, Any]:
    return next(entity for entity in verification_dict(report)["entities"] if entity["entity"] == entity_type)


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1", bio="Quiet."), user("u2"), user("u#3")],
        circles=[circle("c1", "u1"), circle("c2", "gone")],
        circle_members=[member("c1", "u2", role="moderator"), member("c2", "u2"), member("c2", "lost")],
        stories=[story("s1", "u1")],
        story_comments=[comment("k1", "s1", "u2")],
        resources=[resource(f"r{number}") for number in range(4)],
    )


@pytest.fixture
def started_at(db: Any, legacy: Path) -> datetime:
    return migrate(db, legacy)


def change_an_attribute(db: Any) -> None:
    edit(db, Resource.key.of("r0"), "SET content = :other", other={"S": "Nothing."})


def remove_an_item(db: Any) -> None:
    """Remove an item as somebody would who knows about its pointer."""
    found = footprint(db.resources.get("r1"))
    for item in (found.item, *found.pointers.values()):
        remove(db, ItemKey(*place(item)))


def add_an_item(db: Any) -> None:
    author = {"id": "u1", "name": "Ada"}
    db.resources.create(
        resource_id="r-added", title="A new one", description="New.", content="New.", type="article",
        category="nutrition", author=author,
    )  # fmt: skip


def break_a_mirror(db: Any) -> None:
    edit(db, MIRROR, "SET notes = :notes", notes={"S": "private"})


def miscount(db: Any) -> None:
    edit(db, Circle.key.of("c1"), "SET stats.memberCount = :count", count={"N": "7"})


# What is said of each; the run stands for its id.
DAMAGE: dict[Callable[[Any], None], str] = {
    change_an_attribute: "changed: Resource of resources 1, PK=RESOURCE#..., SK=METADATA#...: "
    "was changed since run {run} moved it (content)",
    remove_an_item: "missing: Resource of resources 2, PK=RESOURCE#..., SK=METADATA#...: is not in the table",
    add_an_item: "extra: Resource, PK=RESOURCE#..., SK=METADATA#...: no row gives it, and no run has marked it",
    break_a_mirror: "mirror: CIRCLE_MEMBER of circle_members 1, PK=USER#..., SK=CIRCLE#...: "
    "differs from its item in notes",
    miscount: "member-count: Circle of circles 1, PK=CIRCLE#..., SK=METADATA#...: says 7, has 2 active members "
    "(stats.memberCount)",
}


def test_a_table_that_was_just_filled_holds_what_its_source_gives(db: Any, legacy: Path, started_at: datetime) -> None:
    report = verified(db, legacy, started_at)

    assert report.ok, verification_text(report)
    assert verification_text(report).splitlines()[-1] == "the table holds what the source gives"
    users, members = figures(report, "USER"), figures(report, "CIRCLE_MEMBER")
    assert (users["rows"], users["rejected"], users["expected"], users["in_table"]) == (3, 1, 2, 2)
    # The owner of c1 became a member; that of c2 is no user, and did not.
    assert (members["rejected"], members["expected"], members["added"], members["in_table"]) == (1, 2, 1, 3)
    assert all(entity.source_checksum == entity.table_checksum for entity in report.entities)


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda damage: damage.__name__)
def test_each_difference_is_found_alone(
    db: Any, legacy: Path, started_at: datetime, damage: Callable[[Any], None]
) -> None:
    damage(db)

    report = verified(db, legacy, started_at)

    assert list(map(str, report.findings)) == [DAMAGE[damage].replace("{run}", only_run(db))]
    assert not report.ok


def test_all_differences_are_found_together(db: Any, legacy: Path, started_at: datetime) -> None:
    for damage in DAMAGE:
        damage(db)

    report = verified(db, legacy, started_at)

    assert sorted(map(str, report.findings)) == sorted(said.replace("{run}", only_run(db)) for said in DAMAGE.values())
    resources = figures(report, "RESOURCE")
    assert [resources[name] for name in ("expected", "in_table", "missing", "changed", "extra")] == [4, 4, 1, 1, 1]
    assert resources["source_checksum"] != resources["table_checksum"]


@pytest.mark.difference("many-rows")
def test_ten_thousand_items_hide_no_difference(db: Any, tmp_path: Path) -> None:
    # A user is two items, with the claim, and a membership too, with its mirror.
    people, circles = [f"u{number}" for number in range(450)], [f"c{number}" for number in range(10)]
    path = write_legacy(
        tmp_path / "many.db",
        users=[user(name) for name in people],
        circles=[circle(name, "u1") for name in circles],
        circle_members=[member(name, each) for name in circles for each in people],
        resources=[resource(f"r{number}") for number in range(100)],
    )
    started_at = migrate(db, path, MigrationConfig(batch_size=50))
    for damage in (change_an_attribute, remove_an_item, add_an_item, break_a_mirror, miscount):
        damage(db)

    report = verified(db, path, started_at)

    assert dict(report.counts) == {"changed": 1, "missing": 1, "extra": 1, "mirror": 1, "member-count": 1}
    assert sum(entity.in_table for entity in report.entities) == 450 + 10 + 4500 + 100


@pytest.mark.difference("many-rows")
@pytest.mark.difference("no-lock")
def test_what_was_rejected_is_no_difference(db: Any, tmp_path: Path) -> None:
    legacy = make_legacy_database(tmp_path / "dirty.db", users=100, seed=11, dirty=0.1)
    started_at = migrate(db, legacy.path)

    report = verified(db, legacy.path, started_at)

    assert report.ok, verification_text(report)
    assert sum(entity.rejected for entity in report.entities) > len(report.entities)
    assert verified(db, legacy.path, started_at, sample=3).ok


@pytest.mark.parametrize("options", [{}, {"sample": 1}])
def test_a_value_that_belongs_to_another_item_makes_no_row_missing(
    db: Any, tmp_path: Path, options: dict[str, int]
) -> None:
    profile = {"first_name": "Ada", "last_name": "M."}
    db.users.create(user_id="first", email="u2@example.com", profile=profile)
    path = write_legacy(
        tmp_path / "legacy.db",
        users=[user("u1"), user("u2")],
        circles=[circle("c1", "u1")],
        circle_members=[member("c1", "u2")],
    )
    started_at = migrate(db, path)

    report = verified(db, path, started_at, **options)

    assert figures(report, "USER")["rejected"] == figures(report, "CIRCLE_MEMBER")["rejected"] == 1
    assert dict(report.counts) == ({} if options else {"extra": 1})


def test_an_item_that_was_there_before_any_run_was_kept(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1", lastName="Lovelace")])
    db.users.create(user_id="u1", email="u1@example.com", profile={"first_name": "Ada", "last_name": "M."})
    started_at = migrate(db, path)

    [finding] = verified(db, path, started_at).findings

    assert (finding.kind, finding.entity, finding.table, finding.rowid) == ("kept", "User", "users", 1)
    assert "profile.lastName" in finding.attributes
    assert "Lovelace" not in str(finding)


def test_where_no_run_was_an_item_that_differs_was_marked_by_none(db: Any, tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "legacy.db", users=[user("u1", lastName="Lovelace")])
    db.users.create(user_id="u1", email="u1@example.com", profile={"first_name": "Ada", "last_name": "M."})

    [finding] = verified(db, path, utc_now()).findings

    assert (finding.kind, finding.fact) == ("changed", "is not what the row gives; no run has marked it")
    assert "profile.lastName" in finding.attributes


def test_a_marked_item_tells_whether_it_or_its_row_was_changed(
    db: Any, legacy: Path, started_at: datetime, tmp_path: Path
) -> None:
    run = only_run(db)
    assert verified(db, legacy, started_at).ok

    db.users.update("u1", profile={"bio": "Loud."})
    [changed] = verified(db, legacy, started_at).findings
    assert changed.fact == f"was changed since run {run} moved it"
    assert set(changed.attributes) == {"profile.bio", "updatedAt", "version"}

    rewritten = write_legacy(tmp_path / "later.db", users=[user("u2", bio="Newer.")])
    facts = {finding.fact for finding in verified(db, rewritten, started_at).findings if finding.entity == "User"}
    assert facts == {
        f"is as run {run} wrote it; the row gives something else now",
        f"no row gives it; run {run} moved it",
    }


def test_rows_without_a_time_have_that_of_the_first_run(db: Any, legacy: Path, started_at: datetime) -> None:
    later = started_at.replace(year=started_at.year + 1)

    assert verified(db, legacy, started_at).ok
    assert set(verified(db, legacy, later).counts) == {"changed"}


def test_nothing_is_written(db: Any, legacy: Path, started_at: datetime) -> None:
    miscount(db)
    with nothing_sent(db), nothing_written(db):
        verified(db, legacy, started_at)
        verified(db, legacy, started_at, sample=1)


def test_a_sample_of_all_rows_finds_what_is_wrong_with_them(db: Any, legacy: Path, started_at: datetime) -> None:
    for damage in DAMAGE:
        damage(db)

    report = verified(db, legacy, started_at, sample=1)

    # What no row gives is not looked for.
    assert dict(report.counts) == {"changed": 1, "missing": 1, "mirror": 1, "counts": 1}
    assert "counts: Circle, PK=CIRCLE#..., SK=METADATA#...: is not counted right" in verification_text(report)


def test_a_sample_looks_at_one_row_of_so_many_and_does_not_scan(
    db: Any, legacy: Path, started_at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    change_an_attribute(db)
    remove_an_item(db)

    def scanned(*_: Any, **__: Any) -> Any:
        raise AssertionError("a sample scans nothing")

    monkeypatch.setattr("madmall_models.migration.full_verification.segment_pages", scanned)
    report = verified(db, legacy, started_at, sample=2)

    assert [str(finding.rowid) for finding in report.findings] == ["1"]
    assert (figures(report, "RESOURCE")["expected"], figures(report, "RESOURCE")["compared"]) == (4, 2)


def test_neither_report_nor_findings_hold_values_of_people(db: Any, legacy: Path, started_at: datetime) -> None:
    for damage in DAMAGE:
        damage(db)
    edit(db, User.key.of("u1"), "SET profile.bio = :bio, email = :email", bio={"S": "Secret."}, email={"S": "x@y.org"})
    remove(db, CircleMember.key.of("c1", "u2"))

    report = verified(db, legacy, started_at)

    said = verification_text(report) + json.dumps(verification_dict(report)) + repr(report)
    personal = ("Secret", "Quiet", "x@y", "example.com", "Ada", "u1", "u2", "r-added")
    assert not [word for word in personal if word in said]
    assert {"email", "profile.bio"} <= {name for finding in report.findings for name in finding.attributes}


def test_findings_are_told_one_by_one_with_the_ids(db: Any, legacy: Path, started_at: datetime) -> None:
    add_an_item(db)
    break_a_mirror(db)
    told: list[Any] = []

    verified(db, legacy, started_at, found=told.append)

    assert [finding.ids for finding in told] == [{"resourceId": "r-added"}, {"circleId": "c1", "userId": "u2"}]


def test_a_wrong_file_or_a_wrong_number_is_refused(db: Any, legacy: Path, started_at: datetime, tmp_path: Path) -> None:
    foreign = write_legacy(tmp_path / "foreign.db", songs=[{"id": 1}])

    with pytest.raises(SourceError, match=r"none of the tables users, .* its tables are 'songs'"):
        verified(db, foreign, started_at)
    with pytest.raises(ConfigurationError, match="sample is a whole number from 1"):
        verified(db, legacy, started_at, sample=0)
    with pytest.raises(ConfigurationError, match="segments is a whole number from 1 to 64"):
        verified(db, legacy, started_at, segments=65)
    db.delete_table()
    with pytest.raises(TableNotFound):
        verified(db, legacy, started_at)
