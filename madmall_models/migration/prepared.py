"""Hold one row on its way: the entity it makes and everything that is written for it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from madmall_models.footprint import INDEX_KEY_NAMES, Action
from madmall_models.migration.source import Row

_UNIT_BYTES = 1024
_TRANSACTION_FACTOR = 2
_INDEX_PARTITION_KEYS = tuple(sorted(name for name in INDEX_KEY_NAMES if name.endswith("PK")))


@dataclass(frozen=True, eq=False)
class Prepared:
    """A row that is valid, encoded and ready to be written.

    Attributes:
        row: where it comes from.
        entity: the entity.
        actions: what creates the entity: its item, mirrors, pointers and claims.
        foreseen: with what its counter is written, see :mod:`forecast`.
    """

    row: Row
    entity: Any
    actions: tuple[Action, ...]
    foreseen: int = 0

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Return the bytes of each item that is written, in the order of the actions."""
        return tuple(action.byte_count for action in self.actions)

    @cached_property
    def byte_count(self) -> int:
        """Return the bytes of everything that is written."""
        return sum(self.sizes)

    @property
    def item_bytes(self) -> int:
        """Return the bytes of the item alone."""
        return self.sizes[0]

    @cached_property
    def write_units(self) -> int:
        """Estimate the write units: two for each started kilobyte in a transaction, and one in each index it is in.

        An index that does not hold the whole item costs less; the estimate is the upper bound.
        """
        units = 0
        for action, size in zip(self.actions, self.sizes, strict=True):
            item = action.request["Item"]
            indexes = sum(name in item for name in _INDEX_PARTITION_KEYS)
            units += math.ceil(size / _UNIT_BYTES) * (_TRANSACTION_FACTOR + indexes)
        return units


def text_of_key(key: Any) -> str:
    """Return an item key as one text; no two keys have the same, whatever characters are in them."""
    return f"{len(key.partition)} {key.partition}{key.sort}"
