"""Describe a table and its entities as plain values: what every schema document is made from."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from madmall_models.schema.entity_description import EntityDescription, Operation
from madmall_models.schema.pattern_description import AccessPatternDescription
from madmall_models.schema.table_description import (
    IndexDescription,
    ItemCollectionDescription,
    Relationship,
    SignalDescription,
    TableDescription,
)

# Grows when a name is taken away or comes to mean something else; new names may come without that.
VERSION = 1


@dataclasses.dataclass(frozen=True)
class Description:
    """Everything that the declarations say, access patterns first; ordered, and the same whenever it is made.

    Attributes:
        version: of the form of this description.
        modules: the modules of an application whose entities are described; none for our own.
        access_patterns: what can be asked, by entity, each in the order of declaration.
        table: keys, time to live, stream.
        indexes: in the order of their names.
        item_collections: what lies together in a partition, by the template of its key.
        entities: by name.
        relationships: which entity names or contains which.
        signals: what the package tells an application.
        every_manager: the operations that each manager has beside its own.
    """

    version: int
    modules: tuple[str, ...]
    access_patterns: tuple[AccessPatternDescription, ...]
    table: TableDescription
    indexes: tuple[IndexDescription, ...]
    item_collections: tuple[ItemCollectionDescription, ...]
    entities: tuple[EntityDescription, ...]
    relationships: tuple[Relationship, ...]
    signals: tuple[SignalDescription, ...]
    every_manager: tuple[Operation, ...]

    def entity(self, name: str) -> EntityDescription:
        """Return the entity of a class name.

        Raises:
            KeyError: there is none.
        """
        return {entity.name: entity for entity in self.entities}[name]

    def patterns_of(self, entity: str) -> tuple[AccessPatternDescription, ...]:
        """Return the access patterns of an entity, by its class name."""
        return tuple(pattern for pattern in self.access_patterns if pattern.entity == entity)

    def as_dict(self) -> dict[str, Any]:
        """Return the description in JSON's types, in the order of its attributes.

        Of an attribute, what is false, empty or nothing is left out.
        """
        plain: dict[str, Any] = _plain(self)
        return plain

    def to_json(self) -> str:
        """Return the description as JSON text."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        said = {field.name: (getattr(value, field.name), field.default) for field in dataclasses.fields(value)}
        return {name: _plain(member) for name, (member, default) in said.items() if member != default}
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    return [_plain(member) for member in value] if isinstance(value, list | tuple) else value
