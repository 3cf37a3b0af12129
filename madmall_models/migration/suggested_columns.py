"""Suggest what each column of a table becomes."""

from __future__ import annotations

from collections.abc import Sequence

from madmall_models import limits
from madmall_models.attributes import camel_case
from madmall_models.migration.column_kind import Kind, Verdict, is_personal, kind_of_key, verdict_on
from madmall_models.migration.observed import Form
from madmall_models.migration.question import Question
from madmall_models.migration.source import ROWID_NAMES
from madmall_models.migration.suggested_mapping import SuggestedColumn
from madmall_models.migration.suggested_names import AttributeNames, words
from madmall_models.migration.table_analysis import ColumnAnalysis, TableAnalysis

_INHERITED_TIMES = ("created_at", "updated_at")
_TENANT = "tenant_id"


def suggested_columns(
    table: TableAnalysis, names: AttributeNames
) -> tuple[tuple[SuggestedColumn, ...], tuple[Question, ...]]:
    """Return what the columns become, those of the primary key first, and what is to be asked about them."""
    keys = {name for key in table.foreign_keys for name in key.columns} | set(table.primary_key)
    first = [table.column(name) for name in table.primary_key]
    ordered = first + [column for column in table.columns if column.name not in table.primary_key]
    suggested, questions = [], []
    for column in ordered:
        verdict = Verdict(kind_of_key(column.observed)) if column.name in keys else verdict_on(column)
        attribute = _attribute(column, verdict, names, table.columns.index(column) + 1)
        question = None
        if verdict.doubt:
            text = f"Column {column.name!r} of {table.name!r}: {verdict.doubt}"
            question = Question(f"{names.entity}.{attribute}", text, (str(verdict.kind), str(verdict.otherwise)))
            questions.append(question)
        suggested.append(_column(column, verdict, question, attribute))
    return tuple(suggested), tuple(questions)


def key_choices(table: TableAnalysis) -> tuple[str, ...]:
    """Return what can tell the rows of a table without a primary key apart: its rowid, and columns seen to do so."""
    distinct = [
        column.name
        for column in table.columns
        if column.distinct and column.observed.given and column.observed.ids == table.row_count
    ]
    return (*table.row_key, *distinct)


def _attribute(column: ColumnAnalysis, verdict: Verdict, names: AttributeNames, position: int) -> str:
    plain = "_".join(words(column.name))
    certain = not verdict.doubt and not column.primary_key
    if plain in _INHERITED_TIMES and verdict.kind is Kind.TIME and certain:
        return names.take(plain) if names.is_free(plain) else names.name(column.name, position)
    is_tenant = plain == _TENANT and column.observed.ids == column.observed.given and certain
    if is_tenant and names.is_free(plain):
        return names.take(plain)
    return names.name(column.name, position)


def _column(column: ColumnAnalysis, verdict: Verdict, question: Question | None, attribute: str) -> SuggestedColumn:
    observed = column.observed
    inherited = attribute in (*_INHERITED_TIMES, _TENANT)
    kind = Kind.ID if attribute == _TENANT else verdict.kind
    kinds = (kind, verdict.otherwise) if question is not None else (kind,)
    absent = observed.nulls or observed.formed(Form.BLANK, Form.UNDECODABLE)
    return SuggestedColumn(
        column=column.name,
        attribute=attribute,
        stored=camel_case(attribute),
        kind=kind,
        otherwise=verdict.otherwise if question is not None else None,
        question=question.name if question is not None else None,
        null=not column.primary_key and not (column.not_null and not absent),
        secret=any(is_personal(column, each) for each in kinds),
        inherited=inherited,
        remark="; ".join(_remarks(column)),
    )


def _remarks(column: ColumnAnalysis) -> Sequence[str]:
    observed, found = column.observed, []
    if column.generated:
        found.append("SQLite computes it from other columns")
    if column.primary_key and (observed.nulls or observed.formed(Form.BLANK)):
        count = observed.nulls + observed.formed(Form.BLANK)
        found.append(f"{count:,} rows have none, and are rejected, for it is a part of the key")
    if observed.formed(Form.UNDECODABLE):
        found.append(f"{observed.formed(Form.UNDECODABLE):,} rows hold text that is not UTF-8, and are rejected")
    if observed.longest > limits.ITEM_BYTES:
        found.append("its longest value is larger than an item may be, and is rejected")
    if column.primary_key and observed.longest > limits.SORT_KEY_BYTES:
        found.append("its longest value is longer than a key may be, and is rejected")
    return found


def rowid_column(name: str, attribute: str, question: Question) -> SuggestedColumn:
    """Return the attribute that tells the rows of a table without a primary key apart."""
    assert name in ROWID_NAMES, "only such a table is read by its rowid"
    return SuggestedColumn(
        column=name,
        attribute=attribute,
        stored=camel_case(attribute),
        kind=Kind.ID,
        question=question.name,
        null=False,
    )
