"""Mark what a run writes: the one attribute by which its own items are known, to resume it and to roll it back.

The mark is written together with the item, so it can never say less or more than what happened. It holds the run and
a digest of the content: an item that was changed since differs from its own mark.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models.footprint import Action
from madmall_models.migration.item_digest import Item, Path, item_digest

MARK = "migratedBy"
_SEPARATOR = " "
_STUB = "stub"
_DIGITS = 16


@dataclass(frozen=True)
class RunMark:
    """The mark on an item.

    Attributes:
        run: the id of the run that wrote the item.
        digest: of what it wrote, 16 hexadecimal digits.
        is_stub: whether it only stands for an item that rows name, until the row of that item comes.
    """

    run: str
    digest: str
    is_stub: bool = False

    @classmethod
    def of(cls, item: Item) -> RunMark | None:
        """Return the mark of a stored item, None where no run wrote it."""
        parts = str(item.get(MARK, {}).get("S", "")).split(_SEPARATOR)
        return cls(parts[0], parts[1], _STUB in parts[2:]) if len(parts) > 1 else None

    @property
    def text(self) -> str:
        """Return the mark as it is stored."""
        return _SEPARATOR.join((self.run, self.digest, *([_STUB] if self.is_stub else [])))

    def is_true_of(self, item: Item, counted: Collection[Path]) -> bool:
        """Tell whether an item is still what the run wrote, apart from its ``counted`` paths."""
        return self.digest == _digest(item, counted)


def mark(actions: Sequence[Action], run: str, counted: Collection[Path], *, is_stub: bool = False) -> RunMark:
    """Mark the item and the mirrors that ``actions`` put, in place, and return the mark.

    Args:
        actions: what creates one entity, its item first.
        run: the id of the run.
        counted: stored paths that the table counts for itself, which change without anybody changing the item.
        is_stub: whether the item only stands for another.
    """
    copies = [action for action in actions if action.part == "item" or action.part.startswith("mirror:")]
    made = RunMark(run, _digest(copies[0].request["Item"], counted), is_stub)
    for action in copies:
        action.request["Item"][MARK] = {"S": made.text}
    return made


def _digest(item: Item, counted: Collection[Path]) -> str:
    # The version says how often an item was written, not what it is; whoever writes it moves updatedAt too.
    return item_digest(item, without=[(MARK,), ("version",), *counted]).hex()[:_DIGITS]


def without_mark(item: Item) -> dict[str, Any]:
    """Return an item as it would be had no run marked it."""
    return {name: wire for name, wire in item.items() if name != MARK}
