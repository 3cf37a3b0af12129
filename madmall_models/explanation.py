"""Say what a query will send and what it costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from madmall_models import limits
from madmall_models.attributes import EnumAttribute, IdAttribute, TimeAttribute
from madmall_models.declaration import attribute_at
from madmall_models.key_template import KeyTemplate
from madmall_models.keys import IndexKey, Key, Mirror

if TYPE_CHECKING:
    from madmall_models.query import Query

# The sizes that items and index entries are taken to have, and how many items where no limit is set.
ASSUMED_ITEM_BYTES = 1024
ASSUMED_ENTRY_BYTES = 200
ASSUMED_ITEMS = 100
_READ_UNIT_BYTES = 4096
_TENANT = "tenant_id"

FILTER_WARNING = "what the filter drops is read and paid for"
LAG_WARNING = "an index follows the table after a moment: what was just written may be missing, or be as it was"
HOT_WARNING = (
    f"all of them share one partition, which serves {limits.PARTITION_READS_PER_SECOND} read units "
    f"and {limits.PARTITION_WRITES_PER_SECOND} write units a second"
)


@dataclass(frozen=True)
class Cost:
    """Read units, for items and entries of an assumed size.

    Attributes:
        page: of a page, or of all items where there is no limit.
        item: of each item.
        assumptions: what was assumed.
    """

    page: float
    item: float
    assumptions: tuple[str, ...]

    @classmethod
    def of(cls, items: int | None, *, hydrates: bool, consistent: bool, entry_bytes: int | None = None) -> Cost:
        """Return the cost of reading this many items, None where no limit is set."""
        count = items or ASSUMED_ITEMS
        bytes_read = entry_bytes or (ASSUMED_ENTRY_BYTES if hydrates else ASSUMED_ITEM_BYTES)
        rate = 1.0 if consistent else 0.5
        fetched = math.ceil(ASSUMED_ITEM_BYTES / _READ_UNIT_BYTES) if hydrates else 0
        page = math.ceil(count * bytes_read / _READ_UNIT_BYTES) * rate + count * fetched
        assumed = [f"items of {ASSUMED_ITEM_BYTES} bytes", "every item that is read matches"]
        if hydrates or entry_bytes:
            assumed.insert(1, f"index entries of {bytes_read} bytes")
        if items is None:
            assumed.append(f"{ASSUMED_ITEMS} items, as there is no limit")
        return cls(page, bytes_read / _READ_UNIT_BYTES * rate + fetched, tuple(assumed))


@dataclass(frozen=True)
class Explanation:
    """What a query sends.

    Attributes:
        question: what the key answers, in English.
        index: ``table`` or the name of the index.
        key_condition: the condition on the key; values of people are shown as their template.
        filter: who evaluates the filter, or None without one.
        hidden: what is left out without being asked: items of other types, and expired ones.
        projection: ``all`` or the attributes asked for.
        page_size: how many items a page gives, None for all.
        hydrates: whether whole items are fetched after the index was read.
        newest_first: whether the order is descending.
        order: the order of the items, as in ``oldest first`` or ``ascending by TITLE#{title:fold}``.
        read_units: estimate of a page, or of all; the real cost is in ``db.metrics()``.
        read_units_per_item: estimate of each item.
        assumptions: what the estimates take for granted.
        warnings: what costs more than it seems.
    """

    question: str
    index: str
    key_condition: str
    filter: str | None
    hidden: str
    projection: str
    page_size: int | None
    hydrates: bool
    newest_first: bool
    order: str
    read_units: float
    read_units_per_item: float
    assumptions: tuple[str, ...]
    warnings: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"question      {self.question or '-'}{' (asked newest first)' if self._is_turned() else ''}",
            f"index         {self.index}",
            f"key condition {self.key_condition}",
            f"order         {self.order}",
            f"filter        {self.filter or '-'}",
            f"hidden        {self.hidden}",
            f"projection    {self.projection}",
            f"limit         {self.page_size or 'none'}",
            f"then          {'fetch each item by its key, consistently' if self.hydrates else '-'}",
            f"about         {self.read_units:g} read units, {self.read_units_per_item:.4g} an item",
            f"assuming      {'; '.join(self.assumptions)}",
            *(f"warning       {warning}" for warning in self.warnings),
        ]
        return "\n".join(lines)

    def _is_turned(self) -> bool:
        """Tell whether the question, as it is declared, speaks of the other order."""
        return self.newest_first and "oldest first" in self.question


def explain(query: Query[Any]) -> Explanation:
    """Return what a query sends, without sending it."""
    key = query.key
    cost = Cost.of(query.most, hydrates=key.hydrates, consistent=query.reads_consistently)
    return Explanation(
        question=key.answers,
        index=key.index_name,
        key_condition=_key_condition(query),
        filter=_filter(query),
        hidden=_hidden(query),
        projection=", ".join(query.names) or "all",
        page_size=query.most,
        hydrates=key.hydrates,
        newest_first=not query.forward,
        order=order_of(key, forward=query.forward),
        read_units=cost.page,
        read_units_per_item=cost.item,
        assumptions=cost.assumptions,
        warnings=_warnings(query),
    )


def is_public(entity: Any, template: KeyTemplate) -> bool:
    """Tell whether a half of a key is made of ids, known words and times only, which may be shown."""
    attributes = [attribute_at(entity, name) for name in template.field_names]
    return all(isinstance(attribute, IdAttribute | EnumAttribute | TimeAttribute) for attribute in attributes)


def order_of(key: Key, *, forward: bool) -> str:
    """Return the order of a key's items: by time where that is what their sort key begins with."""
    fields = key.sort.fields
    if fields and isinstance(attribute_at(key.entity, fields[0].name), TimeAttribute):
        return "oldest first" if forward else "newest first"
    return f"{'ascending' if forward else 'descending'} by {key.sort.text}"


