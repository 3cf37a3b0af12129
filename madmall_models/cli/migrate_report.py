"""Tell how far a migration is and what it did, in the form that was asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from madmall_models.errors import ConfigurationError
from madmall_models.migration import (
    BarReporter,
    JsonReporter,
    LineReporter,
    MigrationReport,
    Progress,
    as_csv,
    as_dict,
    as_json,
    as_text,
    reporter_for,
)


class _Silence(LineReporter):
    """Tell nobody."""

    def show(self, progress: Progress) -> None:
        """Write nothing."""


_REPORTERS: Mapping[str, Callable[[Any], LineReporter]] = {
    "bar": BarReporter,
    "lines": LineReporter,
    "json": JsonReporter,
    "none": _Silence,
}
_FORMS: Mapping[str, Callable[[MigrationReport], str]] = {".txt": as_text, ".json": as_json, ".csv": as_csv}


def tell(options: Mapping[str, Any]) -> LineReporter:
    """Return what tells of progress, as the options of a command ask."""
    asked = options["progress"]
    if asked == "auto":
        return JsonReporter(sys.stderr) if options["json_wanted"] else reporter_for(sys.stderr)
    return _REPORTERS[asked](sys.stderr)


def show_report(report: MigrationReport, options: Mapping[str, Any], *, operations: Sequence[str] = ()) -> None:
    """Print a report to stdout, the operations of its plan before it."""
    if options["json_wanted"]:
        planned = {"operations": list(operations)} if operations else {}
        click.echo(json.dumps({**planned, **as_dict(report)}, ensure_ascii=False, indent=2))
        return
    for number, sentence in enumerate(operations, start=1):
        click.echo(f"{number}. {sentence}")
    click.echo(as_text(report))


def check_summary(path: str | None) -> None:
    """Make sure that a report can be written to a file, before there is one.

    Raises:
        ConfigurationError: the ending is none of .txt, .json and .csv, or there is no such folder.
    """
    if path is None:
        return
    if Path(path).suffix not in _FORMS:
        raise ConfigurationError(f"--summary {path}: name a file that ends in {', '.join(_FORMS)}")
    if not Path(path).absolute().parent.is_dir():
        raise ConfigurationError(f"--summary {path}: there is no such folder; name one that is there")


def write_summary(report: MigrationReport, path: str | None) -> None:
    """Write a report to a file, in the form that its ending names.

    Raises:
        ConfigurationError: the ending is none of .txt, .json and .csv, or the file cannot be written.
    """
    if path is None:
        return
    form = _FORMS.get(Path(path).suffix)
    if form is None:
        raise ConfigurationError(f"--summary {path}: name a file that ends in {', '.join(_FORMS)}")
    try:
        Path(path).write_text(form(report) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--summary {path}: {error.strerror}; name another file") from error
