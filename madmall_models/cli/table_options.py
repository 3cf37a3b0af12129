"""Hold the options that say what a table is to have, and the settings that they make."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import click

from madmall_models.table import Provisioned
from madmall_models.table_plan import ON_DEMAND, OnDemand, TableSettings

_UNITS = re.compile(r"([1-9]\d*):([1-9]\d*)")


def _billing(context: click.Context, parameter: click.Parameter, value: str | None) -> Provisioned | OnDemand | None:
    """Return ``on-demand`` or the capacity that ``READ:WRITE`` says."""
    if value is None or value == ON_DEMAND:
        return None if value is None else ON_DEMAND
    units = _UNITS.fullmatch(value)
    if units is None:
        raise click.BadParameter(f"{value!r} is neither {ON_DEMAND} nor READ:WRITE, as in 5:5")
    return Provisioned(int(units[1]), int(units[2]))


def _tags(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return the tags that ``NAME=VALUE`` says, by name."""
    tags: dict[str, str] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, as in team=care")
        if tags.setdefault(name, value) != value:
            raise click.BadParameter(f"{name} is given twice, with different values")
    return tags


ANSWERED = click.option("--yes", is_flag=True, help="Do not ask, also where the table is not on this machine.")
SETTINGS = (
    click.option("--billing", callback=_billing, metavar="on-demand|READ:WRITE", help="How capacity is paid for."),
    click.option("--kms-key", metavar="KEY", help="The key that encrypts the table."),
    click.option(
        "--point-in-time-recovery/--no-point-in-time-recovery",
        default=None,
        help="Whether the table can be restored to any second of the last 35 days.",
    ),
    click.option(
        "--deletion-protection/--no-deletion-protection", default=None, help="Whether it refuses to be deleted."
    ),
    click.option("--tag", "tags", callback=_tags, metavar="NAME=VALUE", multiple=True, help="A tag; may be repeated."),
)
_REPLACING = (
    click.option("--replace-indexes", is_flag=True, help="Drop and add again what has other keys or projection."),
    click.option("--drop-extra-indexes", is_flag=True, help="Drop indexes that the models do not declare."),
    click.option("--replace-stream", is_flag=True, help="End a stream that has another view, for the declared one."),
    click.option("--replace-time-to-live", is_flag=True, help="End a time to live by another attribute."),
)
_NAMES = (
    "billing",
    "kms_key",
    "point_in_time_recovery",
    "deletion_protection",
    "tags",
    "replace_indexes",
    "drop_extra_indexes",
    "replace_stream",
    "replace_time_to_live",
)


def with_settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of what a table is to have, and the ``settings`` that they make."""

    @functools.wraps(command)
    def with_them(**options: Any) -> Any:
        settings = TableSettings(**{name: options.pop(name) for name in _NAMES})
        return command(settings=settings, **options)

    for option in reversed((*SETTINGS, *_REPLACING)):
        with_them = option(with_them)
    return with_them
