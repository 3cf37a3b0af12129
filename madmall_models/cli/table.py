"""Create and describe the table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from madmall_models.cli.targeting import Target, confirm_writing, targeted


@click.group("table")
def table() -> None:
    """Create and describe the table."""


@table.command("create")
@click.option("--yes", is_flag=True, help="Do not ask, also where the table is not on this machine.")
@targeted
def create(target: Target, yes: bool) -> None:
    """Create the table; safe to repeat.

    It gets its indexes, a stream and its time to live.
    """
    with target.opened() as database:
        confirm_writing(database, "create", yes=yes)
        database.create_table(wait=True)
        click.echo(f"table {database.table_name} is ready", err=True)


@table.command("describe")
@click.option("--json", "as_json", is_flag=True, help="Print DynamoDB's own description.")
@targeted
def describe(target: Target, as_json: bool) -> None:
    """Show keys, indexes, size and state."""
    with target.opened() as database:
        description = database.describe_table()
    if as_json:
        click.echo(json.dumps(description, indent=2, default=str))
        return
    for line in _lines(description):
        click.echo(line)


def _lines(description: Mapping[str, Any]) -> list[str]:
    billing = description.get("BillingModeSummary", {}).get("BillingMode", "PROVISIONED")
    stream = description.get("StreamSpecification", {}).get("StreamViewType", "off")
    lines = [
        f"table    {description['TableName']}",
        f"state    {description['TableStatus']}",
        f"keys     {_keys(description)}",
        f"billing  {billing}",
        f"stream   {stream}",
        f"items    {description.get('ItemCount', 0):,} (DynamoDB counts them every six hours)",
        f"bytes    {description.get('TableSizeBytes', 0):,}",
    ]
    indexes = sorted(description.get("GlobalSecondaryIndexes", []), key=lambda index: str(index["IndexName"]))
    return lines + [_index(index) for index in indexes]


def _index(index: Mapping[str, Any]) -> str:
    projection = index["Projection"]
    included = ", ".join(sorted(projection.get("NonKeyAttributes", [])))
    state = index.get("IndexStatus", "ACTIVE")
    return f"{index['IndexName']:8} {_keys(index)}  {projection['ProjectionType']} {included}".rstrip() + f"  {state}"


def _keys(part: Mapping[str, Any]) -> str:
    return " / ".join(key["AttributeName"] for key in part["KeySchema"])
