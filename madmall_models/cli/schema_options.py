"""Say of which entities a document is made, and what becomes of it."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from madmall_models.errors import ConfigurationError
from madmall_models.schema.committed import stale_files, write_files
from madmall_models.schema.documents import FOLDER, Source

FINDING = 1
_SOURCE_OPTIONS = (
    click.option("--module", "modules", multiple=True, metavar="PATH", help="Your entities: my_app.models; repeat it."),
    click.option("--only", is_flag=True, help="Leave our own entities out."),
)
_DELIVERY_OPTIONS = (
    click.option("--output", type=click.Path(path_type=Path), metavar="PATH", help="Write it there."),
    click.option("--check", is_flag=True, help="Compare with what is there; write nothing."),
)


@dataclass(frozen=True)
class Delivery:
    """What becomes of documents that are made.

    Attributes:
        output: a file, or the folder of several files; None for stdout.
        check: whether they are compared with what is there, and not written.
        command: what would write them, without ``--output``.
    """

    output: Path | None
    check: bool
    command: str

    def file(self, name: str, text: str) -> int:
        """Deliver one document, that is called ``name`` in a folder; return the exit status."""
        if self.output is None and not self.check:
            click.echo(text, nl=False)
            return 0
        place = self.output or FOLDER / name
        return self._deliver({place / name if place.is_dir() else place: text}, place)

    def folder(self, texts: Mapping[str, str]) -> int:
        """Deliver several documents by their paths in a folder; return the exit status."""
        place = self.output or FOLDER
        return self._deliver({place / name: text for name, text in texts.items()}, place)

    def _deliver(self, made: Mapping[Path, str], place: Path) -> int:
        try:
            return self._compare(made, place) if self.check else self._write(made)
        except OSError as error:
            raise ConfigurationError(f"{error.filename or place}: {error.strerror}; name another --output") from error
        except UnicodeDecodeError as error:
            raise ConfigurationError(f"{place} holds something else than text; name another --output") from error

    def _write(self, made: Mapping[Path, str]) -> int:
        write_files(made)
        for path in sorted(made):
            click.echo(f"{path.as_posix()} is written", err=True)
        return 0

    def _compare(self, made: Mapping[Path, str], place: Path) -> int:
        stale = stale_files(made)
        for each in stale:
            click.echo(str(each))
        if stale:
            click.echo(f"Mend it: {self.command} --output {shlex.quote(place.as_posix())}")
            return FINDING
        click.echo(f"{place.as_posix()} is what the declarations say", err=True)
        return 0


def documented(command: Callable[..., int]) -> Callable[..., Any]:
    """Give a command the options of a document, and the ``source`` and ``delivery`` that they make."""

    @functools.wraps(command)
    def with_document(modules: tuple[str, ...], only: bool, output: Path | None, check: bool, **options: Any) -> int:
        _look_in_current_directory()
        delivery = Delivery(output, check, _as_typed(click.get_current_context()))
        # What a module prints when it is imported is no part of the document.
        with contextlib.redirect_stdout(sys.stderr):
            source = Source.of(modules, only=only)
        return command(source=source, delivery=delivery, **options)

    for option in reversed((*_SOURCE_OPTIONS, *_DELIVERY_OPTIONS)):
        with_document = option(with_document)
    return with_document


def _look_in_current_directory() -> None:
    """Find the modules of an application that is not installed, as ``python -m`` does."""
    if os.getcwd() not in sys.path and "" not in sys.path:
        sys.path.insert(0, os.getcwd())


def _as_typed(context: click.Context) -> str:
    """Return the command with its options, but for what is done with the document."""
    words = context.command_path.split()
    for parameter in context.command.params:
        value = context.params.get(parameter.name or "")
        if parameter.name in ("output", "check") or value == parameter.get_default(context) or value in (None, ()):
            continue
        name = max(parameter.opts, key=len)
        if value is True:
            words.append(name)
        else:
            for each in value if isinstance(value, tuple) else (value,):
                words += [name, shlex.quote(str(each))]
    return " ".join(words)
