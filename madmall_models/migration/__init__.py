"""Move legacy data into the table, and keep the history of the table.

::

    from madmall_models.migration import MigrationConfig, MigrationService, SQLiteSource, madmall_plan

    with SQLiteSource("legacy.db") as source:
        report = MigrationService(db, source).execute(madmall_plan(), MigrationConfig(parallelism=4))
        for result in report.results:
            print(f"{result.entity_type}: {result.successful}/{result.total} migrated")
"""

from madmall_models.migration.cast import CastError
from madmall_models.migration.completion import Completion
from madmall_models.migration.config import MigrationConfig, OnConflict
from madmall_models.migration.directory import MigrationModule, load_directory
from madmall_models.migration.index_addition import AddIndex
from madmall_models.migration.item_rewrite import RemoveAttribute, RewriteItems
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.mapping import RUN_START, FieldMap, Mapping, Policy, Reference, Touch
from madmall_models.migration.migration import Migration, Phase
from madmall_models.migration.operations import CreateTable, ImportRows, Operation, RunContext
from madmall_models.migration.pace import Pace
from madmall_models.migration.plan import Plan, directory_plan, madmall_plan
from madmall_models.migration.progress import BarReporter, LineReporter, Progress, reporter_for
from madmall_models.migration.rejects import Fault, Reject
from madmall_models.migration.result import EntityResult, MigrationReport
from madmall_models.migration.run_function import Run
from madmall_models.migration.service import MigrationService
from madmall_models.migration.source import Column, Row, Source, UndecodableText
from madmall_models.migration.sqlite_source import SQLiteSource
from madmall_models.migration.summary import as_dict, as_json, as_text

__all__ = [
    "RUN_START",
    "AddIndex",
    "BarReporter",
    "CastError",
    "Column",
    "Completion",
    "CreateTable",
    "EntityResult",
    "Fault",
    "FieldMap",
    "ImportRows",
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
    "Policy",
    "Progress",
    "Reference",
    "Reject",
    "RemoveAttribute",
    "RewriteItems",
    "Row",
    "Run",
    "RunContext",
    "SQLiteSource",
    "Source",
    "Touch",
    "UndecodableText",
    "as_dict",
    "as_json",
    "as_text",
    "directory_plan",
    "load_directory",
    "madmall_completions",
    "madmall_mappings",
    "madmall_plan",
    "reporter_for",
]
