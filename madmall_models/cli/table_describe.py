"""Show what the table is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from madmall_models.cli.targeting import Target, targeted
from madmall_models.table import Provisioned
from madmall_models.table_plan import TableState, read_state


@click.command("describe")
@click.option("--json", "as_json", is_flag=True, help="Print DynamoDB's own descriptions.")
@targeted
def describe(target: Target, as_json: bool) -> None:
    """Show keys, indexes, settings, size and state."""
    with target.opened() as database:
        state = read_state(database.connection)
    if as_json:
        click.echo(json.dumps(_whole(state), indent=2, default=str))
        return
    for line in _lines(state):
        click.echo(line)


def _whole(state: TableState) -> dict[str, Any]:
    """Return the description of the table with what DynamoDB keeps apart from it."""
    return {
        **state.description,
        "TimeToLiveDescription": dict(state.time_to_live_description),
        "ContinuousBackupsDescription": dict(state.recovery_description),
        "Tags": [{"Key": name, "Value": value} for name, value in sorted(state.tags.items())],
    }


def _lines(state: TableState) -> list[str]:
    description = state.description
    lines = [
        f"table       {description['TableName']}",
        f"state       {description['TableStatus']}",
        f"keys        {_keys(description)}",
        f"billing     {_billing(state)}",
        f"stream      {state.stream or 'off'}",
        f"expiry      {_or_unread(state, 'time to live', f'by {state.time_to_live}' if state.time_to_live else 'off')}",
        f"recovery    {_or_unread(state, 'recovery', 'on' if state.recovers else 'off')}",
        f"protection  {'on' if state.is_protected else 'off'}",
        f"encryption  {state.kms_key or 'a key of the service'}",
        f"tags        {_or_unread(state, 'tags', _tags(state.tags))}",
        f"items       {description.get('ItemCount', 0):,} (DynamoDB counts them every six hours)",
        f"bytes       {description.get('TableSizeBytes', 0):,}",
    ]
    indexes = sorted(description.get("GlobalSecondaryIndexes", []), key=lambda index: str(index["IndexName"]))
    return lines + [_index(index) for index in indexes]


def _billing(state: TableState) -> str:
    if isinstance(state.billing, Provisioned):
        return f"{state.billing.read} read and {state.billing.write} write units a second"
    return state.billing


def _or_unread(state: TableState, what: str, text: str) -> str:
    return f"unknown: {state.unread[what]}" if what in state.unread else text


def _tags(tags: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(tags.items())) or "none"


def _index(index: Mapping[str, Any]) -> str:
    projection = index["Projection"]
    included = ", ".join(sorted(projection.get("NonKeyAttributes", [])))
    state = index.get("IndexStatus", "ACTIVE")
    return f"{index['IndexName']:11} {_keys(index)}  {projection['ProjectionType']} {included}".rstrip() + f"  {state}"


def _keys(part: Mapping[str, Any]) -> str:
    return " / ".join(key["AttributeName"] for key in part["KeySchema"])
