"""Find the item that holds a unique value."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from madmall_models.keys import ItemKey, Unique


def owner_of(database: Any, unique: Unique, values: Mapping[str, Any]) -> ItemKey | None:
    """Return the key of the item that claims a value, by a consistent read, or None where nobody does.

    Args:
        database: where to read.
        unique: what is unique.
        values: the fields that make the value, by dotted name; an empty value is claimed by nobody.
    """
    claim = unique.claim_key(values)
    if claim is None:
        return None
    request = {"TableName": database.table_name, "Key": claim.wire, "ConsistentRead": True}
    item = database.connection.call("GetItem", request, pattern=unique.label).get("Item")
    return None if item is None else ItemKey(item["ownerPK"]["S"], item["ownerSK"]["S"], unique.entity)
