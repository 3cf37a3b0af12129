"""Say how a row of a legacy table becomes an entity: which column goes where, through which cast.

A mapping is data, and what it does is pure: a row in, the keyword arguments of an entity out. Keys, defaults and
validation are not its business; they belong to the entity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from madmall_models.attributes import camel_case
from madmall_models.errors import ConfigurationError, MigrationError
from madmall_models.migration.cast import Cast, CastError
from madmall_models.migration.rejects import Fault, RowRejected
from madmall_models.migration.screening import Check, Filter, Screening, Transformation

Arguments = dict[str, Any]
Related = Values[str, Values[str, Any]]
Settle = Callable[[Arguments, Related], Arguments]
Stub = Callable[[str, Arguments], tuple[Any, ...]]


class Policy(Enum):
    """Say what becomes of a row that names an item which is not there.

    ``REJECT`` leaves the row out, ``KEEP`` moves it as it is and counts it as dangling, ``STUB`` makes a minimal item
    of the kind that is named and then moves the row.
    """

    REJECT = "reject"
    KEEP = "keep"
    STUB = "stub"


class _RunStart(Enum):
    RUN_START = "the start of the run"


RUN_START = _RunStart.RUN_START
"""As a default of a time: the moment at which the run started."""


@dataclass(frozen=True)
class FieldMap:
    """Take one attribute from a row.

    Attributes:
        target: dotted Python name of the attribute.
        column: the column that has it.
        cast: makes the value; None means that the row gives nothing.
        fallbacks: columns to try in turn where ``column`` gives nothing.
        default: the value where no column gives one; left None, the entity's own default holds.
        secret: whether the column is personal, so that a reject file masks it.
    """

    target: str
    column: str
    cast: Cast
    fallbacks: tuple[str, ...] = ()
    default: Any = None
    secret: bool = False

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Return every column that may be asked, the preferred one first."""
        return (self.column, *self.fallbacks)

    def value(self, row: Values[str, Any], started_at: datetime) -> Any:
        """Return the attribute's value, or None where the row gives nothing and no default is declared.

        Raises:
            CastError: a column holds what the cast refuses; the error names the column.
        """
        for column in self.columns:
            try:
                found = self.cast(row.get(column))
            except CastError as error:
                raise CastError(error.code, error.message, field=column) from None
            if found is not None:
                return found
        return started_at if self.default is RUN_START else self.default


