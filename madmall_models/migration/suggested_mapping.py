"""Hold what could become of a table: an entity, its keys, its attributes, and what is to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from madmall_models.migration.column_kind import Kind
from madmall_models.migration.mapping import Mapping, Policy
from madmall_models.migration.question import Question


@dataclass(frozen=True)
class SuggestedColumn:
    """Say what a column becomes.

    Attributes:
        attribute: the Python name.
        stored: the name in the table.
        kind: as what it is taken: the attribute type and the cast.
        otherwise: what else it may be taken as, if the question says so.
        question: the name of that question; None where nothing is asked.
        null: whether a row may be without it.
        secret: whether it may be personal, so that a reject file masks it.
        inherited: whether every entity has the attribute.
        remark: what a reader should know; empty for nothing.
    """

    column: str
    attribute: str
    stored: str
    kind: Kind
    otherwise: Kind | None = None
    question: str | None = None
    null: bool = True
    secret: bool = False
    inherited: bool = False
    remark: str = ""


@dataclass(frozen=True)
class SuggestedIndexKey:
    """Say by what the items are listed: a foreign key, or the tenant."""

    name: str
    index: str
    partition: str
    sort: str


@dataclass(frozen=True)
class SuggestedReference:
    """Say that an attribute names an item of another entity.

    Attributes:
        target: the attribute.
        table: the table whose rows become these items.
        entity: the name of their class.
        policy: what becomes of a row whose item is not there.
    """

    target: str
    table: str
    entity: str
    policy: Policy


@dataclass(frozen=True)
class SuggestedMapping:
    """Say what could become of the rows of a table.

    Attributes:
        table: the table.
        entity: the name of the entity class, in the singular.
        discriminator: what its items are stored as.
        partition: template of the partition key; ``sort`` of the sort key. They name every column of the primary key.
        columns: what each column becomes.
        index_keys: by what else the items are listed.
        references: which attributes name items of other entities.
        after: tables that are moved before this one.
        questions: what could not be decided.
        notes: what was decided and is worth a look.
        key_question: the name of the question whose answer names the column that tells rows apart, in a table without
            a primary key.
        move_question: the name of the question whether the table is moved at all.
        is_movable: whether the rows can be read one after the other.
        ready: the mapping of this package, for one of the legacy tables that it knows.
    """

    table: str
    entity: str
    discriminator: str
    partition: str = ""
    sort: str = ""
    columns: tuple[SuggestedColumn, ...] = ()
    index_keys: tuple[SuggestedIndexKey, ...] = ()
    references: tuple[SuggestedReference, ...] = ()
    after: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    key_question: str | None = None
    move_question: str | None = None
    is_movable: bool = True
    ready: Mapping | None = field(default=None, repr=False)

    def attribute_of(self, column: str) -> str:
        """Return the attribute that a column becomes."""
        return next(each.attribute for each in self.columns if each.column == column)

    def attributes_of(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Return the attributes that columns become."""
        return tuple(map(self.attribute_of, columns))
