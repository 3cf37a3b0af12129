"""A rollback that was killed at any write is finished by the next one, as if nothing had happened."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from madmall_models import Database, integrity
from madmall_models.connection.operations import READS, Connection
from madmall_models.migration.ledger import Ledger, Status
from madmall_models.migration.rollback import roll_back
from tests.integration.marked_run import (
    RUN,
    circle,
    comment,
    content,
    member,
    replace_item,
    scope,
    story,
    user,
    write_run,
)
from tests.integration.samples import make_circle, make_story, make_user
from tests.integration.table_content import everything, places

pytestmark = pytest.mark.difference("many-rows")


class Killed(BaseException):
    """Be what ends a process between two of its requests."""


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make many small writes of a few large ones."""
    monkeypatch.setattr("madmall_models.migration.rollback._ITEMS_AT_ONCE", 2)
    monkeypatch.setattr("madmall_models.migration.rollback_sink.MOST_IN_A_PACK", 1)


@pytest.fixture
def before(db: Database) -> Any:
    make_user(db, "old")
    make_user(db, "other")
    make_circle(db, "mine", "old")
    make_story(db, "tale", "old", circle_id="mine")
    made = content(db)
    members = [member("mine", "u1", "moderator"), member("c1", "u1", "admin")]
    texts = [story("s1", "u1", circle_id="mine"), comment("k1", "tale", "u1")]
    write_run(db, [user("u1"), circle("c1", "u1"), *members, *texts])
    replace_item(db, user("other", email="new@example.com"))
    return made


@contextmanager
def killed_at(write: int, *, applied: bool) -> Iterator[list[str]]:
    """End the process in the block at its n-th write, before or after it was applied; the lease is left out."""
    call = Connection.call
    sent: list[str] = []

    def until_killed(connection: Connection, operation: str, request: Any, **options: Any) -> Any:
        if operation in READS or "MIGRATION#LEASE" in str(request):
            return call(connection, operation, request, **options)
        sent.append(operation)
        if len(sent) > write or (len(sent) == write and not applied):
            raise Killed
        answer = call(connection, operation, request, **options)
        if len(sent) == write:
            raise Killed
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "call", until_killed)
        yield sent


def put_table(db: Database, items: list[Any]) -> None:
    """Make the table hold these items and no others."""
    for item in everything(db):
        key = {name: item[name] for name in ("PK", "SK")}
        db.connection.call("DeleteItem", {"TableName": db.table_name, "Key": key})
    for item in items:
        db.connection.call("PutItem", {"TableName": db.table_name, "Item": item})


@pytest.mark.parametrize("applied", [False, True], ids=["lost", "applied"])
def test_a_rollback_that_was_killed_at_any_write_is_finished_by_the_next(
    db: Database, before: Any, applied: bool
) -> None:
    written = everything(db)
    killed = True
    for write in itertools.count(1):
        put_table(db, written)
        with killed_at(write, applied=applied), contextlib.suppress(Killed):
            roll_back(db, RUN, scope(), segments=1)
            killed = False

        report = roll_back(db, RUN, scope(), segments=1)

        assert content(db) == before, f"killed at write {write}"
        assert integrity.check(db) == ()
        assert report.kept == {}
        assert [place for place in places(db) if "#RUN#" in place] == []
        record = Ledger(db).run(RUN)
        assert record is not None
        assert record.status is Status.ROLLED_BACK
        if not killed:
            break
    assert write > 10


def test_a_rollback_that_has_not_ended_says_so(db: Database, before: Any) -> None:
    with killed_at(3, applied=True), contextlib.suppress(Killed):
        roll_back(db, RUN, scope(), segments=1)

    record = Ledger(db).run(RUN)

    assert record is not None
    assert (record.status, record.error) == (
        Status.FAILED, "its rollback was begun and has not ended; roll it back again"
    )  # fmt: skip
