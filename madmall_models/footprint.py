"""Know every item that an entity occupies, and the actions that lead from one state of it to the next.

An entity's footprint is its own item, its mirrors, its pointers and the claims of its unique values. Creating,
changing and deleting an entity are the transitions between footprints; each is a list of actions for one
transaction, every one with the condition that keeps the table right whoever else writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import AddAction, SetAction

from madmall_models import codec, limits
from madmall_models.attributes import Checked
from madmall_models.codec import Item
from madmall_models.document import Document, Measurements
from madmall_models.errors import KeyValueError
from madmall_models.expression import Change, Expression
from madmall_models.keys import IndexKey, ItemKey, Mirror, Pointer, StoredKey

CLAIM_TYPE = "UNIQUE_CLAIM"
_BESIDE = (Mirror, Pointer)
INDEX_KEY_NAMES = frozenset(f"GSI{number}{half}" for number in range(1, 5) for half in ("PK", "SK"))


@dataclass(frozen=True)
class Action:
    """One action of a write: ``kind`` is DynamoDB's word, ``part`` says which item of the footprint it is for.

    ``request`` is the action without the table name. ``part`` is ``item``, ``mirror:of_user``, ``pointer:feed`` or
    ``claim:email``. ``item_bytes`` is the size of the item that it puts, where that is known.
    """

    kind: str
    part: str
    request: Mapping[str, Any]
    key: ItemKey
    item_bytes: int | None = field(default=None, compare=False, repr=False)

    def wire(self, table: str) -> dict[str, Any]:
        """Return the action for TransactWriteItems."""
        return {self.kind: {"TableName": table, **self.request}}

    @property
    def byte_count(self) -> int:
        """Return the bytes that the action counts for towards the limit of a transaction."""
        if self.item_bytes is not None:
            return self.item_bytes
        item = self.request.get("Item")
        return limits.item_bytes(item if item is not None else self.request.get("ExpressionAttributeValues", {}))


@dataclass(frozen=True)
class Footprint:
    """The items that an entity occupies, by the name of the key that puts them there, and the bytes of its own item."""

    entity: Any
    item: Item
    mirrors: Mapping[str, Item] = field(default_factory=dict)
    pointers: Mapping[str, Item] = field(default_factory=dict)
    claims: Mapping[str, Item] = field(default_factory=dict)
    item_bytes: int | None = None


def footprint(entity: Any) -> Footprint:
    """Return the footprint of an entity as its attributes say.

    Raises:
        KeyValueError: a part of the primary key is missing, or a value cannot stand in a key.
        ValidationError: a value does not fit its attribute.
        ItemTooLarge: the item is over 400 KB.
    """
    values = entity.field_values()
    item = codec.encode(entity, values)
    if "PK" not in item:
        # It has none: this says which part is missing.
        entity.item_key()
    size = limits.check_item(item, entity=type(entity).__name__)
    mirrors, pointers, claims = {}, {}, {}
    for name, declared in entity.keys.items():
        if not isinstance(declared, _BESIDE) or not declared.applies_to(entity):
            continue
        stored = declared.stored_key(values)
        if stored is None:
            if isinstance(declared, Mirror):
                raise KeyValueError(f"{declared.label}: a part of the key is missing")
        elif isinstance(declared, Mirror):
            mirrors[name] = _mirror_item(item, stored)
        else:
            pointers[name] = _pointer_item(entity, item, declared, stored)
    for claim in entity.claims.values():
        claimed = claim.claim_key(values)
        if claimed is not None:
            claims[claim.field] = {
                **claimed.wire,
                "entityType": {"S": CLAIM_TYPE},
                "ownerPK": item["PK"],
                "ownerSK": item["SK"],
                "ownerType": {"S": entity.discriminator},
            }
    return Footprint(entity, item, mirrors, pointers, claims, size)


def creation(new: Footprint) -> list[Action]:
    """Return the actions that write a new entity; each puts only what is absent."""
    return [
        _put("item", new.item, _ABSENT, new.entity, new.item_bytes),
        *(_put(f"mirror:{name}", item, _ABSENT, new.entity) for name, item in new.mirrors.items()),
        *(_put(f"pointer:{name}", item, _mine_or_nobodys(item), new.entity) for name, item in new.pointers.items()),
        *(_claim(name, item, new.entity) for name, item in new.claims.items()),
    ]


def change(
    old: Footprint,
    new: Footprint,
    *,
    expected_version: int | None,
    adding: Sequence[AddAction | SetAction] = (),
    condition: Condition | None = None,
) -> list[Action]:
    """Return the actions that lead from what is stored to the new state, if the version is still the expected one.

    Only leaves that differ are sent; counters and gauges never are. An index key is rewritten when it differs from
    the stored one, and removed when a part is missing.
    """
    changed = item_change(old, new)
    if not changed:
        return []
    unchanged = _unchanged(old, expected_version).satisfying(condition)
    actions = [_update("item", new.item, changed, unchanged.adding(*adding), new.entity)]
    mirrored = changed.without(INDEX_KEY_NAMES)
    for name, item in new.mirrors.items():
        actions.append(_update(f"mirror:{name}", item, mirrored, Expression().exists("PK"), new.entity))
    for name in {**old.pointers, **new.pointers}:
        actions.extend(_moved_pointer(name, old.pointers.get(name), new.pointers.get(name), new.entity))
    for name in {**old.claims, **new.claims}:
        actions.extend(_moved_claim(name, old.claims.get(name), new.claims.get(name), new.entity))
    return actions


def deletion(old: Footprint, *, expected_version: int | None) -> list[Action]:
    """Return the actions that remove an entity and everything that it occupies."""
    return [
        _delete("item", old.item, _unchanged(old, expected_version), old.entity),
        *(_delete(f"mirror:{name}", item, Expression(), old.entity) for name, item in old.mirrors.items()),
        *(_delete(f"pointer:{name}", item, Expression(), old.entity) for name, item in old.pointers.items()),
        *(_delete(f"claim:{name}", item, _mine_or_absent(item), old.entity) for name, item in old.claims.items()),
    ]


def item_change(old: Footprint, new: Footprint) -> Change:
    """Return the difference between the stored item and the new one, measurements left out."""
    entity = type(new.entity)
    declared = {name for key in entity.keys.values() if isinstance(key, IndexKey) for name in key.names}
    ignored = (INDEX_KEY_NAMES - declared) | {"PK", "SK", "entityType"}
    return Change.between(old.item, new.item, skip=frozenset((name,) for name in ignored) | measured_paths(entity))


def measured_paths(entity: type[Any]) -> frozenset[tuple[str, ...]]:
    """Return the stored paths that counters and gauges write: whole documents, and single attributes."""
    return frozenset(_measured(entity, ()))


def _measured(container: Any, prefix: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for attribute in container._attributes.values():
        path = (*prefix, attribute.attr_name)
        if isinstance(attribute, Measurements) or (isinstance(attribute, Checked) and attribute.measurement):
            yield path
        elif isinstance(attribute, Document):
            yield from _measured(type(attribute), path)


def _mirror_item(item: Item, stored: StoredKey) -> Item:
    copy = {name: wire for name, wire in item.items() if name not in INDEX_KEY_NAMES}
    copy["PK"], copy["SK"] = {"S": stored.partition}, {"S": stored.sort}
    return copy


def _pointer_item(entity: Any, item: Item, pointer: Pointer, stored: StoredKey) -> Item:
    pointing = {
        "PK": {"S": stored.partition},
        "SK": {"S": stored.sort},
        "entityType": {"S": f"{entity.discriminator}_POINTER"},
        "targetPK": item["PK"],
        "targetSK": item["SK"],
    }
    # With the time to live: else a pointer would outlive what it points to, for ever.
    for name in (*entity.key.field_names, *pointer.sort.field_names, "ttl"):
        stored_name = entity._attributes[name].attr_name if name in entity._attributes else None
        if stored_name in item:
            pointing[stored_name] = item[stored_name]
    return pointing


def _moved_pointer(name: str, old: Item | None, new: Item | None, entity: Any) -> Iterator[Action]:
    if old == new:
        return
    if old is not None and (new is None or _keys(old) != _keys(new)):
        yield _delete(f"pointer:{name}", old, Expression(), entity)
    if new is not None:
        yield _put(f"pointer:{name}", new, _mine_or_nobodys(new), entity)


def _moved_claim(name: str, old: Item | None, new: Item | None, entity: Any) -> Iterator[Action]:
    if old == new:
        return
    if old is not None:
        yield _delete(f"claim:{name}", old, _mine_or_absent(old), entity)
    if new is not None:
        yield _claim(name, new, entity)


def _claim(name: str, item: Item, entity: Any) -> Action:
    return _put(f"claim:{name}", item, _mine_or_absent(item), entity)


_ABSENT = Expression().absent("PK")


def _mine_or_absent(item: Item) -> Expression:
    return Expression().either_absent_or_equal("PK", {"ownerPK": item["ownerPK"], "ownerSK": item["ownerSK"]})


def _mine_or_nobodys(item: Item) -> Expression:
    """Return the condition that no other item has this place in a list, as two with the same key parts would."""
    return Expression().either_absent_or_equal("PK", {name: item[name] for name in ("targetPK", "targetSK")})


def _unchanged(old: Footprint, expected_version: int | None) -> Expression:
    """Return the condition that an item is the one that was loaded, in the same version.

    An item that was deleted and created again begins at version 1 again: when it was created tells the two apart.
    """
    condition = Expression().exists("PK").equals(("entityType",), {"S": old.entity.discriminator})
    # Compared as they are stored, since another program may have written them in a form of its own.
    stored = {name: wire for name, wire in (old.entity._stored or old.item).items() if name in ("createdAt", "version")}
    if expected_version is not None:
        stored["version"] = {"N": str(expected_version)}
    for name in ("createdAt", "version"):
        condition = condition.equals((name,), stored[name]) if name in stored else condition.absent(name)
    return condition


def _keys(item: Item) -> tuple[str, str]:
    return item["PK"]["S"], item["SK"]["S"]


def _put(part: str, item: Item, condition: Expression, entity: Any, item_bytes: int | None = None) -> Action:
    return Action("Put", part, {"Item": item, **condition.request()}, ItemKey(*_keys(item), type(entity)), item_bytes)


def _delete(part: str, item: Item, condition: Expression, entity: Any) -> Action:
    key = ItemKey(*_keys(item), type(entity))
    return Action("Delete", part, {"Key": key.wire, **condition.request()}, key)


def _update(part: str, item: Item, changed: Change, condition: Expression, entity: Any) -> Action:
    key = ItemKey(*_keys(item), type(entity))
    return Action("Update", part, {"Key": key.wire, **condition.updating(changed).request()}, key)
