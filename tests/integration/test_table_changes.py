"""A table of an engine becomes what the models declare and what is asked for, and its items stay."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import ConfigurationError, Database, Provisioned, TablePlan, TableSettings, WriteRefused
from tests.integration.plain_run import Watched
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import everything

KEY = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
KEYS = [{"AttributeName": "createdBy", "KeyType": "HASH"}]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once: the engines on this machine are not at it for long."""
    monkeypatch.setattr("madmall_models.table_plan.application._FIRST_POLL_SECONDS", 0.01)


@pytest.fixture
def table(db: Database) -> Database:
    """Give a table with items, in which nothing differs."""
    make_user(db)
    make_circle(db)
    db.apply_table(db.diff_table())
    assert db.diff_table().is_equal
    return db


@pytest.fixture
def absent(engine: Any) -> Iterator[Database]:
    database = Database(table=f"test-{uuid4().hex}", **engine.connection_settings())
    yield database
    database.delete_table()
    database.close()


def update(db: Database, **request: Any) -> None:
    """Change a table behind our back, and wait until the engine is through."""
    db.connection.client.update_table(TableName=db.table_name, **request)
    settled(db)


def settled(db: Database) -> None:
    for _ in range(10_000):
        description = db.describe_table()
        states = {index["IndexStatus"] for index in description.get("GlobalSecondaryIndexes", ())}
        if {description["TableStatus"], *states} == {"ACTIVE"}:
            return
    raise AssertionError("the table did not settle")


def index(name: str, keys: list[dict[str, str]], projection: str) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": projection}}


def add_index(db: Database, name: str, keys: list[dict[str, str]], projection: str) -> None:
    known = {entry["AttributeName"]: entry["AttributeType"] for entry in db.describe_table()["AttributeDefinitions"]}
    known |= {key["AttributeName"]: known.get(key["AttributeName"], "S") for key in keys}
    definitions = [{"AttributeName": name, "AttributeType": kind} for name, kind in known.items()]
    update(
        db,
        AttributeDefinitions=definitions,
        GlobalSecondaryIndexUpdates=[{"Create": index(name, keys, projection)}],
    )


def drop_index(db: Database, name: str) -> None:
    update(db, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
    while any(index["IndexName"] == name for index in db.describe_table()["GlobalSecondaryIndexes"]):
        pass


def without_index(db: Database) -> None:
    drop_index(db, "GSI3")


def with_other_projection(db: Database) -> None:
    drop_index(db, "GSI3")
    keys = [{"AttributeName": "GSI3PK", "KeyType": "HASH"}, {"AttributeName": "GSI3SK", "KeyType": "RANGE"}]
    add_index(db, "GSI3", keys, "ALL")


def with_other_keys(db: Database) -> None:
    drop_index(db, "GSI3")
    add_index(db, "GSI3", [{"AttributeName": "GSI3PK", "KeyType": "HASH"}], "KEYS_ONLY")


def with_extra_index(db: Database) -> None:
    add_index(db, "ByCreator", KEYS, "KEYS_ONLY")


def without_stream(db: Database) -> None:
    update(db, StreamSpecification={"StreamEnabled": False})


def with_other_stream(db: Database) -> None:
    without_stream(db)
    update(db, StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})


def expire_by(db: Database, attribute: str | None) -> None:
    there = db.connection.call("DescribeTimeToLive", {"TableName": db.table_name})["TimeToLiveDescription"]
    for name, enabled in ((there.get("AttributeName"), False), (attribute, True)):
        if name is not None:
            specification = {"Enabled": enabled, "AttributeName": name}
            db.connection.client.update_time_to_live(TableName=db.table_name, TimeToLiveSpecification=specification)


def without_expiry(db: Database) -> None:
    expire_by(db, None)


def with_other_expiry(db: Database) -> None:
    expire_by(db, "expires")


def nothing(db: Database) -> None:
    """Leave the table as it is: what is asked for differs."""


