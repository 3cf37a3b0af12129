"""The policies are enough for what their roles do, and not for more; every request is shown to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import madmall_models
from examples import quickstart
from madmall_models import Database
from madmall_models.connection.operations import Connection
from madmall_models.integrity import check
from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan
from madmall_models.query import Query
from madmall_models.schema import Description, describe
from madmall_models.schema.policies import TableAddress, policy_of
from tests.integration.legacy_file import circle, member, user, write_legacy
from tests.integration.policy_guard import PolicyGuard
from tests.integration.samples import make_circle, make_user

# What a manager may be asked about, and is not there.
NOTHING = (LookupError,)


@pytest.fixture(scope="module")
def description() -> Description:
    return describe()


@contextmanager
def acting_as(role: str, db: Database, description: Description) -> Iterator[list[str]]:
    """Fail at the first request that the policy of a role does not allow; give the operations that it allowed."""
    address = TableAddress(db.table_name, "us-east-1", "123456789012")
    guard = PolicyGuard(policy_of(description, role, address), address.arn)
    done: list[str] = []
    call = Connection.call

    def guarded(
        connection: Connection, operation: str, request: Mapping[str, Any], **options: Any
    ) -> dict[str, Any]:
        refusals = guard.refusals(operation, request)
        if refusals:
            raise PermissionError(f"{role}: {refusals[0]}")
        done.append(operation)
        return call(connection, operation, request, **options)

    with pytest.MonkeyPatch.context() as patch:
        # Of every connection: a migration opens one of its own.
        patch.setattr(Connection, "call", guarded)
        yield done


def test_a_reader_may_ask_every_access_pattern(db: Database, description: Description) -> None:
    make_user(db, "user123")
    make_circle(db, "circle123", owner="user123")

    with acting_as("reader", db, description) as done, db.bound():
        for pattern in description.access_patterns:
            for call in (pattern.call, *pattern.operations):
                try:
                    result = eval(call, {"db": db, **vars(madmall_models)})  # noqa: S307
                    if isinstance(result, Query):
                        result.page(size=20)
                except NOTHING:
                    continue
        assert db.health().ok

    assert set(done) == {"GetItem", "Query", "BatchGetItem", "DescribeTable"}


def test_a_reader_writes_nothing(db: Database, description: Description) -> None:
    with acting_as("reader", db, description), pytest.raises(PermissionError, match="PutItem"):
        make_user(db, "u1")


@pytest.mark.parametrize("role", ["writer", "migrator"])
def test_a_writer_may_do_the_quickstart(db: Database, description: Description, role: str) -> None:
    with acting_as(role, db, description) as done, db.bound():
        parts = ("create", "ask", "turn_pages", "change", "change_together", "be_refused")
        for part in parts:
            getattr(quickstart, part)(db)

    assert {"TransactWriteItems", "GetItem", "Query", "BatchGetItem"} <= set(done)


def test_a_writer_does_not_read_the_whole_table(db: Database, description: Description) -> None:
    with acting_as("writer", db, description), pytest.raises(PermissionError, match="Scan"):
        list(db.scan(madmall_models.User, segments=1))


def test_a_writer_does_not_touch_the_records_of_migrations(db: Database, description: Description) -> None:
    record = {"PK": {"S": "MIGRATION#HISTORY"}, "SK": {"S": "1"}}
    request = {"TableName": db.table_name, "Key": record}

    with acting_as("writer", db, description), pytest.raises(PermissionError, match="MIGRATION#HISTORY"):
        db.connection.call("GetItem", request)


@pytest.mark.difference("no-lock")
def test_a_migrator_may_migrate_and_check(db: Database, description: Description, tmp_path: Path) -> None:
    file = tmp_path / "legacy.db"
    members = [member("c1", "u2")]
    write_legacy(file, users=[user("u1"), user("u2")], circles=[circle("c1", "u1")], circle_members=members)

    with acting_as("migrator", db, description) as done, SQLiteSource(str(file)) as source:
        service = MigrationService(db, source)
        report = service.execute(madmall_plan(), MigrationConfig(backup=False))
        assert all(result.failed == 0 for result in report.results)
        assert check(db) == ()

    assert {"Scan", "PutItem", "TransactWriteItems"} <= set(done)


def test_an_operator_sees_no_item(db: Database, description: Description) -> None:
    with acting_as("operator", db, description):
        assert db.describe_table()["TableName"] == db.table_name
        with pytest.raises(PermissionError):
            db.users.get("u1")
