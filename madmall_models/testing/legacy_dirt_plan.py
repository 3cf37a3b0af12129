"""Decide which legacy rows are dirty, and how, before any of them is written."""

from __future__ import annotations

from itertools import pairwise

from madmall_models.testing.legacy_chance import Chance
from madmall_models.testing.legacy_dirt import DirtGroup, DirtKind

# Of a table's rows, at most three in five are dirty: the rest has to carry their references.
_MOST_DIRTY = (3, 5)


class DirtPlan:
    """Decide for each row of a table whether it is dirty and how, with one byte of memory for each.

    The dirty rows are spread over the whole table, and the kinds take turns. The first row is always clean.
    """

    def __init__(self, kinds: tuple[DirtKind, ...], rows: int, share: float, chance: Chance) -> None:
        self._kinds: tuple[DirtKind | None, ...] = (None, *kinds)
        self._marks = bytearray(rows)
        planted = dict.fromkeys(kinds, 0)
        turn = 0
        for place in _places(rows, share, len(kinds), chance):
            while _is_used_up(kinds[turn % len(kinds)], planted):
                turn += 1
            kind = turn % len(kinds)
            planted[kinds[kind]] += 1
            self._marks[place] = kind + 1
            turn += 1
        self._sound = bytes(kind is None or kind.group is not DirtGroup.DEFECT for kind in self._kinds)

    def kind_of(self, place: int) -> DirtKind | None:
        """Return what is wrong with the row at ``place``, or None."""
        return self._kinds[self._marks[place]]

    def is_sound(self, place: int) -> bool:
        """Tell whether other rows may refer to the row at ``place``: it has no defect."""
        return bool(self._sound[self._marks[place]])

    def count_sound(self) -> int:
        """Return the number of rows without a defect."""
        return sum(self._marks.translate(self._sound.ljust(256, b"\0")))


def _places(rows: int, share: float, kinds: int, chance: Chance) -> list[int]:
    free = rows - 1
    if not share or free < 1:
        return []
    dirty = min(max(round(rows * share), kinds), rows * _MOST_DIRTY[0] // _MOST_DIRTY[1])
    bounds = [1 + turn * free // dirty for turn in range(dirty + 1)] if dirty else []
    return [low + chance.below(high - low) for low, high in pairwise(bounds)]


def _is_used_up(kind: DirtKind, planted: dict[DirtKind, int]) -> bool:
    return kind.most is not None and planted[kind] >= kind.most
