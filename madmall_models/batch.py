"""Read many items by key: any number, in the order asked, bounded in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from madmall_models import limits
from madmall_models.connection.operations import Connection
from madmall_models.connection.retry import rounds
from madmall_models.errors import Throttled
from madmall_models.keys import ItemKey, pattern_of

_ROUNDS = 8
_Pair = tuple[str, str]


def get_items(
    connection: Connection, keys: Iterable[ItemKey], *, consistent: bool = True, pattern: str | None = None
) -> dict[_Pair, Mapping[str, Any]]:
    """Return the stored items by (partition, sort); a key without an item is left out.

    Keys given twice are asked once. What the service leaves unprocessed is asked again, with jitter, a bounded number
    of times and no longer than one call may take.

    Args:
        connection: where to read.
        keys: any number; 100 to a request.
        consistent: whether the items are as they are now; that costs twice as much.
        pattern: the key whose figures the requests belong to; else that of the entity, if it is but one.

    Raises:
        Throttled: the service kept leaving keys unread; ``keys`` are these and those not asked for yet. Any other
            error of :meth:`Connection.call`.
    """
    asked = list({(key.partition, key.sort): key for key in keys}.values())
    found: dict[_Pair, Mapping[str, Any]] = {}
    for start in range(0, len(asked), limits.BATCH_GET_KEYS):
        chunk = asked[start : start + limits.BATCH_GET_KEYS]
        items, left = _read(connection, chunk, consistent, pattern or pattern_of(key.entity for key in chunk))
        found.update({(item["PK"]["S"], item["SK"]["S"]): item for item in items})
        if left:
            unread = [key for key in chunk if (key.partition, key.sort) in left]
            unread += asked[start + limits.BATCH_GET_KEYS :]
            raise Throttled(
                f"BatchGetItem left {len(left)} keys unread after every retry; the table lacks capacity. "
                f"{len(unread)} of {len(asked)} are left to read, see keys",
                keys=unread,
            )
    return found


def _read(
    connection: Connection, keys: Sequence[ItemKey], consistent: bool, pattern: str | None
) -> tuple[list[Mapping[str, Any]], set[_Pair]]:
    """Return the items of at most 100 keys, and the keys that the service did not read."""
    items: list[Mapping[str, Any]] = []
    pending: list[Any] = [key.wire for key in keys]
    deadline = connection.deadline()
    for _ in rounds(_ROUNDS, deadline=deadline):
        request = {"RequestItems": {connection.table: {"ConsistentRead": bool(consistent), "Keys": pending}}}
        answer = connection.call("BatchGetItem", request, pattern=pattern, deadline=deadline)
        items += answer["Responses"].get(connection.table, [])
        pending = (answer.get("UnprocessedKeys") or {}).get(connection.table, {}).get("Keys", [])
        if not pending:
            break
    return items, {(key["PK"]["S"], key["SK"]["S"]) for key in pending}
