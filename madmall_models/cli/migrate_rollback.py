"""Undo a migration."""

from __future__ import annotations

import json

import click

from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.migration.legacy_rollback import madmall_rollback
from madmall_models.migration.plan import directory_plan, madmall_plan
from madmall_models.migration.rollback import plan_rollback, roll_back

SOME_KEPT = 1


@click.command("rollback")
@click.argument("run", metavar="RUN")
@click.option(
    "--migrations", metavar="DIRECTORY", help="The run applied the modules of this directory, not the ready import."
)
@click.option(
    "--segments", type=click.IntRange(1, 64), default=4, show_default=True, help="Number of readers, and of writers."
)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and write nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, also where the table is not on this machine.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
@targeted
def rollback(
    run: str, target: Target, migrations: str | None, segments: int, dry_run: bool, yes: bool, json_wanted: bool
) -> int:
    """Remove what RUN wrote, unless it was changed since.

    What RUN replaced is put back. `madmall migrate status` lists the runs. The status is 1 where something stays.
    """
    plan = madmall_plan() if migrations is None else directory_plan(migrations)
    scope = madmall_rollback(plan.mappings)
    with target.opened() as database:
        if dry_run:
            report = plan_rollback(database, run, scope, segments=segments)
        else:
            confirm_writing(database, f"remove what run {run} wrote from", yes=yes)
            report = roll_back(database, run, scope, segments=segments)
    click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if json_wanted else report.as_text())
    return SOME_KEPT if report.kept_count else 0
