"""Read several items as they were at one moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from madmall_models import codec, limits
from madmall_models.errors import KeyValueError, LimitExceeded, TransactionCancelled
from madmall_models.keys import ItemKey, checked_item_key, pattern_of
from madmall_models.query_reader import is_expired
from madmall_models.sending import reasons_of
from madmall_models.step import Step


class ReadTransaction:
    """Read up to 100 items as one consistent snapshot: no write falls between them.

    An immutable value: nothing is sent before it is iterated or :meth:`read`, and each time that it is, the items are
    read anew. Costs two read units for each started 4 KB of an item, twice a consistent read.

    Args:
        database: where to read.
        keys: the items, in the order in which they are wanted.

    Raises:
        LimitExceeded: they are more than 100 different ones. KeyValueError: one is no key of an item.
    """

    def __init__(self, database: Any, keys: Iterable[ItemKey]) -> None:
        if isinstance(keys, str | bytes | ItemKey | Mapping) or not isinstance(keys, Iterable):
            raise KeyValueError(f"a read transaction takes a list of keys, not {type(keys).__name__}")
        self._database = database
        self.keys = tuple(checked_item_key(key) for key in keys)
        # DynamoDB refuses to read an item twice; what is asked for twice is read once and handed out twice.
        self._asked = {_place(key): key for key in self.keys}
        if len(self._asked) > limits.TRANSACTION_READS:
            raise LimitExceeded(
                f"a read transaction reads at most {limits.TRANSACTION_READS} items, not {len(self._asked)}; "
                "batch_get reads any number, but not as of one moment"
            )

    def read(self) -> tuple[Any, ...]:
        """Return the entities in the order of the keys, None where there is none, of another kind, or expired.

        Raises:
            TransactionCancelled: the items kept being written to; ``reasons`` has one entry per different key.
            ServiceError: together they are over 4 MB. Any other error of a read.
        """
        found = self._items() if self._asked else {}
        return tuple(self._entity(key, found.get(_place(key), {})) for key in self.keys)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.read())

    def _items(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        connection = self._database.connection
        keys = list(self._asked.values())
        request = {"TransactItems": [{"Get": {"TableName": connection.table, "Key": key.wire}} for key in keys]}
        try:
            answer = connection.call("TransactGetItems", request, pattern=pattern_of(key.entity for key in keys))
        except TransactionCancelled as cancelled:
            raise _conflicted(keys, cancelled) from cancelled
        return {_place(key): one["Item"] for key, one in zip(keys, answer["Responses"], strict=True) if one.get("Item")}

    def _entity(self, key: ItemKey, item: Mapping[str, Any]) -> Any:
        if not item or is_expired(item) or item.get("entityType", {}).get("S") != key.entity.discriminator:
            return None
        return codec.decode(key.entity, item, self._database)

    def __len__(self) -> int:
        return len(self.keys)

    def __repr__(self) -> str:
        return f"<ReadTransaction of {', '.join(map(repr, self.keys)) or 'nothing'}>"


def _conflicted(keys: list[ItemKey], cancelled: TransactionCancelled) -> TransactionCancelled:
    reasons = reasons_of(["item"] * len(keys), cancelled.reasons)
    busy = sum(reason is not None for reason in reasons)
    return TransactionCancelled(
        f"{busy} of {len(keys)} items could not be read as of one moment, since they kept being written to; "
        "try again, or read them by batch_get",
        steps=[Step("get", key, ()) for key in keys],
        reasons=reasons,
    )


def _place(key: ItemKey) -> tuple[str, str]:
    return key.partition, key.sort
