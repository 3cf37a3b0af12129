"""Write the class of an entity."""

from __future__ import annotations

from madmall_models.migration.column_kind import Kind
from madmall_models.migration.python_text import INDENT, call, either, escaped, literal
from madmall_models.migration.suggested_mapping import SuggestedColumn, SuggestedMapping

_CLASSES = {
    Kind.ID: "IdAttribute",
    Kind.KEY_TEXT: "UnicodeAttribute",
    Kind.KEY_BYTES: "UnicodeAttribute",
    Kind.TEXT: "UnicodeAttribute",
    Kind.INTEGER: "IntegerAttribute",
    Kind.DECIMAL: "DecimalAttribute",
    Kind.BOOLEAN: "BooleanAttribute",
    Kind.TIME: "TimeAttribute",
    Kind.OBJECT: "DictAttribute",
    Kind.LIST: "ListAttribute",
    Kind.BYTES: "BinaryAttribute",
}
_OPTIONS = {Kind.BYTES: ("legacy_encoding=False",)}
_LONGEST_SHOWN = 80


def attribute_classes(suggestion: SuggestedMapping) -> set[str]:
    """Return the attribute classes that the class of an entity uses."""
    kinds = [kind for column in _declared(suggestion) for kind in (column.kind, column.otherwise) if kind is not None]
    return {_CLASSES[kind] for kind in kinds}


def entity_lines(suggestion: SuggestedMapping) -> list[str]:
    """Return the lines of the class."""
    lines = [
        f"class {suggestion.entity}(Entity, discriminator={literal(suggestion.discriminator)}):",
        f'{INDENT}"""Be a row of the table {escaped(shown(suggestion.table))}."""',
        "",
        *call("key = PrimaryKey", [literal(suggestion.partition), literal(suggestion.sort)], level=1),
    ]
    for key in suggestion.index_keys:
        lines += call(f"{key.name} = {key.index}.key", [literal(key.partition), literal(key.sort)], level=1)
    lines.append("")
    for column in _declared(suggestion):
        lines += _attribute(column)
    return lines


def shown(name: str) -> str:
    """Return a name of the source as a docstring tells it: in a word or a few, the end of a long one left out."""
    short, end = name, ""
    # What counts is how long it is when it is written: an escape takes up to eleven characters.
    while len(escaped(repr(short))) > _LONGEST_SHOWN:
        short, end = short[:-1], "..."
    return repr(f"{short}{end}").replace('"', "'")


def is_guess(column: SuggestedColumn) -> str:
    """Return the condition that the answer to the question about a column is what was guessed."""
    return f"ANSWERS[{literal(str(column.question))}] == {literal(str(column.kind))}"


def _declared(suggestion: SuggestedMapping) -> list[SuggestedColumn]:
    """Return the columns whose attributes the class declares itself."""
    return [column for column in suggestion.columns if not column.inherited]


def _attribute(column: SuggestedColumn) -> list[str]:
    made = _made(column.kind, null=column.null)
    if column.otherwise is None:
        return [f"{INDENT}{column.attribute} = {made}"]
    other = _made(column.otherwise, null=column.null)
    return either(f"{column.attribute} = ", made, is_guess(column), other, level=1)


def _made(kind: Kind, *, null: bool) -> str:
    return f"{_CLASSES[kind]}({', '.join([*_OPTIONS.get(kind, ()), *(['null=True'] if null else [])])})"
