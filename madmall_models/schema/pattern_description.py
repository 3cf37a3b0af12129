"""Describe an access pattern: a question, how to ask it, what is sent and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RequestDescription:
    """A request that the question sends.

    Attributes:
        operation: DynamoDB's name of it, as in ``Query``.
        parameters: what is sent, made by the code that sends it, with the values of the example item.
    """

    operation: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class CostDescription:
    """What an answer costs, in read units.

    Attributes:
        read_units: of one item, or of a page.
        read_units_per_item: of each item; it is what a longer page adds.
        items: how many items the page has; 1 for a single item.
        assumptions: what was taken for granted.
    """

    read_units: float
    read_units_per_item: float
    items: int
    assumptions: tuple[str, ...]


@dataclass(frozen=True)
class AccessPatternDescription:
    """A question that the design answers with one key.

    Attributes:
        name: of the pattern, as in ``Circle.by_type``; it occurs once.
        question: in English.
        entity: the class name of what is given.
        key: the name of the declared key, or of the claim, that is asked.
        kind: ``item``, ``list``, ``mirror``, ``pointer``, ``index``, ``claim`` or ``collection``.
        call: how to ask it in Python, with the values of the example item.
        operations: calls of managers that ask it too.
        index: ``table`` or the name of the index.
        partition_key: the template of the partition key.
        sort_key: the template of the sort key.
        key_condition: what is asked of the key, in templates.
        fields: what must be given, by dotted Python name.
        narrowing: the parts of the sort key that may be given or bounded, from the left.
        order: of the items.
        requests: what is sent, in this order.
        hydrates: whether whole items are fetched after the list was read.
        sparse: whether items are left out on purpose.
        consistent: ``always``, ``on request`` or ``never``.
        cost: what an answer costs.
        warnings: what costs more, or is less, than it seems.
    """

    name: str
    question: str
    entity: str
    key: str
    kind: str
    call: str
    operations: tuple[str, ...]
    index: str
    partition_key: str
    sort_key: str
    key_condition: str
    fields: tuple[str, ...]
    narrowing: tuple[str, ...]
    order: str
    requests: tuple[RequestDescription, ...]
    hydrates: bool
    sparse: bool
    consistent: str
    cost: CostDescription
    warnings: tuple[str, ...]
