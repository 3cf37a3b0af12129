"""Run those rows again that were rejected, once their cause is mended."""

from __future__ import annotations

from typing import Any

import click

from madmall_models.cli.migrate_options import FILE, JSON, YES, planning, reporting, writing
from madmall_models.cli.migrate_run import executed
from madmall_models.cli.targeting import Target, targeted
from madmall_models.migration import MigrationConfig, MigrationReport, MigrationService, Plan


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

    def work(service: MigrationService) -> MigrationReport:
        return service.retry_rejects(chosen, rejected, config)

    return executed(file, config, target, options, work, going_on="retry-rejects")
