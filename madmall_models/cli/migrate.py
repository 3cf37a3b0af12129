"""Plan, run, check and undo migrations: one module for each kind of command."""

from __future__ import annotations

import click

from madmall_models.cli.lazy_group import LazyGroup

_COMMANDS = {
    "analyze": "madmall_models.cli.migrate_analyze:analyze",
    "plan": "madmall_models.cli.migrate_run:plan",
    "resume": "madmall_models.cli.migrate_run:resume",
    "retry-rejects": "madmall_models.cli.migrate_retry:retry",
    "rollback": "madmall_models.cli.migrate_rollback:rollback",
    "run": "madmall_models.cli.migrate_run:run",
    "scaffold": "madmall_models.cli.migrate_analyze:scaffold",
    "status": "madmall_models.cli.migrate_status:status",
    "unlock": "madmall_models.cli.migrate_status:take_lease_away",
    "verify": "madmall_models.cli.migrate_verify:verify_command",
}


@click.group("migrate", cls=LazyGroup, modules=_COMMANDS)
def migrate() -> None:
    """Move a legacy SQLite database into the table, or apply the steps of its history.

    Exit status: 0 when all is well, 1 when rows were rejected, 2 when it failed or was stopped, 3 when a verification
    found differences.
    """
