"""Ask every question that entities declare, with values that are really in the table.

Nothing is typed twice: the questions, their fields and their places come from the declarations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models.access_pattern import AccessPattern
from madmall_models.cli.call import Call
from madmall_models.cli.measured import Cost, measured
from madmall_models.database import Database
from madmall_models.integrity.snapshot import Snapshot
from madmall_models.keys import Key, Mirror, Pointer, PrimaryKey, Unique
from madmall_models.query import Query

ITEMS_ASKED = 10


@dataclass(frozen=True)
class Answer:
    """An access pattern, how it was asked, and what came of it.

    Attributes:
        pattern: the question.
        through: where it is answered: ``table``, ``mirror``, ``pointer``, ``claim`` or the name of an index.
        call: what was called; None where the table holds nothing to ask for.
        items: how many came back.
        cost: what it cost.
        estimate: of a query, the read units that its ``explain()`` expects.
    """

    pattern: AccessPattern
    through: str
    call: Call | None
    items: int
    cost: Cost
    estimate: float | None = None


def take_tour(database: Database, snapshot: Snapshot, entities: Sequence[type[Any]]) -> Iterator[Answer]:
    """Ask each key and each claim of the entities, at most ten items each, and yield the answers in order.

    Args:
        database: what to ask.
        snapshot: items of its table, to find the values to ask with: those under which the most items stand.
        entities: whose questions to ask.
    """
    for entity in entities:
        present = snapshot.all_of(entity)
        for key in entity.keys.values():
            yield _ask(database, key.access_pattern(), through(key), _call(database, key, present))
        for claim in entity.claims.values():
            yield _ask(database, claim_pattern(claim), "claim", _claim_call(database, claim, present))


def through(key: Key) -> str:
    """Return what kind of place a key asks: the table itself, a mirror, a pointer, or an index by its name."""
    if isinstance(key, Mirror):
        return "mirror"
    return "pointer" if isinstance(key, Pointer) else key.index_name


def claim_pattern(claim: Unique) -> AccessPattern:
    """Return the question that a unique value answers."""
    entity = claim.entity.__name__
    return AccessPattern(
        entity=entity,
        name=claim.name,
        index="table",
        partition_key=claim.partition.text,
        sort_key=claim.sort_key,
        fields=claim.template.field_names,
        answers=f"Which {entity.lower()} has claimed this {claim.field}, read consistently?",
        hydrates=True,
    )


def _ask(database: Database, pattern: AccessPattern, place: str, call: Call | None) -> Answer:
    if call is None:
        return Answer(pattern, place, None, 0, Cost(0, 0.0, 0.0, 0.0))
    with database.bound():
        items, cost = measured(database, lambda: _counted(call()))
        estimate = call().explain().read_units if call.is_query else None
    return Answer(pattern, place, call, items, cost, estimate)


def _counted(answer: Any) -> int:
    """Return how many items an answer has; a query is read here."""
    return sum(1 for _ in answer) if isinstance(answer, Query) else 1


def _call(database: Database, key: Key, present: Sequence[Any]) -> Call | None:
    values = _most_frequent(key, present)
    if values is None:
        return None
    entity = key.entity
    if isinstance(key, PrimaryKey) and set(key.sort.field_names) <= set(key.partition.field_names):
        manager = database.manager_of(entity)
        return Call(f"db.{manager.collection}", manager, "get", tuple(values.values()))
    options = {name.replace(".", "_"): value for name, value in values.items()}
    return Call(f"{entity.__name__}.{key.name}", key, "query", options=options, most=ITEMS_ASKED)


def _claim_call(database: Database, claim: Unique, present: Sequence[Any]) -> Call | None:
    if not present:
        return None
    manager = database.manager_of(claim.entity)
    values = min(present, key=lambda entity: entity.item_key().partition).field_values()
    arguments = tuple(values[name] for name in claim.template.field_names)
    return Call(f"db.{manager.collection}", manager, f"get_by_{claim.field}", arguments)


def _most_frequent(key: Key, present: Sequence[Any]) -> Mapping[str, Any] | None:
    """Return the fields of the partition that holds the most of these entities, None where there is none to ask."""
    names = key.partition.field_names
    if not names:
        return {}
    standing = [entity.field_values() for entity in present if key.applies_to(entity)]
    partitions = Counter(partition for values in standing if (partition := key.partition.render(values)) is not None)
    if not partitions:
        return None
    # The texts are sorted first, so that of several equals the same is asked each time.
    fullest = max(sorted(partitions), key=partitions.__getitem__)
    values = next(values for values in standing if key.partition.render(values) == fullest)
    return {name: values[name] for name in names}
