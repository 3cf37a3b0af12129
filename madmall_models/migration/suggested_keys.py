"""Suggest where the items of each table live, and by what else they are listed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from madmall_models.migration.suggested_mapping import SuggestedIndexKey, SuggestedMapping
from madmall_models.migration.suggested_names import AttributeNames, discriminator, words
from madmall_models.migration.table_analysis import ForeignKey, TableAnalysis

_HEAD = "METADATA"
_INDEXES = ("GSI1", "GSI2", "GSI3")
_TENANT_INDEX = "GSI4"


@dataclass(frozen=True)
class Draft:
    """A suggestion in the making.

    Attributes:
        names: gives what is added to the entity a name that is free.
    """

    table: TableAnalysis
    suggestion: SuggestedMapping
    names: AttributeNames

    @property
    def identifying(self) -> tuple[str, ...]:
        """Return the attributes that the primary key is made of."""
        if self.table.primary_key:
            return self.suggestion.attributes_of(self.table.primary_key)
        return (self.suggestion.columns[0].attribute,)

    def suggesting(self, suggestion: SuggestedMapping) -> Draft:
        """Return the draft with another suggestion."""
        return replace(self, suggestion=suggestion)


Drafts = Mapping[str, Draft]


def with_keys(drafts: Drafts) -> Drafts:
    """Return the drafts with a primary key and index keys."""
    return {name: _with_keys(draft, drafts) if _is_open(draft) else draft for name, draft in drafts.items()}


def leads_to_head(key: ForeignKey, drafts: Drafts) -> bool:
    """Tell whether a foreign key names the one column that identifies a row of a table that is moved."""
    parent = drafts.get(key.table)
    if parent is None or not parent.suggestion.is_movable or len(key.columns) != 1:
        return False
    ready = parent.suggestion.ready
    if ready is not None:
        names = ready.entity.key.field_names
        return len(names) == 1 and any(
            (field.target, (field.column,)) == (names[0], key.references) for field in ready.fields
        )
    return parent.table.primary_key == key.references


def _is_open(draft: Draft) -> bool:
    return draft.suggestion.is_movable and draft.suggestion.ready is None


def _with_keys(draft: Draft, drafts: Drafts) -> Draft:
    suggestion, names = draft.suggestion, draft.identifying
    own = suggestion.discriminator
    first, *others = names
    if not others:
        partition, sort = f"{own}#{{{first}}}", _HEAD
    else:
        owner = _owner(draft, drafts)
        partition = f"{owner or own}#{{{first}}}"
        sort = "#".join([own if owner else _prefix(others[0]), *(f"{{{name}}}" for name in others)])
    keys = list(_index_keys(draft, drafts))
    listed, left = keys[: len(_INDEXES)], keys[len(_INDEXES) :]
    index_keys = [
        SuggestedIndexKey(draft.names.free(name), index, partition_text, _listing(draft))
        for index, (name, partition_text) in zip(_INDEXES, listed, strict=False)
    ]
    tenant = f"TENANT#{{tenant_id}}#{own}"
    index_keys.append(SuggestedIndexKey(draft.names.free("by_tenant"), _TENANT_INDEX, tenant, "CREATED#{created_at}"))
    notes = [f"No index is left for {text}: items are not listed by it" for _, text in left]
    return draft.suggesting(
        replace(
            suggestion,
            partition=partition,
            sort=sort,
            index_keys=tuple(index_keys),
            notes=(*suggestion.notes, *notes),
        )
    )


def _owner(draft: Draft, drafts: Drafts) -> str | None:
    """Return whose item collection the rows of a compound key belong to: of what its first column alone names."""
    first = draft.table.primary_key[:1]
    for key in draft.table.foreign_keys:
        parent = drafts.get(key.table)
        if parent is None or parent is draft or parent.suggestion.ready is not None:
            continue
        if key.columns == first and leads_to_head(key, drafts):
            return parent.suggestion.discriminator
    return None


def _index_keys(draft: Draft, drafts: Drafts) -> Iterator[tuple[str, str]]:
    """Return name and partition of an index key for each foreign key that the primary key does not answer."""
    asked: set[tuple[str, ...]] = {draft.table.primary_key[:1]}
    for key in draft.table.foreign_keys:
        if key.columns in asked:
            continue
        asked.add(key.columns)
        attributes = draft.suggestion.attributes_of(key.columns)
        parent = drafts.get(key.table)
        named = parent.suggestion.discriminator if parent is not None else discriminator(words(key.table) or ["item"])
        fields = "#".join(f"{{{attribute}}}" for attribute in attributes)
        yield f"by_{_plain(attributes[0])}", f"{named}#{fields}"


def _listing(draft: Draft) -> str:
    return "#".join([draft.suggestion.discriminator, *(f"{{{name}}}" for name in draft.identifying)])


def _prefix(attribute: str) -> str:
    return _plain(attribute).upper()


def _plain(attribute: str) -> str:
    return attribute.removesuffix("_id") or attribute
