"""Write entities, as transitions from one footprint to the next."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import AddAction, SetAction

from madmall_models import clock, codec, errors, signals
from madmall_models import footprint as footprints
from madmall_models.attributes import EnumAttribute
from madmall_models.codec import Item
from madmall_models.connection.operations import Connection
from madmall_models.declaration import attribute_at, stored_path
from madmall_models.document import assigned_names
from madmall_models.errors import ConditionFailed, KeyValueError, QueryError, ValidationError
from madmall_models.footprint import Action, Footprint, footprint
from madmall_models.identifiers import shown_path
from madmall_models.sending import CONDITION, Refused, send
from madmall_models.validation_report import Entry, ValidationReport

_log = logging.getLogger(__name__)
# Set while an item is being deleted, so that nothing is added to it meanwhile.
MARK = "deleting_at"
_CLASSES_KEPT = 256
_ALWAYS_THERE = frozenset(["created_at", "updated_at", "version"])


class EntityWriter:
    """Write entities of one database.

    Args:
        connection: where to write.
        owner: the database that written entities remember.
    """

    def __init__(self, connection: Connection, owner: Any) -> None:
        self._connection = connection
        self._owner = owner

    def create(self, entity: Any) -> None:
        """Write a new entity; see :meth:`madmall_models.entity.Entity.create`."""
        new = prepare_creation(entity)
        try:
            send(self._connection, footprints.creation(new))
        except Refused as refused:
            raise creation_error(entity, refused) from refused.cause
        entity._remember(new.item, entity.unknown_attributes(), self._owner)
        signals.announce(signals.item_created, type(entity), item=entity)

    def save(self, entity: Any) -> None:
        """Write what changed since an entity was loaded; see :meth:`madmall_models.entity.Entity.save`."""
        if entity._stored is None:
            self.create(entity)
            return
        self._save(Revision(refuse_stranger(entity, self._owner)))

    def _save(self, begun: Revision) -> None:
        entity = begun.entity
        with begun as revision:
            if not revision.actions:
                return
            self._send(entity, revision.actions)
            revision.accepted(self._owner)
        signals.announce(signals.item_updated, type(entity), item=entity, changed=revision.changed)

    def _send(self, entity: Any, actions: Sequence[Action]) -> None:
        """Send a change or deletion, without the releases of what another item holds: it must not keep this one."""
        try:
            send(self._connection, actions)
        except Refused as refused:
            foreign = releases_of_others(actions, refused)
            if not foreign:
                raise change_error(entity, refused) from refused.cause
            self._send(entity, [action for action in actions if action not in foreign])

    def rewrite(self, entity: Any) -> None:
        """Write what changed without judging the entity: what deletes or hides data must not fail on old data.

        Raises:
            VersionConflict: it was changed since it was loaded. DoesNotExist: it is gone.
        """
        self._save(Revision(entity, judged=False))

    def delete(self, entity: Any) -> None:
        """Delete an entity as it was loaded; see :meth:`madmall_models.entity.Entity.delete`."""
        refuse_stranger(entity, self._owner)
        actions = footprints.deletion(stored_footprint(entity), expected_version=stored_version(entity))
        self._send(entity, actions)
        entity._remember(None, {}, self._owner)
        signals.announce(signals.item_deleted, type(entity), item=entity)


class Revision:
    """A change of a loaded entity on its way: its next version, and the actions that write it.

    As a context manager it gives the entity its old version back when the write did not happen.
    """

    def __init__(
        self,
        entity: Any,
        *,
        adding: Sequence[AddAction | SetAction] = (),
        condition: Condition | None = None,
        judged: bool = True,
    ) -> None:
        self.entity = entity
        self._judged = judged
        self._adding = adding
        self._condition = condition
        self.actions: list[Action] = []
        self.changed: tuple[str, ...] = ()
        self._before = (entity.version, entity.updated_at)
        self._new: Footprint | None = None

    def __enter__(self) -> Revision:
        old = stored_footprint(self.entity)
        if self.entity.item_key() != old.entity.item_key():
            raise KeyValueError(f"{type(self.entity).__name__}: a part of the primary key was changed, which cannot be")
        changed = changed_names(self.entity, old)
        if not changed:
            return self
        if self._judged:
            # What was assigned counts too where it equals what is stored: two that contradict are then both known.
            self.entity.reconcile({*changed, *assigned_names(self.entity)})
            refuse_read_only(self.entity, changed)
            if MARK in changed:
                _refuse_mark(self.entity)
            refuse_removed(self.entity, changed)
            check(self.entity)
        version = stored_version(self.entity)
        try:
            self.entity.version = (version or 0) + 1
            self.entity.updated_at = clock.utc_now()
            self._new = footprint(self.entity)
            self.actions = footprints.change(
                old, self._new, expected_version=version, adding=self._adding, condition=self._condition
            )
            self.changed = changed
        except BaseException:
            self._restore()
            raise
        return self

    def accepted(self, owner: Any) -> None:
        """Note that the write was acknowledged."""
        if self._new is not None:
            self.entity._remember(self._new.item, self.entity.unknown_attributes(), owner)
            self._new = None

    def __exit__(self, *_: object) -> None:
        if self._new is not None:
            self._restore()

    def _restore(self) -> None:
        self.entity.version, self.entity.updated_at = self._before


def prepare_creation(entity: Any) -> Footprint:
    """Fill what a new entity lacks, check it and return its footprint.

    Raises:
        KeyValueError, ValidationError, ItemTooLarge: it cannot be stored.
    """
    given = set(assigned_names(entity))
    _fill_maintained(entity)
    try:
        entity.reconcile(given)
        refuse_read_only(entity, given)
        if getattr(entity, MARK, None) is not None:
            _refuse_mark(entity)
        check(entity)
    except ValidationError:
        # Of a key that cannot be made, the error of the key says more.
        entity.item_key()
        raise
    return footprint(entity)


def _fill_maintained(entity: Any) -> None:
    """Fill in what every stored item has.

    Raises:
        ValidationError: the version is none.
    """
    entity.created_at = entity.created_at or clock.utc_now()
    entity.updated_at = entity.updated_at or entity.created_at
    if entity.version is None:
        entity.version = 1
    if not isinstance(entity.version, int) or entity.version < 1:
        entity.item_key()
        raise ValidationError(f"{type(entity).__name__}.version counts from 1")


def refuse_removed(entity: Any, names: Iterable[str]) -> None:
    """Refuse to remove attributes that every item of the entity has.

    Raises:
        ValidationError: one was removed.
    """
    for name in names:
        attribute = attribute_at(type(entity), name)
        found: Any = entity
        for part in name.split("."):
            found = getattr(found, part, None)
        if attribute is not None and found is None and (not attribute.null or name in _ALWAYS_THERE):
            entry = Entry(".".join(stored_path(type(entity), name)), "is required", "REQUIRED")
            ValidationReport([entry]).raise_if_invalid(type(entity).__name__)


def refuse_read_only(entity: Any, names: Collection[str]) -> None:
    """Refuse texts that are read but never written, in the attributes of these names.

    Raises:
        ValidationError: one was given.
    """
    for name, attribute in _with_read_only_texts(entity.__class__):
        if name in names and getattr(entity, name) in attribute.read_only:
            raise ValidationError(
                f"{type(entity).__name__}.{name}: this value is read but never written; "
                f"give one of {', '.join(attribute.choices)}"
            )


# Of a class that is defined, nothing of this changes.
@lru_cache(maxsize=_CLASSES_KEPT)
def _with_read_only_texts(cls: type[Any]) -> tuple[tuple[str, EnumAttribute[Any]], ...]:
    attributes = cls._attributes.items()
    return tuple((name, each) for name, each in attributes if isinstance(each, EnumAttribute) and each.read_only)


def _refuse_mark(entity: Any) -> None:
    """Refuse to set or remove by hand the mark of an item that is being deleted; an application may mean another."""
    if getattr(entity.get_attributes().get(MARK), "maintained", False):
        raise ValidationError(f"{type(entity).__name__}.{MARK} belongs to the deletion alone; use delete()")


def check(entity: Any) -> None:
    """Validate an entity and keep its warnings.

    Raises:
        ValidationError: a rule is broken.
    """
    report = type(entity).validate(entity)
    report.raise_if_invalid(type(entity).__name__)
    entity._warnings = report.warnings
    for warning in report.warnings:
        _log.info("%s.%s: %s", type(entity).__name__, shown_path(warning.field), warning.code)


def stored_version(entity: Any) -> int | None:
    """Return the version that an entity was loaded with, or None where the item has none."""
    wire = (entity._stored or {}).get("version", {})
    number = Decimal(wire["N"]) if "N" in wire else None
    return int(number) if number is not None and number == number.to_integral_value() else None


def refuse_stranger(entity: Any, database: Any) -> Any:
    """Return an entity unless it was loaded from another table: its version says nothing about an item of this one.

    Raises:
        QueryError: it was.
    """
    home = entity._database
    if home is not None and home.connection.place != database.connection.place:
        raise QueryError(
            f"this {type(entity).__name__} was loaded from another database; load it from the one it is written to"
        )
    return entity


def stored_footprint(entity: Any) -> Footprint:
    """Return the footprint of an entity as it was loaded, its index keys as they are stored."""
    stored: Item = entity._stored or codec.encode(entity)
    was = codec.decode(type(entity), stored)
    old = footprint(was)
    if (stored.get("PK"), stored.get("SK")) != (old.item["PK"], old.item["SK"]):
        # Read from a mirror, which carries no index keys: those of the item itself are taken to be right.
        return old
    kept = {name: wire for name, wire in old.item.items() if name not in footprints.INDEX_KEY_NAMES}
    kept.update({name: stored[name] for name in footprints.INDEX_KEY_NAMES if name in stored})
    return Footprint(was, kept, old.mirrors, old.pointers, old.claims)


def changed_names(entity: Any, old: Footprint) -> tuple[str, ...]:
    """Return the dotted Python names of what differs from the stored state, measurements and index keys left out."""
    change = footprints.item_change(old, footprint(entity))
    paths = [path for path in change.paths if path[0] not in footprints.INDEX_KEY_NAMES]
    # An index key that is stored wrong is mended too, although no attribute changed.
    return tuple(_python_path(type(entity), path) for path in paths) or (("keys",) if change else ())


def _python_path(container: Any, path: Sequence[str]) -> str:
    names: list[str] = []
    for stored in path:
        python = getattr(container, "_dynamo_to_python_attrs", {}).get(stored, stored)
        names.append(python)
        attribute: Attribute[Any] | None = getattr(container, "_attributes", {}).get(python)
        container = type(attribute) if attribute is not None else None
    return ".".join(names)


def releases_of_others(actions: Sequence[Action], refused: Refused) -> list[Action]:
    """Return the releases of unique values that other items hold, if these alone were refused; else nothing.

    An item of another program may have a value without its claim, which is somebody else's then, and stays theirs.
    """
    failed = [(action, reason) for action, reason in zip(actions, refused.reasons, strict=True) if reason is not None]
    if not all(action.kind == "Delete" and reason.part.startswith("claim:") for action, reason in failed):
        return []
    return [action for action, reason in failed if reason.code == CONDITION]


def creation_error(entity: Any, refused: Refused) -> errors.MadMallError:
    """Return the typed error of a refused creation."""
    name = type(entity).__name__
    return _first_matching(
        refused,
        item=lambda _: errors.AlreadyExists(f"{name}: an item with this key exists already; nothing was written"),
        claim=lambda field: _taken(entity, field),
    )


def change_error(entity: Any, refused: Refused) -> errors.MadMallError:
    """Return the typed error of a refused change or deletion."""
    return _first_matching(refused, item=lambda item: _moved(entity, item), claim=lambda field: _taken(entity, field))


def _taken(entity: Any, field: str) -> errors.UniqueViolation:
    name = type(entity).__name__
    return errors.UniqueViolation(f"{name}: this {field} belongs to another {name}; nothing was written", field=field)


def _moved(entity: Any, item: Mapping[str, Any] | None) -> errors.MadMallError:
    cls = type(entity)
    if item is None or item.get("entityType", {}).get("S") != cls.discriminator:
        gone: errors.MadMallError = cls.DoesNotExist(f"{cls.__name__}: no such item (any more); nothing was written")
        return gone
    current = codec.decode(cls, item, entity._database)
    return errors.VersionConflict(
        f"{cls.__name__} was changed since it was read (version {current.version} is stored); "
        "read it again and repeat the change",
        current=current,
    )


def _first_matching(
    refused: Refused, *, item: Callable[[Any], errors.MadMallError], claim: Callable[[str], errors.MadMallError]
) -> errors.MadMallError:
    failed = [reason for reason in refused.reasons if reason is not None and reason.code == CONDITION]
    for reason in failed:
        if reason.part == "item":
            return item(reason.item)
    for reason in failed:
        kind, _, name = reason.part.partition(":")
        if kind == "claim":
            return claim(name)
        if kind == "mirror":
            return ConditionFailed(f"the mirror {name} is out of step with its item; nothing was written")
        if kind == "pointer":
            return ConditionFailed(
                f"another item has this place in the list {name}; let its key name what tells the two apart; "
                "nothing was written"
            )
    return refused.cause
