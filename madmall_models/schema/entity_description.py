"""Describe an entity: what it is, where it lives, what it holds and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class RuleDescription:
    """A rule about one value.

    Attributes:
        name: of the class, as in ``Length``.
        severity: ``error`` blocks a write, ``warning`` does not.
        codes: what breaking it reports.
        bounds: what it was declared with.
        text: what it asks, as the end of a sentence that begins with the attribute.
    """

    name: str
    severity: str
    codes: tuple[str, ...]
    bounds: Mapping[str, Any]
    text: str


@dataclass(frozen=True)
class DocumentDescription:
    """A typed map inside an item.

    Attributes:
        name: of the class.
        module: where it is declared.
        text: its docstring.
        measured: whether counters and gauges only write it.
        checks: what is checked about several of its attributes at once.
        attributes: in the order of declaration.
    """

    name: str
    module: str
    text: str
    measured: bool
    checks: tuple[str, ...]
    attributes: tuple[AttributeDescription, ...]


@dataclass(frozen=True)
class AttributeDescription:
    """An attribute of an entity or a document.

    Attributes:
        name: in Python; empty for the members of a list or a map.
        stored: the name in the table.
        type: the class of the attribute in plain words, as in ``text``, ``time`` or ``list of text``.
        stored_type: DynamoDB's type: ``S``, ``N``, ``BOOL``, ``L``, ``M``, ...
        required: whether a new item must be given it.
        nullable: whether an item may be without it.
        default: what a new item gets where none is given, as Python text; None for nothing.
        choices: the known values; empty where any value is taken.
        strict: whether a value that is not known is refused, and not only warned of.
        read_only: values that are read and never written.
        maintained: whether only the package changes it.
        measured: whether counters and gauges write it, which leave ``version`` alone.
        inherited: whether every entity has it.
        rules: about its value.
        document: what it holds where that is a typed map.
        members: what each member of a list or map is; None where that is open, and for anything else.
    """

    name: str
    stored: str
    type: str
    stored_type: str
    required: bool = False
    nullable: bool = False
    default: str | None = None
    choices: tuple[str, ...] = ()
    strict: bool = False
    read_only: tuple[str, ...] = ()
    maintained: bool = False
    measured: bool = False
    inherited: bool = False
    rules: tuple[RuleDescription, ...] = ()
    document: DocumentDescription | None = None
    members: AttributeDescription | None = None


@dataclass(frozen=True)
class KeyDescription:
    """A key of an entity.

    Attributes:
        name: on the class.
        index: ``table``, or the name of the index.
        partition_key: its template.
        sort_key: its template.
        fields: the dotted Python names that it is made of.
        sparse: whether it is written for some items only.
        answers: the question that it answers.
        example: both halves as the example item has them; empty where it has none.
    """

    name: str
    index: str
    partition_key: str
    sort_key: str
    fields: tuple[str, ...]
    sparse: bool
    answers: str
    example: tuple[str, ...]


@dataclass(frozen=True)
class ClaimDescription:
    """A value that one item of the entity can have.

    Attributes:
        name: on the class.
        field: what errors call it.
        template: what the value is made of.
        partition_key: the template of the claim's own partition key.
        sort_key: its sort key.
    """

    name: str
    field: str
    template: str
    partition_key: str
    sort_key: str


@dataclass(frozen=True)
class Operation:
    """A method of a manager.

    Attributes:
        name: of the method.
        signature: its parameters and what it returns, as Python text.
        text: its docstring.
    """

    name: str
    signature: str
    text: str


@dataclass(frozen=True)
class ManagerDescription:
    """What carries the operations of an entity.

    Attributes:
        name: of the class; ``Manager`` where the entity has none of its own.
        module: where it is declared.
        collection: its name on a database, as in ``db.circles``; None where it has none.
        text: its docstring.
        operations: its own ones; see ``every_manager`` for the others.
    """

    name: str
    module: str
    collection: str | None
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True)
class ExampleDescription:
    """An item of the entity that keeps every rule; the same whenever it is made.

    Attributes:
        item: as it is stored, in DynamoDB's JSON.
        dumped: as the marshmallow schema shows it.
        size: its bytes, as DynamoDB counts them.
        written_with: the items that are written in the same transaction, by ``mirror:``, ``pointer:`` or ``claim:``
            and the name of what puts them there.
    """

    item: Mapping[str, Any]
    dumped: Mapping[str, Any]
    size: int
    written_with: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class EntityDescription:
    """One kind of item.

    Attributes:
        name: of the class.
        module: where it is declared.
        discriminator: what is stored as ``entityType``.
        text: its docstring.
        primary_key: where the item is.
        index_keys: where indexes list it.
        mirrors: where full copies of it are.
        pointers: where small items name it.
        claims: what is unique.
        attributes: in the order of declaration, keys left out; those that every entity has stand last.
        checks: what is checked about several attributes at once.
        manager: what carries its operations.
        signals: the names of the signals that tell of it.
        access_patterns: the names of the patterns that give it.
        example: an item of it.
    """

    name: str
    module: str
    discriminator: str
    text: str
    primary_key: KeyDescription
    index_keys: tuple[KeyDescription, ...]
    mirrors: tuple[KeyDescription, ...]
    pointers: tuple[KeyDescription, ...]
    claims: tuple[ClaimDescription, ...]
    attributes: tuple[AttributeDescription, ...]
    checks: tuple[str, ...]
    manager: ManagerDescription
    signals: tuple[str, ...]
    access_patterns: tuple[str, ...]
    example: ExampleDescription
