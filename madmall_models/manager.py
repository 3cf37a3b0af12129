"""Carry the operations that every entity has: create, get, update, delete, list, count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar, Generic, TypeVar, get_args

from pynamodb.expressions.condition import Condition

from madmall_models import binding, codec, measurement, signals
from madmall_models.connection.retry import retried
from madmall_models.counting import count_all, tenant_key
from madmall_models.creation_batch import checked_entities, create_in_turn, create_together
from madmall_models.document import Document
from madmall_models.entity import DEFAULT_TENANT, Entity
from madmall_models.errors import (
    DeclarationError,
    KeyValueError,
    QueryError,
    TransactionCancelled,
    ValidationError,
    VersionConflict,
)
from madmall_models.identifiers import shown_paths
from madmall_models.item_collection import ItemCollection
from madmall_models.keys import IndexKey, ItemKey, Key, PrimaryKey, checked_item_key
from madmall_models.measurement import AbsentMaps
from madmall_models.query import Query
from madmall_models.query_reader import is_expired
from madmall_models.unread import demand_readable
from madmall_models.writer import MARK, stored_version

E = TypeVar("E", bound=Entity)
C = TypeVar("C", bound=ItemCollection)
_UPDATE_ROUNDS = 8
_DERIVED = frozenset(["version", "updated_at", MARK])


class Manager(Generic[E]):
    """Be the operations of one entity on one database.

    A subclass registers itself by its parameter: ``class EventManager(Manager[Event])`` is what ``Event.objects``
    gives, and ``db.events`` when ``collection = "events"`` names it.
    """

    entity: ClassVar[Any] = None
    collection: ClassVar[str | None] = None
    # The attributes on which other items depend: they change by the manager's operations, in no other transaction.
    by_recipe: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, database: Any, entity: type[E] | None = None) -> None:
        self.database = database
        self.model: type[E] = entity or self.entity
        self.connection = database.connection

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        for base in getattr(cls, "__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Entity):
                    cls.entity = argument
        if cls.entity is None:
            raise DeclarationError(f"{cls.__name__} manages nothing; write class {cls.__name__}(Manager[YourEntity])")
        binding.register_manager(cls.entity, cls, cls.collection)

    # -- one item --------------------------------------------------------------------------------------------------

    def create(self, **fields: Any) -> E:
        """Create an entity with its mirrors, pointers and claims; defaults are filled, warnings kept on it.

        Raises:
            AlreadyExists: the key is taken. UniqueViolation: a unique value is; ``field`` names it.
            ValidationError: a rule is broken, or a field is unknown. KeyValueError: a part of a key is unfit.
        """
        entity = self.model(**fields)
        self.create_entity(entity)
        return entity

    def get(self, *key: Any, consistent: bool = False, **fields: Any) -> E:
        """Return an entity by the fields of its key, in their order or by name.

        Raises:
            DoesNotExist: there is none, or its time to live has passed; the entity's own class of it.
            KeyValueError: a field is missing or unfit for a key.
        """
        return self.get_by_key(self.model.key.of(*key, **fields), consistent=consistent)

    def get_by_key(self, key: ItemKey, *, consistent: bool = False) -> E:
        """Return the entity of a key.

        Raises:
            DoesNotExist: there is none.
        """
        return self._read(key, consistent=bool(consistent), shows_expired=False)

    def _stored_at(self, key: ItemKey) -> E:
        """Return the entity of a key, expired or not, by a consistent read; what expired has to be deleted too."""
        return self._read(key, consistent=True, shows_expired=True)

    def _read(self, key: ItemKey, *, consistent: bool, shows_expired: bool) -> E:
        wire = checked_item_key(key).wire
        request = {"TableName": self.connection.table, "Key": wire, "ConsistentRead": consistent}
        item = self.connection.call("GetItem", request, pattern=self.model.key.label).get("Item")
        foreign = item is not None and item.get("entityType", {}).get("S") != self.model.discriminator
        if item is None or foreign or (is_expired(item) and not shows_expired):
            raise self.model.DoesNotExist(f"there is no {self.model.__name__} with this key")
        entity: E = codec.decode(self.model, item, self.database)
        return entity

    def get_or_none(self, *key: Any, consistent: bool = False, **fields: Any) -> E | None:
        """Return an entity by the fields of its key, or None where there is none."""
        try:
            return self.get(*key, consistent=consistent, **fields)
        except self.model.DoesNotExist:
            return None

    def exists(self, *key: Any, **fields: Any) -> bool:
        """Tell, by a consistent read, whether there is an entity with this key."""
        return self.get_or_none(*key, consistent=True, **fields) is not None

    def update(self, *key: Any, expected_version: int | None = None, **changes: Any) -> E:
        """Change attributes and rewrite every key, mirror, pointer and claim that follows from them.

        A dict for a document is merged into it; None removes an attribute. The item is read, changed, checked and
        written on condition that it is as it was read; on a lost race this is repeated a few times.

        Args:
            key: the fields of the key, in their order; or by name, among the changes.
            expected_version: the version that the change is based on; it is refused if another is stored.
            changes: attributes by Python name.

        Raises:
            VersionConflict: another version is stored, or the race was lost each time; ``current`` is how it is now.
            ValidationError: a rule is broken on the merged state; nothing was written.
            DoesNotExist: there is no such item. UniqueViolation: a unique value is taken.
            Unreadable: a document to merge into is stored in a form that could not be read; assign a whole one.
        """
        if not key:
            key = tuple(changes.pop(name, None) for name in self.model.key.field_names)
        if expected_version is not None and type(expected_version) is not int:
            raise ValidationError(f"{self.model.__name__}: expected_version is a whole number")
        self._refuse_derived(changes)
        measurement.refuse_measurements(self.model, changes)

        def attempt() -> E:
            entity = self.get(*key, consistent=True)
            if expected_version is not None and entity.version != expected_version:
                raise VersionConflict(
                    f"{self.model.__name__} is at version {entity.version}, not {expected_version}; read it again",
                    current=entity,
                )
            self._merge(entity, changes)
            return entity.save()

        # A version that was named and is gone does not come back: to read again would not help.
        return retried(attempt, lost=VersionConflict, most=_UPDATE_ROUNDS if expected_version is None else 1)

    def delete(self, *key: Any, **fields: Any) -> None:
        """Delete an entity with its mirrors, pointers and claims.

        Raises:
            DoesNotExist: there is none. VersionConflict: it kept changing.
        """

        self._remove(self.model.key.of(*key, **fields))

    # -- one entity, as its own methods ask ------------------------------------------------------------------------

    def create_entity(self, entity: E) -> None:
        """Write a new entity; what ``entity.create()`` does. A manager with a recipe of its own overrides this."""
        self.database.writer.create(entity)

    def save_entity(self, entity: E) -> None:
        """Write what changed since an entity was loaded; what ``entity.save()`` does."""
        if entity._stored is None:
            self.create_entity(entity)
        else:
            self.database.writer.save(entity)

    def delete_entity(self, entity: E) -> None:
        """Delete an entity as it was loaded; what ``entity.delete()`` does."""
        self.database.writer.delete(entity)

    def refuse_stale(self, entity: E) -> None:
        """Refuse an entity that was changed since it was loaded.

        Raises:
            VersionConflict: it was; ``current`` is how it is now. DoesNotExist: it is gone.
        """
        current = self._stored_at(entity.item_key())
        # What was deleted and created again begins at the same version.
        if (stored_version(current), current.created_at) != (stored_version(entity), entity.created_at):
            text = f"{self.model.__name__} was changed since it was read; read it again"
            raise VersionConflict(text, current=current)

    def _delete_by_recipe(self, entity: E, *key: Any) -> None:
        """Delete an entity as it was loaded by the manager's own recipe, and let it be new again."""
        self.refuse_stale(entity)
        self.delete(*key)
        entity._remember(None, {}, self.database)

    def _remove(self, key: ItemKey) -> None:
        """Delete the item of a key, expired or not, with all that it occupies, and nothing else."""
        retried(
            lambda: self.database.writer.delete(self._stored_at(key)),
            lost=VersionConflict,
            most=_UPDATE_ROUNDS,
        )

    def _rewrite(self, key: ItemKey, change: Callable[[E], None]) -> None:
        """Change an item, expired or not, without judging it by today's rules; for what deletes and hides."""

        def attempt() -> None:
            entity = self._stored_at(key)
            change(entity)
            self.database.writer.rewrite(entity)

        retried(attempt, lost=VersionConflict, most=_UPDATE_ROUNDS)

    def _change(self, key: ItemKey, change: Callable[[E], None]) -> E:
        """Change an item by what it says now; repeated on a lost race. See :meth:`update` for what it raises."""

        def attempt() -> E:
            entity = self.get_by_key(key, consistent=True)
            change(entity)
            return entity.save()

        return retried(attempt, lost=VersionConflict, most=_UPDATE_ROUNDS)

    # -- many items ------------------------------------------------------------------------------------------------

    def query(self, **fields: Any) -> Query[E]:
        """Return a lazy query by the key whose partition these fields make.

        Raises:
            QueryError: no key is made of them; the ones that are declared are named.
        """
        keys = [key for key in self.model.keys.values() if isinstance(key, PrimaryKey | IndexKey)]
        fitting = [key for key in keys if key.serves(set(fields))]
        if not fitting:
            asked = "; ".join(f"{key.name}: {', '.join(key.partition.field_names) or 'no field'}" for key in keys)
            raise QueryError(
                f"{self.model.__name__}: no key serves a query by {shown_paths(fields) or 'nothing'} ({asked}); "
                "ask one of these and add .filter(...)"
            )
        return Query(self.database, fitting[0], fitting[0].checked_fields(fields))

    def asking(self, key: Key, **fields: Any) -> Query[E]:
        """Return a lazy query of one of the entity's keys on this database."""
        return Query(self.database, key, key.checked_fields(fields))

    def batch_get(self, keys: Iterable[Any], *, consistent: bool = False) -> list[E | None]:
        """Return the entities of any number of ids (or tuples of key fields) in the order asked, None where absent."""
        if isinstance(keys, str | bytes | Mapping) or not isinstance(keys, Iterable):
            raise KeyValueError(f"{self.model.__name__}: batch_get takes a list of ids, not {type(keys).__name__}")
        fields = [key if isinstance(key, tuple) else (key,) for key in keys]
        asked = [self.model.key.of(*key) for key in fields]
        found: list[E | None] = self.database.batch_get(asked, consistent=consistent)
        return found

    def batch_write(self, entities: Iterable[E]) -> None:
        """Create many entities, each with its mirrors, pointers and claims, or not at all; nothing is overwritten.

        Whole creations share transactions of at most 100 actions and 4 MB; what one of them breaks costs the others
        nothing. A manager that creates by a recipe of its own follows it for each entity, one after another. The same
        object given twice is written once. When the service stops taking writes, the rest is not tried.

        Raises:
            BatchIncomplete: some were not written: ``unwritten`` in the order given, and for each in ``reasons``
                the error that creating it alone would have raised.
            QueryError: something else than these entities was given; nothing was sent.
            TableNotFound, AccessDenied, WriteRefused: nothing was written at all.
        """
        given = checked_entities(entities, self.model, "batch_write")
        if self.creates_by_recipe:
            create_in_turn(given, self.create_entity)
        else:
            create_together(self.database, given)

    @property
    def creates_by_recipe(self) -> bool:
        """Tell whether creating an entity takes more than its own footprint."""
        return type(self).create_entity is not Manager.create_entity

    @property
    def deletes_by_recipe(self) -> bool:
        """Tell whether deleting an entity takes more than its own footprint."""
        return type(self).delete_entity is not Manager.delete_entity

    def of_tenant(self, tenant_id: str = DEFAULT_TENANT) -> Query[E]:
        """Return a lazy query of a tenant's items, by time of creation.

        Raises:
            QueryError: the entity is not listed by tenant.
        """
        key = tenant_key(self.model)
        if key is None:
            raise QueryError(f"{self.model.__name__} is not listed by tenant; ask one of {', '.join(self.model.keys)}")
        return self.asking(key, tenant_id=tenant_id)

    def count(self, tenant_id: str | None = None, **fields: Any) -> int:
        """Return how many items a tenant has, the default one if left out; or how many :meth:`query` finds by fields.

        With fields, those of every tenant count, unless one is given. What is counted is read, which costs as much as
        listing it.

        Raises:
            QueryError: no key lists all of the items, or serves the fields; the usable ones are named.
        """
        if not fields:
            return count_all(self, DEFAULT_TENANT if tenant_id is None else tenant_id)
        query = self.query(**fields)
        return (query if tenant_id is None else query.filter(self.model.tenant_id == tenant_id)).count()

    def collection_of(self, *key: Any, consistent: bool = False, **fields: Any) -> ItemCollection:
        """Return everything that shares the partition of an item, of whatever kind, whether the item is there or not.

        Args:
            key: the fields of the item's key, in their order; or by name, among the fields.
            consistent: reflect every write that was acknowledged before; costs twice as much.
            fields: the fields of the item's key.
        """
        return self._collection(ItemCollection, self.model.key.of(*key, **fields), consistent=consistent)

    def _collection(self, kind: type[C], key: ItemKey, *, consistent: bool, whole: bool = False) -> C:
        """Return the collection of a key as one of its kind.

        Raises:
            DoesNotExist: ``whole`` is asked for, and the item itself is not there.
        """
        found = kind.read(self.database, key.partition, consistent=consistent)
        if whole and not found.of(self.model):
            raise self.model.DoesNotExist(f"there is no {self.model.__name__} with this key")
        return found

    # -- counters and gauges ---------------------------------------------------------------------------------------

    def measure(
        self, key: ItemKey, changes: Mapping[str, Any], *, within: str = "", condition: Condition | None = None
    ) -> None:
        """Add to counters and set gauges of an item at once; ``version`` and ``updated_at`` stay.

        Args:
            key: the item.
            changes: amounts and values by Python name; a counter adds, anything else is set.
            within: the document that the names are in.
            condition: what must hold beside the existence of the item.

        Raises:
            ValidationError: a name is unknown, or no counter or gauge, or a value does not fit.
            DoesNotExist: there is no such item. ConditionFailed: the condition did not hold.
        """
        names = {f"{within}.{name}" if within else name: value for name, value in changes.items()}
        actions = [measurement.measuring(self.model, name, value) for name, value in names.items()]
        if not actions:
            return
        transaction = self.database.transaction()
        step = transaction.update(key, *actions, condition=condition, absent_maps=self._absent_maps(key))
        try:
            transaction.commit()
        except TransactionCancelled as cancelled:
            reason = cancelled.because_of(step)
            if reason is None or reason.error is None:
                raise
            raise reason.error from cancelled
        signals.announce(signals.stats_incremented, self.model, key=key, changes=dict(names))

    def _absent_maps(self, key: ItemKey) -> AbsentMaps:
        """Return, by stored path, what makes a map of counters where an item has none; else zeros are put."""
        return {}

    # -- how -------------------------------------------------------------------------------------------------------

    def _refuse_derived(self, changes: Mapping[str, Any]) -> None:
        given = {self.model.python_name(name) for name in changes} & _DERIVED
        # An application may have a name of them for something else.
        derived = {name for name in given if getattr(self.model._attributes[name], "maintained", False)}
        if derived:
            names = ", ".join(sorted(derived))
            raise ValidationError(f"{self.model.__name__}: {names} cannot be given; it is kept for you")

    def _merge(self, entity: E, changes: Mapping[str, Any]) -> None:
        for name, value in changes.items():
            python = self.model.python_name(name)
            present = getattr(entity, python)
            if isinstance(present, Document) and isinstance(value, Mapping):
                present.merge(value)
            else:
                if isinstance(value, Mapping) and isinstance(self.model.get_attributes()[python], Document):
                    demand_readable(entity, python)
                setattr(entity, python, value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.model.__name__} on {self.database!r}>"
