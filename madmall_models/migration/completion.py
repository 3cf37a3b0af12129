"""Bring up to date what the table counts for itself, once the rows are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from madmall_models.declaration import stored_path
from madmall_models.keys import ItemKey


def nothing(entity: Any) -> Iterable[ItemKey]:
    """Return no keys: completing such an entity adds no items."""
    return ()


@dataclass(frozen=True)
class Completion:
    """Say what is to be done with each touched item of an entity when every row was moved.

    Attributes:
        entity: the entity class.
        complete: gets the database and the id of an item, and returns whether it wrote anything. Doing it twice
            writes nothing the second time.
        counts: dotted Python names of the attributes of the item that it sets, whatever a row says.
        adds: gets an entity and returns the keys of the items that completing it may write beside it.
    """

    entity: type[Any]
    complete: Callable[[Any, str], bool]
    counts: tuple[str, ...] = ()
    adds: Callable[[Any], Iterable[ItemKey]] = nothing

    @property
    def entity_type(self) -> str:
        """Return the discriminator of the entity."""
        return str(self.entity.discriminator)

    @property
    def counted_paths(self) -> tuple[tuple[str, ...], ...]:
        """Return the stored paths of what it sets.

        >>> from madmall_models.entities import Story
        >>> Completion(Story, lambda database, story_id: False, ("engagement.comments",)).counted_paths
        (('engagement', 'comments'),)
        """
        return tuple(stored_path(self.entity, name) for name in self.counts)
