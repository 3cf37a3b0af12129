"""Compare the table with the models, and change it to be what they declare."""

from __future__ import annotations

import json

import click

from madmall_models.cli.table_options import ANSWERED, with_settings
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.table_plan import TableSettings

DIFFERS = 1
_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print as JSON.")


@click.command("diff")
@with_settings
@_JSON
@targeted
def diff(target: Target, settings: TableSettings, json_wanted: bool) -> int:
    """Compare the table with the models and what is asked for.

    Only reads. What is not asked for by an option stays as it is, and is no difference; nor is an index that the models
    do not declare. The exit status is 0 if they are equal, 1 if they are not, 2 if they could not be compared.
    """
    with target.opened() as database:
        plan = database.diff_table(settings)
    as_text = json.dumps(plan.as_dict(), ensure_ascii=False, indent=2) if json_wanted else "\n".join(plan.describe())
    click.echo(as_text)
    return 0 if plan.is_equal else DIFFERS


@click.command("apply")
@with_settings
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    help="How long it may take; then DynamoDB goes on, and so does the same command.",
)
@ANSWERED
@_JSON
@targeted
def apply(target: Target, settings: TableSettings, seconds: float, yes: bool, json_wanted: bool) -> int:
    """Change the table to what the models declare and what is asked for.

    One change at a time, each waited for. What `madmall table diff` with the same options shows is done, and nothing
    else; recovery and deletion protection are turned off only by their own options. Safe to repeat, also after it was
    stopped. The exit status is 1 if a difference was left.
    """
    with target.opened() as database:
        plan = left = database.diff_table(settings)
        if plan.changes:
            click.echo("\n".join(plan.describe()), err=True)
            confirm_writing(database, "change" if plan.exists else "create", yes=yes)
        if plan.changes or plan.obstacle:
            left = database.apply_table(plan, seconds=seconds, report=lambda words: click.echo(words, err=True))
    if json_wanted:
        click.echo(json.dumps({"before": plan.as_dict(), "after": left.as_dict()}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(left.describe()))
    return 0 if left.is_equal else DIFFERS
