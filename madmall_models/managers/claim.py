"""Find the item that holds a unique value."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from madmall_models.errors import KeyValueError
from madmall_models.expression import Expression
from madmall_models.footprint import Action
from madmall_models.hydration import Item, named_key
from madmall_models.keys import ItemKey, Unique
from madmall_models.sending import Refused, send

_OWNER = ("ownerPK", "ownerSK")


def owner_of(database: Any, unique: Unique, values: Mapping[str, Any]) -> ItemKey | None:
    """Return the key of the item that claims a value, by a consistent read, or None where nobody does.

    Args:
        database: where to read.
        unique: what is unique.
        values: the fields that make the value, by dotted name; an empty value is claimed by nobody.
    """
    claim = unique.claim_key(values)
    item = None if claim is None else _stored(database, unique, claim)
    return None if item is None else named_key(item, _OWNER, unique.entity)


def holds(entity: Any, unique: Unique, values: Mapping[str, Any]) -> bool:
    """Tell whether an entity has the value that a claim says is its own; another program may have changed it."""
    try:
        return unique.claim_key(entity.field_values()) == unique.claim_key(values)
    except KeyValueError:
        return False


def delete_claim(database: Any, unique: Unique, values: Mapping[str, Any], *, owner: ItemKey | None) -> None:
    """Delete the claim to a value whose owner is gone, or which names none (``owner`` None): no item would free it."""
    claim = unique.claim_key(values)
    item = None if claim is None else _stored(database, unique, claim)
    if claim is None or item is None or named_key(item, _OWNER, unique.entity) != owner:
        return
    unchanged = Expression()
    for name in _OWNER:
        unchanged = unchanged.equals((name,), item[name]) if name in item else unchanged.absent(name)
    # Taken by somebody else meanwhile, it is theirs.
    with suppress(Refused):
        send(database.connection, [Action("Delete", "claim", {"Key": claim.wire, **unchanged.request()}, claim)])


def _stored(database: Any, unique: Unique, claim: ItemKey) -> Item | None:
    request = {"TableName": database.table_name, "Key": claim.wire, "ConsistentRead": True}
    item: Item | None = database.connection.call("GetItem", request, pattern=unique.label).get("Item")
    return item
