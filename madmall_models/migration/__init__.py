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
from madmall_models.migration.cast import CastError
from madmall_models.migration.completion import Completion
from madmall_models.migration.config import MigrationConfig, OnConflict
from madmall_models.migration.directory import MigrationModule, load_directory
from madmall_models.migration.legacy_completions import madmall_completions
from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.mapping import RUN_START, FieldMap, Mapping, Policy, Reference, Touch
from madmall_models.migration.migration import Migration, Phase
from madmall_models.migration.operations import CreateTable, ImportRows, Operation
from madmall_models.migration.plan import Plan, directory_plan, madmall_plan
from madmall_models.migration.progress import BarReporter, LineReporter, Progress, reporter_for
from madmall_models.migration.question import Question, answers
from madmall_models.migration.rejected_rows import RejectedRows
from madmall_models.migration.rejects import Fault, Reject
from madmall_models.migration.result import EntityResult, MigrationReport
from madmall_models.migration.scaffold import scaffold
from madmall_models.migration.service import MigrationService
from madmall_models.migration.source import Column, Row, Source, UndecodableText
from madmall_models.migration.sqlite_source import SQLiteSource
from madmall_models.migration.suggested_mapping import SuggestedMapping
from madmall_models.migration.summary import as_dict, as_json, as_text
from madmall_models.migration.table_analysis import ColumnAnalysis, ForeignKey, TableAnalysis

__all__ = [
    "RUN_START",
    "Analysis",
    "BarReporter",
    "CastError",
    "Column",
    "ColumnAnalysis",
    "Completion",
    "CreateTable",
    "EntityResult",
    "Fault",
    "FieldMap",
    "ForeignKey",
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
    "Phase",
    "Plan",
    "Policy",
    "Progress",
    "Question",
    "Reference",
    "Reject",
    "RejectedRows",
    "Row",
    "SQLiteSource",
    "Source",
    "SuggestedMapping",
    "TableAnalysis",
    "Touch",
    "UndecodableText",
    "answers",
    "as_dict",
    "as_json",
    "as_text",
    "directory_plan",
    "load_directory",
    "madmall_completions",
    "madmall_mappings",
    "madmall_plan",
    "reporter_for",
    "scaffold",
]
