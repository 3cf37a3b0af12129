"""Read many items by key: any number, in the order asked, bounded in time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from madmall_models import limits
from madmall_models.connection.operations import Connection
from madmall_models.connection.retry import rounds
from madmall_models.errors import Throttled
from madmall_models.keys import ItemKey

_ROUNDS = 8
_Pair = tuple[str, str]


def get_items(
    connection: Connection, keys: Iterable[ItemKey], *, consistent: bool = True
) -> dict[_Pair, Mapping[str, Any]]:
    """Return the stored items by (partition, sort); a key without an item is left out.

    Keys given twice are asked once. What the service leaves unprocessed is asked again, with jitter, a bounded number
    of times.

    Raises:
        Throttled: the service kept leaving keys unprocessed. Any other error of :meth:`Connection.call`.
    """
    pairs = list(dict.fromkeys((key.partition, key.sort) for key in keys))
    found: dict[_Pair, Mapping[str, Any]] = {}
    for start in range(0, len(pairs), limits.BATCH_GET_KEYS):
        chunk = pairs[start : start + limits.BATCH_GET_KEYS]
        for item in _get_chunk(connection, chunk, consistent):
            found[item["PK"]["S"], item["SK"]["S"]] = item
    return found


def _get_chunk(connection: Connection, pairs: Sequence[_Pair], consistent: bool) -> Iterable[Mapping[str, Any]]:
    pending: list[Any] = [{"PK": {"S": partition}, "SK": {"S": sort}} for partition, sort in pairs]
    for _ in rounds(_ROUNDS):
        asked = {"ConsistentRead": consistent, "Keys": pending}
        answer = connection.call("BatchGetItem", {"RequestItems": {connection.table: asked}})
        yield from answer["Responses"].get(connection.table, [])
        pending = (answer.get("UnprocessedKeys") or {}).get(connection.table, {}).get("Keys", [])
        if not pending:
            return
    raise Throttled(f"BatchGetItem left {len(pending)} keys unread after {_ROUNDS} rounds; the table lacks capacity")
