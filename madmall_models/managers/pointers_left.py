"""Clear a list of the pointers in it as they are stored, whether or not a query can follow them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from madmall_models import codec
from madmall_models.errors import DoesNotExist, KeyValueError
from madmall_models.hydration import Item, target_of
from madmall_models.keys import ItemKey, Key
from madmall_models.query import Query
from madmall_models.query_reader import answers


def clear_pointers(query: Query[Any], leave: Callable[[ItemKey], object]) -> None:
    """Let what the pointers in the range of a query lead to leave the list, and delete the pointers that remain.

    One remains where its item expired and DynamoDB deleted it first, where the item was moved behind its back, and
    where another program wrote what is no key. A pointer names its item twice, so that even then it is found.

    Args:
        query: the list; it is read consistently, expired items too.
        leave: takes the item of a key out of the list if it belongs there; raises DoesNotExist where there is none.
    """
    connection = query.database.connection
    for pointer in list(_stored(query)):
        for target in _targets(query.key, pointer):
            # Gone is what is wanted.
            with suppress(DoesNotExist):
                leave(target)
        key = {name: pointer[name] for name in ("PK", "SK")}
        connection.call("DeleteItem", {"TableName": connection.table, "Key": key})


def _targets(key: Key, pointer: Item) -> Iterator[ItemKey]:
    """Yield the key that a pointer names, and the one that its attributes make where that is another."""
    named = target_of(key, pointer)
    if named is not None:
        yield named
    with suppress(KeyValueError):
        made: ItemKey = codec.decode(key.entity, pointer).item_key()
        if made != named:
            yield made


def _stored(query: Query[Any]) -> Iterator[Item]:
    connection = query.database.connection
    span = query.sort_range().request(("PK", "SK"))
    request = {"TableName": connection.table, "ConsistentRead": True, **span}
    kind = {"S": f"{query.key.entity.discriminator}_POINTER"}
    for answer in answers(connection, request, pattern=query.key.label):
        yield from (item for item in answer["Items"] if item.get("entityType") == kind)
