"""State where an entity lives: its primary key, its index keys, its mirrors, pointers and unique values.

A key is a pair of templates on a class. Bound to the entity, it makes item keys (:meth:`PrimaryKey.of`) and queries
(:meth:`Key.query`); the text of a key is never typed by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, overload

from madmall_models import limits
from madmall_models.access_pattern import AccessPattern
from madmall_models.errors import KeyValueError, QueryError
from madmall_models.identifiers import shown_paths
from madmall_models.key_template import KeyTemplate, cut

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    from madmall_models.entity import Entity
    from madmall_models.query import Query

    # Unknown in the body of a class; on the class, every key tells a type checker whose it is.
    E = TypeVar("E", default=Any, covariant=True)
    F = TypeVar("F", bound=Entity)
else:
    from typing import TypeVar

    E = TypeVar("E", covariant=True)

Predicate = Callable[[Any], bool]


@dataclass(frozen=True)
class ItemKey(Generic[E]):
    """The primary key of one item, and the entity that it belongs to."""

    partition: str
    sort: str
    entity: Any = None

    @property
    def wire(self) -> dict[str, dict[str, str]]:
        """Return the key as DynamoDB attribute values."""
        return {"PK": {"S": self.partition}, "SK": {"S": self.sort}}

    def __repr__(self) -> str:
        name = self.entity.__name__ if self.entity is not None else "item"
        return f"<key of {name} {self.partition.split('#')[0]}#... / {self.sort.split('#')[0]}>"


def checked_item_key(key: Any) -> ItemKey[Any]:
    """Return ``key`` if it is the key of an entity's item.

    Raises:
        KeyValueError: it is something else.
    """
    if isinstance(key, ItemKey) and key.entity is not None:
        return key
    raise KeyValueError(f"a key is made by an entity, as in User.key.of(user_id=...); {type(key).__name__} is none")


def pattern_of(entities: Iterable[Any]) -> str | None:
    """Return the label of the primary key of the entity classes if they are all the same, for the figures of it."""
    classes = set(entities)
    entity = classes.pop() if len(classes) == 1 else None
    return None if entity is None else entity.key.label


class StoredKey(NamedTuple):
    """A pair of key texts as they are stored in the table or an index."""

    partition: str
    sort: str


class Key(Generic[E]):
    """Be a pair of templates, bound to the entity that declares it.

    Args:
        partition: template of the partition key.
        sort: template of the sort key.
        answers: the question that the key answers, in English; it is printed in documents.
        when: a predicate over the entity; where it is false, the key is not written.
    """

    index_name = "table"
    hydrates = False

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: object, owner: type[F]) -> Key[F]: ...
        @overload
        def __get__(self, instance: object, owner: object) -> Self: ...
        def __get__(self, instance: object, owner: object) -> Any: ...

    def __init__(self, partition: str, sort: str, *, answers: str = "", when: Predicate | None = None) -> None:
        self.partition = KeyTemplate(partition)
        self.sort = KeyTemplate(sort)
        self.answers = answers
        self.when = when
        self.name = ""
        self.entity: Any = None

    def bound_to(self, entity: Any, name: str) -> Self:
        """Return this key bound to an entity class under the name that it has there."""
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__, entity=entity, name=name)
        return bound

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """Return the dotted attribute names of both templates, each once."""
        return tuple(dict.fromkeys(self.partition.field_names + self.sort.field_names))

    @property
    def label(self) -> str:
        """Return the name to use in messages, for example ``Circle.by_type``."""
        return f"{self.entity.__name__}.{self.name}" if self.entity is not None else type(self).__name__

    def applies_to(self, entity: Any) -> bool:
        """Tell whether an entity has this key: whether the predicate of a sparse one holds.

        Raises:
            KeyValueError: the predicate raised, for example since an attribute that it compares is absent.
        """
        if self.when is None:
            return True
        try:
            return bool(self.when(entity))
        except Exception as error:
            raise KeyValueError(
                f"{self.label}: its when= raised {type(error).__name__}; it must answer for every state of an entity"
            ) from error

    def stored_key(self, values: Mapping[str, Any]) -> StoredKey | None:
        """Return both halves rendered from attribute values, or None where a part is missing.

        Raises:
            KeyValueError: a part cannot stand in a key, or a half is too long.
        """
        partition, sort = self.partition.render(values), self.sort.render(values)
        if partition is None or sort is None:
            return None
        return StoredKey(self._fitting(partition, "partition"), self._fitting(sort, "sort"))

    def _fitting(self, text: str, half: str) -> str:
        if 0 < len(text) <= limits.SORT_KEY_BYTES and text.isascii():
            # Nearly every text is this, and fits either half.
            return text
        return self._measured(text, half)

    def _measured(self, text: str, half: str) -> str:
        most = limits.PARTITION_KEY_BYTES if half == "partition" else limits.SORT_KEY_BYTES
        if 0 < limits.text_bytes(text) <= most:
            return text
        template = self.partition if half == "partition" else self.sort
        return limits.check_key(text, name=f"{self.label} {half} key {template.text}", most=most)

    def query(self, **leading_fields: Any) -> Query[E]:
        """Return a lazy query of the items with these leading fields of the key.

        The fields of the partition key must be given; those of the sort key may be, from the left.

        Raises:
            QueryError: a field is missing, unknown, or given after one that is missing.
        """
        query: Query[E] = self.entity._query_of(self, leading_fields)
        return query

    def checked_fields(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a query by their dotted names; ``author_id`` stands for ``author.id``.

        Raises:
            QueryError: a field is missing, unknown, or given after one that is missing.
        """
        names = {name.replace(".", "_"): name for name in self.field_names} | {name: name for name in self.field_names}
        unknown = [name for name in given if name not in names]
        if unknown:
            raise QueryError(
                f"{self.label} has no key field {shown_paths(unknown)}; its fields are {', '.join(self.field_names)}"
            )
        values = {names[name]: value for name, value in given.items()}
        missing = [name for name in self.partition.field_names if values.get(name) is None]
        if missing:
            raise QueryError(
                f"{self.label}.query needs {', '.join(missing)}: the partition key is {self.partition.text}"
            )
        blank = [name for name, value in values.items() if isinstance(value, str) and not value.strip()]
        if blank:
            raise KeyValueError(f"{self.label}.query: {', '.join(blank)} is blank, which no key is made of")
        sort_fields = [name for name in self.sort.field_names if name not in self.partition.field_names]
        known = [values.get(name) is not None for name in sort_fields]
        if known != sorted(known, reverse=True):
            raise QueryError(f"{self.label}.query takes the fields of {self.sort.text} from the left, without a gap")
        return values

    def serves(self, given: set[str]) -> bool:
        """Tell whether fields of these names make a query; ``author_id`` stands for ``author.id``."""
        spellings = {name.replace(".", "_"): name for name in self.field_names}
        spellings |= {name: name for name in self.field_names}
        known = {spellings.get(name) for name in given}
        needed = set(self.partition.field_names)
        return None not in known and needed <= known and bool(needed or not given)

    def access_pattern(self) -> AccessPattern:
        """Return the question that this key answers, for documents and :meth:`explain`."""
        return AccessPattern(
            entity=self.entity.__name__,
            name=self.name,
            index=self.index_name,
            partition_key=self.partition.text,
            sort_key=self.sort.text,
            fields=self.partition.field_names,
            answers=self.answers,
            hydrates=self.hydrates,
            sparse=self.when is not None,
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.label} {self.partition.text} / {self.sort.text}>"


