"""Bring up to date what the table counts for itself, once the rows are there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Completion:
    """Say what is to be done with each touched item of an entity when every row was moved.

    Attributes:
        entity: the entity class.
        complete: gets the database and the id of an item, and returns whether it wrote anything. Doing it twice
            writes nothing the second time.
    """

    entity: type[Any]
    complete: Callable[[Any, str], bool]

    @property
    def entity_type(self) -> str:
        """Return the discriminator of the entity."""
        return str(self.entity.discriminator)
