"""Make the site of the schema, or say what of it is stale."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

import click

from madmall_models.cli.schema_options import FINDING, Delivery, documented
from madmall_models.errors import ConfigurationError
from madmall_models.schema.committed import Stale, stale_files, write_files
from madmall_models.schema.documents import FOLDER, Source
from madmall_models.schema.html_site import html_site, left_over

SITE = FOLDER / "html"


@click.command("html")
@documented
def html(source: Source, delivery: Delivery) -> int:
    """Make a site that opens from disk: what can be asked first.

    It is docs/schema/html unless --output names another folder; open index.html there. It needs no network and no
    server. Pages of entities that are no longer declared are taken away; other files in the folder are left alone.

    Example: madmall schema html --module my_app.models --output docs/schema/html
    """
    folder = delivery.output or SITE
    made = {folder / name: text for name, text in html_site(source.description).items()}
    try:
        more = left_over(folder, made)
        return _compare(folder, made, more, delivery.command) if delivery.check else _write(folder, made, more)
    except OSError as error:
        raise ConfigurationError(f"{error.filename or folder}: {error.strerror}; name another --output") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{folder} holds something else than text; name another --output") from error


def _write(folder: Path, made: Mapping[Path, str], more: list[Path]) -> int:
    write_files(made)
    for path in more:
        path.unlink()
    click.echo(f"{len(made)} files are written; open {(folder / 'index.html').as_posix()}", err=True)
    return 0


def _compare(folder: Path, made: Mapping[Path, str], more: list[Path], command: str) -> int:
    stale = stale_files(made)
    for line in _said(stale, more):
        click.echo(line)
    if stale or more:
        click.echo(f"Mend it: {command} --output {shlex.quote(folder.as_posix())}")
        return FINDING
    click.echo(f"{folder.as_posix()} is what the declarations say", err=True)
    return 0


def _said(stale: list[Stale], more: list[Path]) -> list[str]:
    """Return a line for each file, and of the first the difference: a change of one entity is seen on many pages."""
    first, *others = [str(each) for each in stale] or [""]
    return [
        *([first] if first else []),
        *(text.partition("\n")[0] for text in others),
        *(f"{path.as_posix()} is of an entity that is not declared" for path in more),
    ]
