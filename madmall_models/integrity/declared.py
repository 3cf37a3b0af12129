"""Check what follows from the declarations alone, for every entity."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from madmall_models import codec
from madmall_models.errors import MadMallError
from madmall_models.expression import same
from madmall_models.footprint import CLAIM_TYPE, INDEX_KEY_NAMES, Footprint, footprint
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.snapshot import Item, Place, Snapshot, place, shown
from madmall_models.query_reader import is_expired

_ENGINE_RECORDS = "MIGRATION"


def check_declared(snapshot: Snapshot) -> Iterator[Finding]:
    """Yield each item that is not what its declaration makes of it.

    Rules: ``unknown`` (no class reads it), ``keys`` (stored keys differ from those rendered), ``mirror``, ``pointer``
    and ``claim`` (missing, different, or left over).
    """
    expected: dict[Place, tuple[str, Item]] = {}
    for where, entity in snapshot.entities.items():
        try:
            print_of = footprint(entity)
        except MadMallError as error:
            yield Finding("keys", type(entity).__name__, shown(where), str(error))
            continue
        yield from _wrong_keys(where, snapshot.items[where], print_of)
        expected.update(_beside(print_of))
    yield from _missing(snapshot, expected)
    yield from _left_over(snapshot, expected)


def _wrong_keys(where: Place, stored: Item, print_of: Footprint) -> Iterator[Finding]:
    name = type(print_of.entity).__name__
    if place(print_of.item) != where:
        yield Finding("keys", name, shown(where), "the primary key does not follow from the attributes")
    wrong = [key for key in sorted(INDEX_KEY_NAMES) if stored.get(key) != print_of.item.get(key)]
    if wrong:
        yield Finding("keys", name, shown(where), f"{', '.join(wrong)} differ from what the attributes give")


def _beside(print_of: Footprint) -> Iterator[tuple[Place, tuple[str, Item]]]:
    for rule, items in (("mirror", print_of.mirrors), ("pointer", print_of.pointers), ("claim", print_of.claims)):
        for item in items.values():
            yield place(item), (rule, item)


def _missing(snapshot: Snapshot, expected: dict[Place, tuple[str, Item]]) -> Iterator[Finding]:
    for where, (rule, item) in expected.items():
        stored = snapshot.items.get(where)
        if stored is None and is_expired(item):
            # DynamoDB deletes what expired one by one, in its own time.
            continue
        if stored is None:
            yield Finding(rule, _kind(item), shown(where), "is missing")
        elif not same({"M": stored}, {"M": item}):
            different = sorted(name for name in {**stored, **item} if stored.get(name) != item.get(name))
            yield Finding(rule, _kind(item), shown(where), f"differs from its item in {', '.join(different)}")


def _left_over(snapshot: Snapshot, expected: dict[Place, tuple[str, Item]]) -> Iterator[Finding]:
    for where, item in snapshot.items.items():
        if where in snapshot.entities or where in expected or is_expired(item):
            continue
        kind = _kind(item)
        if kind.startswith(_ENGINE_RECORDS):
            continue
        if kind == CLAIM_TYPE:
            yield Finding("claim", kind, shown(where), "no item has this value")
        elif kind.endswith("_POINTER"):
            yield Finding("pointer", kind, shown(where), "no item belongs here")
        elif codec.stored_class(item) is not None:
            yield Finding("mirror", kind, shown(where), "a copy without its item")
        else:
            yield Finding("unknown", kind or "-", shown(where), "no declared entity reads this item")


def _kind(item: Any) -> str:
    return str(item.get("entityType", {}).get("S", ""))
