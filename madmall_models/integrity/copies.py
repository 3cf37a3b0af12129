"""Compare the copies of an entity - mirrors, pointers, claims - with what its item makes of them, by reading both."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from madmall_models import batch, codec
from madmall_models.errors import MadMallError
from madmall_models.expression import same
from madmall_models.footprint import Footprint, footprint
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.snapshot import Item, Place, place, primary_class, shown
from madmall_models.keys import ItemKey
from madmall_models.query_reader import is_expired

_OWNERS_AT_ONCE = 50


def copies_of(print_of: Footprint) -> Iterator[tuple[str, Item]]:
    """Yield the rule and the item of each copy of a footprint."""
    for rule, items in (("mirror", print_of.mirrors), ("pointer", print_of.pointers), ("claim", print_of.claims)):
        for item in items.values():
            yield rule, item


def wrong_copies(database: Any, owners: Iterable[Place]) -> Iterator[Finding]:
    """Yield each copy that is missing or differs from its item, both read consistently; 50 owners at a time.

    An owner that is not there has no copies. What expired may be gone.
    """
    waiting = iter(owners)
    while some := list(islice(waiting, _OWNERS_AT_ONCE)):
        prints = _footprints(_read(database, some).values())
        copies = [(print_of, rule, item) for print_of in prints for rule, item in copies_of(print_of)]
        stored = _read(database, [place(item) for _, _, item in copies])
        for print_of, rule, item in copies:
            yield from _judged(rule, item, stored.get(place(item)), place(print_of.item))


def _footprints(items: Collection[Item]) -> Iterator[Footprint]:
    for item in items:
        cls = primary_class(item)
        if cls is None:
            continue
        try:
            yield footprint(codec.decode(cls, item))
        except MadMallError:
            # Such an item is a finding of its own, and says nothing about copies.
            continue


def _read(database: Any, places: Collection[Place]) -> dict[Place, Item]:
    return batch.get_items(database.connection, [ItemKey(*where) for where in places])


def _judged(rule: str, item: Item, stored: Item | None, owner: Place) -> Iterator[Finding]:
    if stored is None:
        # DynamoDB deletes what expired one by one, in its own time.
        if not is_expired(item):
            yield Finding(rule, kind_of(item), shown(place(item)), "is missing", owner)
    elif not same({"M": stored}, {"M": item}):
        different = sorted(name for name in {**stored, **item} if not _equal(stored.get(name), item.get(name)))
        fact = f"differs from its item in {', '.join(different)}"
        yield Finding(rule, kind_of(item), shown(place(item)), fact, owner)


def _equal(one: Any, other: Any) -> bool:
    return bool(one == other or (one and other and same(one, other)))


def kind_of(item: Item) -> str:
    """Return the stored ``entityType``, empty where there is none."""
    return str(item.get("entityType", {}).get("S", ""))
