"""Know commands by name, and import the module of one only when it is asked for."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
from collections.abc import Mapping
from typing import Any

import click


class LazyGroup(click.Group):
    """Be a group whose commands stand in modules of their own.

    Args:
        modules: ``module:attribute`` of each command by its name. A command whose module is not installed is not
            listed.
    """

    def __init__(self, *arguments: Any, modules: Mapping[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._modules = {name: place for name, place in modules.items() if _is_installed(place)}

    def list_commands(self, context: click.Context) -> list[str]:
        """Return the names of the commands, sorted."""
        return sorted({*super().list_commands(context), *self._modules})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Return a command, its module imported, or None if there is none of this name."""
        place = self._modules.get(name)
        if place is None:
            return super().get_command(context, name)
        module, _, attribute = place.partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant, or refuse a misspelt one with the nearest that there is."""
        name = arguments[0]
        # What begins like an option is told better by click; click itself would not look among the lazy ones.
        if not name.startswith("-") and self.get_command(context, name) is None:
            near = difflib.get_close_matches(name, self.list_commands(context), n=1)
            context.fail(f"No such command {name!r}." + (f" Did you mean {near[0]}?" if near else ""))
        return super().resolve_command(context, arguments)


def _is_installed(place: str) -> bool:
    return importlib.util.find_spec(place.partition(":")[0]) is not None
