"""Say what a query will send and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madmall_models.attributes import EnumAttribute, IdAttribute, TimeAttribute
from madmall_models.declaration import attribute_at
from madmall_models.key_template import KeyTemplate
from madmall_models.keys import IndexKey, Mirror, Pointer

if TYPE_CHECKING:
    from madmall_models.query import Query

# The size that an item is taken to have where nothing better is known, and how many where no limit is set.
ASSUMED_ITEM_BYTES = 1024
ASSUMED_ITEMS = 100
_READ_UNIT_BYTES = 4096


@dataclass(frozen=True)
class Explanation:
    """What a query sends.

    Attributes:
        question: what the key answers, in English.
        index: ``table`` or the name of the index.
        key_condition: the condition on the key; values of people are shown as their template.
        filter: who evaluates the filter, or None without one.
        projection: ``all`` or the attributes asked for.
        page_size: how many items a page gives, None for all.
        hydrates: whether whole items are fetched after the index was read.
        newest_first: whether the order is descending.
        read_units: estimate for items of 1 KB, 100 of them without a limit; the real cost is in ``db.metrics()``.
        warnings: what costs more than it seems.
    """

    question: str
    index: str
    key_condition: str
    filter: str | None
    projection: str
    page_size: int | None
    hydrates: bool
    newest_first: bool
    read_units: float
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"question      {self.question or '-'}",
            f"index         {self.index}",
            f"key condition {self.key_condition}",
            f"order         {'newest first' if self.newest_first else 'oldest first'}",
            f"filter        {self.filter or '-'}",
            f"projection    {self.projection}",
            f"limit         {self.page_size or 'none'}",
            f"then          {'fetch each item by its key, consistently' if self.hydrates else '-'}",
            f"about         {self.read_units:g} read units",
            *(f"warning       {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)


def explain(query: Query[Any]) -> Explanation:
    """Return what a query sends, without sending it."""
    key = query.key
    return Explanation(
        question=key.answers,
        index=key.index_name,
        key_condition=_key_condition(query),
        filter=_filter(query),
        projection=", ".join(query.names) or "all",
        page_size=query.most,
        hydrates=key.hydrates,
        newest_first=not query.forward,
        read_units=_read_units(query),
        warnings=_warnings(query),
    )


def _key_condition(query: Query[Any]) -> str:
    key, span = query.key, query.sort_range()
    names = key.names if isinstance(key, IndexKey) else ("PK", "SK")
    text = f"{names[0]} = {span.partition if _is_public(query, key.partition) else key.partition.text}"
    if span.operator:
        bounds = [bound.replace("\U0010ffff", "…") for bound in span.texts]
        shown = bounds if _is_public(query, key.sort) else [key.sort.text]
        text += f" AND {names[1]} {span.operator} {' and '.join(shown)}"
    return text


def _is_public(query: Query[Any], template: KeyTemplate) -> bool:
    """Tell whether a half of the key is made of ids, known words and times only, which may be shown."""
    attributes = [attribute_at(query.key.entity, name) for name in template.field_names]
    return all(isinstance(attribute, IdAttribute | EnumAttribute | TimeAttribute) for attribute in attributes)


def _filter(query: Query[Any]) -> str | None:
    if query.filters is None:
        return None
    return "by DynamoDB, after reading" if query.filters_in_service() else "here, after the items are fetched"


def _read_units(query: Query[Any]) -> float:
    items = query.most or ASSUMED_ITEMS
    entry_bytes = ASSUMED_ITEM_BYTES if not query.key.hydrates else 200
    units = math.ceil(items * entry_bytes / _READ_UNIT_BYTES) * (1.0 if query.reads_consistently else 0.5)
    if query.key.hydrates:
        units += items * math.ceil(ASSUMED_ITEM_BYTES / _READ_UNIT_BYTES)
    return units


def _warnings(query: Query[Any]) -> tuple[str, ...]:
    warnings = []
    if query.filters is not None:
        warnings.append("what the filter drops is read and paid for")
    if query.most is None:
        warnings.append("no limit: every item of the partition that matches is read")
    if query.key.hydrates:
        what = "pointers" if isinstance(query.key, Pointer) else query.key.index_name
        warnings.append(f"{what} hold keys only: each item is fetched, one read unit per 4 KB")
    if isinstance(query.key, Mirror):
        warnings.append("reads mirrors; they are written in the same transaction as their items")
    return tuple(warnings)
