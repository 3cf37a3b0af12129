"""Look into a SQLite file, and write a migration module for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import click

from madmall_models.errors import ConfigurationError
from madmall_models.migration import (
    Analysis,
    ColumnAnalysis,
    SQLiteSource,
    SuggestedMapping,
    TableAnalysis,
    load_directory,
)
from madmall_models.migration import scaffold as scaffold_of
from madmall_models.migration.observed import Form

_WIDEST = 40
_UNREMARKABLE = (Form.OTHER, Form.WHOLE, Form.ZERO_OR_ONE)
_MODULE_NAME = re.compile(r"[0-9]{4}_[a-z0-9_]+")


@click.command("analyze")
@click.argument("file", metavar="FILE")
@click.option("--json", "json_wanted", is_flag=True, help="Print everything that was found out, as JSON.")
def analyze(file: str, json_wanted: bool) -> None:
    """Show what a SQLite file holds and what could become of it.

    Every row of FILE is read once. Of values only kinds, counts and lengths are shown.
    """
    with SQLiteSource(file) as source:
        analysis = source.analyze()
    if json_wanted:
        click.echo(json.dumps(analysis.as_dict(), ensure_ascii=False, indent=2))
        return
    for line in _lines(analysis):
        click.echo(line)


@click.command("scaffold")
@click.argument("file", metavar="FILE")
@click.option(
    "--output", metavar="PATH", help="Write the module here instead of to stdout; a file that exists is left as it is."
)
def scaffold(file: str, output: str | None) -> None:
    """Write a migration module for a SQLite file, to be edited.

    What could not be decided stands at its top as questions; answered, it is applied like any other migration. In a
    folder that holds migrations it comes after the last of them.
    """
    path = None if output is None else Path(output)
    after = None if path is None else _last_beside(path)
    with SQLiteSource(file) as source:
        analysis = source.analyze()
    text = scaffold_of(analysis, after=after)
    if path is None:
        click.echo(text, nl=False)
        return
    _write(path, text)
    asked = sum(len(suggestion.questions) for suggestion in analysis.suggested_mappings)
    click.echo(f"{path} is written; questions to answer in it: {asked}", err=True)
    if not _MODULE_NAME.fullmatch(path.stem):
        click.echo("To be found in a folder of migrations its name must be like 0002_import_shop.py.", err=True)


def _last_beside(path: Path) -> str | None:
    """Return the name of the last migration in the folder of a file that is to be written, None for no migration."""
    if path.exists():
        raise ConfigurationError(f"{path} exists and was left as it is; name a file that does not exist with --output")
    if not any(_MODULE_NAME.fullmatch(file.stem) for file in path.parent.glob("*.py")):
        return None
    return load_directory(path.parent)[-1].name


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as module:
            module.write(text)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}); name another with --output") from error


def _lines(analysis: Analysis) -> Iterator[str]:
    yield f"{_shown(analysis.name)}: tables and views: {len(analysis.tables)}, bytes: {analysis.size:,}"
    suggestions = {suggestion.table: suggestion for suggestion in analysis.suggested_mappings}
    for table in analysis.tables:
        yield ""
        yield from _table(table)
        yield from _suggestion(suggestions.get(table.name))


def _table(table: TableAnalysis) -> Iterator[str]:
    marks = [table.kind, f"{table.row_count:,} rows"]
    marks += [f"{table.size:,} bytes"] if table.size is not None else []
    marks += ["without rowid"] * table.without_rowid + ["strict"] * table.strict
    marks.append(f"key {', '.join(map(_shown, table.primary_key))}" if table.primary_key else "no primary key")
    yield f"{_shown(table.name)}: {', '.join(marks)}"
    if table.fault:
        yield f"  cannot be read: {table.fault}"
    named = {key.columns[0]: key.table for key in table.foreign_keys if len(key.columns) == 1}
    cells = [(_shown(column.name), column.declared_type, _values(column)) for column in table.columns]
    widths = [min(_WIDEST, max((len(cell[place]) for cell in cells), default=0)) for place in (0, 1)]
    for column, (name, declared, values) in zip(table.columns, cells, strict=True):
        target = f"  -> {_shown(named[column.name])}" if column.name in named else ""
        yield f"  {name:{widths[0]}}  {declared:{widths[1]}}  {values}{target}".rstrip()


def _values(column: ColumnAnalysis) -> str:
    observed = column.observed
    parts = [f"{count:,} {storage}" for storage, count in observed.storage.items()]
    parts += [f"{count:,} x {form}" for form, count in observed.forms.items() if form not in _UNREMARKABLE]
    parts += [f"longest {observed.longest:,}"] if observed.longest else []
    parts += ["distinct"] if column.distinct and observed.storage else []
    parts += [f"generated, {column.generated}"] if column.generated else []
    return ", ".join(parts)


def _suggestion(suggestion: SuggestedMapping | None) -> Iterator[str]:
    if suggestion is None:
        yield "  not moved: a view shows rows of other tables"
        return
    if suggestion.is_movable:
        known = " (known: its ready mapping)" if suggestion.ready is not None else ""
        yield f"  becomes {suggestion.entity}{known}: {suggestion.partition} / {suggestion.sort}"
    yield from (f"  note: {note}" for note in suggestion.notes)
    yield from (f"  question: {question.text}" for question in suggestion.questions)


def _shown(name: str) -> str:
    """Return a name as it may stand in a line of a terminal."""
    return name if name.isprintable() and name.strip() == name and name else repr(name)