no_recovery = pytest.mark.difference("recovery-and-tags")
no_encryption = pytest.mark.difference("encryption")
no_second_stream = pytest.mark.difference("second-stream")
DIFFERENCES: list[Any] = [
    pytest.param(without_index, {}, ["index GSI3"], id="missing index"),
    pytest.param(with_other_projection, {"replace_indexes": True}, ["index GSI3"] * 2, id="other projection"),
    pytest.param(with_other_keys, {"replace_indexes": True}, ["index GSI3"] * 2, id="other keys"),
    pytest.param(with_extra_index, {"drop_extra_indexes": True}, ["index ByCreator"], id="extra index"),
    pytest.param(without_stream, {}, ["stream"], marks=no_second_stream, id="no stream"),
    pytest.param(
        with_other_stream, {"replace_stream": True}, ["stream"] * 2, marks=no_second_stream, id="other stream"
    ),
    pytest.param(without_expiry, {}, ["time to live"], id="no time to live"),
    pytest.param(with_other_expiry, {"replace_time_to_live": True}, ["time to live"] * 2, id="other time to live"),
    pytest.param(nothing, {"billing": Provisioned(2, 3)}, ["billing"], id="billing"),
    pytest.param(nothing, {"deletion_protection": True}, ["deletion protection"], id="deletion protection"),
    pytest.param(nothing, {"point_in_time_recovery": True}, ["recovery"], marks=no_recovery, id="recovery"),
    pytest.param(nothing, {"tags": {"team": "care"}}, ["tag team"], marks=no_recovery, id="tag"),
    pytest.param(nothing, {"kms_key": KEY}, ["encryption"], marks=no_encryption, id="encryption"),
]


@pytest.fixture(autouse=True)
def unprotected(db: Database) -> Iterator[None]:
    """Let the table be deleted in the end."""
    yield
    if db.describe_table().get("DeletionProtectionEnabled"):
        update(db, DeletionProtectionEnabled=False)


def subjects(plan: TablePlan) -> list[str]:
    return [change.subject for change in plan.changes]


@pytest.mark.parametrize(("spoil", "settings", "changes"), DIFFERENCES)
def test_one_difference_is_found_and_mended_once(
    spoil: Callable[[Database], None], settings: dict[str, Any], changes: list[str], table: Database
) -> None:
    items = everything(table)
    asked = TableSettings(**settings)
    spoil(table)
    plan = table.diff_table(asked)
    assert subjects(plan) == changes
    assert plan.held == ()

    assert table.apply_table(plan).is_equal

    watched = Watched(table)
    assert table.diff_table(asked).is_equal
    assert table.apply_table(plan).is_equal
    assert not any(operation.startswith(("Update", "Tag", "Create")) for operation in watched.counts)
    assert everything(table) == items


@pytest.mark.parametrize(
    ("spoil", "subject"),
    [
        (with_other_projection, "index GSI3"),
        (with_other_keys, "index GSI3"),
        pytest.param(with_other_stream, "stream", marks=no_second_stream),
        (with_other_expiry, "time to live"),
    ],
)
def test_what_would_be_replaced_is_left_unless_it_is_asked_for(
    spoil: Callable[[Database], None], subject: str, table: Database
) -> None:
    spoil(table)
    before = table.describe_table()
    plan = table.diff_table()
    assert (plan.changes, [held.subject for held in plan.held]) == ((), [subject])
    assert table.apply_table(plan).held == plan.held
    after = table.describe_table()
    for part in ("KeySchema", "GlobalSecondaryIndexes", "StreamSpecification", "AttributeDefinitions"):
        assert after[part] == before[part]


