"""Say whether the table can serve."""

from __future__ import annotations

import dataclasses
import json

import click

from madmall_models.cli.targeting import Target, targeted

NOT_WELL = 1


@click.command("health")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@targeted
def show_health(target: Target, as_json: bool) -> int:
    """Say whether the table can serve.

    The exit status is 1 if it cannot.
    """
    with target.opened() as database:
        health = database.health()
        if as_json:
            click.echo(json.dumps({"name": database.table_name, **dataclasses.asdict(health)}, indent=2))
        else:
            click.echo(f"{database.table_name}: {health.table}, answered in {health.latency_ms:.1f} ms")
            for reason in health.reasons:
                click.echo(f"  {reason}")
    return 0 if health.ok else NOT_WELL
