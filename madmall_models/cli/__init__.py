"""Be the command ``madmall``: one module for each group of commands, imported when it is asked for.

Data goes to stdout, everything else to stderr. The exit status is 0 when all is well, 1 when there is something to
look at (rejected rows, a table that cannot serve), 2 when the command could not be carried out, 3 when a table is not
what its source gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from madmall_models import __version__
from madmall_models.cli.lazy_group import LazyGroup
from madmall_models.errors import MadMallError

COULD_NOT = 2
INTERRUPTED = 130

_GROUPS = {
    "config": "madmall_models.cli.config:show_config",
    "demo": "madmall_models.cli.demo:demo",
    "health": "madmall_models.cli.health:show_health",
    "migrate": "madmall_models.cli.migrate:migrate",
    "schema": "madmall_models.cli.schema:schema",
    "stats": "madmall_models.cli.stats:stats",
    "table": "madmall_models.cli.table:table",
}


@click.group(
    cls=LazyGroup,
    modules=_GROUPS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="madmall", message="%(prog)s %(version)s")
def commands() -> None:
    """Look after one DynamoDB table that holds many kinds of items.

    Settings are taken from the options, then from MADMALL_* and AWS variables; "madmall config" shows them.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its status; an error of this package is one line, never a traceback."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    given = None if arguments is None else list(arguments)
    return status_of(lambda: commands.main(given, "madmall", standalone_mode=False))


def status_of(command: Callable[[], Any]) -> int:
    """Carry out a command that is called without click's own handling of errors, and return its exit status."""
    try:
        status = command()
    except click.ClickException as error:
        error.show()
        return COULD_NOT
    except click.Abort:
        click.echo("Stopped.", err=True)
        return INTERRUPTED
    except MadMallError as error:
        click.echo(f"Error: {error}", err=True)
        return COULD_NOT
    return status if isinstance(status, int) else 0
