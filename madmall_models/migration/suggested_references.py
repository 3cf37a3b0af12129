"""Suggest which attributes name items of other entities, and in which order the tables are moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from madmall_models.migration.mapping import Policy
from madmall_models.migration.suggested_keys import Draft, Drafts, leads_to_head
from madmall_models.migration.suggested_mapping import SuggestedMapping, SuggestedReference
from madmall_models.migration.table_analysis import ForeignKey

Waiting = Mapping[str, frozenset[str]]


def with_references(drafts: Drafts) -> tuple[SuggestedMapping, ...]:
    """Return the suggestions, each naming the tables that are moved before it.

    Where tables name each other in a circle, one of them goes first, and what it names is not checked.
    """
    before = _in_line({name: _parents(draft, drafts) for name, draft in drafts.items()})
    return tuple(
        draft.suggestion
        if draft.suggestion.ready is not None or not draft.suggestion.is_movable
        else _with_references(draft, drafts, before[name])
        for name, draft in drafts.items()
    )


def _parents(draft: Draft, drafts: Drafts) -> frozenset[str]:
    if draft.suggestion.ready is not None:
        return frozenset(draft.suggestion.after) & frozenset(drafts)
    named = {key.table for key in draft.table.foreign_keys if key.table in drafts}
    return frozenset(name for name in named if drafts[name].suggestion.is_movable) - {draft.table.name}


def _in_line(waiting: Waiting) -> Waiting:
    """Return what each table really waits for: circles are opened where the fewest are waited for."""
    left, before = dict(waiting), dict(waiting)
    while left:
        ready = [name for name, parents in left.items() if not parents & left.keys()]
        if not ready:
            opened = min(left, key=lambda name: len(left[name] & left.keys()))
            before[opened] -= left.keys()
            ready = [opened]
        for name in ready:
            del left[name]
    return before


def _with_references(draft: Draft, drafts: Drafts, before: frozenset[str]) -> SuggestedMapping:
    references: list[SuggestedReference] = []
    notes: list[str] = []
    for key in draft.table.foreign_keys:
        found = _reference(draft, key, drafts, before)
        if isinstance(found, str):
            notes.append(found)
        elif all(found.target != reference.target for reference in references):
            references.append(found)
    suggestion = draft.suggestion
    notes += [f"{column.column!r}: {column.remark}" for column in suggestion.columns if column.remark]
    return replace(
        suggestion,
        references=tuple(references),
        after=tuple(_ordered(before, drafts)),
        notes=(*suggestion.notes, *notes),
    )


def _reference(draft: Draft, key: ForeignKey, drafts: Drafts, before: frozenset[str]) -> SuggestedReference | str:
    """Return the reference of a foreign key, or why it is none."""
    columns = ", ".join(map(repr, key.columns))
    if key.table not in drafts:
        return f"{columns} names a row of {key.table!r}, which is not in the file; it is not checked"
    if key.table == draft.table.name:
        return f"{columns} names a row of this table, which may be moved later; it is not checked"
    if not leads_to_head(key, drafts):
        return f"{columns} names no item of {key.table!r} by its key; it is not checked"
    if key.table not in before:
        return f"{columns} names a row of {key.table!r}, which is moved later; it is not checked"
    column = draft.table.column(key.columns[0])
    must_be = column.not_null or column.primary_key
    return SuggestedReference(
        target=draft.suggestion.attribute_of(column.name),
        table=key.table,
        entity=drafts[key.table].suggestion.entity,
        policy=Policy.REJECT if must_be else Policy.KEEP,
    )


def _ordered(names: frozenset[str], drafts: Drafts) -> Iterator[str]:
    return (name for name in drafts if name in names)