@dataclass(frozen=True)
class Reference:
    """Say that an attribute names another item.

    Attributes:
        target: dotted Python name of the attribute that holds the id.
        entity: the entity class that is named.
        policy: what becomes of a row whose item was not moved and is not in the table.
        stub: for ``Policy.STUB``: gets the id and arguments to pass on (``created_at``, ``updated_at``, perhaps
            ``tenant_id``), and returns entities to write: the item that is named last, what it needs before it. It
            says nothing that is not known, and marks the item so that people see what it is.
        key: the attributes of the row that make the key of the item, in order; left empty, ``target`` alone does.

    Raises:
        ConfigurationError: the policy is STUB, and there is no ``stub``.
    """

    target: str
    entity: type[Any]
    policy: Policy = Policy.REJECT
    stub: Stub | None = None
    key: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that what the policy needs is there."""
        if self.policy is Policy.STUB and self.stub is None:
            raise ConfigurationError(
                f"{self.stored_name} names a {self.entity.__name__}, and it is not said how to make a stub of it; "
                "choose reject or keep, or give the reference a stub="
            )

    @property
    def stored_name(self) -> str:
        """Return the name of the attribute as it is stored, which is how reports and policies name it."""
        return ".".join(map(camel_case, self.target.split(".")))

    def named(self, table: str) -> str:
        """Return the name of the reference among all of a plan, for example ``stories.author.id``."""
        return f"{table}.{self.stored_name}"

    def ids(self, arguments: Values[str, Any]) -> tuple[str, ...] | None:
        """Return the parts of the key that a row names, or None where it names nothing."""
        if get_dotted(arguments, self.target) is None:
            return None
        parts = tuple(get_dotted(arguments, name) for name in self.key or (self.target,))
        return None if None in parts else parts


@dataclass(frozen=True)
class Touch:
    """Say that a row changes what is counted on another item (or on its own), see :mod:`completion`.

    Attributes:
        target: dotted Python name of the attribute that holds the id.
        entity: the entity class of the item.
        counts: tells of a new entity whether it adds one to what is counted; left out, the item is counted anew in the
            table.
        by: dotted Python names of all attributes that ``counts`` looks at, apart from ``target``; left None, it may
            look at any. Where they are said, the counters of new items can be foreseen, see :mod:`forecast`.
    """

    target: str
    entity: type[Any]
    counts: Callable[[Any], bool] | None = None
    by: tuple[str, ...] | None = None

    def weight(self, entity: Any) -> int | None:
        """Return by how much a new entity raises what is counted, None where only the table can tell."""
        return None if self.counts is None else int(self.counts(entity))


@dataclass(frozen=True)
class Mapping:
    """Say how the rows of one table become entities.

    Attributes:
        entity: the entity class.
        table: the source table.
        fields: what is taken from a row.
        references: which attributes name other items.
        after: source tables that are moved before this one.
        settle: settles what a row contradicts itself about. It is pure: it gets the arguments, and by reference
            target what is remembered of the items named, and returns the arguments to use.
        remember: top-level attributes that later mappings may ask of an item of this entity, see ``settle``.
        touches: the items whose counts are brought up to date at the end.
        counted: columns that are not taken, since the table counts for itself what they say.
        transformations: change a row before anything else looks at it, in order; each gets a row and returns one.
        filters: leave rows out on purpose.
        checks: reject rows, before their columns are cast.

    A reference to the mapping's own entity, such as that of a reply, is decided when the whole table was read, since
    what it names may come later; it takes no policy but ``KEEP``.

    Raises:
        ConfigurationError: a reference to the own entity has another policy.
    """

    entity: type[Any]
    table: str
    fields: tuple[FieldMap, ...]
    references: tuple[Reference, ...] = ()
    after: tuple[str, ...] = ()
    settle: Settle | None = None
    remember: tuple[str, ...] = ()
    touches: tuple[Touch, ...] = ()
    counted: tuple[str, ...] = ()
    transformations: tuple[Transformation, ...] = ()
    filters: tuple[Filter, ...] = ()
    checks: tuple[Check, ...] = ()

    def __post_init__(self) -> None:
        """Check that what can be known only at the end is kept."""
        for reference in self.own_references:
            if reference.policy is not Policy.KEEP:
                raise ConfigurationError(
                    f"{reference.named(self.table)} names rows of its own table, which may come later; "
                    "its policy can only be keep"
                )

    @property
    def own_references(self) -> tuple[Reference, ...]:
        """Return the references to items that come from the same table."""
        return tuple(reference for reference in self.references if reference.entity is self.entity)

    @property
    def entity_type(self) -> str:
        """Return the discriminator of the entity."""
        return str(self.entity.discriminator)

    @cached_property
    def _screening(self) -> Screening:
        return Screening(self.transformations, self.filters, self.checks)

    @property
    def columns(self) -> frozenset[str]:
        """Return every column that the mapping may read."""
        return frozenset(column for field in self.fields for column in field.columns)

    @property
    def open_columns(self) -> frozenset[str]:
        """Return the columns whose values may be shown: those that are mapped and not secret.

        A column that no mapping knows may hold anything, a password even, and is not among them.
        """
        return self.columns - {column for field in self.fields if field.secret for column in field.columns}

    def arguments(self, row: Values[str, Any], started_at: datetime) -> Arguments:
        """Return the keyword arguments of the entity that a row makes, documents as nested dicts.

        Raises:
            RowFiltered: a filter leaves the row out.
            RowRejected: a check fails, or columns hold what their casts refuse; all of them are named.
        """
        row = self._screening.screened(row)
        arguments: Arguments = {}
        faults: list[Fault] = []
        for field in self.fields:
            try:
                value = field.value(row, started_at)
            except CastError as error:
                faults.append(Fault(error.field, error.code, error.message))
                continue
            if value is not None:
                set_dotted(arguments, field.target, value)
        if faults:
            # One column may feed several attributes; its fault is one fault.
            raise RowRejected("cast", tuple(dict.fromkeys(faults)))
        return arguments


def in_order(mappings: tuple[Mapping, ...]) -> tuple[Mapping, ...]:
    """Return the mappings so that each comes after the tables it names, otherwise in the order given.

    A table that none of them maps is no hindrance.

    Raises:
        MigrationError: some wait for each other.
    """
    return tuple(_ordered(mappings))


def _ordered(mappings: tuple[Mapping, ...]) -> Iterator[Mapping]:
    waiting = list(mappings)
    while waiting:
        tables = {mapping.table for mapping in waiting}
        ready = next((mapping for mapping in waiting if not tables & (set(mapping.after) - {mapping.table})), None)
        if ready is None:
            raise MigrationError(f"the mappings of {', '.join(sorted(tables))} wait for each other; mend their after=")
        waiting.remove(ready)
        yield ready


def set_dotted(arguments: Arguments, target: str, value: Any) -> None:
    """Set a value at a dotted name, making the dicts on the way."""
    while "." in target:
        name, _, target = target.partition(".")
        arguments = arguments.setdefault(name, {})
    arguments[target] = value


def with_dotted(arguments: Arguments, target: str, value: Any) -> Arguments | None:
    """Return arguments with a value at a dotted name; None where they have one there, or no dict on the way.

    Nothing that is given is changed: a default is shared by all rows that take it.
    """
    name, _, rest = target.partition(".")
    held = arguments.get(name)
    if rest and (held is None or isinstance(held, dict)):
        deeper = with_dotted(held or {}, rest, value)
        return None if deeper is None else {**arguments, name: deeper}
    return {**arguments, name: value} if held is None else None


def get_dotted(arguments: Values[str, Any], target: str) -> Any:
    """Return the value at a dotted name, or None."""
    if "." not in target:
        return arguments.get(target)
    found: Any = arguments
    for name in target.split("."):
        if not isinstance(found, Values):
            return None
        found = found.get(name)
    return found
