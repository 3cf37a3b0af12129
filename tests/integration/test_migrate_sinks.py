"""Both ways of writing leave the same table, also where something is there already or the service takes not all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, EndpointUnreachable, ServiceError, User, integrity, limits
from madmall_models.migration import (
    MigrationConfig,
    MigrationService,
    OnConflict,
    SQLiteSource,
    madmall_rollback,
    roll_back,
    unlock,
)
from madmall_models.migration.item_digest import Checksum, item_digest
from madmall_models.migration.run_mark import without_mark
from tests.conftest import create_table
from tests.integration.legacy_file import circle, member, story, user, write_legacy
from tests.integration.marked_run import content
from tests.integration.migrating import (
    PLAN,
    WHEN,
    Failing,
    before_each_call,
    figures,
    go_on,
    move,
    whole_file,
    writes_sent,
)
from tests.integration.samples import make_user
from tests.integration.table_content import everything, places, raw

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    return whole_file(tmp_path / "legacy.db")


@pytest.fixture
def other(db: Database, engine: Any) -> Any:
    made = Database(table=f"{db.table_name}-other", **engine.connection_settings())
    create_table(made)
    yield made
    made.delete_table()
    made.close()


def content_but_marks(db: Database) -> Checksum:
    checksum = Checksum()
    for item in everything(db):
        if not item["PK"]["S"].startswith("MIGRATION#"):
            checksum.add(item_digest(without_mark(item)))
    return checksum


def no_times(path: Path) -> Path:
    """Write a file whose rows have every time that a model would else take from the clock."""
    when = {**WHEN, "joinDate": WHEN["createdAt"], "lastActive": WHEN["createdAt"], "joinedAt": WHEN["createdAt"]}
    return write_legacy(
        path,
        users=[user("u1", **when), user("u2", **when), user("bad#1")],
        circles=[circle("c1", "u1", **when)],
        circle_members=[member("c1", "u1", **when), member("c1", "u2", **when)],
        stories=[story("s1", "u2", circleId="c1", **when)],
    )


def test_batches_leave_what_transactions_leave(db: Database, other: Database, tmp_path: Path) -> None:
    path = no_times(tmp_path / "legacy.db")

    safe, exclusive = move(db, path), move(other, path, exclusive=True)

    assert figures(safe) == figures(exclusive)
    assert safe.completed == exclusive.completed
    assert content_but_marks(db) == content_but_marks(other)
    assert integrity.check(other) == ()


def test_batches_look_first_where_the_table_holds_something(db: Database, legacy: Path) -> None:
    make_user(db, "u05", email="mine@example.com")
    make_user(db, "else", email="u06@example.com")

    report = move(db, legacy, exclusive=True)

    assert db.users.get("u05").email == "mine@example.com"
    assert report.results[0].codes["VALUE_TAKEN"] == 1
    assert report.results[0].skipped == 1
    assert not db.users.exists("u06")
    assert integrity.check(db) == ()


def test_batches_do_not_look_into_an_empty_table(db: Database, legacy: Path) -> None:
    with before_each_call(db, lambda operation, _: operation == "BatchGetItem" and pytest.fail("it looked")):
        move(db, write_legacy(legacy.with_name("one.db"), users=[user("u1")]), exclusive=True)


def test_what_a_killed_exclusive_run_left_beside_an_item_is_known_again(db: Database, legacy: Path) -> None:
    with before_each_call(db, Failing(EndpointUnreachable("no answer"), 1)), pytest.raises(EndpointUnreachable):
        move(db, legacy, exclusive=True)
    unlock(db)
    left = [place for place in places(db) if not place.startswith("MIGRATION#")]
    assert left
    assert all(place.startswith("UNIQUE#") for place in left)

    report = go_on(db, legacy, exclusive=True)

    assert (report.results[0].successful, dict(report.results[0].codes)) == (30, {"NOT_AN_ID": 1, "DUPLICATE_VALUE": 1})
    assert integrity.check(db) == ()


def test_what_is_not_taken_up_at_once_is_put_again(db: Database, legacy: Path, other: Database) -> None:
    call, left = db.connection.call, iter([3, 2, 1, 0])

    def partly(operation: str, request: Any, **options: Any) -> Any:
        count = next(left, 0) if operation == "BatchWriteItem" else 0
        if not count:
            return call(operation, request, **options)
        puts = request["RequestItems"][db.table_name]
        answer = call(operation, {**request, "RequestItems": {db.table_name: puts[count:]}}, **options)
        return {**answer, "UnprocessedItems": {db.table_name: puts[:count]}}

    db.connection.call = partly  # type: ignore[method-assign]
    report = move(db, legacy, exclusive=True)

    assert figures(report) == figures(move(other, legacy, exclusive=True))
    assert next(left, None) is None
    assert integrity.check(db) == ()


def test_an_item_that_the_service_does_not_take_is_found_and_leaves_nothing_beside_it(
    db: Database, legacy: Path
) -> None:
    def refuse(operation: str, request: Any) -> None:
        puts = request.get("RequestItems", {}).get(db.table_name, []) if operation == "BatchWriteItem" else []
        keys = [put["PutRequest"]["Item"]["PK"]["S"] for put in puts]
        if "USER#u07" in keys:
            raise ServiceError("refused", code="ValidationException")

    with before_each_call(db, refuse):
        report = move(db, legacy, exclusive=True)

    assert report.results[0].codes["REFUSED"] == 1
    assert report.results[0].successful == 29
    assert not any("u07" in place for place in places(db))
    assert integrity.check(db) == ()
    make_user(db, "another", email="u07@example.com")


# -- taking the place of what is there -----------------------------------------------------------------------------


@pytest.fixture
def lived_in(db: Database, tmp_path: Path) -> Path:
    """Fill the table from one file and return another, which says something else of the same people."""
    first = write_legacy(
        tmp_path / "first.db",
        users=[user("u1", **WHEN), user("u2", **WHEN), user("u3", **WHEN)],
        circles=[circle("c1", "u1", **WHEN)],
        circle_members=[member("c1", "u1", **WHEN), member("c1", "u2", **WHEN), member("c1", "u3", **WHEN)],
        stories=[story("s1", "u2", circleId="c1", **WHEN)],
    )
    move(db, first)
    db.users.update("u2", profile={"bio": "I wrote this myself."})
    return write_legacy(
        tmp_path / "second.db",
        users=[
            user("u1", **WHEN),
            user("u2", email="second@example.com", **WHEN),
            user("new", email="u3@example.com", **WHEN),
        ],
        circle_members=[member("c1", "u2", role="moderator", **WHEN)],
    )


def test_a_replacement_takes_everything_beside_the_item_along(db: Database, lived_in: Path) -> None:
    version = db.users.get("u2").version

    report = move(db, lived_in, on_conflict=OnConflict.REPLACE)

    found = db.users.get("u2")
    assert (found.email, found.profile.bio, found.version) == ("second@example.com", None, version + 1)
    assert found.stats.circles_joined == 1
    assert db.users.get_by_email("second@example.com").user_id == "u2"
    assert db.circles.get_member("c1", "u2").role == "moderator"
    assert {result.table: result.replaced for result in report.results if result.replaced} == {
        "users": 2,
        "circle_members": 1,
    }
    assert report.results[0].codes == {"VALUE_TAKEN": 1}
    assert integrity.check(db) == ()
    make_user(db, "free", email="u2@example.com")


def test_a_plan_foresees_replacements(db: Database, lived_in: Path) -> None:
    settings = {"parallelism": 1, "on_conflict": OnConflict.REPLACE}
    with SQLiteSource(lived_in) as source, writes_sent(db) as sent:
        planned = MigrationService(db, source).execute(PLAN, MigrationConfig(**settings, dry_run=True))
    assert sent.total() == 0

    done = move(db, lived_in, **settings)

    def counts(report: Any) -> list[tuple[int, ...]]:
        return [(each.total, each.successful, each.failed, each.skipped, each.replaced) for each in report.results]

    assert counts(planned) == counts(done)


def test_a_rollback_brings_back_what_was_replaced(db: Database, lived_in: Path) -> None:
    before = content(db)
    report = move(db, lived_in, on_conflict=OnConflict.REPLACE)
    assert content(db) != before

    undone = roll_back(db, str(report.run), madmall_rollback(PLAN.mappings))

    assert undone.kept_count == 0
    assert content(db) == before
    assert integrity.check(db) == ()


def test_what_is_changed_while_it_is_replaced_stays_and_the_row_is_rejected(db: Database, lived_in: Path) -> None:
    def change(operation: str, request: Any) -> None:
        puts = [action["Put"] for action in request.get("TransactItems", ()) if "Put" in action]
        if not changed and any(put["Item"]["PK"]["S"] == "USER#u2" for put in puts):
            changed.append(True)
            db.users.update("u2", profile={"bio": "Once more."})

    changed: list[bool] = []
    with before_each_call(db, change):
        report = move(db, lived_in, on_conflict=OnConflict.REPLACE)

    assert report.results[0].codes == {"CHANGED_MEANWHILE": 1, "VALUE_TAKEN": 1}
    found = db.users.get("u2")
    assert (found.profile.bio, found.email) == ("Once more.", "u2@example.com")
    assert integrity.check(db) == ()


@pytest.mark.parametrize("code", ["TOO_LARGE_TO_KEEP", "UNREADABLE"])
def test_what_cannot_be_kept_or_understood_is_not_replaced_and_ends_no_run(
    db: Database, lived_in: Path, code: str
) -> None:
    item = {**raw(db, User.key.of("u2"))}
    if code == "UNREADABLE":
        item["email"] = {"M": {}}
    else:
        item["padding"] = {"S": "x" * (limits.ITEM_BYTES - limits.item_bytes(item) - len("padding"))}
    db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})

    report = move(db, lived_in, on_conflict=OnConflict.REPLACE)

    assert report.results[0].codes[code] == 1
    assert raw(db, User.key.of("u2")) == item
    assert report.status == "applied"


def test_an_interrupted_replacement_ends_as_an_uninterrupted_one(
    db: Database, lived_in: Path
) -> None:
    failing = Failing(EndpointUnreachable("no answer"), 2)
    with before_each_call(db, failing), pytest.raises(EndpointUnreachable):
        move(db, lived_in, on_conflict=OnConflict.REPLACE, batch_size=1)
    unlock(db)

    # Without a journal the rows that were replaced come again, and are known.
    report = go_on(db, lived_in, on_conflict=OnConflict.REPLACE, batch_size=1)

    assert (report.results[0].replaced, report.results[0].successful, report.results[0].failed) == (2, 2, 1)
    assert db.users.get("u2").stats.circles_joined == 1
    assert integrity.check(db) == ()
