"""Remove one item that a run wrote, or put back what it replaced: the actions, each on condition that nothing moved.

Between the reading of an item and its removal anybody may write. Version and mark would tell a change that this
package makes, but no counter: a like leaves both alone. So the condition is that every attribute is still the one that
was read. It holds whoever writes, and by the counts of members and comments it also tells who joined meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from madmall_models import footprint as footprints
from madmall_models.codec import decode
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.migration.item_digest import Item
from madmall_models.migration.replaced_item import forgetting_replaced
from madmall_models.migration.rollback_memory import Place
from madmall_models.migration.run_mark import MARK
from madmall_models.writer import stored_footprint

# DynamoDB takes 300 operators in an expression; each comparison takes two.
_MOST_ATTRIBUTES = 140


@dataclass(frozen=True, eq=False)
class Removal:
    """What removes one entity with all that it occupies, perhaps with its companion.

    Attributes:
        entities: the entity as it was read, then its companion.
        actions: the removal of the item first.
    """

    entities: tuple[Any, ...]
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, entity: Any) -> Removal:
        """Return what removes an entity as it was read."""
        item, *others = footprints.deletion(stored_footprint(entity), expected_version=None)
        request = {"Key": item.key.wire, **_is_exactly(entity._stored).request()}
        return cls((entity,), (replace(item, request=request), *others))

    @property
    def byte_count(self) -> int:
        """Return the bytes that count towards the limit of a transaction."""
        return sum(action.byte_count for action in self.actions)

    @property
    def places(self) -> frozenset[Place]:
        """Return the keys of everything that goes."""
        return frozenset((action.key.partition, action.key.sort) for action in self.actions)

    def together_with(self, companion: Removal) -> Removal:
        """Return what removes both or neither."""
        return Removal((*self.entities, *companion.entities), (*self.actions, *companion.actions))

    def without(self, parts: Collection[str]) -> Removal:
        """Return what leaves the named parts alone: a value that another item holds is left to it."""
        return Removal(self.entities, tuple(action for action in self.actions if action.part not in parts))


@dataclass(frozen=True, eq=False)
class Restoration:
    """What puts an item back as it was before a run replaced it, and forgets the record of it.

    Attributes:
        old: the entity as it was.
        present: the entity as it is.
        actions: the item first.
    """

    old: Any
    present: Any
    actions: tuple[Action, ...]

    @classmethod
    def of(cls, run: str, old: Item, present: Any) -> Restoration:
        """Return what leads from the entity that a run left, as it was read, to the item that it replaced."""
        was = decode(type(present), old)
        item, *beside = footprints.creation(stored_footprint(was))
        _, *ending = footprints.deletion(stored_footprint(present), expected_version=None)
        leaving = {_place(action): action for action in ending}
        request = {"Item": dict(old), **_is_exactly(present._stored).request()}
        kept = [_over(action, leaving.pop(_place(action), None)) for action in beside]
        actions = (replace(item, request=request), *kept, *leaving.values(), forgetting_replaced(run, old))
        return cls(was, present, actions)

    @property
    def byte_count(self) -> int:
        """Return the bytes that count towards the limit of a transaction."""
        return sum(action.byte_count for action in self.actions)


def _over(action: Action, leaving: Action | None) -> Action:
    """Return the action that puts a part, over the present one where that stands in the same place.

    A pointer and a claim have a condition that holds for what is the entity's own; a copy wants to be the first.
    """
    if leaving is None or not action.part.startswith("mirror:"):
        return action
    return replace(action, request={"Item": action.request["Item"]})


def _is_exactly(item: Item) -> Expression:
    """Return the condition that an item is the one that was read.

    An item of more attributes than an expression can compare is compared by its mark, its version and its counters,
    which stand in maps, and by as many others as there is room for.
    """
    condition = Expression().exists("PK")

    def rank(name: str) -> tuple[bool, bool, str]:
        return name not in (MARK, "version"), "M" not in item[name], name

    for name in sorted(item.keys() - {"PK", "SK"}, key=rank)[:_MOST_ATTRIBUTES]:
        condition.equals((name,), item[name])
    return condition


def _place(action: Action) -> Place:
    return action.key.partition, action.key.sort
