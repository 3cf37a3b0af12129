"""What a run replaced comes back with its mirrors, pointers and claims, unless somebody changed it since."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import Database, TransactionCancelled, UniqueViolation, User, integrity
from madmall_models.migration.replaced_item import keeping_replaced
from madmall_models.migration.rollback import plan_rollback, roll_back
from madmall_models.migration.rollback_report import RollbackReport
from madmall_models.sending import Refused, send
from tests.integration.marked_run import (
    RUN,
    circle,
    content,
    count,
    member,
    replace_item,
    scope,
    story,
    user,
    write_run,
)
from tests.integration.samples import NOON, make_circle, make_story, make_user
from tests.integration.table_content import nothing_written, places, raw

pytestmark = pytest.mark.difference("many-requests")


@pytest.fixture
def before(db: Database) -> Any:
    for name in ("u1", "u2", "u3"):
        make_user(db, name)
    make_circle(db, "c1", "u1")
    make_circle(db, "c2", "u1")
    db.circles.add_member("c1", "u2", "moderator")
    make_story(db, "s1", "u2", circle_id="c1")
    made = content(db)
    write_run(db, [])
    return made


def undo(db: Database) -> RollbackReport:
    return roll_back(db, RUN, scope(), segments=2)


def records(db: Database) -> list[str]:
    return [place for place in places(db) if "REPLACED#" in place]


def test_everything_that_was_replaced_is_again_what_it_was(db: Database, before: Any) -> None:
    replace_item(db, user("u1", email="another@example.com"))
    replace_item(db, member("c1", "u2", status="inactive"))
    replace_item(db, story("s1", "u2", circle_id="c2", featured_at=NOON))
    replace_item(db, circle("c1", "u1", type="interest_based"))
    count(db)
    assert integrity.check(db) == ()
    assert len(records(db)) == 4

    with nothing_written(db):
        planned = plan_rollback(db, RUN, scope())
    report = undo(db)

    assert content(db) == before
    assert integrity.check(db) == ()
    assert records(db) == []
    assert report.restored == planned.restored == {"USER": 1, "CIRCLE_MEMBER": 1, "STORY": 1, "CIRCLE": 1}
    assert (report.removed, report.kept) == ({}, {})
    assert "USER: 0 removed; 1 put back as they were" in report.as_text()
    make_user(db, "u4", email="another@example.com")


def test_what_was_changed_after_its_replacement_stays_and_so_does_what_it_was(db: Database, before: Any) -> None:
    replace_item(db, user("u1", email="another@example.com"))
    db.users.update("u1", is_verified=True)

    for _ in range(2):
        assert undo(db).kept == {"USER": {"changed since": 1}}

    assert db.users.get_by_email("another@example.com").user_id == "u1"
    assert len(records(db)) == 1
    assert integrity.check(db) == ()


def test_what_was_deleted_after_its_replacement_stays_deleted(db: Database, before: Any) -> None:
    replace_item(db, story("s1", "u2", circle_id="c2"))
    db.stories.delete("s1")

    with nothing_written(db):
        assert plan_rollback(db, RUN, scope()).kept == {"STORY": {"deleted since": 1}}
    assert undo(db).kept == {"STORY": {"deleted since": 1}}

    assert not db.stories.exists("s1")
    assert records(db) == []


def test_who_joined_after_a_replacement_is_counted(db: Database, before: Any) -> None:
    replace_item(db, circle("c1", "u1", type="interest_based"))
    count(db)
    db.circles.add_member("c1", "u3")

    undo(db)

    found = db.circles.get("c1")
    assert (found.type, found.stats.member_count, found.moderators) == ("support_group", 3, ["u2"])
    assert integrity.check(db) == ()


def test_values_that_wandered_find_home(db: Database, before: Any) -> None:
    replace_item(db, user("u3", email="third@example.com"))
    replace_item(db, user("u2", email="u3@example.org"))
    replace_item(db, user("u1", email="u2@example.org"))
    write_run(db, [user("new", email="u1@example.org")])
    assert integrity.check(db) == ()

    report = undo(db)

    assert report.restored == {"USER": 3}
    assert report.removed == {"USER": 1}
    assert report.kept == {}
    assert content(db) == before


def test_a_value_that_somebody_took_since_keeps_the_replacement(db: Database, before: Any) -> None:
    replace_item(db, user("u1", email="another@example.com"))
    make_user(db, "thief", email="u1@example.org")

    report = undo(db)

    assert report.kept == {"USER": {"another item has its unique value now": 1}}
    assert db.users.get("u1").email == "another@example.com"
    assert len(records(db)) == 1
    assert integrity.check(db) == ()
    with pytest.raises(UniqueViolation):
        make_user(db, "u9", email="another@example.com")


def test_what_was_kept_first_is_never_lost(db: Database, before: Any) -> None:
    old = raw(db, User.key.of("u1"))
    send(db.connection, [keeping_replaced(RUN, old)])

    with pytest.raises(Refused) as refused:
        send(db.connection, [keeping_replaced(RUN, {**old, "version": {"N": "9"}})], atomic=True)

    assert isinstance(refused.value.cause, TransactionCancelled)
