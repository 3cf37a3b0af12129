"""A rollback leaves the table as it was before the run, but for what was changed since."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from madmall_models import (
    Circle,
    Database,
    Entity,
    IdAttribute,
    LeaseHeld,
    PrimaryKey,
    RollbackRefused,
    Story,
    UniqueViolation,
    User,
    integrity,
)
from madmall_models.migration.item_digest import item_digest
from madmall_models.migration.lease import Lease
from madmall_models.migration.ledger import Ledger, Status, StepRecord
from madmall_models.migration.rollback import plan_rollback, roll_back
from madmall_models.migration.rollback_report import RollbackReport
from tests.integration.marked_run import (
    COUNTED,
    RUN,
    circle,
    comment,
    content,
    member,
    scope,
    story,
    user,
    whole_import,
    write_run,
)
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import (
    edit,
    everything,
    nothing_sent,
    nothing_written,
    places,
    raw,
    without_records,
)

pytestmark = pytest.mark.difference("many-requests")

WHOLE = {"USER": 2, "CIRCLE": 1, "CIRCLE_MEMBER": 2, "STORY": 1, "STORY_COMMENT": 1, "BUSINESS": 1, "RESOURCE": 1}


def digests(db: Database) -> dict[str, bytes]:
    """Return by key what every item holds, but for what the table counts and the records of the engine."""
    counted = [path for paths in COUNTED.values() for path in paths]
    held = zip(places(db), everything(db), strict=True)
    return {place: item_digest(item, without=counted) for place, item in held if not place.startswith("MIGRATION#")}


def undo(db: Database, run: str = RUN) -> RollbackReport:
    return roll_back(db, run, scope(), segments=2)


@pytest.fixture
def before(db: Database) -> Any:
    """Fill the table with what was there before any run, and return its checksum."""
    make_user(db, "old")
    make_user(db, "other")
    make_circle(db, "mine", "old")
    make_story(db, "tale", "old", circle_id="mine")
    db.circles.add_member("mine", "other", "moderator")
    db.stories.add_comment("tale", author_id="other", content="Yes.")
    return content(db)


@pytest.mark.defect(76)
def test_an_empty_table_is_empty_again(db: Database) -> None:
    write_run(db, whole_import())
    assert integrity.check(db) == ()

    report = undo(db)

    assert report.removed == WHOLE
    assert report.kept == {}
    assert all(place.startswith("MIGRATION#") for place in places(db))


def test_a_table_that_held_other_data_is_as_it_was(db: Database, before: Any) -> None:
    ours = [member("mine", "u2", "moderator"), member("c1", "old"), comment("k2", "tale", "u1")]
    write_run(db, [*whole_import(), *ours])
    assert content(db) != before
    assert db.circles.get("mine").moderators == ["other", "u2"]

    report = undo(db)

    assert content(db) == before
    assert integrity.check(db) == ()
    assert report.removed == WHOLE | {"CIRCLE_MEMBER": 4, "STORY_COMMENT": 2}
    assert report.recounted == {"CIRCLE": 1, "STORY": 1, "USER": 1}


def test_the_second_rollback_finds_nothing(db: Database, before: Any) -> None:
    write_run(db, whole_import())
    undo(db)

    report = undo(db)

    assert (report.removed, report.kept, report.recounted) == ({}, {}, {})
    assert report.as_text().splitlines()[1] == "nothing that this run wrote is in the table"
    assert content(db) == before


def test_other_runs_are_left_alone(db: Database) -> None:
    write_run(db, [user("theirs")], run=f"{RUN}0")
    theirs = content(db)
    write_run(db, [user("ours")])

    undo(db)

    assert content(db) == theirs


def test_the_ledger_says_that_run_and_steps_are_rolled_back(db: Database) -> None:
    write_run(db, [user("u1")])
    ledger = Ledger(db)
    ledger.write_step(StepRecord("0002_import", "d", Status.APPLIED, RUN, NOON))
    ledger.write_step(StepRecord("0001_create", "d", Status.APPLIED, "01ANOTHER", NOON))
    ledger.write_point(RUN, "users", {"key": 3})

    undo(db)

    record = ledger.run(RUN)
    assert record is not None
    assert (record.status, record.error) == (Status.ROLLED_BACK, None)
    steps = ledger.steps()
    assert (steps["0002_import"].status, steps["0001_create"].status) == (Status.ROLLED_BACK, Status.APPLIED)
    assert ledger.point(RUN, "users") is None
    assert not any("ROLLBACK#" in place for place in places(db))


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (lambda db: db.stories.update("s1", title="Another title"), {"STORY": 1, "CIRCLE": 1, "USER": 1}),
        (lambda db: db.stories.update_engagement("s1", likes=1), {"STORY": 1, "CIRCLE": 1, "USER": 1}),
        (lambda db: db.stories.like_comment("s1", "k1"), {"STORY_COMMENT": 1, "STORY": 1, "CIRCLE": 1, "USER": 1}),
        (lambda db: db.users.update("u2", profile={"bio": "New here."}), {"USER": 1}),
        (lambda db: edit(db, User.key.of("u2"), "SET another = :one", one={"N": "1"}), {"USER": 1}),
        (lambda db: db.circles.update("c1", name="Another name"), {"CIRCLE": 1, "USER": 1}),
        (lambda db: db.circles.update_member_role("c1", "u2", "member"), {"CIRCLE_MEMBER": 1, "CIRCLE": 1, "USER": 2}),
        (lambda db: db.businesses.update("b1", specialties=["tea"]), {"BUSINESS": 1}),
    ],
    ids=["edited", "liked", "comment-liked", "profile", "by-others", "circle", "role", "business"],
)
def test_what_was_changed_since_stays_with_all_it_needs(
    db: Database, before: Any, change: Any, kept: dict[str, int]
) -> None:
    write_run(db, whole_import())
    change(db)
    was = digests(db)

    planned = plan_rollback(db, RUN, scope(), segments=2)
    report = undo(db)

    owner = {"CIRCLE_MEMBER": kept.get("CIRCLE_MEMBER", 0) + 1} if "CIRCLE" in kept else {}
    expected = kept | owner
    assert Counter({name: sum(reasons.values()) for name, reasons in report.kept.items()}) == Counter(expected)
    assert report.removed == {name: count for name in WHOLE if (count := WHOLE[name] - expected.get(name, 0))}
    assert (planned.removed, planned.kept) == (report.removed, report.kept)
    assert integrity.check(db) == ()
    left = digests(db)
    assert left == {place: was[place] for place in left}


def test_the_reasons_are_told(db: Database) -> None:
    write_run(db, whole_import())
    db.stories.update_engagement("s1", likes=1)

    report = undo(db)

    assert report.kept == {
        "STORY": {"changed since": 1}, "CIRCLE": {"others depend on it": 1},
        "CIRCLE_MEMBER": {"what it belongs to stays": 1}, "USER": {"others depend on it": 1},
    }  # fmt: skip
    assert report.as_text().splitlines()[:4] == [
        f"run {RUN} on table {db.table_name}", "RESOURCE: 1 removed", "BUSINESS: 1 removed", "STORY_COMMENT: 1 removed",
    ]  # fmt: skip
    assert "CIRCLE: 0 removed; 1 kept, others depend on it" in report.as_text()
    assert report.kept_count == 4


def test_a_kept_user_keeps_the_email_and_a_removed_one_gives_it_back(db: Database) -> None:
    write_run(db, whole_import())
    db.users.update("u2", is_verified=True)

    undo(db)

    assert db.users.get_by_email("u2@example.com").user_id == "u2"
    with pytest.raises(UniqueViolation):
        make_user(db, "u3", email="u2@example.com")
    make_user(db, "u3", email="u1@example.com")


def test_who_joined_since_keeps_the_circle_and_its_owner(db: Database, before: Any) -> None:
    write_run(db, whole_import())
    db.circles.add_member("c1", "old")

    report = undo(db)

    assert report.kept["CIRCLE"] == {"others depend on it": 1}
    assert [each.user_id for each in db.circles.get_members("c1")] == ["old", "u1"]
    assert (db.circles.get("c1").stats.member_count, db.circles.get("c1").moderators) == (2, [])
    assert db.users.exists("u1")
    assert not db.users.exists("u2")
    assert integrity.check(db) == ()


def test_who_commented_since_keeps_the_story(db: Database, before: Any) -> None:
    write_run(db, whole_import())
    db.stories.add_comment("s1", author_id="old", content="Since then.")

    undo(db)

    assert db.stories.get("s1").engagement.comments == 1
    assert integrity.check(db) == ()


def test_the_counts_of_what_stays_of_a_killed_run_are_brought_up_to_date(db: Database) -> None:
    write_run(db, [user("u1"), circle("c1", "u1"), member("c1", "u1", "admin")], status=Status.RUNNING)
    for key, path in ((Circle.key.of("c1"), "stats.memberCount"), (User.key.of("u1"), "stats.circlesJoined")):
        edit(db, key, f"SET {path} = :none", none={"N": "0"})
    db.circles.update("c1", name="Another name")

    undo(db)

    assert db.circles.get("c1").stats.member_count == 1
    assert integrity.check(db) == ()


def test_a_user_who_did_something_since_stays(db: Database) -> None:
    write_run(db, [user("u1"), user("u2")])
    db.activities.record(user_id="u1", type="story_shared", entity_id="s1", entity_type="story")

    report = undo(db)

    assert report.kept == {"USER": {"others depend on it": 1}}
    assert db.users.exists("u1")


def test_a_like_in_the_last_moment_is_not_lost(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from madmall_models.migration.rollback_sink import TableRollback

    write_run(db, [user("u1"), story("s1", "u1"), story("s2", "u1")])
    remove = TableRollback.remove

    def like_then_remove(sink: TableRollback, removals: Any) -> Any:
        if any(isinstance(removal.entities[0], Story) for removal in removals):
            db.stories.update_engagement("s1", likes=1)
        return remove(sink, removals)

    monkeypatch.setattr(TableRollback, "remove", like_then_remove)

    report = undo(db)

    assert (report.kept, report.removed) == ({"STORY": {"changed since": 1}}, {"STORY": 1, "USER": 1})
    assert db.stories.get("s1").engagement.likes == 1


def test_somebody_who_joins_in_the_last_moment_keeps_the_circle(
    db: Database, before: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from madmall_models.migration.rollback_sink import TableRollback

    write_run(db, whole_import())
    remove = TableRollback.remove

    def join_then_remove(sink: TableRollback, removals: Any) -> Any:
        if any(isinstance(removal.entities[0], Circle) for removal in removals):
            db.circles.add_member("c1", "old")
        return remove(sink, removals)

    monkeypatch.setattr(TableRollback, "remove", join_then_remove)

    undo(db)

    assert {each.user_id for each in db.circles.get_members("c1")} == {"u1", "old"}
    assert integrity.check(db) == ()


def test_an_item_is_removed_although_another_one_has_its_value(db: Database) -> None:
    write_run(db, [user("u1"), user("u2")])
    claim = next(item for item in everything(db) if item.get("ownerPK") == {"S": "USER#u1"})
    stolen = {**claim, "ownerPK": {"S": "USER#u9"}}
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": stolen})

    report = undo(db)

    assert report.removed == {"USER": 2}
    assert without_records(db) == [stolen]


def test_what_somebody_deleted_since_is_no_matter(db: Database) -> None:
    write_run(db, whole_import())
    db.stories.delete("s1")

    report = undo(db)

    assert report.removed == {name: count for name, count in WHOLE.items() if not name.startswith("STORY")}
    assert all(place.startswith("MIGRATION#") for place in places(db))


def test_a_plan_says_what_would_go_and_writes_nothing(db: Database, before: Any) -> None:
    write_run(db, whole_import())

    with nothing_written(db), nothing_sent(db):
        report = plan_rollback(db, RUN, scope())

    assert (report.removed, report.kept, report.dry_run) == (WHOLE, {}, True)
    assert report.notes == ("dry run: nothing was written",)
    assert "CIRCLE_MEMBER: 2 would be removed" in report.as_text()
    assert report.as_dict()["removed"] == WHOLE


def test_a_run_that_nobody_knows_is_refused_with_the_nearest(db: Database) -> None:
    with pytest.raises(RollbackRefused, match="has no run '01RUM'; no run is recorded there at all"):
        roll_back(db, "01RUM", scope())
    write_run(db, [user("u1")])

    with nothing_written(db), pytest.raises(RollbackRefused, match="has no run '01RUM'; the nearest are 01RUN"):
        roll_back(db, "01RUM", scope())
    with pytest.raises(RollbackRefused, match="the nearest are 01RUN"):
        plan_rollback(db, "zzz", scope())


def test_a_run_that_is_going_on_is_not_rolled_back(db: Database) -> None:
    write_run(db, [user("u1")], status=Status.RUNNING)

    with Lease(db, f"run {RUN}"):
        with pytest.raises(LeaseHeld, match=f"run {RUN}"):
            undo(db)
        assert f"is changing the table now (run {RUN})" in plan_rollback(db, RUN, scope()).notes[0]

    assert undo(db).removed == {"USER": 1}


class Letter(Entity, discriminator="LETTER_OF_THE_ROLLBACK"):
    """An entity that the scope does not know."""

    key = PrimaryKey("LETTER#{letter_id}", "METADATA")
    letter_id = IdAttribute()


def test_entities_that_nothing_knows_are_named_before_anything_is_removed(db: Database) -> None:
    write_run(db, [user("u1"), Letter(letter_id="l1")])
    edit(db, Letter.key.of("l1"), "SET note = :note", note={"S": "x"})
    strange = {**raw(db, User.key.of("u1")), "PK": {"S": "STRANGE#1"}, "entityType": {"S": "STRANGE"}}
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": strange})

    for attempt in (undo, lambda db: plan_rollback(db, RUN, scope())):
        with nothing_written(db), pytest.raises(RollbackRefused, match="LETTER_OF_THE_ROLLBACK, STRANGE"):
            attempt(db)


def test_more_than_a_page_of_each_is_removed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("madmall_models.migration.rollback._ITEMS_AT_ONCE", 3)
    monkeypatch.setattr("madmall_models.migration.rollback_sink.MOST_IN_A_PACK", 2)
    monkeypatch.setattr("madmall_models.migration.rollback_sink._NOTED_AT_ONCE", 2)
    people = [user(f"u{number}") for number in range(8)]
    members = [member("c1", f"u{number}", "admin" if number == 0 else "member") for number in range(8)]
    write_run(db, [*people, circle("c1", "u0"), *members])

    assert undo(db).removed == {"USER": 8, "CIRCLE": 1, "CIRCLE_MEMBER": 8}
    assert all(place.startswith("MIGRATION#") for place in places(db))


def test_the_owner_s_membership_goes_with_the_circle_in_one_transaction(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(db, whole_import())
    sent: list[set[str]] = []
    transact = db.connection.client.transact_write_items

    def note(**request: Any) -> Any:
        keys = (next(iter(action.values())).get("Key", {}) for action in request["TransactItems"])
        sent.append({f"{key['PK']['S']} / {key['SK']['S']}" for key in keys if key})
        return transact(**request)

    monkeypatch.setattr(db.connection.client, "transact_write_items", note)

    undo(db)

    together = {"CIRCLE#c1 / METADATA", "CIRCLE#c1 / MEMBER#u1", "USER#u1 / CIRCLE#c1"}
    assert together in sent
    assert not any(together & keys for keys in sent if keys != together)
