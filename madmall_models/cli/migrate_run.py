"""Plan and run migrations, and go on with one that was interrupted."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from madmall_models.cli import INTERRUPTED
from madmall_models.cli.migrate_options import FILE, JSON, PARALLELISM, YES, planning, reporting, writing
from madmall_models.cli.migrate_report import show_report, tell, write_summary
from madmall_models.cli.targeting import Target, confirm_writing, targeted
from madmall_models.errors import MadMallError
from madmall_models.migration import (
    MigrationConfig,
    MigrationReport,
    MigrationService,
    Plan,
    SQLiteSource,
    as_text,
)

SOME_REJECTED = 1
FAILED = 2
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@click.command("plan")
@FILE
@planning
@PARALLELISM
@click.option("--rejects", metavar="PATH", help="Write the rows that would be rejected here, personal columns masked.")
@reporting
@JSON
@targeted
def plan(file: str, chosen: Plan, target: Target, **options: Any) -> int:
    """Show what a run would do.

    Every row of FILE is checked and encoded as if it were written; nothing is.
    """
    config = MigrationConfig(parallelism=options["parallelism"], dry_run=True, rejects=options["rejects"])
    with SQLiteSource(file) as source, target.opened() as database:
        service = MigrationService(database, source, progress=tell(options))
        report = service.execute(chosen, config)
    return _shown(report, config, options, chosen)


@click.command("run")
@FILE
@planning
@click.option("--dry-run", is_flag=True, help="Check every row and write nothing.")
@writing
@reporting
@YES
@JSON
@targeted
def run(file: str, chosen: Plan, config: MigrationConfig, target: Target, **options: Any) -> int:
    """Move the rows of FILE into the table.

    A run that was interrupted is taken up where it was; one that is repeated writes only what is missing.
    """
    return executed(file, config, target, options, lambda service: service.execute(chosen, config))


@click.command("resume")
@FILE
@planning
@writing
@reporting
@YES
@JSON
@targeted
def resume(file: str, chosen: Plan, config: MigrationConfig, target: Target, **options: Any) -> int:
    """Go on with the last run, which was interrupted or failed.

    FILE must be what the run began with; give the same --rejects and --journal, if you named any.
    """
    return executed(file, config, target, options, lambda service: service.resume(chosen, config))


def executed(
    file: str,
    config: MigrationConfig,
    target: Target,
    options: dict[str, Any],
    work: Callable[[MigrationService], MigrationReport],
    *,
    going_on: str = "resume",
) -> int:
    """Let a service work on a file and return the exit status; ``going_on`` is the command that takes up the work.

    Raises:
        MadMallError: nothing was begun. What ends a run that was begun is told, with the command that goes on.
    """
    with SQLiteSource(file) as source, target.opened() as database:
        if not config.dry_run:
            confirm_writing(database, "write to", yes=options["yes"])
        reporter = tell(options)
        service = MigrationService(database, source, progress=reporter)
        try:
            with stopped_by_signals(service):
                report = work(service)
        except (MadMallError, KeyboardInterrupt) as error:
            reporter.end()
            _tell_of_change(source, file)
            if service.report is None or service.report.run is None:
                raise
            return _tell_of_error(service.report, error, going_on)
        reporter.end()
        _tell_of_change(source, file)
    return _shown(report, config, options, None, going_on=going_on)


@contextmanager
def stopped_by_signals(service: MigrationService) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM stop a run in good order, and a second one at once."""

    def stop(number: int, _: Any) -> None:
        signal.signal(number, before[signal.Signals(number)])
        service.cancel()
        # The signal may come while the same stream is written to, which then takes nothing.
        with suppress(RuntimeError):
            click.echo("\nStopping after what is on its way; once more to stop at once.", err=True)

    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _tell_of_change(source: SQLiteSource, file: str) -> None:
    if source.changed():
        click.echo(f"{file} was changed while it was read; run again to move what came since.", err=True)


def _tell_of_error(report: MigrationReport, error: BaseException, going_on: str) -> int:
    """When an error ends a run, say what was moved, then the error, then how to go on; return the status."""
    if report.results:
        click.echo(as_text(report), err=True)
    click.echo(f"Error: {error}" if isinstance(error, MadMallError) else "Stopped.", err=True)
    click.echo(f"To go on: {_command(going_on)}", err=True)
    return FAILED if isinstance(error, MadMallError) else INTERRUPTED


def _shown(
    report: MigrationReport,
    config: MigrationConfig,
    options: dict[str, Any],
    chosen: Plan | None,
    *,
    going_on: str = "resume",
) -> int:
    show_report(report, options, operations=() if chosen is None else chosen.describe())
    write_summary(report, options["summary"])
    if report.failed and config.rejects is not None and not config.dry_run:
        click.echo(f"The {report.failed:,} rejected rows are in {config.rejects}.", err=True)
    if report.status != "applied":
        stopped = "Stopped. " if report.is_cancelled else ""
        click.echo(f"{stopped}To go on: {_command('run' if config.dry_run else going_on)}", err=True)
        return FAILED
    return SOME_REJECTED if report.failed else 0


def _command(name: str) -> str:
    """Return the present command line under another name, as a shell takes it."""
    context = click.get_current_context()
    words = ["madmall", "migrate", name]
    for parameter in context.command.params:
        given = context.get_parameter_source(str(parameter.name)) is click.core.ParameterSource.COMMANDLINE
        if given and parameter.name not in ("dry_run", "json_wanted", "yes"):
            words += _said(parameter, context.params.get(str(parameter.name)))
    return shlex.join(words)


def _said(parameter: click.Parameter, value: Any) -> list[str]:
    if isinstance(parameter, click.Argument):
        return [str(value)]
    if isinstance(parameter, click.Option) and parameter.is_flag:
        return [parameter.opts[0] if value else parameter.secondary_opts[0]]
    values = value if parameter.multiple else (value,)
    return [word for each in values for word in (parameter.opts[0], str(each))]
