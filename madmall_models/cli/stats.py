"""Look after the figures of the table."""

from __future__ import annotations

import json

import click

from madmall_models.cli.targeting import Target, targeted
from madmall_models.entity import DEFAULT_TENANT
from madmall_models.managers.roll_over import PERIODS


@click.group("stats")
def stats() -> None:
    """Look after the figures of the table."""


@stats.command("roll-over")
@click.argument("period", type=click.Choice(PERIODS))
@click.option("--tenant", metavar="ID", default=DEFAULT_TENANT, show_default=True, help="Whose circles.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@targeted
def roll_over(target: Target, period: str, tenant: str, as_json: bool) -> None:
    """Begin a new week or month of the posts that circles count.

    Run it soon after each Monday or first of the month, in UTC. Run again in the same period, or after it was killed,
    it does what is left and nothing twice.
    """
    with target.opened() as database:
        count = database.circles.roll_over_stats(period, tenant_id=tenant)
    if as_json:
        said = {"table": database.table_name, "tenant": tenant, "period": period, "circles": count}
        click.echo(json.dumps(said, indent=2))
    else:
        click.echo(f"{count} circles of tenant {tenant} began a new {period}")
