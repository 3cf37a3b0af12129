"""Be the abstract base of all entities: a PynamoDB model whose keys are derived and whose writes are conditional."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

from pynamodb.models import Model

from madmall_models import binding, codec, errors
from madmall_models import rules as validation
from madmall_models.attributes import Checked, EpochAttribute, IdAttribute, IntegerAttribute, TimeAttribute
from madmall_models.declaration import EntityMeta, attribute_at
from madmall_models.derived_attributes import KeyAttribute, TypeAttribute
from madmall_models.document import Document, assign, assigned_names, fill_defaults, forget_assigned
from madmall_models.errors import KeyValueError, QueryError, ValidationError
from madmall_models.identifiers import shown_name
from madmall_models.keys import IndexKey, ItemKey, Key, PrimaryKey, Unique
from madmall_models.marshmallow_bridge import ModelSchema, schema_of
from madmall_models.marshmallow_bridge.schema_class import check_options

if TYPE_CHECKING:
    from madmall_models.validation_report import Entry, ValidationReport

DEFAULT_TENANT = "default"
# What every instance holds beside its attributes, and sets whenever it is made, loaded or written.
_OWN_NAMES = frozenset(["attribute_values", "_assigned", "_database", "_stored", "_unknown", "_warnings"])


class FieldValues(Mapping[str, Any]):
    """Read the attributes of an entity by dotted Python name, checked where they are parts of a key.

    What was read is kept, since several keys have the same parts: it holds for the entity as it is now.
    """

    def __init__(self, entity: Entity) -> None:
        self._entity = entity
        self._read: dict[str, Any] = {}

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute; absent are those that the entity does not have, and it has them all."""
        read = self._read
        if name not in read:
            read[name] = self._found(name)
        return read[name]

    def __getitem__(self, name: str) -> Any:
        return self.get(name)

    def _found(self, name: str) -> Any:
        found: Any = self._entity
        for part in name.split("."):
            found = getattr(found, part, None)
        if found is None and name == "tenant_id":
            # Other programs leave the attribute out, and list the item under the tenant that it then has.
            return DEFAULT_TENANT
        return None if found is None else self._entity._checked_key_value(name, found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._entity.get_attributes())

    def __len__(self) -> int:
        return len(self._entity.get_attributes())


