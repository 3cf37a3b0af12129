"""Say which table a command means: the options that all commands share, and what they open."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import click

from madmall_models.configuration import sourced
from madmall_models.database import Database

_OPTIONS = (
    click.option("--environment", metavar="NAME", help="production, staging or development: names the table."),
    click.option("--table", "table", metavar="NAME", help="The table; wins over the environment's."),
    click.option("--endpoint", metavar="URL", help="An engine, for example http://localhost:8000."),
    click.option("--region", metavar="NAME", help="The region of the table."),
)
# Under this name a command that surrounds others leaves, in ``context.meta``, its Offer.
OFFERED = "madmall_models.cli.offered"
_NAMES = ("environment", "table", "endpoint", "region")
_PLACE = ("table", "endpoint", "region")


@dataclass(frozen=True, repr=False)
class Offer:
    """What an application offers to the commands: settings of a database, and where each came from."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)


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
        options = {name: value for name in _NAMES if (value := getattr(self, name)) is not None}
        offer = _offer()
        settings = {**self._kept_of(offer), **options}
        named = settings.get("table") or settings.get("environment")
        if not (named or os.environ.get("MADMALL_TABLE") or os.environ.get("MADMALL_ENVIRONMENT")):
            raise click.UsageError("No table is named; give --table NAME or --environment NAME, or set MADMALL_TABLE.")
        database = Database(**settings)
        from_offer = {name: source for name, source in offer.sources.items() if name not in options}
        database.settings = sourced(database.settings, from_offer)
        try:
            yield database
        finally:
            database.close()

    def _kept_of(self, offer: Offer) -> Mapping[str, Any]:
        """Return what counts of an offer: where another environment is named, its table is not meant."""
        aside = () if self.environment is None else _PLACE
        return {name: value for name, value in offer.settings.items() if name not in aside}


def _offer() -> Offer:
    context = click.get_current_context(silent=True)
    offer: Offer = Offer() if context is None else context.meta.get(OFFERED, Offer())
    return offer


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
