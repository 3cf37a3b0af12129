"""Put many plain entities, 25 to a request, and name what was not written."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models import limits, signals
from madmall_models.batch_outcome import BatchOutcome
from madmall_models.codec import Item
from madmall_models.connection.operations import Connection
from madmall_models.connection.retry import rounds
from madmall_models.creation_batch import checked_entities
from madmall_models.entity import Entity
from madmall_models.errors import MadMallError, QueryError, ServiceError, Throttled
from madmall_models.keys import Mirror, Pointer, pattern_of
from madmall_models.writer import prepare_creation

_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class Put:
    """One entity on its way, and the item that is put for it; its bytes, where somebody counted them already."""

    entity: Any
    item: Item
    known_bytes: int | None = None

    @property
    def place(self) -> tuple[str, str]:
        """Return the primary key of the item."""
        return self.item["PK"]["S"], self.item["SK"]["S"]

    @property
    def byte_count(self) -> int:
        """Return how many bytes the item may take as it travels, where a letter can take more than in the table."""
        if self.known_bytes is not None:
            # No character takes more than three times as many bytes as JSON as it takes in the table.
            return 3 * self.known_bytes
        return len(json.dumps(self.item, default=str))


def plain_entities(database: Any, entities: Iterable[Any]) -> list[Put]:
    """Return the puts of new entities that need nothing but a put.

    Raises:
        QueryError: one needs more, was loaded, or shares its key with another.
        ValidationError, KeyValueError, ItemTooLarge: one cannot be stored.
    """
    given = checked_entities(entities, Entity, "batch_write")
    for entity in given:
        _refuse_more_than_a_put(database, entity)
    puts = [Put(entity, prepare_creation(entity).item) for entity in given]
    places: set[tuple[str, str]] = set()
    for put in puts:
        if put.place in places:
            name = type(put.entity).__name__
            raise QueryError(f"batch_write was given two {name} with one key, and one would be lost; nothing was sent")
        places.add(put.place)
    return puts


def put_all(database: Any, puts: Sequence[Put]) -> None:
    """Put items, 25 to a request, and tell their entities.

    Raises:
        BatchIncomplete: some were not written.
    """
    outcome = BatchOutcome([put.entity for put in puts])
    for chunk in chunks(puts):
        if not outcome.goes_on:
            for put in chunk:
                outcome.untried(put.entity)
            continue
        failed = put_chunk(database.connection, chunk)
        for put in chunk:
            reason = failed.get(put.place)
            if reason is None:
                _accept(database, put)
                outcome.written(put.entity)
            else:
                outcome.refused(put.entity, reason)
    outcome.settle()


def _refuse_more_than_a_put(database: Any, entity: Any) -> None:
    cls = type(entity)
    name = cls.__name__
    if cls.claims or any(isinstance(key, Mirror | Pointer) for key in cls.keys.values()):
        raise QueryError(
            f"{name} has unique values, mirrors or pointers, which a batch cannot keep in step; "
            f"use batch_write of its manager, or a transaction. Nothing was sent"
        )
    if database.manager_of(cls).creates_by_recipe:
        raise QueryError(
            f"creating a {name} changes other items too; use batch_write of its manager, which follows the recipe. "
            "Nothing was sent"
        )
    if entity._stored is not None:
        raise QueryError(f"this {name} was loaded, and a batch would write over what changed since; use its save()")


def chunks(puts: Iterable[Put]) -> Iterator[list[Put]]:
    """Return the puts in order, as many to a chunk as a request takes."""
    chunk: list[Put] = []
    size = 0
    for put in puts:
        if chunk and (len(chunk) >= limits.BATCH_WRITE_ITEMS or size + put.byte_count > limits.BATCH_WRITE_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(put)
        size += put.byte_count
    if chunk:
        yield chunk


def put_chunk(connection: Connection, chunk: Sequence[Put]) -> dict[tuple[str, str], MadMallError]:
    """Send one request, what stays unprocessed again, and return why items were not written, by their place."""
    pending, deadline = list(chunk), connection.deadline()
    error: MadMallError
    for _ in rounds(_ROUNDS, deadline=deadline):
        request = {"RequestItems": {connection.table: [{"PutRequest": {"Item": put.item}} for put in pending]}}
        pattern = pattern_of(type(put.entity) for put in pending)
        try:
            answer = connection.call("BatchWriteItem", request, pattern=pattern, deadline=deadline)
        except ServiceError as unfit:
            if unfit.code == "ValidationException" and len(pending) > 1:
                middle = len(pending) // 2
                return {**put_chunk(connection, pending[:middle]), **put_chunk(connection, pending[middle:])}
            error = unfit
            break
        except MadMallError as trouble:
            error = trouble
            break
        left = {
            (request["PutRequest"]["Item"]["PK"]["S"], request["PutRequest"]["Item"]["SK"]["S"])
            for request in (answer.get("UnprocessedItems") or {}).get(connection.table, ())
        }
        pending = [put for put in pending if put.place in left]
        if not pending:
            return {}
        error = Throttled("BatchWriteItem left the item unwritten after every retry; the table lacks capacity")
    return {put.place: error for put in pending}


def _accept(database: Any, put: Put) -> None:
    put.entity._remember(put.item, put.entity.unknown_attributes(), database)
    signals.announce(signals.item_created, type(put.entity), item=put.entity)
