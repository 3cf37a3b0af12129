"""The table itself: created as declared, safe to repeat, described, checked and deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import (
    Circle,
    ConfigurationError,
    Database,
    EndpointUnreachable,
    MadMallError,
    Provisioned,
    TableNotFound,
    WriteRefused,
    operation_completed,
)
from madmall_models.connection import operations
from tests.integration.samples import make_circle, make_user


@pytest.fixture
def absent(engine: Any) -> Iterator[Database]:
    """Give a database whose table was not created."""
    database = Database(table=f"test-{uuid4().hex}", **engine.connection_settings())
    yield database
    database.delete_table()
    database.close()


def keys(part: dict[str, Any]) -> list[tuple[str, str]]:
    return [(key["AttributeName"], key["KeyType"]) for key in part["KeySchema"]]


# -- creating ------------------------------------------------------------------------------------------------------


def test_the_table_has_the_declared_keys_indexes_and_stream(db: Database) -> None:
    table = db.describe_table()
    assert table["TableStatus"] == "ACTIVE"
    assert keys(table) == [("PK", "HASH"), ("SK", "RANGE")]
    indexes = {index["IndexName"]: index for index in table["GlobalSecondaryIndexes"]}
    assert sorted(indexes) == ["GSI1", "GSI2", "GSI3", "GSI4"]
    for name, index in indexes.items():
        assert keys(index) == [(f"{name}PK", "HASH"), (f"{name}SK", "RANGE")]
        assert index["IndexStatus"] == "ACTIVE"
    projections = {name: index["Projection"]["ProjectionType"] for name, index in indexes.items()}
    assert projections == {"GSI1": "ALL", "GSI2": "ALL", "GSI3": "KEYS_ONLY", "GSI4": "INCLUDE"}
    included = set(indexes["GSI4"]["Projection"]["NonKeyAttributes"])
    assert included == {"entityType", "status", "createdAt", "updatedAt"}
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.defect(87)
def test_the_time_to_live_is_enabled(db: Database) -> None:
    db.create_table()
    state = db.connection.call("DescribeTimeToLive", {"TableName": db.table_name})["TimeToLiveDescription"]
    assert state["AttributeName"] == "ttl"
    assert state["TimeToLiveStatus"] in ("ENABLED", "ENABLING")


def test_creating_it_again_changes_nothing(db: Database) -> None:
    make_user(db)
    db.create_table()
    db.create_table(wait=False)
    assert db.users.exists("u1")


def test_a_table_of_another_shape_is_refused(absent: Database) -> None:
    request = {
        "TableName": absent.table_name,
        "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    absent.connection.call("CreateTable", request)
    with pytest.raises(ConfigurationError, match="exists with other keys or indexes than the models declare"):
        absent.create_table()


def test_capacity_may_be_provisioned(absent: Database) -> None:
    absent.create_table(billing=Provisioned(read=2, write=3))
    table = absent.describe_table()
    for part in (table, *table["GlobalSecondaryIndexes"]):
        capacity = part["ProvisionedThroughput"]
        assert (capacity["ReadCapacityUnits"], capacity["WriteCapacityUnits"]) == (2, 3)


@pytest.mark.difference("table-options")
def test_protection_tags_and_recovery_are_asked_for(absent: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, Any] = {}
    call = absent.connection.call

    def seen(operation: str, request: Any, **options: Any) -> Any:
        sent.setdefault(operation, request)
        return call(operation, request, **options)

    monkeypatch.setattr(absent.connection, "call", seen)
    absent.create_table(
        tags={"team": "care"}, deletion_protection=True, point_in_time_recovery=True, kms_key="alias/care"
    )
    create = sent["CreateTable"]
    assert create["Tags"] == [{"Key": "team", "Value": "care"}]
    assert create["DeletionProtectionEnabled"] is True
    assert create["SSESpecification"] == {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/care"}
    recovery = sent["UpdateContinuousBackups"]["PointInTimeRecoverySpecification"]
    assert recovery == {"PointInTimeRecoveryEnabled": True}
    monkeypatch.undo()
    change = {"TableName": absent.table_name, "DeletionProtectionEnabled": False}
    absent.connection.client.update_table(**change)


# -- deleting ------------------------------------------------------------------------------------------------------


def test_a_deleted_table_is_gone_and_may_be_deleted_again(db: Database) -> None:
    db.delete_table()
    db.delete_table()
    with pytest.raises(TableNotFound):
        db.describe_table()
    db.create_table()
    assert db.users.get_or_none("u1") is None


def test_what_needs_the_table_says_how_to_create_it(absent: Database) -> None:
    for attempt in (
        lambda: absent.users.get("u1"),
        lambda: make_user(absent),
        lambda: list(absent.circles.get_by_type("support_group")),
        lambda: absent.users.batch_get(["u1"]),
        lambda: absent.users.increment_stats("u1", stories_shared=1),
        absent.describe_table,
    ):
        with pytest.raises(
            TableNotFound, match=r"there is no table 'test-.*create it with db\.create_table\(\)"
        ) as refused:
            attempt()
        assert isinstance(refused.value, LookupError)


# -- health and figures --------------------------------------------------------------------------------------------


def test_a_table_that_serves_is_healthy(db: Database) -> None:
    health = db.health()
    assert (health.ok, health.table, health.reasons) == (True, "ACTIVE", ())
    assert health.latency_ms > 0


@pytest.mark.defect(8)
def test_a_table_that_is_missing_is_not(absent: Database) -> None:
    health = absent.health()
    assert (health.ok, health.table) == (False, "MISSING")
    assert absent.table_name in health.reasons[0]


@pytest.mark.defect(8)
def test_an_endpoint_that_does_not_answer_is_not(engine: Any) -> None:
    nowhere = Database(table="nowhere", endpoint="http://127.0.0.1:1", access_key="a", secret_key="b", max_attempts=1)
    health = nowhere.health()
    assert (health.ok, health.table) == (False, "UNREACHABLE")
    assert "EndpointUnreachable" in health.reasons[0]
    with pytest.raises(EndpointUnreachable, match="does not answer; check the address and that it runs") as refused:
        nowhere.users.get("u1")
    assert isinstance(refused.value, ConnectionError)


def test_a_file_that_pynamodb_would_run_is_warned_of(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYNAMODB_CONFIG", "settings.py")
    health = db.health()
    assert not health.ok
    assert "PYNAMODB_CONFIG" in health.reasons[0]


@pytest.mark.defect(85)
def test_figures_are_of_what_was_done_with_data(db: Database) -> None:
    before = db.metrics()
    assert before.total == 0
    make_user(db)
    db.users.get("u1")
    db.users.get_or_none("nobody")
    metrics = db.metrics()
    assert (metrics.total, metrics.succeeded, metrics.failed, metrics.in_flight) == (3, 3, 0, 0)
    assert {name: figures.calls for name, figures in metrics.operations.items()} == {
        "GetItem": 2,
        "TransactWriteItems": 1,
    }
    assert metrics.average_latency_ms > 0


@pytest.mark.difference("capacity")
def test_capacity_units_are_counted(db: Database) -> None:
    make_user(db)
    written = db.metrics().write_units
    assert written >= 4
    db.users.get("u1")
    db.users.get("u1", consistent=True)
    assert db.metrics().read_units == 1.5


def test_each_call_is_announced_without_keys_and_values(db: Database) -> None:
    heard: list[Any] = []

    def receiver(sender: Any, **facts: Any) -> None:
        heard.append((sender, facts))

    with operation_completed.connected_to(receiver, sender=db):
        make_user(db, "canary", email="canary@example.org")
        db.users.get_or_none("nobody")
    assert [(sender is db, facts["operation"], facts["outcome"], facts["attempts"]) for sender, facts in heard] == [
        (True, "TransactWriteItems", "ok", 1),
        (True, "GetItem", "ok", 1),
    ]
    assert "canary" not in repr([facts for _, facts in heard])


# -- one connection ------------------------------------------------------------------------------------------------


def test_threads_that_begin_together_share_one_client(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    make_user(db)
    db.connection.drop_client()
    make_client, made = operations.make_client, []

    def counted(settings: Any) -> Any:
        made.append(settings)
        return make_client(settings)

    monkeypatch.setattr(operations, "make_client", counted)
    ready, found = threading.Barrier(32), []

    def work() -> None:
        ready.wait()
        found.append(db.users.get("u1").user_id)

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["u1"] * 32
    assert len(made) == 1


@pytest.mark.defect(86)
def test_a_closed_database_is_refused(engine: Any) -> None:
    database = Database(table="closed", **engine.connection_settings())
    database.close()
    with pytest.raises(ConfigurationError, match="the database of table 'closed' was closed; make a new Database"):
        database.users.get("u1")


def test_a_read_only_database_reads_and_refuses_every_write(db: Database) -> None:
    make_user(db)
    make_user(db, "u2")
    make_circle(db)
    dry = db.read_only()
    user = dry.users.get("u2")
    user.is_verified = True
    for attempt in (
        user.save,
        user.delete,
        lambda: make_user(dry, "u3"),
        lambda: dry.users.update("u1", is_verified=True),
        lambda: dry.users.increment_stats("u1", stories_shared=1),
        lambda: dry.circles.add_member("c1", "u2"),
        lambda: dry.circles.delete("c1"),
        dry.create_table,
        dry.delete_table,
    ):
        with pytest.raises(WriteRefused, match="this connection only reads") as refused:
            attempt()
        assert isinstance(refused.value, MadMallError)
    assert [circle.circle_id for circle in dry.circles.get_by_type("support_group")] == ["c1"]
    assert dry.circles.get("c1") == db.circles.get("c1")
    assert dry.batch_get([Circle.key.of("c1")]) == [db.circles.get("c1")]
    assert dry.health().ok
