"""Pack creations into transactions: each whole, within the limits of the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

from madmall_models import limits
from madmall_models.footprint import Action


class Creation(Protocol):
    """Be all that is written for one new entity: its item, mirrors, pointers and claims."""

    @property
    def actions(self) -> Sequence[Action]:
        """Return the actions, the one of the item itself first."""
        ...

    @property
    def byte_count(self) -> int:
        """Return the bytes of everything that is written."""
        ...


C = TypeVar("C", bound=Creation)


def packs(creations: Iterable[C], *, most: int = limits.TRANSACTION_ACTIONS) -> Iterator[tuple[C, ...]]:
    """Return the creations in order, as many to a pack as fit: ``most`` of them, 100 actions, 4 MB.

    Two that write to one place never share a pack, which DynamoDB would refuse; the packs are then to be written in
    order, so that the second finds what the first has done.
    """
    packed: list[C] = []
    places: set[tuple[str, str]] = set()
    size = 0
    for creation in creations:
        own = {(action.key.partition, action.key.sort) for action in creation.actions}
        full = (
            len(packed) >= most
            or len(places) + len(creation.actions) > limits.TRANSACTION_ACTIONS
            or size + creation.byte_count > limits.TRANSACTION_BYTES
            or not places.isdisjoint(own)
        )
        if packed and full:
            yield tuple(packed)
            packed, places, size = [], set(), 0
        packed.append(creation)
        places |= own
        size += creation.byte_count
    if packed:
        yield tuple(packed)
