"""An index is added to a table in use, waited for, left alone when it is there, and never in place of another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from madmall_models import (
    Circle,
    ConfigurationError,
    Database,
    IndexConflict,
    MigrationModuleError,
    Provisioned,
    ServiceError,
    WriteRefused,
)
from madmall_models.migration import AddIndex, Run, RunContext
from tests.integration.plain_run import PlainRun, Watched, applied
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import nothing_written, raw

BY_CREATOR = AddIndex("ByCreator", "createdBy", "createdAt", ["name"])


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Give what was waited for, in seconds, without waiting."""
    waited: list[float] = []
    monkeypatch.setattr("madmall_models.migration.index_addition.time.sleep", waited.append)
    return waited


def index(db: Database, name: str) -> dict[str, Any]:
    indexes = db.describe_table()["GlobalSecondaryIndexes"]
    found: dict[str, Any] = next(index for index in indexes if index["IndexName"] == name)
    return found


# -- adding --------------------------------------------------------------------------------------------------------


def test_an_index_is_added_and_finds_what_was_there_before(db: Database) -> None:
    make_user(db)
    make_circle(db, "c1")
    make_circle(db, "c2")

    run = applied(db, BY_CREATOR)

    added = index(db, "ByCreator")
    assert added["IndexStatus"] == "ACTIVE"
    assert added["KeySchema"] == [
        {"AttributeName": "createdBy", "KeyType": "HASH"},
        {"AttributeName": "createdAt", "KeyType": "RANGE"},
    ]
    assert added["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]}
    answer = db.connection.call(
        "Query",
        {
            "TableName": db.table_name,
            "IndexName": "ByCreator",
            "KeyConditionExpression": "createdBy = :creator",
            "ExpressionAttributeValues": {":creator": raw(db, Circle.key.of("c1"))["createdBy"]},
        },
    )
    assert sorted(item["PK"]["S"] for item in answer["Items"]) == ["CIRCLE#c1", "CIRCLE#c2"]
    assert (run.progress[-1].table, run.progress[-1].is_over) == ("index ByCreator", True)
    assert not run.progress[0].is_over


@pytest.mark.parametrize(
    ("operation", "shape"),
    [
        (AddIndex("ByA", "a"), {"ProjectionType": "KEYS_ONLY"}),
        (AddIndex("ByA", "a", "b", "ALL"), {"ProjectionType": "ALL"}),
        (AddIndex("ByA", "a", projection=("c", "d")), {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["c", "d"]}),
    ],
)
def test_what_it_copies_is_as_it_was_asked_for(operation: AddIndex, shape: dict[str, Any], db: Database) -> None:
    applied(db, operation)
    assert index(db, "ByA")["Projection"] == shape


def test_an_equal_index_is_left_alone(db: Database) -> None:
    applied(db, BY_CREATOR)
    watched = Watched(db)
    applied(db, BY_CREATOR, AddIndex("GSI3", "GSI3PK", "GSI3SK"))
    assert set(watched.counts) == {"DescribeTable"}


@pytest.mark.parametrize(
    "other",
    [
        AddIndex("GSI3", "GSI3PK"),
        AddIndex("GSI3", "GSI3PK", "GSI3SK", "ALL"),
        AddIndex("GSI3", "GSI3SK", "GSI3PK"),
        AddIndex("GSI3", "GSI3PK", "GSI3SK", ["status"]),
    ],
)
@pytest.mark.parametrize("dry_run", [False, True])
def test_another_index_of_the_name_is_refused_and_stays(other: AddIndex, dry_run: bool, db: Database) -> None:
    before = index(db, "GSI3")
    with pytest.raises(IndexConflict, match="the table has an index GSI3 already"):
        applied(db, other, dry_run=dry_run)
    assert index(db, "GSI3")["Projection"] == before["Projection"]


def test_a_dry_run_says_what_it_would_add(db: Database) -> None:
    run = applied(db, BY_CREATOR, AddIndex("GSI3", "GSI3PK", "GSI3SK"), dry_run=True)
    assert run.notes == ["index ByCreator: would be added", "index GSI3: is there already"]
    assert len(db.describe_table()["GlobalSecondaryIndexes"]) == 4
    db.delete_table()
    assert applied(db, BY_CREATOR, dry_run=True).notes == ["index ByCreator: would be added"]


def test_an_index_of_a_table_with_provisioned_capacity_has_the_capacity_of_the_table(engine: Any) -> None:
    database = Database(table=f"test-{uuid4().hex}", **engine.connection_settings())
    try:
        database.create_table(billing=Provisioned(read=2, write=3))
        applied(database, AddIndex("ByA", "a"))
        given = index(database, "ByA")["ProvisionedThroughput"]
        assert (given["ReadCapacityUnits"], given["WriteCapacityUnits"]) == (2, 3)
    finally:
        database.delete_table()
        database.close()


# -- waiting -------------------------------------------------------------------------------------------------------


class SlowTable:
    """Answer as DynamoDB does while it fills an index: the engines under test have it at once.

    Args:
        db: whose descriptions are changed.
        states: of the named index, one for each description, then as it is.
    """

    def __init__(self, db: Database, monkeypatch: pytest.MonkeyPatch, name: str, states: list[str]) -> None:
        self._describe, self._name, self.states = db.describe_table, name, states
        monkeypatch.setattr(db, "describe_table", self)

    def __call__(self) -> dict[str, Any]:
        description = self._describe()
        for found in description["GlobalSecondaryIndexes"]:
            if found["IndexName"] == self._name and self.states:
                found["IndexStatus"] = self.states.pop(0)
        return description


def test_an_index_is_waited_for_until_it_is_filled(
    db: Database, monkeypatch: pytest.MonkeyPatch, no_waiting: list[float]
) -> None:
    applied(db, BY_CREATOR)
    no_waiting.clear()
    table = SlowTable(db, monkeypatch, "ByCreator", ["CREATING"] * 7)

    run = applied(db, BY_CREATOR)

    assert table.states == []
    assert [progress.done for progress in run.progress] == [0] * 7 + [1]
    assert no_waiting == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_another_index_that_is_being_made_is_waited_for_first(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    SlowTable(db, monkeypatch, "GSI1", ["CREATING"] * 3)
    watched = Watched(db)
    applied(db, BY_CREATOR)
    assert [name for name, _ in watched.sent][:5] == ["DescribeTable"] * 4 + ["UpdateTable"]
    assert watched.counts["UpdateTable"] == 1


def refusing(code: str, times: int) -> Callable[[str, Any], None]:
    left = [code] * times

    def refuse(operation: str, request: Any) -> None:
        if operation == "UpdateTable" and left:
            raise ServiceError(f"UpdateTable was refused: {left[0]}", code=left.pop())

    return refuse


@pytest.mark.parametrize("code", ["LimitExceededException", "ResourceInUseException"])
def test_a_table_that_says_it_is_busy_is_asked_again(code: str, db: Database) -> None:
    Watched(db, refusing(code, 3))
    applied(db, BY_CREATOR)
    assert index(db, "ByCreator")["IndexStatus"] == "ACTIVE"


@pytest.mark.parametrize(("code", "times"), [("LimitExceededException", 100), ("ValidationException", 1)])
def test_a_table_that_cannot_have_the_index_is_not_asked_for_ever(code: str, times: int, db: Database) -> None:
    Watched(db, refusing(code, times))
    with pytest.raises(ServiceError, match=code):
        applied(db, BY_CREATOR)


def test_a_run_that_is_told_to_stop_while_it_waits_goes_on_waiting_when_it_is_taken_up(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Cancelled(Exception):
        pass

    checks = iter([None, None, Cancelled])

    def check() -> None:
        if (error := next(checks, None)) is not None:
            raise error

    run = PlainRun(db, on_check=check)
    applied(db, BY_CREATOR)
    SlowTable(db, monkeypatch, "ByCreator", ["CREATING"] * 5)
    with pytest.raises(Cancelled):
        BY_CREATOR.apply(run)
    BY_CREATOR.apply(run)
    assert run.progress[-1].is_over


def test_an_index_that_is_being_deleted_is_refused(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    applied(db, BY_CREATOR)
    SlowTable(db, monkeypatch, "ByCreator", ["DELETING"])
    with pytest.raises(IndexConflict, match="index ByCreator is being deleted; resume when it is gone"):
        applied(db, BY_CREATOR)


# -- the declared table --------------------------------------------------------------------------------------------


def test_creating_the_table_again_leaves_an_added_index(db: Database) -> None:
    applied(db, BY_CREATOR)
    db.create_table()
    assert index(db, "ByCreator")["IndexStatus"] == "ACTIVE"


def delete_index(db: Database, name: str) -> None:
    change: Any = [{"Delete": {"IndexName": name}}]
    db.connection.client.update_table(TableName=db.table_name, GlobalSecondaryIndexUpdates=change)
    while name in [found["IndexName"] for found in db.describe_table()["GlobalSecondaryIndexes"]]:
        pass


def test_a_table_that_lacks_a_declared_index_or_has_another_one_is_refused(db: Database) -> None:
    delete_index(db, "GSI3")
    with pytest.raises(ConfigurationError, match=r"than the models declare: it has no index GSI3\. Name another"):
        db.create_table()
    applied(db, AddIndex("GSI3", "GSI3PK", "GSI3SK", "ALL"))
    with pytest.raises(ConfigurationError, match="declare: its index GSI3 has other keys or copies other attributes"):
        db.create_table()
    delete_index(db, "GSI3")
    applied(db, AddIndex("GSI3", "GSI3PK", "GSI3SK"))
    db.create_table()


@pytest.mark.parametrize(
    "arguments",
    [
        ("", "a"),
        ("By", "a"),
        ("By A", "a"),
        (5, "a"),
        ("ByA", ""),
        ("ByA", 5),
        ("ByA", "a", "a"),
        ("ByA", "a", ""),
        ("ByA", "a", "b", "some"),
        ("ByA", "a", "b", []),
    ],
)
def test_what_is_no_index_is_refused_when_the_module_is_loaded(arguments: Any) -> None:
    with pytest.raises(MigrationModuleError, match="index"):
        AddIndex(*arguments)


# -- a function of one's own ---------------------------------------------------------------------------------------


def test_a_function_of_ones_own_is_given_the_run(db: Database) -> None:
    def rename(run: RunContext) -> None:
        for circle in run.database.circles.get_by_type("support_group"):
            run.check()
            run.database.circles.update(circle.circle_id, name="Renamed")
        run.write_point("circles", {"done": True})
        run.note("renamed")

    make_user(db)
    make_circle(db)
    operation = Run(rename, describe="Rename the circles")

    with nothing_written(db), pytest.raises(WriteRefused):
        applied(db, operation, dry_run=True)
    run = applied(db, operation)

    assert db.circles.get("c1").name == "Renamed"
    assert (run.points, run.notes) == ({"circles": {"done": True}}, ["renamed"])
    assert operation.describe() == "Rename the circles"
