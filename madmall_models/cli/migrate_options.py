"""Hold the options that the commands which move rows share, and the settings that they make."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from madmall_models.cli.migrate_report import check_summary
from madmall_models.errors import ConfigurationError
from madmall_models.migration import MigrationConfig, OnConflict, Plan, directory_plan, madmall_plan

FILE = click.argument("file", metavar="FILE")
JSON = click.option("--json", "json_wanted", is_flag=True, help="Print the report as JSON.")
POLICY = click.option(
    "--policy",
    "policies",
    metavar="REFERENCE=POLICY",
    multiple=True,
    help="What becomes of rows that name what is not there: reject, keep or stub, as in circle_members.userId=stub.",
)
IMAGES = click.option(
    "--image-address", metavar="URL", help="Where the files of legacy images are found; part of their URLs."
)
MIGRATIONS = click.option(
    "--migrations", metavar="DIRECTORY", help="Apply the modules of this directory instead of the ready legacy import."
)
PARALLELISM = click.option("--parallelism", type=int, default=4, show_default=True, help="Number of writers.")
YES = click.option("--yes", is_flag=True, help="Do not ask, also where the table is not on this machine.")
REPORTS = (
    click.option("--summary", metavar="PATH", help="Write the report to this file too: .txt, .json or .csv."),
    click.option(
        "--progress",
        type=click.Choice(["auto", "bar", "lines", "json", "none"]),
        default="auto",
        show_default=True,
        help="How to tell how far it is, on stderr; auto is a bar on a terminal, JSON with --json, lines otherwise.",
    ),
)
_SETTINGS = (
    "parallelism",
    "rejects",
    "journal",
    "max_errors",
    "batch_size",
    "exclusive",
    "max_wcu",
    "backup",
    "backup_file",
    "restore_deleted",
    "continue_on_error",
)
_WRITING = (
    PARALLELISM,
    click.option(
        "--rejects",
        metavar="PATH",
        default="rejects.jsonl",
        show_default=True,
        help="Where rejected rows go, personal columns masked.",
    ),
    click.option(
        "--journal",
        metavar="PATH",
        default="migration.journal",
        show_default=True,
        help="Where the run notes what it must know to be resumed; removed at the end.",
    ),
    click.option("--max-errors", type=int, help="Write nothing if more rows than this would be rejected."),
    click.option("--batch-size", type=int, default=25, show_default=True, help="Rows to a transaction at most."),
    click.option(
        "--on-conflict",
        type=click.Choice([choice.value for choice in OnConflict]),
        default=OnConflict.SKIP.value,
        show_default=True,
        help="What becomes of a row whose item is in the table already.",
    ),
    click.option("--exclusive", is_flag=True, help="Nobody else writes the table: put by batches, at half the units."),
    click.option("--max-wcu", type=float, help="Write units a second that are not exceeded."),
    click.option(
        "--backup/--no-backup", default=True, show_default=True, help="Save a table that holds something first."
    ),
    click.option("--backup-file", metavar="PATH", help="Where an export goes, if the engine makes no backups."),
    click.option("--restore-deleted", is_flag=True, help="Move rows again that were moved and deleted since."),
    click.option("--continue-on-error", is_flag=True, help="Go on with the next table when an error ends one."),
)


def writing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a run, and the ``config`` that they make."""

    @functools.wraps(command)
    def with_config(**options: Any) -> Any:
        dry_run = options.pop("dry_run", False)
        chosen = {name: options.pop(name) for name in _SETTINGS}
        conflict = OnConflict(options.pop("on_conflict"))
        return command(config=MigrationConfig(**chosen, on_conflict=conflict, dry_run=dry_run), **options)

    for option in reversed(_WRITING):
        with_config = option(with_config)
    return with_config


def reporting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of how it tells, checked before it begins."""

    @functools.wraps(command)
    def with_reports(**options: Any) -> Any:
        check_summary(options["summary"])
        return command(**options)

    for option in reversed(REPORTS):
        with_reports = option(with_reports)
    return with_reports


def planning(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a plan, and the ``chosen`` plan that they make."""

    @functools.wraps(command)
    def with_plan(**options: Any) -> Any:
        chosen = _plan(options.pop("migrations"), options.pop("policies"), options.pop("image_address"))
        return command(chosen=chosen, **options)

    for option in (IMAGES, POLICY, MIGRATIONS):
        with_plan = option(with_plan)
    return with_plan


def _plan(migrations: str | None, policies: tuple[str, ...], image_address: str | None) -> Plan:
    """Return the plan of a directory, or the ready legacy import.

    Raises:
        MigrationModuleError: the directory cannot be used. ConfigurationError: a policy cannot.
    """
    if migrations is not None and (policies or image_address):
        raise ConfigurationError("--policy and --image-address belong to the ready import; a module says its own")
    if migrations is not None:
        return directory_plan(migrations)
    for pair in policies:
        if "=" not in pair:
            raise ConfigurationError(f"--policy {pair}: write REFERENCE=POLICY, as in circle_members.userId=stub")
    if image_address is not None and urlsplit(image_address).scheme not in ("http", "https"):
        raise ConfigurationError("--image-address is a URL such as https://images.example.org/legacy")
    pairs: Any = dict(pair.partition("=")[::2] for pair in policies)
    return madmall_plan(pairs) if image_address is None else madmall_plan(pairs, image_address=image_address)