class Entity(Model, metaclass=EntityMeta):
    """Be one kind of item, told apart by its discriminator (stored as ``entityType``).

    A subclass declares its keys, then its attributes, then its rules. See :mod:`madmall_models.keys`.

    Attributes of every entity: ``version`` (grows by one with each change), ``created_at``, ``updated_at``,
    ``tenant_id`` (``default`` unless given) and ``ttl`` (the moment after which reads hide the item and DynamoDB may
    delete it).
    """

    class Meta:
        """Satisfy PynamoDB; the table and the connection belong to :class:`~madmall_models.database.Database`."""

        table_name = "madmall"

    DoesNotExist: type[errors.DoesNotExist]
    discriminator: ClassVar[str | None]
    keys: ClassVar[dict[str, Key]]
    claims: ClassVar[dict[str, Unique]]
    _assigned: set[str]
    _database: Any
    _stored: Mapping[str, Any] | None
    _unknown: Mapping[str, Any]
    _warnings: tuple[Entry, ...]
    key: ClassVar[PrimaryKey]
    rules: ClassVar[Any] = None

    PK = KeyAttribute(hash_key=True, attr_name="PK")
    SK = KeyAttribute(range_key=True, attr_name="SK")
    GSI1PK = KeyAttribute(null=True, attr_name="GSI1PK")
    GSI1SK = KeyAttribute(null=True, attr_name="GSI1SK")
    GSI2PK = KeyAttribute(null=True, attr_name="GSI2PK")
    GSI2SK = KeyAttribute(null=True, attr_name="GSI2SK")
    GSI3PK = KeyAttribute(null=True, attr_name="GSI3PK")
    GSI3SK = KeyAttribute(null=True, attr_name="GSI3SK")
    GSI4PK = KeyAttribute(null=True, attr_name="GSI4PK")
    GSI4SK = KeyAttribute(null=True, attr_name="GSI4SK")
    entity_type = TypeAttribute(attr_name="entityType")
    # Every stored item has these three: the writer fills them.
    version: IntegerAttribute[int] = IntegerAttribute(null=True, maintained=True)  # type: ignore[assignment]
    created_at: TimeAttribute[datetime] = TimeAttribute(null=True, maintained=True)  # type: ignore[assignment]
    updated_at: TimeAttribute[datetime] = TimeAttribute(null=True, maintained=True)  # type: ignore[assignment]
    ttl = EpochAttribute(null=True)
    tenant_id = IdAttribute(default=DEFAULT_TENANT)

    def __init__(self, **attributes: Any) -> None:
        if self.discriminator is None:
            raise errors.DeclarationError(f"{type(self).__name__} is abstract; make an entity with a discriminator")
        # All that PynamoDB's own does for a class whose defaults, keys and discriminator are looked after here.
        self.__dict__.update(attribute_values={}, _warnings=())
        self._remember(None, {}, None)
        assign(self, attributes)
        fill_defaults(self)

    def _set_defaults(self, _user_instantiated: bool = True) -> None:
        """Leave the defaults until it is known what is given."""

    # A type checker does not know it: to it, a name that is not declared is an error.
    def _set_known(self, name: str, value: Any) -> None:
        if name in _OWN_NAMES:
            self.__dict__[name] = value
            return
        attributes = self.get_attributes()
        known = name in attributes or name.startswith("_")
        if not known and not isinstance(getattr(type(self), name, None), property):
            # A misspelt attribute would otherwise be kept on the instance and silently never stored.
            name = self.python_name(name)
        super().__setattr__(name, value)
        if name in attributes:
            self._assigned.add(name)

    if not TYPE_CHECKING:
        __setattr__ = _set_known

    def _remember(self, item: Mapping[str, Any] | None, unknown: Mapping[str, Any], database: Any) -> None:
        """Keep what was loaded, so that a save sends the difference only and to where it came from."""
        self.__dict__.update(_stored=item, _unknown=unknown, _database=database)
        forget_assigned(self)

    @property
    def warnings(self) -> tuple[Entry, ...]:
        """Return what the rules said at the last write without refusing it."""
        return getattr(self, "_warnings", ())

    # -- reading ---------------------------------------------------------------------------------------------------

    @classmethod
    def python_name(cls, name: str) -> str:
        """Return the Python name of an attribute given in either spelling.

        Raises:
            ValidationError: the entity has no such attribute; a near miss is named.
        """
        attributes = cls.get_attributes()
        python = name if name in attributes else cls._dynamo_to_python_attr(name)
        if python not in attributes:
            near = difflib.get_close_matches(name, list(attributes), 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValidationError(f"{cls.__name__}: {shown_name(name)} is no attribute of it{hint}")
        if isinstance(attributes[python], KeyAttribute):
            raise ValidationError(f"{cls.__name__}: {shown_name(name)} is derived and cannot be given")
        return python

    @classmethod
    def _checked_key_value(cls, name: str, value: Any) -> Any:
        attribute = attribute_at(cls, name)
        if not isinstance(attribute, Checked):
            return value
        value = attribute.coerce(value)
        fault = attribute.fault(value)
        if fault is not None:
            raise KeyValueError(f"{cls.__name__}: {name} takes {fault}")
        return value

    @classmethod
    def _query_of(cls, key: Key, fields: Mapping[str, Any]) -> Any:
        return binding.current_database().query_of(key, key.checked_fields(fields))

    def field_values(self) -> FieldValues:
        """Return the attributes by dotted Python name, as key templates read them."""
        return FieldValues(self)

    def rendered_keys(self, values: Mapping[str, Any] | None = None) -> dict[str, str]:
        """Return the text of the primary key and of each index key that applies, by stored name.

        Args:
            values: what :meth:`field_values` gave, where somebody asked for them already.

        Raises:
            KeyValueError: a value cannot stand in a key.
        """
        values = self.field_values() if values is None else values
        texts: dict[str, str] = {}
        for key in self.keys.values():
            names = ("PK", "SK") if isinstance(key, PrimaryKey) else key.names if isinstance(key, IndexKey) else None
            if names is None or not key.applies_to(self):
                continue
            stored = key.stored_key(values)
            if stored is not None:
                texts[names[0]], texts[names[1]] = stored.partition, stored.sort
        return texts

    def unknown_attributes(self) -> Mapping[str, Any]:
        """Return what the stored item held that the class cannot read, as DynamoDB attribute values."""
        return self._unknown

    def item_key(self) -> ItemKey[Self]:
        """Return the primary key of this item.

        Raises:
            KeyValueError: a part is missing or not fit for a key.
        """
        values = self.field_values()
        stored = self.key.stored_key(values)
        if stored is not None:
            return ItemKey(stored.partition, stored.sort, self.key.entity)
        # Says which part is missing.
        return self.key.of(**{name.replace(".", "_"): values[name] for name in self.key.field_names})

    # -- checking --------------------------------------------------------------------------------------------------

    @classmethod
    def validate(cls, data: Any) -> ValidationReport:
        """Return what the rules say about ``data``: a mapping in either spelling of the names, or an entity.

        In a mapping that keeps every rule, attributes that contradict each other are reported too; those of an entity
        are brought in line when it is written.
        """
        report = validation.validate(cls, data)
        return report + cls.contradictions(data) if report.is_valid and isinstance(data, Mapping) else report

    @classmethod
    def contradictions(cls, data: Mapping[str, Any]) -> ValidationReport:
        """Return what :meth:`reconcile` would refuse if an entity were made of ``data``, which keep every rule."""
        if cls.discriminator is None:
            return validation.ValidationReport()
        given = validation.given_values(cls, data) or {}
        derived = [name for name in given if isinstance(cls._attributes[name], KeyAttribute)]
        try:
            entity = cls(**{name: value for name, value in given.items() if name not in derived})
            entity.reconcile(set(assigned_names(entity)))
        except ValidationError as error:
            report: ValidationReport | None = error.report
            if report is not None:
                return report
        return validation.ValidationReport()

    @classmethod
    def schema(cls, *, partial: bool = False, many: bool = False, **options: Any) -> ModelSchema:
        """Return a marshmallow schema: camelCase outside; what it loads, ``create()`` and ``update()`` take.

        Args:
            partial: whether changes are loaded: nothing is missed, no default filled in, null removes. Counters and
                gauges are refused then.
            many: whether a list is loaded and dumped.
            options: of :func:`madmall_models.marshmallow_bridge.schema_of`.

        Raises:
            DeclarationError: there is no such option, or no field of a name in one.
        """
        check_options(cls, options)
        return schema_of(cls, partial=partial or None, many=many, **options)

    def reconcile(self, changed: Collection[str]) -> None:
        """Bring attributes in line that cannot disagree, before they are checked.

        Args:
            changed: dotted Python names of what was given or changed. A subclass overrides this; it raises
                ValidationError where the given values contradict each other.
        """

    # -- writing ---------------------------------------------------------------------------------------------------

    def create(self) -> Self:
        """Write this new entity with its mirrors, pointers and claims; it must not exist.

        Raises:
            AlreadyExists: the key is taken. UniqueViolation: a unique value is.
            ValidationError: a rule is broken. KeyValueError: a part of a key is missing or unfit.
        """
        self._home().create_entity(self)
        return self

    def save(self) -> Self:  # type: ignore[override]  # PynamoDB's takes a condition and returns an answer
        """Write what changed since this entity was loaded; create it if it never was.

        Counters and gauges are never sent, and attributes that the class does not know are kept.

        Raises:
            VersionConflict: it was changed meanwhile; ``current`` is how it is now.
        """
        self._home().save_entity(self)
        return self

    def delete(self) -> None:  # type: ignore[override]  # PynamoDB's takes a condition and returns an answer
        """Delete this entity with its mirrors, pointers and claims, if it is as it was loaded.

        Raises:
            VersionConflict: it was changed meanwhile.
        """
        self._home().delete_entity(self)

    def refresh(self) -> Self:  # type: ignore[override]  # PynamoDB's returns nothing
        """Read this entity again, consistently, in place.

        Raises:
            DoesNotExist: it is gone.
        """
        self._home().refresh_entity(self)
        return self

    def _home(self) -> binding.BoundDatabase:
        return self._database if self._database is not None else binding.current_database()

    # -- as a PynamoDB model ---------------------------------------------------------------------------------------

    def _container_serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:
        return codec.encode(self)

    def serialize(self, null_check: bool = True) -> dict[str, dict[str, Any]]:
        """Return the item as DynamoDB attribute values, as PynamoDB's method of this name does."""
        return codec.encode(self)

    @classmethod
    def from_raw_data(cls, data: Mapping[str, Any]) -> Self:
        """Return the entity that a stored item holds."""
        entity: Self = codec.decode(cls, data)
        return entity

    @classmethod
    def _instantiate(cls, attribute_values: Mapping[str, Any]) -> Self:
        return cls.from_raw_data(attribute_values)

    @classmethod
    def _get_connection(cls) -> NoReturn:
        raise QueryError(
            f"{cls.__name__} holds no connection; the Database does. Use {cls.__name__}.objects or db.<managers>"
        )

    @classmethod
    def get(cls, *values: Any, **fields: Any) -> Self:
        """Return one entity by its key, from the bound database; see :meth:`madmall_models.manager.Manager.get`."""
        return cls.objects.get(*values, **fields)

    @classmethod
    def query(cls, *_: Any, **__: Any) -> NoReturn:
        """Refuse PynamoDB's query, which filters after reading; a key is asked instead."""
        asked = ", ".join(f"{cls.__name__}.{name}.query(...)" for name in cls.keys)
        raise QueryError(f"{cls.__name__}.query does not know which index you mean; ask one of {asked}")

    @classmethod
    def scan(cls, *_: Any, **__: Any) -> NoReturn:
        """Refuse: a scan reads the whole table, of every entity; a database does it by name."""
        raise QueryError(
            f"{cls.__name__}.scan would read the whole table; ask one of its keys: {', '.join(cls.keys)}, "
            f"or db.scan({cls.__name__}) if that is meant"
        )

    @classmethod
    def count(cls, *_: Any, **__: Any) -> NoReturn:
        """Refuse PynamoDB's count, which answers for the whole table; a query counts."""
        raise QueryError(f"{cls.__name__}.count would count every entity; use .query(...).count() of a key")

    def update(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse PynamoDB's update, which leaves index keys stale; managers and save() recompute them."""
        raise QueryError(f"use {type(self).__name__}.objects.update(...) or save(), which recompute the index keys")

    # -- as a value ------------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return the attributes by Python name, documents as plain dicts; for templates and tests."""
        return {name: _plain(value) for name, value in self.attribute_values.items() if value is not None}

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self.to_dict() == other.to_dict()

    def __hash__(self) -> int:
        keys = self.rendered_keys()
        return hash((self.discriminator, keys.get("PK"), keys.get("SK")))

    def __repr__(self) -> str:
        names = [name for name in self.key.field_names if isinstance(attribute_at(type(self), name), IdAttribute)]
        parts = [f"{name}={getattr(self, name, None)!r}" for name in names] + [f"version={self.version}"]
        return f"<{type(self).__name__} {' '.join(parts)}>"


def _plain(value: Any) -> Any:
    if isinstance(value, Document):
        return {name: _plain(member) for name, member in value.attribute_values.items() if member is not None}
    return [_plain(member) for member in value] if isinstance(value, list) else value
