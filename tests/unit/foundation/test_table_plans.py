"""A plan makes a table what the models declare and what is asked for: whole, once, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from madmall_models import ConfigurationError, Provisioned, TableNotFound, TablePlan, TableSettings
from madmall_models.table import index_addition
from madmall_models.table_plan import Application
from tests.unit.foundation.pretended_table import PretendedTable
from tests.unit.foundation.table_samples import (
    ARN_OF_KEY,
    EXTRA,
    KEY,
    OTHER_KEY,
    add_index,
    applied,
    declared,
    drop_index,
    index,
    plan,
    retype,
    said,
)

# -- each difference -----------------------------------------------------------------------------------------------


def test_a_table_as_declared_needs_nothing() -> None:
    found = plan(declared())
    assert found.is_equal
    assert found.describe() == ["table care is as the models declare it"]


def _without_stream(table: PretendedTable) -> None:
    assert table.description is not None
    table.description.pop("StreamSpecification")


def _without_expiry(table: PretendedTable) -> None:
    table.time_to_live = {"TimeToLiveStatus": "DISABLED"}


@pytest.mark.parametrize(
    ("spoil", "change"),
    [
        (lambda table: drop_index(table, "GSI3"), "Add the index GSI3 on GSI3PK and GSI3SK, with keys only"),
        (lambda table: drop_index(table, "GSI1"), "Add the index GSI1 on GSI1PK and GSI1SK, with whole items"),
        (
            lambda table: drop_index(table, "GSI4"),
            "Add the index GSI4 on GSI4PK and GSI4SK, with createdAt, entityType, status, updatedAt",
        ),
        (_without_stream, "Begin a stream of NEW_AND_OLD_IMAGES"),
        (_without_expiry, "Let items expire by ttl"),
    ],
)
def test_what_the_models_declare_is_added(spoil: Callable[[PretendedTable], None], change: str) -> None:
    table = declared()
    spoil(table)
    assert said(plan(table)) == [change]
    assert applied(table).is_equal
    assert len(table.sent) == 1


@pytest.mark.parametrize(
    ("settings", "changes"),
    [
        ({"point_in_time_recovery": True}, ["Turn point-in-time recovery on"]),
        ({"deletion_protection": True}, ["Turn deletion protection on"]),
        ({"tags": {"team": "care", "cost": "7"}}, ["Tag the table cost=7", "Tag the table team=care"]),
        ({"kms_key": KEY}, [f"Encrypt the table with the key {KEY}"]),
        (
            {"billing": Provisioned(3, 4)},
            ["Provision 3 read and 4 write units a second for the table and for each declared index"],
        ),
        ({"point_in_time_recovery": False, "deletion_protection": False, "billing": "on-demand"}, []),
    ],
)
def test_what_is_asked_for_is_set(settings: dict[str, Any], changes: list[str]) -> None:
    table = declared()
    assert said(plan(table, **settings)) == changes
    assert applied(table, **settings).is_equal
    assert plan(table).is_equal


def test_what_is_not_asked_for_stays() -> None:
    table = declared()
    asked = {"point_in_time_recovery": True, "deletion_protection": True, "tags": {"team": "care"}, "kms_key": KEY}
    applied(table, billing=Provisioned(3, 4), **asked)
    sent = len(table.sent)
    assert applied(table, tags={"cost": "7"}).is_equal
    assert plan(table, billing=Provisioned(3, 4), **asked).is_equal
    assert table.sent[sent:] == [
        ("TagResource", {"ResourceArn": table.description["TableArn"], "Tags": [{"Key": "cost", "Value": "7"}]})  # type: ignore[index]
    ]


def test_protection_comes_first_and_goes_last() -> None:
    table = declared()
    drop_index(table, "GSI3")
    on = plan(table, point_in_time_recovery=True, deletion_protection=True)
    assert [change.subject for change in on.changes] == ["deletion protection", "recovery", "index GSI3"]
    applied(table, point_in_time_recovery=True, deletion_protection=True)
    drop_index(table, "GSI3")
    off = plan(table, point_in_time_recovery=False, deletion_protection=False)
    assert [change.subject for change in off.changes] == ["index GSI3", "deletion protection", "recovery"]


@pytest.mark.parametrize("stated", [KEY, ARN_OF_KEY])
def test_a_key_is_the_same_by_its_id_and_by_its_arn(stated: str) -> None:
    table = declared()
    applied(table, kms_key=KEY)
    assert plan(table, kms_key=stated).is_equal
    assert not plan(table, kms_key=OTHER_KEY).is_equal
    assert not plan(table, kms_key=ARN_OF_KEY.replace("us-east-1", "us-west-2")).is_equal


def test_capacity_of_one_index_alone_is_set() -> None:
    table = declared()
    applied(table, billing=Provisioned(3, 4))
    index(table, "GSI2")["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
    assert applied(table, billing=Provisioned(3, 4)).is_equal
    update = {
        "IndexName": "GSI2",
        "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
    }
    assert table.sent[-1][1] == {"TableName": "care", "GlobalSecondaryIndexUpdates": [{"Update": update}]}


def test_an_index_that_is_added_has_the_capacity_of_the_table() -> None:
    table = declared()
    drop_index(table, "GSI2")
    assert applied(table, billing=Provisioned(3, 4)).is_equal
    assert index(table, "GSI2")["ProvisionedThroughput"] == {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4}


def test_each_change_says_what_it_costs() -> None:
    table = declared()
    drop_index(table, "GSI3")
    add_index(table, EXTRA)
    found = plan(table, drop_extra_indexes=True, kms_key=KEY, tags={"a": "b"}, billing=Provisioned(1, 1))
    costs = {change.subject: change.cost for change in found.changes}
    assert "reads the whole table (12,000 items, 3,400,000 bytes at its last count)" in costs["index GSI3"]
    assert "queries of the index fail from then on" in costs["index ByCreator"]
    assert all(costs.values())


# -- what is left as it is -----------------------------------------------------------------------------------------


def _other_keys(table: PretendedTable) -> None:
    index(table, "GSI2")["KeySchema"].pop()


def _other_projection(table: PretendedTable) -> None:
    index(table, "GSI2")["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]}


def _other_types(table: PretendedTable) -> None:
    retype(table, "GSI2SK", "N")


@pytest.mark.parametrize(
    ("spoil", "difference"),
    [
        (_other_keys, "it is on GSI2PK, with whole items, and the models declare one on GSI2PK and GSI2SK"),
        (_other_projection, "it is on GSI2PK and GSI2SK, with name, and the models declare one on"),
        (_other_types, "the models declare its keys as texts, and GSI2SK is a number"),
    ],
)
def test_an_index_is_replaced_only_if_it_is_asked_for(
    spoil: Callable[[PretendedTable], None], difference: str
) -> None:
    table = declared()
    spoil(table)
    found = plan(table)
    assert (found.changes, found.is_equal) == ((), False)
    assert found.held[0].difference.startswith(difference)
    assert "--replace-indexes" in found.held[0].remedy
    assert applied(table).held == found.held
    assert table.sent == []

    assert [change.describe() for change in plan(table, replace_indexes=True).changes] == [
        "Drop the index GSI2",
        "Add the index GSI2 on GSI2PK and GSI2SK, with whole items",
    ]
    assert applied(table, replace_indexes=True).is_equal
    assert plan(table).is_equal


def test_an_extra_index_is_no_difference_and_is_dropped_only_if_it_is_asked_for() -> None:
    table = declared()
    add_index(table, EXTRA)
    found = plan(table)
    assert found.is_equal
    assert "index ByCreator on createdBy, with whole items is not declared, and stays" in found.notes[0]
    assert said(plan(table, drop_extra_indexes=True)) == ["Drop the index ByCreator"]
    assert applied(table, drop_extra_indexes=True).notes == ()


def test_an_attribute_that_another_index_holds_to_another_type_is_told() -> None:
    table = declared()
    drop_index(table, "GSI3")
    add_index(table, {**EXTRA, "KeySchema": [{"AttributeName": "GSI3PK", "KeyType": "HASH"}]}, "N")
    found = plan(table)
    assert found.changes == ()
    assert found.held[0].difference == "its key GSI3PK is a text, and in index ByCreator a number"
    assert "drop ByCreator first" in found.held[0].remedy
    assert applied(table, drop_extra_indexes=True).is_equal


def test_a_stream_of_another_view_is_replaced_only_if_it_is_asked_for() -> None:
    table = declared()
    assert table.description is not None
    table.description["StreamSpecification"]["StreamViewType"] = "KEYS_ONLY"
    found = plan(table)
    assert found.changes == ()
    assert found.held[0].difference == "it shows KEYS_ONLY, and the models declare NEW_AND_OLD_IMAGES"
    assert said(plan(table, replace_stream=True)) == ["End the stream", "Begin a stream of NEW_AND_OLD_IMAGES"]
    assert applied(table, replace_stream=True).is_equal


def test_a_time_to_live_by_another_attribute_is_replaced_only_if_it_is_asked_for() -> None:
    table = declared()
    table.time_to_live["AttributeName"] = "expires"
    found = plan(table)
    assert found.changes == ()
    assert found.held[0].difference == "items expire by expires, and the models declare ttl"
    assert said(plan(table, replace_time_to_live=True)) == ["Stop expiring items by expires", "Let items expire by ttl"]
    assert applied(table, replace_time_to_live=True).is_equal


@pytest.mark.parametrize("wrong", ["keys", "type"])
def test_a_table_with_another_primary_key_is_left_alone(wrong: str) -> None:
    table = declared()
    assert table.description is not None
    if wrong == "keys":
        table.description["KeySchema"] = [{"AttributeName": "PK", "KeyType": "HASH"}]
    else:
        retype(table, "SK", "N")
    drop_index(table, "GSI3")
    found = plan(table, tags={"a": "b"})
    assert found.changes == ()
    assert [held.subject for held in found.held] == ["primary key"]
    with pytest.raises(ConfigurationError, match="can never be changed: create a table of another name"):
        applied(table, tags={"a": "b"})
    assert table.sent == []


@pytest.mark.parametrize(
    ("operation", "settings", "subject"),
    [
        ("DescribeTimeToLive", {}, "time to live"),
        ("DescribeContinuousBackups", {"point_in_time_recovery": True}, "recovery"),
        ("ListTagsOfResource", {"tags": {"a": "b"}}, "tags"),
    ],
)
def test_what_an_engine_cannot_tell_is_left(operation: str, settings: dict[str, Any], subject: str) -> None:
    table = declared()
    table.unknown.add(operation)
    found = applied(table, **settings)
    assert [held.subject for held in found.held] == [subject]
    assert found.held[0].difference == "it cannot be compared: this engine does not know of it"
    assert table.sent == []


# -- a table that is not there -------------------------------------------------------------------------------------


def test_a_table_that_is_not_there_is_created_with_everything() -> None:
    table = PretendedTable(None)
    settings: dict[str, Any] = {
        "billing": Provisioned(2, 3),
        "kms_key": KEY,
        "point_in_time_recovery": True,
        "deletion_protection": True,
        "tags": {"team": "care"},
    }
    found = plan(table, **settings)
    assert (found.exists, found.is_equal, found.describe()[0]) == (False, False, "there is no table care")
    assert applied(table, **settings).is_equal
    assert table.changes == ["CreateTable", "UpdateTimeToLive", "UpdateContinuousBackups"]


def test_a_table_that_is_gone_meanwhile_is_told() -> None:
    table = declared()
    drop_index(table, "GSI3")
    connection: Any = table
    found = plan(table)
    table.description = None
    with pytest.raises(TableNotFound):
        Application(connection, found, 60.0, lambda _: None).run()


def test_a_plan_of_another_table_is_refused() -> None:
    connection: Any = declared()
    other = TablePlan("other", TableSettings(), exists=True)
    with pytest.raises(ConfigurationError, match="the plan is of table 'other', and this is 'care'"):
        Application(connection, other, 60.0, lambda _: None).run()


def test_the_type_of_an_attribute_that_no_index_uses_any_more_is_forgotten() -> None:
    table = declared()
    retype(table, "GSI3PK", "N")
    assert table.description is not None
    definition = {name: index(table, "GSI3")[name] for name in ("IndexName", "KeySchema", "Projection")}
    definitions = table.description["AttributeDefinitions"]
    drop_index(table, "GSI3")
    # Engines keep what DynamoDB forgets with the index.
    unused = {"AttributeName": "old", "AttributeType": "N"}
    description = {**table.description, "AttributeDefinitions": [*definitions, unused]}
    sent = {
        entry["AttributeName"]: entry["AttributeType"]
        for entry in index_addition(description, definition)["AttributeDefinitions"]
    }
    assert (sent["GSI3PK"], sent["GSI1PK"]) == ("S", "S")
    assert "old" not in sent


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"billing": 5}, "billing is"),
        ({"billing": "ondemand"}, "billing is"),
        ({"billing": Provisioned(0, 1)}, "at least one unit a second"),
        ({"billing": Provisioned("2", 1)}, "at least one unit a second"),  # type: ignore[arg-type]
        ({"kms_key": "alias/care"}, "an alias cannot be compared"),
        ({"kms_key": 5}, "by its id or its ARN"),
        ({"deletion_protection": "no"}, "deletion_protection is True or False, not str"),
        ({"point_in_time_recovery": 0}, "point_in_time_recovery is True or False, not int"),
        ({"replace_indexes": None}, "replace_indexes is True or False, not NoneType"),
        ({"tags": ["team"]}, "tags are a mapping of names to values, not list"),
        ({"tags": {"team": 5}}, "the name and the value of a tag are texts"),
        ({"tags": {"": "a"}}, "a tag has a name of 1 to 128"),
        ({"tags": {"aws:team": "a"}}, "are the service's own"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(settings: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        TableSettings(**settings)
