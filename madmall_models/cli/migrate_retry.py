"""Run those rows again that were rejected, once their cause is mended."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from madmall_models.cli.migrate_options import FILE, JSON, YES, planning, reporting, writing
from madmall_models.cli.migrate_run import executed
from madmall_models.cli.targeting import Target, targeted
from madmall_models.migration import MigrationConfig, MigrationReport, MigrationService, Plan

STILL_REJECTED = "still-rejected.jsonl"


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

    What is rejected once more goes to --rejects, which must be another file; left out, to still-rejected.jsonl. A row
    whose key another item has stays rejected.
    """
    given = click.get_current_context().get_parameter_source("rejects")
    settings = config if given is ParameterSource.COMMANDLINE else replace(config, rejects=STILL_REJECTED)

    def work(service: MigrationService) -> MigrationReport:
        return service.retry_rejects(chosen, rejected, settings)

    return executed(file, settings, target, options, work, going_on="retry-rejects")
