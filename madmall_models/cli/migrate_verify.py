"""Verify that a table holds what a legacy file gives."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from madmall_models.cli.migrate_options import planning
from madmall_models.cli.targeting import Target, targeted
from madmall_models.clock import utc_now
from madmall_models.migration import Ledger, Plan, SQLiteSource, reporter_for
from madmall_models.migration.findings_file import FindingsFile
from madmall_models.migration.verification import verify
from madmall_models.migration.verification_summary import verification_dict, verification_text

SOME_FOUND = 3


@click.command("verify")
@click.argument("file", metavar="FILE")
@planning
@click.option("--sample", type=int, metavar="N", help="Compare one row of N, and do not read the whole table.")
@click.option("--segments", type=int, default=4, show_default=True, help="Parts of the table that are read at once.")
@click.option("--findings", metavar="PATH", help="Write all findings here, with ids; only you can read the file.")
@click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
@targeted
def verify_command(file: str, chosen: Plan, target: Target, **options: Any) -> int:
    """Compare the table with FILE.

    Every row is prepared as a run would, the table is read once, and nothing is written. The exit status is 3 if
    anything differs.
    """
    with SQLiteSource(file) as source, target.opened() as database, FindingsFile(options["findings"]) as findings:
        default_time = Ledger(database).default_time(chosen.name)
        if default_time is None:
            click.echo("The table knows of no run of this plan: rows without any time will differ.", err=True)
        report = verify(
            database,
            source,
            chosen,
            started_at=default_time or utc_now(),
            sample=options["sample"],
            segments=options["segments"],
            progress=reporter_for(sys.stderr),
            found=findings.write,
        )
    if options["json_wanted"]:
        click.echo(json.dumps(verification_dict(report), ensure_ascii=False, indent=2))
    else:
        click.echo(verification_text(report))
    if not report.ok and options["findings"]:
        click.echo(f"The {report.total:,} findings are in {options['findings']}.", err=True)
    return 0 if report.ok else SOME_FOUND