class PrimaryKey(Key[E]):
    """Be the key of the item itself in the table. Its parts cannot change."""

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: type[F]) -> PrimaryKey[F]: ...  # type: ignore[override]

    def of(self, *values: Any, **fields: Any) -> ItemKey[E]:
        """Return the key of one item, from its fields by name (or by position, in the order of the templates).

        Raises:
            KeyValueError: a field is missing, unknown or not fit for a key.
        """
        names = self.field_names
        if len(values) > len(names) or (fields and any(name in fields for name in names[: len(values)])):
            raise KeyValueError(f"{self.label} takes {', '.join(names)}, each once")
        given = dict(zip(names, values, strict=False))
        given.update((self._full_name(name.replace("__", ".")), value) for name, value in fields.items())
        unknown, missing = given.keys() - names, [name for name in names if given.get(name) is None]
        if unknown or missing:
            raise KeyValueError(
                f"{self.label} takes {', '.join(names)}"
                + (f"; missing: {', '.join(missing)}" if missing else "")
                + (f"; unknown: {shown_paths(sorted(unknown, key=str))}" if unknown else "")
            )
        for name in names:
            given[name] = self.entity._checked_key_value(name, given[name])
        stored = self.stored_key(given)
        if stored is None:
            raise KeyValueError(f"{self.label}: a part of the key is empty")
        return ItemKey(stored.partition, stored.sort, self.entity)

    def _full_name(self, name: str) -> str:
        return next((full for full in self.field_names if full.replace(".", "_") == name), name)


