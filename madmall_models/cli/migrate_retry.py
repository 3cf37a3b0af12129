"""Run those rows again that were rejected, once their cause is mended."""

from __future__ import annotations

from typing import Any

import click

from madmall_models.cli.migrate_options import FILE, JSON, YES, planning, reporting, writing
from madmall_models.cli.migrate_report import show_report, tell, write_summary
from madmall_models.cli.migrate_run import FAILED, SOME_REJECTED, stopped_by_signals
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.migration import MigrationConfig, MigrationService, Plan, SQLiteSource


@click.command("retry-rejects")
@FILE
@click.argument("rejected", metavar="REJECTS")
@planning
@writing
@reporting
@YES
@JSON
@targeted
def retry(file: str, rejected: str, chosen: Plan, config: MigrationConfig, target: Target, **options: Any) -> int:
    """Move those rows of FILE again that REJECTS lists, after their cause was mended.

    What is rejected once more goes to --rejects, which must be another file.
    """
    with SQLiteSource(file) as source, target.opened() as database:
        confirm_writing(database, "write to", yes=options["yes"])
        service = MigrationService(database, source, progress=tell(options))
        with stopped_by_signals(service):
            report = service.retry_rejects(chosen, rejected, config)
    show_report(report, options)
    write_summary(report, options["summary"])
    if report.failed:
        click.echo(f"The {report.failed:,} rows that were rejected again are in {config.rejects}.", err=True)
    if report.status != "applied":
        return FAILED
    return SOME_REJECTED if report.failed else 0
