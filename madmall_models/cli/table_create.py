"""Create the table."""

from __future__ import annotations

from typing import Any

import click

from madmall_models.cli.table_options import ANSWERED, SETTINGS
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.table import Provisioned
from madmall_models.table_plan import OnDemand, TableSettings

DIFFERS = 1


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
    billing: Provisioned | OnDemand | None,
    kms_key: str | None,
    point_in_time_recovery: bool | None,
    deletion_protection: bool | None,
    tags: dict[str, str],
) -> int:
    """Create the table; safe to repeat.

    It gets its indexes, a stream and its time to live. The exit status is 1 if the table was there already and is not
    what is asked for; `madmall table apply` changes it.
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
        # The key is left out: it may be named by an alias here, and DynamoDB tells it by its ARN.
        asked = TableSettings(billing, None, point_in_time_recovery, deletion_protection, tags)
        plan = database.diff_table(asked)
    if plan.is_equal:
        click.echo(f"table {plan.table} is ready", err=True)
        return 0
    click.echo("\n".join([*plan.describe(), "`madmall table apply` with the same options changes it"]), err=True)
    return DIFFERS