class IndexKey(Key[E]):
    """Be the key of the item in one of the indexes; made by ``GSI1.key(...)``. It is written whole or not at all."""

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: type[F]) -> IndexKey[F]: ...  # type: ignore[override]

    def __init__(self, index: Any, partition: str, sort: str, **options: Any) -> None:
        super().__init__(partition, sort, **options)
        self.index = index
        self.index_name = index.Meta.index_name
        self.hydrates = not index.projects_everything()

    @cached_property
    def names(self) -> tuple[str, str]:
        """Return the stored names of the two halves, for example ``GSI1PK`` and ``GSI1SK``."""
        return f"{self.index_name}PK", f"{self.index_name}SK"

    def _measured(self, text: str, half: str) -> str:
        # A long free text may be cut in the sort key of an index, where it only orders; nowhere else.
        return super()._measured(cut(text, limits.SORT_KEY_BYTES) if half == "sort" else text, half)


class Mirror(Key[E]):
    """Be a second, full copy of the item under another primary key, written in the same transaction.

    A mirror carries no index keys, so that an index lists the item once. Its templates name parts of the primary key
    only: it never moves, and whoever knows the item's key knows where its mirror is.
    """

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: type[F]) -> Mirror[F]: ...  # type: ignore[override]


class Pointer(Key[E]):
    """Be a small item under another primary key that names this one; a query of it fetches what it points to."""

    hydrates = True

    if TYPE_CHECKING:

        def __get__(self, instance: object, owner: type[F]) -> Pointer[F]: ...  # type: ignore[override]


class Unique:
    """Claim a value for one item: another item of the entity cannot have it.

    Args:
        template: the fields that make the value, for example ``{email:fold}``.

    The claim is an item of its own, ``UNIQUE#USER#EMAIL#jane@example.com`` / ``CLAIM``, in the transaction that
    creates, changes or deletes the owner.
    """

    sort_key = "CLAIM"

    def __init__(self, template: str) -> None:
        self.template = KeyTemplate(template)
        self.name = ""
        self.entity: Any = None

    def bound_to(self, entity: Any, name: str) -> Unique:
        """Return this claim bound to an entity class under the name that it has there."""
        bound = Unique(self.template.text)
        bound.name, bound.entity = name, entity
        return bound

    @property
    def field(self) -> str:
        """Return the name to use for the value, for example ``email``, or ``contact_email`` for one in a document."""
        return "_".join(name.replace(".", "_") for name in self.template.field_names)

    @property
    def partition(self) -> KeyTemplate:
        """Return the template of the partition key of its claims, for documents."""
        return KeyTemplate(f"{self._beginning}{self.template.text}")

    @property
    def _beginning(self) -> str:
        return f"UNIQUE#{self.entity.discriminator}#{self.field.upper()}#"

    @property
    def label(self) -> str:
        """Return the name to use in messages, for example ``User.unique_email``."""
        return f"{self.entity.__name__}.{self.name}"

    def claim_key(self, values: Mapping[str, Any]) -> ItemKey[Any] | None:
        """Return the key of the claim for attribute values, or None where a part is missing.

        Raises:
            KeyValueError: the value is too long to be claimed.
        """
        value = self.template.render(values)
        if value is None:
            return None
        partition = f"{self._beginning}{value}"
        limits.check_key(partition, name=f"{self.label} {self.template.text}", most=limits.PARTITION_KEY_BYTES)
        return ItemKey(partition, self.sort_key, self.entity)
