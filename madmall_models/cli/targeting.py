"""Say which table a command means: the options that all commands share, and what they open."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import click

from madmall_models.database import Database

_OPTIONS = (
    click.option("--environment", metavar="NAME", help="production, staging or development: names the table."),
    click.option("--table", "table", metavar="NAME", help="The table; wins over the environment's."),
    click.option("--endpoint", metavar="URL", help="An engine, for example http://localhost:8000."),
    click.option("--region", metavar="NAME", help="The region of the table."),
)
# Under this name a command that surrounds others offers, in ``context.meta``, the settings of a database.
OFFERED = "madmall_models.cli.offered"
OFFER = "application"
_NAMES = ("environment", "table", "endpoint", "region")


@dataclass(frozen=True)
class Target:
    """What the options say; left out, a setting is the offered one, else comes from the environment variables."""

    environment: str | None = None
    table: str | None = None
    endpoint: str | None = None
    region: str | None = None

    @contextmanager
    def opened(self) -> Iterator[Database]:
        """Give the database for the time of a block.

        Raises:
            click.UsageError: no table is named. ConfigurationError: a setting is wrong.
        """
        said = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        offered = {name: value for name, value in self._offered().items() if name not in said}
        settings = {**offered, **said}
        named = settings.get("table") or settings.get("environment")
        if not (named or os.environ.get("MADMALL_TABLE") or os.environ.get("MADMALL_ENVIRONMENT")):
            raise click.UsageError("No table is named; give --table NAME or --environment NAME, or set MADMALL_TABLE.")
        database = Database(**settings)
        database.settings = {
            name: replace(setting, source=OFFER) if name in offered else setting
            for name, setting in database.settings.items()
        }
        try:
            yield database
        finally:
            database.close()

    def _offered(self) -> Mapping[str, Any]:
        """Return what is offered; where another environment is named, it is not the offered table that is meant."""
        context = click.get_current_context(silent=True)
        offered = {} if context is None else context.meta.get(OFFERED, {})
        aside = () if self.environment is None else ("table", "endpoint", "region")
        return {name: value for name, value in offered.items() if name not in aside}


def targeted(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a target, and the ``target`` that they make."""

    @functools.wraps(command)
    def with_target(**options: Any) -> Any:
        target = Target(**{name: options.pop(name) for name in _NAMES})
        return command(target=target, **options)

    for option in reversed(_OPTIONS):
        with_target = option(with_target)
    return with_target


def confirm_writing(database: Database, deed: str, *, yes: bool) -> None:
    """Ask before anything is written to a table that is not on this machine.

    Raises:
        click.UsageError: there is nobody to ask.
        click.Abort: the answer is no.
    """
    if yes or database.connection.settings.is_loopback:
        return
    place = database.connection.settings.endpoint or database.connection.settings.region
    question = f"This will {deed} table {database.table_name} at {place}."
    if not sys.stdin.isatty():
        raise click.UsageError(f"{question} Pass --yes to say that you mean it.")
    click.confirm(f"{question} Go on?", abort=True, err=True)
