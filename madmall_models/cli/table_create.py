"""Create the table."""

from __future__ import annotations

from typing import Any

import click

from madmall_models.cli.table_options import ANSWERED, SETTINGS
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.table import Provisioned


def _with_options(command: Any) -> Any:
    for option in reversed(SETTINGS):
        command = option(command)
    return command


@click.command("create")
@_with_options
@ANSWERED
@targeted
def create(
    target: Target,
    yes: bool,
    billing: Provisioned | str | None,
    kms_key: str | None,
    point_in_time_recovery: bool | None,
    deletion_protection: bool | None,
    tags: dict[str, str],
) -> None:
    """Create the table; safe to repeat.

    It gets its indexes, a stream and its time to live. Of a table that exists nothing is changed but recovery, where it
    is asked for; `madmall table apply` changes the rest.
    """
    with target.opened() as database:
        confirm_writing(database, "create", yes=yes)
        database.create_table(
            wait=True,
            billing=billing if isinstance(billing, Provisioned) else None,
            kms_key=kms_key,
            point_in_time_recovery=bool(point_in_time_recovery),
            deletion_protection=bool(deletion_protection),
            tags=tags,
        )
        click.echo(f"table {database.table_name} is ready", err=True)
