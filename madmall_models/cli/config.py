"""Show the effective settings and where each came from."""

from __future__ import annotations

import json
from typing import Any

import click

from madmall_models.cli.targeting import Target, targeted
from madmall_models.configuration import Setting


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@targeted
def show_config(target: Target, as_json: bool) -> None:
    """Show settings and where each came from.

    Secrets are masked.
    """
    with target.opened() as database:
        settings = list(database.settings.values())
    if as_json:
        shown = {setting.name: {"value": _plain(setting), "source": setting.source} for setting in settings}
        click.echo(json.dumps(shown, indent=2))
        return
    widths = [max(len(text) for text in column) for column in zip(*((s.name, s.shown) for s in settings), strict=True)]
    for setting in settings:
        click.echo(f"{setting.name:{widths[0]}}  {setting.shown:{widths[1]}}  {setting.source}")


def _plain(setting: Setting) -> Any:
    """Return a value for JSON: a number stays one, a secret is masked."""
    return setting.value if setting.value is None or setting.shown == str(setting.value) else setting.shown
