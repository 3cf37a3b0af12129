"""Make tables that differ from what the models declare, and plans for them."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from madmall_models import TablePlan, TableSettings
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
