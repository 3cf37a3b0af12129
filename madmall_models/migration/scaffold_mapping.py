"""Write the mapping of a table."""

from __future__ import annotations

from madmall_models.migration.column_kind import Kind
from madmall_models.migration.python_text import INDENT, argument, call, comment, either, literal, nested, texts
from madmall_models.migration.scaffold_entity import is_guess
from madmall_models.migration.suggested_mapping import SuggestedColumn, SuggestedMapping

_CASTS = {
    Kind.ID: "identifier",
    Kind.KEY_TEXT: "text",
    Kind.KEY_BYTES: "hexadecimal",
    Kind.TEXT: "text",
    Kind.INTEGER: "integer",
    Kind.DECIMAL: "decimal",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "time",
    Kind.OBJECT: "json_object",
    Kind.LIST: "json_list",
    Kind.BYTES: "binary",
}
_CREATED_AT = "created_at"


def constant(suggestion: SuggestedMapping) -> str:
    """Return the name of the mapping in its module."""
    return f"{suggestion.discriminator}_ROWS"


def casts_of(suggestion: SuggestedMapping) -> set[str]:
    """Return the casts that the mapping uses; the moment of creation is a time."""
    columns = suggestion.columns
    return {_CASTS[kind] for column in columns for kind in (column.kind, column.otherwise) if kind} | {"time"}


def mapping_lines(suggestion: SuggestedMapping) -> list[str]:
    """Return the lines of the mapping, what is worth a look before them."""
    fields = [line for column in suggestion.columns for line in _field(column, suggestion)]
    targets = {column.attribute for column in suggestion.columns}
    if _CREATED_AT not in targets:
        # No column says when a row was made.
        fields += _created(_free_column(suggestion))
    return [
        *(line for note in suggestion.notes for line in comment(f"{note}.")),
        *nested(
            f"{constant(suggestion)} = Mapping",
            [
                f"{INDENT}entity={suggestion.entity},",
                *argument(f"table={literal(suggestion.table)}", 1),
                *nested("fields=", fields, 1, ","),
                *_references(suggestion),
                *(argument(f"after={texts(suggestion.after)}", 1) if suggestion.after else []),
            ],
        ),
    ]


def _references(suggestion: SuggestedMapping) -> list[str]:
    written = [
        call("Reference", [literal(each.target), each.entity, f"Policy.{each.policy.name}"], level=2, tail=",")
        for each in suggestion.references
    ]
    if len(written) == 1 and len(written[0]) == 1:
        return [f"{INDENT}references=({written[0][0].strip()}),"]
    return nested("references=", [line for lines in written for line in lines], 1, ",") if written else []


def _field(column: SuggestedColumn, suggestion: SuggestedMapping) -> list[str]:
    is_key = column.question is not None and column.question == suggestion.key_question
    source = f"ANSWERS[{literal(str(column.question))}]" if is_key else literal(column.column)
    options = ["default=RUN_START"] if column.attribute == _CREATED_AT else []
    options += ["secret=True"] if column.secret else []
    names = [literal(column.attribute), source]
    cast = _CASTS[column.kind]
    if column.otherwise is None:
        return call("FieldMap", [*names, cast, *options], level=2, tail=",")
    other = _CASTS[column.otherwise]
    line = call("FieldMap", [*names, f"{cast} if {is_guess(column)} else {other}", *options], level=2, tail=",")
    if len(line) == 1:
        return line
    inner = [
        *(part for name in names for part in argument(name, 3)),
        *either("", cast, is_guess(column), other, level=3, tail=","),
        *(part for option in options for part in argument(option, 3)),
    ]
    return nested("FieldMap", inner, 2, ",")


def _created(column: str) -> list[str]:
    return call(
        "FieldMap", [literal(_CREATED_AT), literal(column), "time", "default=RUN_START"], level=2, tail=","
    )


def _free_column(suggestion: SuggestedMapping) -> str:
    """Return a name that no column has, so that the default stands for every row."""
    taken = {column.column for column in suggestion.columns}
    chosen = _CREATED_AT
    while chosen in taken:
        chosen += "_"
    return chosen
