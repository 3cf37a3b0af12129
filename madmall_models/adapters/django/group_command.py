"""Be a group of the command ``madmall`` as a management command, on the table of the project."""

from __future__ import annotations

import contextlib
import sys
from typing import Any, ClassVar

import click
from django.core.management.base import BaseCommand, CommandError, CommandParser

from madmall_models import cli
from madmall_models.adapters.django.configured_database import SOURCE, given_settings
from madmall_models.cli.targeting import OFFERED, Offer


class GroupCommand(BaseCommand):
    """Pass all arguments but Django's own to a group of ``madmall``; a subclass names it in ``group``.

    The project's ``MADMALL`` counts where an option does not say otherwise. The exit status is that of the command;
    ``call_command`` raises CommandError for any but 0, with ``returncode``.
    """

    group: ClassVar[str]
    # A table that is missing, or a wrong setting, is what these are called for.
    requires_system_checks: ClassVar[list[str]] = []

    @property
    def help(self) -> str:
        """Return what the group says of itself."""
        return self._group().help or ""

    def create_parser(self, prog_name: str, subcommand: str, **options: Any) -> CommandParser:
        """Return a parser that leaves what it does not know, ``--help`` too, to the group."""
        self._program = f"{prog_name.rpartition('/')[2]} {subcommand}".strip()
        parser = super().create_parser(prog_name, subcommand, add_help=False, allow_abbrev=False, **options)
        # Django makes the parser itself, of a class that it does not let choose.
        parser.__class__ = _OpenParser
        return parser

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Print the help of the group."""
        self._program = f"{prog_name.rpartition('/')[2]} {subcommand}"
        self._run(["--help"])

    def handle(self, *arguments: str, **_: Any) -> None:
        """Run the group."""
        with contextlib.redirect_stdout(self.stdout._out), contextlib.redirect_stderr(self.stderr._out):
            status = self._run(list(arguments))
        if status and getattr(self, "_called_from_command_line", False):
            sys.exit(status)
        if status:
            raise CommandError(f"{self._program} ended with status {status}", returncode=status)

    def _run(self, arguments: list[str]) -> int:
        return cli.status_of(lambda: self._carry_out(arguments))

    def _carry_out(self, arguments: list[str]) -> Any:
        program, _, name = self._program.rpartition(" ")
        around = click.Context(cli.commands, info_name=program, **cli.commands.context_settings)
        given = given_settings()
        around.meta[OFFERED] = Offer(given, dict.fromkeys(given, SOURCE))
        return self._group().main(arguments, name, parent=around, standalone_mode=False)

    def _group(self) -> click.Command:
        found = cli.commands.get_command(click.Context(cli.commands), self.group)
        if found is None:
            raise CommandError(f"this installation of madmall_models has no command {self.group!r}")
        return found


class _OpenParser(CommandParser):
    """Take the options of every management command, and keep the rest in order as ``args``."""

    def parse_args(self, args: Any = None, namespace: Any = None) -> Any:
        known, rest = self.parse_known_args(args, namespace)
        known.args = tuple(rest)
        return known
