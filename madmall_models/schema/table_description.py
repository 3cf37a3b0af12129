"""Describe the table, its indexes, what lies together in it, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class TableDescription:
    """The one table.

    Attributes:
        partition_key: the stored name of the partition key.
        sort_key: the stored name of the sort key.
        attribute_types: DynamoDB's type of each key attribute, of the table and of its indexes.
        discriminator: the stored name of what tells the kinds of items apart.
        time_to_live: the stored name of the moment after which DynamoDB deletes an item.
        stream: what the stream shows of a change.
        billing: the billing mode, unless another is asked for.
    """

    partition_key: str
    sort_key: str
    attribute_types: Mapping[str, str]
    discriminator: str
    time_to_live: str
    stream: str
    billing: str


@dataclass(frozen=True)
class IndexUse:
    """An entity's key in an index.

    Attributes:
        entity: the class name.
        access_pattern: the name of the pattern that asks it.
        partition_key: its template.
        sort_key: its template.
        sparse: whether items are left out on purpose.
    """

    entity: str
    access_pattern: str
    partition_key: str
    sort_key: str
    sparse: bool


@dataclass(frozen=True)
class IndexDescription:
    """An index, which entities share.

    Attributes:
        name: of the index.
        purpose: what it is for.
        partition_key: the stored name of its partition key.
        sort_key: the stored name of its sort key.
        projection: ``ALL``, ``KEYS_ONLY`` or ``INCLUDE``.
        projected: the stored names that it copies beside the keys, in the order of declaration.
        hydrates: whether items are fetched after it was read.
        shared_by: who stands in it, by entity.
    """

    name: str
    purpose: str
    partition_key: str
    sort_key: str
    projection: str
    projected: tuple[str, ...]
    hydrates: bool
    shared_by: tuple[IndexUse, ...]


@dataclass(frozen=True)
class Occupant:
    """What stands in an item collection.

    Attributes:
        entity: the class name.
        kind: ``item``, ``mirror`` or ``pointer``.
        key: the name of the key that puts it there.
        sort_key: the template of its sort key.
        sparse: whether it is there for some items only.
        many: whether the collection can hold several of it.
    """

    entity: str
    kind: str
    key: str
    sort_key: str
    sparse: bool
    many: bool


@dataclass(frozen=True)
class ItemCollectionDescription:
    """What one partition of the table holds.

    Attributes:
        partition_key: the template of its key, as the root has it.
        root: the class name of the entity that the collection belongs to, or None.
        occupants: what stands in it, in the order in which DynamoDB gives it.
    """

    partition_key: str
    root: str | None
    occupants: tuple[Occupant, ...]


@dataclass(frozen=True)
class Relationship:
    """An edge between two entities.

    Attributes:
        source: the class name of the entity that stands with the other, or names it.
        target: the class name of the other.
        kind: ``item``, ``mirror`` or ``pointer`` where it stands in the target's item collection; ``attribute`` where
            it names the target's key only.
        through: the name of the key, or the dotted Python name of the attribute.
        many: whether one target can have several sources.
        optional: whether a source can be without a target.
    """

    source: str
    target: str
    kind: str
    through: str
    many: bool
    optional: bool


@dataclass(frozen=True)
class SignalDescription:
    """A signal that an application can connect to.

    Attributes:
        name: in ``madmall_models.signals``.
        sender: what is given as sender.
        keywords: what else is given.
        moment: when it is sent.
    """

    name: str
    sender: str
    keywords: str
    moment: str
