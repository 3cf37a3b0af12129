"""Be ``flask madmall ...``: the commands of ``madmall``, on the table of the application."""

from __future__ import annotations

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from madmall_models import cli
from madmall_models.adapters.flask.state import state_of
from madmall_models.cli.targeting import OFFERED
from madmall_models.errors import MadMallError

# It starts an engine of its own and has no use for a table.
_LEFT_OUT = frozenset(["demo"])


class CouldNot(click.ClickException):
    """Say in one line that a command could not be carried out."""

    exit_code = cli.COULD_NOT


class AppCommands(click.Group):
    """Be the group of the commands that are offered to an application."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands, sorted."""
        return [name for name in cli.commands.list_commands(context) if name not in _LEFT_OUT]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, its module imported, or None if there is none of this name."""
        return None if name in _LEFT_OUT else cli.commands.get_command(context, name)

    def invoke(self, context: click.Context) -> Any:
        """Run a command; end with its status, and with one line where it could not be carried out."""
        try:
            status = super().invoke(context)
        except MadMallError as error:
            raise CouldNot(str(error)) from error
        if isinstance(status, int) and status:
            context.exit(status)
        return status


@click.group("madmall", cls=AppCommands)
@click.pass_context
@with_appcontext
def madmall(context: click.Context) -> None:
    """Look after the table of this application.

    Its settings count where an option of the command does not say otherwise.
    """
    context.meta[OFFERED] = state_of(current_app).settings.offer()
