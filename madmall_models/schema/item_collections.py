"""Find what lies together in the table, and how entities hang together by that."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pynamodb.attributes import MapAttribute

from madmall_models.declaration import attribute_at
from madmall_models.keys import Key, Mirror, Pointer, PrimaryKey
from madmall_models.schema.table_description import ItemCollectionDescription, Occupant, Relationship

_FIELD = re.compile(r"\{[^}]*\}")


@dataclass(frozen=True)
class ItemCollection:
    """The keys that put items into partitions of one form.

    Attributes:
        keys: of all entities that do.
        root: the key of the entity that the collection belongs to, or None.
    """

    keys: tuple[Key, ...]
    root: Key | None

    @property
    def partition_key(self) -> str:
        """Return the template of the partition key, as the root has it."""
        return (self.root or self.keys[0]).partition.text

    def describe(self) -> ItemCollectionDescription:
        """Return what stands in it."""
        occupants = (_occupant(key) for key in self.keys)
        return ItemCollectionDescription(
            partition_key=self.partition_key,
            root=None if self.root is None else self.root.entity.__name__,
            occupants=tuple(sorted(occupants, key=lambda each: (_FIELD.sub("", each.sort_key), each.entity, each.key))),
        )


def collections_of(classes: Sequence[type[Any]]) -> tuple[ItemCollection, ...]:
    """Return the item collections of entities, by the template of their partition key."""
    keys: dict[str, list[Key]] = {}
    for cls in classes:
        for key in cls.keys.values():
            if isinstance(key, PrimaryKey | Mirror | Pointer):
                keys.setdefault(_FIELD.sub("{}", key.partition.text), []).append(key)
    found = [ItemCollection(tuple(group), _root_of(group)) for group in keys.values()]
    return tuple(sorted(found, key=lambda collection: collection.partition_key))


def relationships_of(
    classes: Sequence[type[Any]], collections: Sequence[ItemCollection]
) -> tuple[Relationship, ...]:
    """Return the edges between entities: who stands in whose item collection, and who names whose key."""
    edges = [edge for collection in collections for edge in _edges_within(collection)]
    together = {(edge.source, edge.target) for edge in edges}
    roots = {key.entity: key.field_names for each in collections if (key := each.root) is not None}
    for cls in classes:
        named = [edge for edge in _edges_by_name(cls, roots) if (edge.source, edge.target) not in together]
        edges += named
    return tuple(sorted(edges, key=lambda edge: (edge.target, edge.source, edge.kind, edge.through)))


def is_single(key: Key) -> bool:
    """Tell whether a partition holds but one item of this key."""
    return set(key.sort.field_names) <= set(key.partition.field_names)


def kind_of(key: Key) -> str:
    """Return in a word what a key puts into the table."""
    return "item" if isinstance(key, PrimaryKey) else type(key).__name__.lower()


def _occupant(key: Key) -> Occupant:
    return Occupant(
        entity=key.entity.__name__,
        kind=kind_of(key),
        key=key.name,
        sort_key=key.sort.text,
        sparse=key.when is not None,
        many=not is_single(key),
    )


def _root_of(keys: Sequence[Key]) -> Key | None:
    """Return the key of the item that a partition is about: what it is named after, else the only single one."""
    single = [key for key in keys if isinstance(key, PrimaryKey) and key.partition.fields and is_single(key)]
    named = [key for key in single if key.partition.text.partition("#")[0] == key.entity.discriminator]
    return next(iter(named), single[0] if len(single) == 1 else None)


def _edges_within(collection: ItemCollection) -> Iterator[Relationship]:
    if collection.root is None:
        return
    target = collection.root.entity
    for key in collection.keys:
        if key.entity is target:
            continue
        nullable = any(_may_be_absent(key.entity, name) for name in key.partition.field_names)
        yield Relationship(
            source=key.entity.__name__,
            target=target.__name__,
            kind=kind_of(key),
            through=key.name,
            many=not is_single(key),
            optional=nullable or key.when is not None,
        )


def _edges_by_name(cls: type[Any], roots: dict[Any, tuple[str, ...]]) -> Iterator[Relationship]:
    for target, fields in roots.items():
        if target is cls or len(fields) != 1:
            continue
        for name in _names_of(cls, fields[0]):
            optional = _may_be_absent(cls, name)
            yield Relationship(cls.__name__, target.__name__, "attribute", name, many=True, optional=optional)


def _names_of(container: Any, wanted: str, prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the attributes that are called as another entity's key field."""
    for name, attribute in container.get_attributes().items():
        if name == wanted or name.endswith(f"_{wanted}"):
            yield prefix + name
        elif isinstance(attribute, MapAttribute):
            yield from _names_of(type(attribute), wanted, f"{prefix}{name}.")


def _may_be_absent(cls: type[Any], dotted: str) -> bool:
    names = dotted.split(".")
    parts = [attribute_at(cls, ".".join(names[: length + 1])) for length in range(len(names))]
    return any(part is not None and bool(part.null) for part in parts)
