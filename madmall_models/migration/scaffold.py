"""Write a migration module from an analysis, for somebody to edit."""

from __future__ import annotations

from collections.abc import Iterable

from madmall_models.migration.analysis import Analysis
from madmall_models.migration.python_text import INDENT, WIDTH, call, comment, literal, nested, paragraph, spread, texts
from madmall_models.migration.question import Question
from madmall_models.migration.scaffold_entity import attribute_classes, entity_lines, shown
from madmall_models.migration.scaffold_mapping import casts_of, constant, mapping_lines
from madmall_models.migration.suggested_mapping import SuggestedMapping

_ORIGIN = (
    'Written by "madmall migrate scaffold" from what the file holds, and yours to edit: names, keys, types, which '
    "columns are personal (secret=True), and what becomes of rows that name what is not there."
)
_ASKED = (
    "Some things only somebody who knows the data can say. Write one of the choices after each answer=; until then "
    "this module refuses to be imported."
)


def scaffold(analysis: Analysis, *, after: str | None = None) -> str:
    """Return the text of a migration module that moves the tables of an analysis.

    It can be imported when its questions are answered; before, a ``MigrationModuleError`` lists them. Tables that this
    package knows keep their ready mappings.

    Args:
        after: the name of the migration that comes before; None for the first, which creates the table too.

    >>> from madmall_models.migration.analysis import Analysis
    >>> print(scaffold(Analysis("empty.db", 0, ())).splitlines()[0])
    \"\"\"Import empty.db.
    """
    suggestions = analysis.suggested_mappings
    moved = [each for each in suggestions if each.is_movable]
    drawn = [each for each in moved if each.ready is None]
    ready = [each for each in moved if each.ready is not None]
    questions = [question for each in suggestions for question in each.questions]
    sections = [
        _heading(analysis, suggestions),
        _imports(drawn, ready, asked=bool(questions), first=after is None),
        _questions(questions),
        *(entity_lines(each) for each in drawn),
        *(mapping_lines(each) for each in drawn),
        _ready(ready),
        _migration(moved, after),
    ]
    return _joined(section for section in sections if section)


def _joined(sections: Iterable[list[str]]) -> str:
    """Return the sections as one text: two empty lines around a class, one between others."""
    lines: list[str] = []
    before = ""
    for section in sections:
        first = section[0]
        if lines:
            lines += [""] * (2 if "class " in (first[:6], before[:6]) else 1)
        lines += section
        before = first
    return "\n".join(lines) + "\n"


def _heading(analysis: Analysis, suggestions: Iterable[SuggestedMapping]) -> list[str]:
    lines = [_title(analysis.name), "", *paragraph(_ORIGIN)]
    views = [table.name for table in analysis.tables if table.kind == "view"]
    if views:
        named = ", ".join(map(shown, views))
        lines += ["", *paragraph(f"Views show rows of other tables and are left out: {named}.")]
    behind = [each.table for each in suggestions if not each.is_movable]
    if behind:
        named = ", ".join(map(shown, behind))
        lines += ["", *paragraph(f"Left behind, since they cannot be read row by row: {named}.")]
    return [*lines, '"""']


def _title(name: str) -> str:
    title, *more = paragraph(f"Import {name}.")
    fits = name.isprintable() and not more and len(title) <= WIDTH - 3
    return f'"""{title if fits else "Import a database."}'


def _imports(
    drawn: list[SuggestedMapping], ready: list[SuggestedMapping], *, asked: bool, first: bool
) -> list[str]:
    """Return the imports of what the module uses, in the order of isort."""
    classes = {name for each in drawn for name in attribute_classes(each)}
    referenced = {reference.table: reference.entity for each in drawn for reference in each.references}
    ready_tables = {each.table for each in ready}
    root = classes - {"BinaryAttribute"}
    root |= {entity for table, entity in referenced.items() if table in ready_tables}
    root |= {key.index for each in drawn for key in each.index_keys}
    root |= {"Entity", "PrimaryKey"} if drawn else set()
    engine = {"Migration", "Phase"} | ({"CreateTable"} if first else set())
    engine |= {"ImportRows"} if drawn or ready else set()
    engine |= {"FieldMap", "Mapping", "RUN_START"} if drawn else set()
    engine |= {"Policy", "Reference"} if referenced else set()
    engine |= {"Question", "answers"} if asked else set()
    engine |= {"madmall_completions", "madmall_mappings"} if ready else set()
    casts = {name for each in drawn for name in casts_of(each)}
    byte_casts = casts & {"binary", "hexadecimal"}
    return [
        *_import("madmall_models", root),
        *_import("madmall_models.migration", engine),
        *_import("madmall_models.migration.byte_casts", byte_casts),
        *_import("madmall_models.migration.cast", casts - byte_casts),
        *_import("pynamodb.attributes", classes & {"BinaryAttribute"}),
    ]


def _import(module: str, names: set[str]) -> list[str]:
    if not names:
        return []
    ordered = sorted(names, key=lambda name: (not name.isupper(), name[0].islower(), name))
    line = f"from {module} import {', '.join(ordered)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in ordered), ")"]


def _questions(questions: list[Question]) -> list[str]:
    if not questions:
        return []
    asked = [
        line
        for question in questions
        for line in spread(
            "Question",
            [literal(question.name), literal(question.text), f"choices={texts(question.choices)}", "answer=None"],
            level=1,
            tail=",",
        )
    ]
    return [*comment(_ASKED), *nested("ANSWERS = answers", asked)]


def _ready(ready: list[SuggestedMapping]) -> list[str]:
    if not ready:
        return []
    return [
        *comment("The mappings that this package has for its legacy tables."),
        *_chosen([each.table for each in ready]),
    ]


def _chosen(tables: list[str]) -> list[str]:
    """Return the choice of the mappings of these tables; it is code, which is not cut as a text would be."""
    parts = ("mapping", "for mapping in madmall_mappings()", f"if mapping.table in {texts(tables)}")
    line = f"READY = tuple({' '.join(parts)})"
    if len(line) <= WIDTH:
        return [line]
    *loop, condition = (f"{INDENT}{part}" for part in parts)
    # One table alone fits in the line above: a bracket with a name to a line is a tuple.
    within = [condition] if len(condition) <= WIDTH else spread("if mapping.table in ", map(literal, tables), level=1)
    return nested("READY = tuple", [*loop, *within])


def _migration(moved: list[SuggestedMapping], after: str | None) -> list[str]:
    ready = any(each.ready is not None for each in moved)
    parts = ["*READY"] * ready + [_moved(each) for each in moved if each.ready is None]
    operations = ["CreateTable(),"] * (after is None)
    if parts:
        counted = ["completions=madmall_completions()"] * ready
        operations += call("ImportRows", ["mappings=MAPPINGS", *counted], tail=",")
    body = [f"    {line}" for line in operations]
    return [
        *([*nested("MAPPINGS = ", [f"    {part}," for part in parts]), ""] if parts else []),
        "migration = Migration(",
        f"    after={'None' if after is None else literal(after)},",
        "    phase=Phase.EXPAND,",
        *(["    operations=[", *(f"    {line}" for line in body), "    ],"] if body else ["    operations=[],"]),
        ")",
    ]


def _moved(suggestion: SuggestedMapping) -> str:
    name = constant(suggestion)
    if suggestion.move_question is None:
        return name
    return f'*(({name},) if ANSWERS[{literal(suggestion.move_question)}] == "move" else ())'
