"""Pack rows into transactions: whole creations, within the limits of the service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from madmall_models import limits
from madmall_models.migration.prepared import Prepared

Pack = tuple[Prepared, ...]


def packs(rows: Iterable[Prepared], *, most_rows: int) -> Iterator[Pack]:
    """Return the rows in order, as many to a pack as fit: ``most_rows``, 100 actions, 4 MB."""
    packed: list[Prepared] = []
    actions = size = 0
    for row in rows:
        full = (
            len(packed) >= most_rows
            or actions + len(row.actions) > limits.TRANSACTION_ACTIONS
            or size + row.byte_count > limits.TRANSACTION_BYTES
        )
        if packed and full:
            yield tuple(packed)
            packed, actions, size = [], 0, 0
        packed.append(row)
        actions += len(row.actions)
        size += row.byte_count
    if packed:
        yield tuple(packed)
