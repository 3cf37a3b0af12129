"""Suggest what could become of the tables of a source: entities, keys, casts, references, and what is to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from madmall_models.migration.legacy_mappings import madmall_mappings
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.question import Question
from madmall_models.migration.suggested_columns import key_choices, rowid_column, suggested_columns
from madmall_models.migration.suggested_keys import Draft, with_keys
from madmall_models.migration.suggested_mapping import SuggestedMapping
from madmall_models.migration.suggested_names import AttributeNames, EntityNames, class_name, discriminator
from madmall_models.migration.suggested_references import with_references
from madmall_models.migration.table_analysis import TableAnalysis

_KNOWN_PART = 0.75


def suggest(tables: Iterable[TableAnalysis]) -> tuple[SuggestedMapping, ...]:
    """Return what could become of each table, in the order given; views show other tables' rows and are left out.

    A table that this package knows gets its ready mapping.
    """
    names = EntityNames()
    drafts = {
        table.name: _ready(table) or _drafted(table, names, position)
        for position, table in enumerate(tables, start=1)
        if table.kind != "view"
    }
    return with_references(with_keys(drafts))


def ready_mapping(table: TableAnalysis) -> Mapping | None:
    """Return the mapping that this package has for a legacy table, or None.

    A table is known by its name, by having what the key is made of, and by at least three quarters of its columns
    being those of the mapping: another program may call a table ``users`` too.
    """
    names = {column.name for column in table.columns}
    for ready in madmall_mappings():
        if ready.table == table.name:
            ids = {field.column for field in ready.fields if field.target in ready.entity.key.field_names}
            known = names & (ready.columns | set(ready.counted))
            is_known = ids - {"createdAt"} <= names and len(known) >= _KNOWN_PART * len(names)
            return ready if is_known else None
    return None


def _ready(table: TableAnalysis) -> Draft | None:
    ready = ready_mapping(table)
    if ready is None:
        return None
    suggestion = SuggestedMapping(
        table=ready.table,
        entity=ready.entity.__name__,
        discriminator=ready.entity_type,
        partition=ready.entity.key.partition.text,
        sort=ready.entity.key.sort.text,
        after=ready.after,
        ready=ready,
    )
    return Draft(table, suggestion, AttributeNames([]))


def _drafted(table: TableAnalysis, names: EntityNames, position: int) -> Draft:
    entity = names.name(table.name, position)
    attributes = AttributeNames(entity)
    columns, questions = suggested_columns(table, attributes)
    suggestion = SuggestedMapping(
        table=table.name,
        entity=class_name(entity),
        discriminator=discriminator(entity),
        columns=columns,
        questions=questions,
        is_movable=bool(table.row_key),
    )
    draft = Draft(table, suggestion, attributes)
    if not table.row_key:
        return _unmovable(draft)
    if not table.primary_key:
        draft = _without_key(draft, attributes.free("_".join([*entity, "id"])))
    return _virtual(draft) if table.kind == "virtual" else draft


def _unmovable(draft: Draft) -> Draft:
    reason = f"it cannot be read: {draft.table.fault}" if draft.table.fault else "nothing tells its rows apart"
    text = f"The rows of {draft.table.name!r} cannot be moved, since {reason}. May they be left behind?"
    question = Question(draft.suggestion.entity, text, ("yes",))
    return draft.suggesting(replace(draft.suggestion, questions=(question,)))


def _without_key(draft: Draft, attribute: str) -> Draft:
    text = (
        f"{draft.table.name!r} has no primary key. What tells its rows apart, and becomes their id? A rowid may be "
        "another one after a VACUUM of the file, so that rows moved before and after it would be there twice."
    )
    question = Question(f"{draft.suggestion.entity}.{attribute}", text, key_choices(draft.table))
    identifier = rowid_column(draft.table.row_key[0], attribute, question)
    return draft.suggesting(
        replace(
            draft.suggestion,
            columns=(identifier, *draft.suggestion.columns),
            questions=(question, *draft.suggestion.questions),
            key_question=question.name,
        )
    )


def _virtual(draft: Draft) -> Draft:
    text = (
        f"{draft.table.name!r} is a virtual table. Are its rows moved, or left behind since it only indexes what "
        "other tables hold?"
    )
    question = Question(draft.suggestion.entity, text, ("move", "leave"))
    questions = (question, *draft.suggestion.questions)
    return draft.suggesting(replace(draft.suggestion, questions=questions, move_question=question.name))
