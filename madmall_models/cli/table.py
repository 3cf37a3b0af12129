"""Create and describe the table, and keep it in step with the models."""

from __future__ import annotations

import click

from madmall_models.cli.lazy_group import LazyGroup

_COMMANDS = {
    "apply": "madmall_models.cli.table_apply:apply",
    "create": "madmall_models.cli.table_create:create",
    "describe": "madmall_models.cli.table_describe:describe",
    "diff": "madmall_models.cli.table_apply:diff",
}


@click.group("table", cls=LazyGroup, modules=_COMMANDS)
def table() -> None:
    """Create and describe the table, and keep it in step with the models."""
