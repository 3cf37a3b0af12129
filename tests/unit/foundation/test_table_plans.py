"""A plan makes a table what the models declare and what is asked for: whole, once, and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import ConfigurationError, Provisioned, TableNotFound, TablePlan, TableSettings
from madmall_models.table import table_request
from madmall_models.table_plan import Application, plan_of, state_or_none
from tests.unit.foundation.pretended_table import PretendedTable, describe

KEY = "01234567-89ab-cdef-0123-456789abcdef"
OTHER_KEY = "11111111-2222-3333-4444-555555555555"
ARN_OF_KEY = f"arn:aws:kms:us-east-1:123456789012:key/{KEY}"
EXTRA = {
    "IndexName": "ByCreator",
    "KeySchema": [{"AttributeName": "createdBy", "KeyType": "HASH"}],
    "Projection": {"ProjectionType": "ALL"},
}


def declared(**changes: Any) -> PretendedTable:
    """Return a table as the models declare it."""
    table = PretendedTable(describe(table_request("care", None)), **changes)
    table.time_to_live = {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}
    return table


def index(table: PretendedTable, name: str) -> dict[str, Any]:
    assert table.description is not None
    found: dict[str, Any] = next(one for one in table.description["GlobalSecondaryIndexes"] if one["IndexName"] == name)
    return found


def add_index(table: PretendedTable, definition: dict[str, Any], attribute_type: str = "S") -> None:
    assert table.description is not None
    whole = {**definition, "IndexStatus": "ACTIVE", "ProvisionedThroughput": {}}
    table.description["GlobalSecondaryIndexes"].append(copy.deepcopy(whole))
    known = {entry["AttributeName"] for entry in table.description["AttributeDefinitions"]}
    table.description["AttributeDefinitions"] += [
        {"AttributeName": key["AttributeName"], "AttributeType": attribute_type}
        for key in definition["KeySchema"]
        if key["AttributeName"] not in known
    ]


def drop_index(table: PretendedTable, name: str) -> None:
    assert table.description is not None
    table.description["GlobalSecondaryIndexes"].remove(index(table, name))
    left = [one for one in table.description["AttributeDefinitions"] if not one["AttributeName"].startswith(name)]
    table.description["AttributeDefinitions"] = left


def retype(table: PretendedTable, attribute: str, attribute_type: str) -> None:
    assert table.description is not None
    for entry in table.description["AttributeDefinitions"]:
        if entry["AttributeName"] == attribute:
            entry["AttributeType"] = attribute_type


def plan(table: PretendedTable, **settings: Any) -> TablePlan:
    connection: Any = table
    return plan_of("care", state_or_none(connection), TableSettings(**settings))


def applied(table: PretendedTable, **settings: Any) -> TablePlan:
    """Apply what a table needs, without waiting; return what is left."""
    connection: Any = table
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("madmall_models.table_plan.application.time.sleep", lambda _: None)
        return Application(connection, plan(table, **settings), 60.0, lambda _: None).run()


def said(found: TablePlan) -> list[str]:
    return [change.describe() for change in found.changes]


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


# -- any table -----------------------------------------------------------------------------------------------------


@st.composite
def tables(draw: st.DrawFn) -> PretendedTable:
    table = PretendedTable(describe(table_request("care", draw(capacities))), lag=draw(st.integers(0, 2)))
    assert table.description is not None
    for name in ("GSI1", "GSI2", "GSI3", "GSI4"):
        fate = draw(st.sampled_from(["as declared", "missing", "keys", "projection", "type"]))
        if fate == "missing":
            drop_index(table, name)
        elif fate == "keys":
            index(table, name)["KeySchema"].reverse()
            for key, kind in zip(index(table, name)["KeySchema"], ("HASH", "RANGE"), strict=True):
                key["KeyType"] = kind
        elif fate == "projection":
            index(table, name)["Projection"] = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["name"]}
        elif fate == "type":
            retype(table, f"{name}PK", "B")
    if draw(st.booleans()):
        add_index(table, EXTRA)
        index(table, "ByCreator")["ProvisionedThroughput"] = table.description["ProvisionedThroughput"]
    view = draw(st.sampled_from([None, "KEYS_ONLY", "NEW_AND_OLD_IMAGES"]))
    table.description["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": view}
    if view is None:
        table.description.pop("StreamSpecification")
    attribute = draw(st.sampled_from([None, "ttl", "expires"]))
    if attribute is not None:
        table.time_to_live = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}
    table.recovers = draw(st.booleans())
    table.description["DeletionProtectionEnabled"] = draw(st.booleans())
    table.tags = draw(tags)
    return table


tags = st.dictionaries(st.sampled_from(["team", "cost", "stage"]), st.sampled_from(["a", "b"]))
capacities = st.one_of(st.none(), st.builds(Provisioned, st.integers(1, 2), st.integers(1, 2)))
wishes = st.builds(
    TableSettings,
    billing=st.one_of(capacities, st.just("on-demand")),
    kms_key=st.sampled_from([None, KEY]),
    point_in_time_recovery=st.sampled_from([None, True, False]),
    deletion_protection=st.sampled_from([None, True, False]),
    tags=tags,
    replace_indexes=st.booleans(),
    drop_extra_indexes=st.booleans(),
    replace_stream=st.booleans(),
    replace_time_to_live=st.booleans(),
)


@given(tables(), wishes)
def test_any_table_becomes_what_is_asked_for_and_stays(table: PretendedTable, wished: TableSettings) -> None:
    settings = {name: getattr(wished, name) for name in wished.__dataclass_fields__}
    had, before = dict(table.tags), plan(table, **settings)

    left = applied(table, **settings)

    assert left.changes == ()
    assert left.held == before.held
    assert left.is_equal == (not before.held)
    assert table.tags == {**had, **wished.tags}
    sent = len(table.sent)
    assert applied(table, **settings).held == left.held
    assert len(table.sent) == sent
    assert sent == len(before.changes)


@given(tables(), wishes)
def test_any_table_can_become_one_that_was_created_so(table: PretendedTable, wished: TableSettings) -> None:
    whole: dict[str, Any] = {name: getattr(wished, name) for name in wished.__dataclass_fields__}
    whole |= {name: True for name in whole if name.startswith(("replace", "drop"))}
    whole |= {"billing": wished.billing or "on-demand"}
    whole |= {name: bool(whole[name]) for name in ("point_in_time_recovery", "deletion_protection")}
    new = PretendedTable(None)
    table.tags.clear()

    applied(table, **whole)
    applied(new, **whole)

    assert comparable(table) == comparable(new)


def comparable(table: PretendedTable) -> tuple[Any, ...]:
    """Return all of a table but the order of its parts."""
    description = copy.deepcopy(table.description)
    assert description is not None
    definitions = sorted(description.pop("AttributeDefinitions"), key=lambda entry: str(entry["AttributeName"]))
    indexes = sorted(description.pop("GlobalSecondaryIndexes"), key=lambda one: str(one["IndexName"]))
    for one in indexes:
        one["Projection"].get("NonKeyAttributes", []).sort()
    return description, definitions, indexes, table.time_to_live, table.recovers, table.tags