def is_hot(key: Key) -> bool:
    """Tell whether many items share a partition of the key: it is made of nothing, of known words, or of a tenant."""
    fields = key.partition.field_names
    return all(name == _TENANT or isinstance(attribute_at(key.entity, name), EnumAttribute) for name in fields)


def _key_condition(query: Query[Any]) -> str:
    key, span = query.key, query.sort_range()
    names = key.names if isinstance(key, IndexKey) else ("PK", "SK")
    text = f"{names[0]} = {span.partition if is_public(key.entity, key.partition) else key.partition.text}"
    if span.operator:
        bounds = [bound.replace("\U0010ffff", "…") for bound in span.texts]
        shown = bounds if is_public(key.entity, key.sort) else [key.sort.text]
        text += f" AND {names[1]} {span.operator} {' and '.join(shown)}"
    return text


def _filter(query: Query[Any]) -> str | None:
    if query.filters is None:
        return None
    return "by DynamoDB, after reading" if query.filters_in_service() else "here, after the items are fetched"


def _hidden(query: Query[Any]) -> str:
    expired = "" if query.shows_expired else ", and what expired (ttl)"
    return f"what is not entityType {query.key.entity.discriminator}{expired}"


def _holding(key: Key) -> str:
    """Return what the entries of a key hold, where that is less than whole items."""
    if not isinstance(key, IndexKey):
        return "pointers hold keys and what they are sorted by only"
    held = ", ".join(["keys", *key.index.projected_names()])
    return f"{key.index_name} holds {held} only"


def _warnings(query: Query[Any]) -> tuple[str, ...]:
    warnings = []
    if query.filters is not None:
        warnings.append(FILTER_WARNING)
    if query.most is None:
        warnings.append("no limit: every item of the partition that matches is read")
    if query.key.hydrates:
        warnings.append(f"{_holding(query.key)}: each item is fetched, one read unit per 4 KB")
    if isinstance(query.key, Mirror):
        warnings.append("reads mirrors; they are written in the same transaction as their items")
    if isinstance(query.key, IndexKey):
        warnings.append(LAG_WARNING)
    if is_hot(query.key):
        warnings.append(HOT_WARNING)
    return tuple(warnings)
