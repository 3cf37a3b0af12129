"""Plan and run migrations."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from madmall_models.cli.migrate_verify import verify_command
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.database import Database
from madmall_models.errors import MadMallError
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    OnConflict,
    Plan,
    SQLiteSource,
    as_dict,
    as_text,
    directory_plan,
    madmall_plan,
    reporter_for,
)

SOME_REJECTED = 1
STEP_FAILED = 2

_FILE = click.argument("file", metavar="FILE")
_MIGRATIONS = click.option(
    "--migrations", metavar="DIRECTORY", help="Apply the modules of this directory instead of the ready legacy import."
)
_PARALLELISM = click.option("--parallelism", type=int, default=4, show_default=True, help="Number of writers.")
_JSON = click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")


@click.group("migrate")
def migrate() -> None:
    """Move a legacy SQLite database into the table."""


migrate.add_command(verify_command)


@migrate.command("plan")
@_FILE
@_MIGRATIONS
@_PARALLELISM
@click.option("--rejects", metavar="PATH", help="Write the rows that would be rejected here, personal columns masked.")
@_JSON
@targeted
def plan(
    file: str, target: Target, migrations: str | None, parallelism: int, rejects: str | None, json_wanted: bool
) -> int:
    """Show what a run would do.

    Every row of FILE is checked and encoded as if it were written; nothing is.
    """
    config = MigrationConfig(parallelism=parallelism, dry_run=True, rejects=rejects)
    chosen = _plan(migrations)
    with SQLiteSource(file) as source, target.opened() as database:
        report = _execute(chosen, config, source, database)
    if json_wanted:
        _print_json({"operations": list(chosen.describe()), **as_dict(report)})
    else:
        for number, sentence in enumerate(chosen.describe(), start=1):
            click.echo(f"{number}. {sentence}")
        click.echo(as_text(report))
    return _status(report)


@migrate.command("run")
@_FILE
@_MIGRATIONS
@_PARALLELISM
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
@click.option(
    "--rejects",
    metavar="PATH",
    default="rejects.jsonl",
    show_default=True,
    help="Where rejected rows go, personal columns masked.",
)
@click.option("--max-errors", type=int, help="Write nothing if more rows than this would be rejected.")
@click.option("--batch-size", type=int, default=25, show_default=True, help="Rows to a transaction at most.")
@click.option(
    "--on-conflict",
    type=click.Choice([choice.value for choice in OnConflict]),
    default=OnConflict.SKIP.value,
    show_default=True,
    help="What becomes of a row whose item is in the table already; it is never overwritten.",
)
@click.option("--continue-on-error", is_flag=True, help="Go on with the next table when an error ends one.")
@click.option("--yes", is_flag=True, help="Do not ask, also where the table is not on this machine.")
@_JSON
@targeted
def run(file: str, target: Target, **options: Any) -> int:
    """Move the rows of FILE into the table.

    A run that is repeated writes only what is missing.
    """
    config = MigrationConfig(
        batch_size=options["batch_size"],
        parallelism=options["parallelism"],
        dry_run=options["dry_run"],
        continue_on_error=options["continue_on_error"],
        max_errors=options["max_errors"],
        rejects=options["rejects"],
        on_conflict=OnConflict(options["on_conflict"]),
    )
    chosen = _plan(options["migrations"])
    with SQLiteSource(file) as source, target.opened() as database:
        if not config.dry_run:
            confirm_writing(database, "write to", yes=options["yes"])
        report = _execute(chosen, config, source, database)
    if options["json_wanted"]:
        _print_json(as_dict(report))
    else:
        click.echo(as_text(report))
    if report.failed:
        click.echo(f"The {report.failed:,} rejected rows are in {config.rejects}.", err=True)
    return _status(report)


def _plan(migrations: str | None) -> Plan:
    return madmall_plan() if migrations is None else directory_plan(migrations)


def _execute(chosen: Plan, config: MigrationConfig, source: SQLiteSource, database: Database) -> MigrationReport:
    """Run a plan; when an error ends it, say what was moved before the error is told."""
    service = MigrationService(database, source, progress=reporter_for(sys.stderr))
    try:
        return service.execute(chosen, config)
    except (MadMallError, KeyboardInterrupt):
        if service.report is not None and service.report.results:
            click.echo(as_text(service.report), err=True)
        if not config.dry_run:
            click.echo("Run the same command again to go on: it writes only what is missing.", err=True)
        raise


def _print_json(document: Any) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def _status(report: MigrationReport) -> int:
    if report.stopped_steps:
        return STEP_FAILED
    return SOME_REJECTED if report.failed else 0
