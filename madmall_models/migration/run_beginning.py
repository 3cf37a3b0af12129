"""Prepare what a run works with: its table, its files, and what is saved before the first write."""

from __future__ import annotations

import contextlib
from typing import Any

from madmall_models.migration.backup import back_up
from madmall_models.migration.config import MigrationConfig
from madmall_models.migration.journal import Journal
from madmall_models.migration.operations import CreateTable
from madmall_models.migration.plan import Plan
from madmall_models.migration.plan_run import PlanRun
from madmall_models.migration.recorded_run import RecordedRun
from madmall_models.migration.rejects import RejectFile, holds


def make_table(plan: Plan, database: Any) -> None:
    """Create the table first where a step of the plan would: the lease and the ledger need one.

    Raises:
        TableNotFound: there is none, and no step makes one. ConfigurationError: it is not what the models declare.
    """
    if any(isinstance(operation, CreateTable) for operation in plan.operations):
        database.create_table(wait=True)
    else:
        database.check_table()


def open_files(
    recorded: RecordedRun, config: MigrationConfig, stack: contextlib.ExitStack
) -> tuple[Journal, RejectFile]:
    """Open the journal and the file of rejects of a run, from the beginning or from where it was."""
    journal = stack.enter_context(Journal(config.journal, recorded.run))
    if recorded.has_edited_step or not holds(config.rejects, journal.rejects):
        journal.start_anew()
    return journal, stack.enter_context(RejectFile(config.rejects, journal.rejects))


def is_empty(database: Any) -> bool:
    """Tell whether a table holds nothing but records of the engine, which stand in partitions of their own."""
    request = {
        "TableName": database.table_name,
        "ConsistentRead": True,
        "FilterExpression": "NOT begins_with (PK, :engine)",
        "ExpressionAttributeValues": {":engine": {"S": "MIGRATION#"}},
        "Limit": 100,
    }
    page = database.connection.call("Scan", request)
    return not page["Items"] and not page.get("LastEvaluatedKey")


def save_first(database: Any, config: MigrationConfig, recorded: RecordedRun, run: PlanRun) -> None:
    """Save the table before the first write, or say that this was not asked for; once for each run.

    Raises:
        BackupFailed: nothing could be saved; nothing was moved.
    """
    if recorded.record.backup is not None:
        return
    if not config.backup:
        run.notes += [] if recorded.is_resumed else ["no backup was made"]
        return
    backup = back_up(database, recorded.run, config.backup_file or f"madmall-backup-{recorded.run}.jsonl")
    recorded.note(backup=backup.as_document())
    run.notes += [backup.describe(), *backup.notes]


def beginning_notes(recorded: RecordedRun, journal: Journal) -> list[str]:
    """Return what the report says of how a run began."""
    notes = []
    if recorded.left_behind is not None:
        notes.append(f"run {recorded.left_behind.run} was left unfinished: it began with something else")
    if recorded.is_resumed and journal.is_of_this_run:
        notes.append(f"run {recorded.run} was taken up where it had been")
    elif recorded.is_resumed:
        reason = "one of its steps was edited" if recorded.has_edited_step else "its journal or rejects were not there"
        notes.append(f"run {recorded.run} was taken up from the first row: {reason}")
    return notes
