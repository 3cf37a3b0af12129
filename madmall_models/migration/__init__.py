"""Move legacy data into the table, and keep the history of the table.

::

    from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan

    with SQLiteSource("legacy.db") as source:
        report = MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=4))
        for result in report.results:
            print(f"{result.entity_type}: {result.successful}/{result.total} migrated")

Any other SQLite file is looked into first, and gets a module of its own to edit::

    with SQLiteSource("shop.db") as source:
        module = scaffold(source.analyze())
"""

from madmall_models.migration.analysis import Analysis
from madmall_models.migration.backup import Backup, back_up, restore_export
from madmall_models.migration.cast import CastError
from madmall_models.migration.completion import Completion
from madmall_models.migration.config import MigrationConfig, OnConflict
from madmall_models.migration.directory import MigrationModule, load_directory
from madmall_models.migration.history import StepStanding, standings
from madmall_models.migration.index_addition import AddIndex
from madmall_models.migration.item_rewrite import RemoveAttribute, RewriteItems
from madmall_models.migration.lease import LeaseState, lease_state, unlock
from madmall_models.migration.ledger import Ledger, RunRecord, Status, StepRecord
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.legacy_rollback import madmall_rollback
from madmall_models.migration.mapping import RUN_START, FieldMap, Mapping, Policy, Reference, Touch
from madmall_models.migration.migration import Migration, Phase
from madmall_models.migration.operations import CreateTable, ImportRows, Operation, RunContext
from madmall_models.migration.pace import Pace
from madmall_models.migration.plan import Plan, Step, directory_plan, madmall_plan
from madmall_models.migration.policies import Policies, with_policies
from madmall_models.migration.progress import BarReporter, JsonReporter, LineReporter, Progress, reporter_for
from madmall_models.migration.question import Question, answers
from madmall_models.migration.rejected_rows import RejectedRows
from madmall_models.migration.rejects import Fault, Reject
from madmall_models.migration.result import EntityResult, MigrationReport
from madmall_models.migration.rollback import plan_rollback, roll_back
from madmall_models.migration.rollback_report import RollbackReport
from madmall_models.migration.rollback_scope import RollbackScope
from madmall_models.migration.run_function import Run
from madmall_models.migration.scaffold import scaffold
from madmall_models.migration.screening import Check, Filter
from madmall_models.migration.service import MigrationService
from madmall_models.migration.source import Column, Row, Source, TallyingSource, UndecodableText
from madmall_models.migration.sqlite_source import SQLiteSource
from madmall_models.migration.suggested_mapping import SuggestedMapping
from madmall_models.migration.summary import as_csv, as_dict, as_json, as_text
from madmall_models.migration.table_analysis import ColumnAnalysis, ForeignKey, TableAnalysis
from madmall_models.migration.verification import verify
from madmall_models.migration.verification_report import VerificationReport

__all__ = [
    "RUN_START",
    "AddIndex",
    "Analysis",
    "Backup",
    "BarReporter",
    "CastError",
    "Check",
    "Column",
    "ColumnAnalysis",
    "Completion",
    "CreateTable",
    "EntityResult",
    "Fault",
    "FieldMap",
    "Filter",
    "ForeignKey",
    "ImportRows",
    "JsonReporter",
    "LeaseState",
    "Ledger",
    "LineReporter",
    "Mapping",
    "Migration",
    "MigrationConfig",
    "MigrationModule",
    "MigrationReport",
    "MigrationService",
    "OnConflict",
    "Operation",
    "Pace",
    "Phase",
    "Plan",
    "Policies",
    "Policy",
    "Progress",
    "Question",
    "Reference",
    "Reject",
    "RejectedRows",
    "RemoveAttribute",
    "RewriteItems",
    "RollbackReport",
    "RollbackScope",
    "Row",
    "Run",
    "RunContext",
    "RunRecord",
    "SQLiteSource",
    "Source",
    "Status",
    "Step",
    "StepRecord",
    "StepStanding",
    "SuggestedMapping",
    "TableAnalysis",
    "TallyingSource",
    "Touch",
    "UndecodableText",
    "VerificationReport",
    "answers",
    "as_csv",
    "as_dict",
    "as_json",
    "as_text",
    "back_up",
    "directory_plan",
    "lease_state",
    "load_directory",
    "madmall_completions",
    "madmall_mappings",
    "madmall_plan",
    "madmall_rollback",
    "plan_rollback",
    "reporter_for",
    "restore_export",
    "roll_back",
    "scaffold",
    "standings",
    "unlock",
    "verify",
    "with_policies",
]