@no_recovery
@no_encryption
def test_all_differences_together_are_mended(table: Database) -> None:
    items = everything(table)
    for spoil in (with_other_projection, with_extra_index, with_other_stream, with_other_expiry):
        spoil(table)
    drop_index(table, "GSI1")
    asked = TableSettings(
        billing=Provisioned(2, 3),
        kms_key=KEY,
        point_in_time_recovery=True,
        deletion_protection=True,
        tags={"team": "care"},
        replace_indexes=True,
        drop_extra_indexes=True,
        replace_stream=True,
        replace_time_to_live=True,
    )
    plan = table.diff_table(asked)
    assert subjects(plan)[:2] == ["deletion protection", "recovery"]
    assert subjects(plan)[-4:] == ["index ByCreator", "index GSI1", "index GSI3", "index GSI3"]

    assert table.apply_table(plan).is_equal

    table.check_table()
    assert everything(table) == items
    assert [circle.circle_id for circle in table.circles.get_by_type("support_group")] == ["c1"]


def test_an_index_that_is_added_finds_what_was_there_before(table: Database) -> None:
    drop_index(table, "GSI1")
    table.apply_table(table.diff_table())
    assert [circle.circle_id for circle in table.circles.get_by_type("support_group")] == ["c1"]


def test_capacity_is_given_back(table: Database) -> None:
    table.apply_table(table.diff_table(TableSettings(billing=Provisioned(2, 3))))
    described = table.describe_table()
    for part in (described, *described["GlobalSecondaryIndexes"]):
        capacity = part["ProvisionedThroughput"]
        assert (capacity["ReadCapacityUnits"], capacity["WriteCapacityUnits"]) == (2, 3)
    on_demand = TableSettings(billing="on-demand")
    assert table.apply_table(table.diff_table(on_demand)).is_equal
    assert table.describe_table()["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


@no_recovery
def test_recovery_and_protection_are_turned_off_only_if_it_is_asked_for(table: Database) -> None:
    on = TableSettings(point_in_time_recovery=True, deletion_protection=True)
    table.apply_table(table.diff_table(on))
    assert table.diff_table().is_equal
    off = TableSettings(point_in_time_recovery=False, deletion_protection=False)
    assert subjects(table.diff_table(off)) == ["deletion protection", "recovery"]
    assert table.apply_table(table.diff_table(off)).is_equal


@no_recovery
def test_other_tags_stay_and_many_are_read(table: Database) -> None:
    many = {f"tag{number:02}": "a" for number in range(12)}
    table.apply_table(table.diff_table(TableSettings(tags=many)))
    plan = table.diff_table(TableSettings(tags={**many, "tag03": "b"}))
    assert subjects(plan) == ["tag tag03"]
    table.apply_table(plan)
    assert table.diff_table(TableSettings(tags={**many, "tag03": "b"})).is_equal


def test_a_table_that_is_not_there_is_created(absent: Database) -> None:
    plan = absent.diff_table(TableSettings(billing=Provisioned(2, 3)))
    assert (plan.exists, plan.is_equal) == (False, False)
    assert absent.apply_table(plan).is_equal
    absent.check_table()
    make_user(absent)
    assert absent.apply_table(plan).is_equal
    assert absent.users.exists("u1")


def test_a_table_with_another_primary_key_is_refused(absent: Database) -> None:
    absent.connection.client.create_table(
        TableName=absent.table_name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    plan = absent.diff_table()
    assert [held.subject for held in plan.held] == ["primary key"]
    difference = r"it is id \(HASH, type S\), and the models declare PK \(HASH, type S\) and SK"
    with pytest.raises(ConfigurationError, match=difference):
        absent.apply_table(plan)


@pytest.mark.difference("no-lock")
def test_two_at_once_do_it_once(table: Database) -> None:
    drop_index(table, "GSI1")
    drop_index(table, "GSI3")
    plan, left = table.diff_table(), []
    ready = threading.Barrier(2)

    def work() -> None:
        ready.wait()
        left.append(table.apply_table(plan))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [plan.is_equal for plan in left] == [True, True]


def test_a_read_only_database_makes_plans_and_no_changes(table: Database) -> None:
    without_index(table)
    dry = table.read_only()
    with pytest.raises(WriteRefused):
        dry.apply_table(dry.diff_table())
    assert subjects(table.diff_table()) == ["index GSI3"]
