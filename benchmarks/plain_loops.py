"""Move the rows of a legacy file as one would without an engine: a loop, a mapping, a writer that batches.

The loops cast the same columns into the same attributes and write the same items: with defaults, keys, index keys,
mirrors, pointers and claims. They leave out what makes a migration trustworthy: validation, references, duplicates,
conditions, rejects, checkpoints and counts. A row that cannot be mapped is passed over. Defaults are constants, taken
from the first row of each table before the clock starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from pynamodb.attributes import BooleanAttribute, ListAttribute, MapAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.models import Model

from madmall_models import clock
from madmall_models.attributes import camel_case
from madmall_models.errors import MadMallError
from madmall_models.keys import IndexKey, Mirror, Pointer
from madmall_models.migration import Mapping as RowMapping
from madmall_models.migration import SQLiteSource, madmall_mappings
from madmall_models.writer import prepare_creation

Item = dict[str, Any]
_START = datetime(2026, 1, 1, tzinfo=UTC)
_KEY = "any"


def items(source: SQLiteSource) -> Iterator[tuple[Item, ...]]:
    """Yield for each row everything that is to be put for it, as plain Python values."""
    for mapping in madmall_mappings():
        defaults = _DEFAULTS[mapping.table]
        for row in source.rows(mapping.table):
            try:
                yield tuple(_items_of(mapping, row.values, defaults))
            except MadMallError:
                continue


_DEFAULTS: dict[str, Item] = {}


def learn_defaults(source: SQLiteSource) -> None:
    """Learn what the entities fill in, as somebody would have written it down once for each table."""
    deserialize = TypeDeserializer().deserialize
    for mapping in madmall_mappings():
        row = next(iter(source.rows(mapping.table)))
        arguments = _settled(mapping, row.values)
        wire = prepare_creation(mapping.entity(**arguments)).item
        full = {name: deserialize(value) for name, value in wire.items() if not name.startswith(("PK", "SK", "GSI"))}
        _DEFAULTS[mapping.table] = _beyond(full, _stored(arguments))


def _beyond(full: Item, given: Item) -> Item:
    """Return what ``full`` has and ``given`` has not."""
    found = {}
    for name, value in full.items():
        if name not in given:
            found[name] = value
        elif isinstance(value, dict) and (deeper := _beyond(value, given[name])):
            found[name] = deeper
    return found


def _filled(given: Item, defaults: Item) -> Item:
    """Return what was given with the defaults of what was not."""
    filled = dict(given)
    for name, value in defaults.items():
        if name not in filled:
            filled[name] = value
        elif isinstance(value, dict) and isinstance(filled[name], dict):
            filled[name] = _filled(filled[name], value)
    return filled


def _settled(mapping: RowMapping, row: Mapping[str, Any]) -> dict[str, Any]:
    arguments = mapping.arguments(row, _START)
    if mapping.settle is None:
        return arguments
    return mapping.settle(arguments, {reference.target: {} for reference in mapping.references})


def boto3_loop(source: SQLiteSource, table: str, endpoint: str, region: str) -> int:
    """Put the items of a source with ``batch_writer`` of a boto3 table, and return the number of rows."""
    resource = boto3.resource(
        "dynamodb",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=_KEY,
        aws_secret_access_key=_KEY,
        config=Config(retries={"total_max_attempts": 5, "mode": "standard"}),
    )
    rows = 0
    with resource.Table(table).batch_writer(overwrite_by_pkeys=["PK", "SK"]) as writer:
        for written in items(source):
            for item in written:
                writer.put_item(Item=item)
            rows += 1
    return rows


def pynamodb_loop(source: SQLiteSource, table: str, endpoint: str, region: str) -> int:
    """Put the items of a source with ``batch_write`` of PynamoDB models, and return the number of rows."""
    models = _Models(table, endpoint, region)
    rows = 0
    with models.of({}).batch_write() as batch:
        for written in items(source):
            for item in written:
                plain = {name: _without_decimals(value) for name, value in item.items()}
                batch.save(models.of(plain)(**plain))
            rows += 1
    return rows


def _items_of(mapping: RowMapping, row: Mapping[str, Any], defaults: Item) -> Iterator[Item]:
    arguments = _settled(mapping, row)
    entity, values = mapping.entity, _Values(arguments)
    key = entity.key.stored_key(values)
    assert key is not None, "a row without its ids cannot be mapped"
    item = _filled(_stored(arguments), defaults)
    item["PK"], item["SK"] = key.partition, key.sort
    beside = []
    for name, declared in entity.keys.items():
        stored = None if name == "key" else declared.stored_key(values)
        if stored is None:
            continue
        if isinstance(declared, IndexKey):
            partition, sort = declared.names
            item[partition], item[sort] = stored.partition, stored.sort
        elif isinstance(declared, Mirror | Pointer):
            beside.append((declared, stored))
    yield item
    for declared, stored in beside:
        place = {"PK": stored.partition, "SK": stored.sort}
        if isinstance(declared, Mirror):
            yield {name: value for name, value in item.items() if not name.startswith("GSI")} | place
        else:
            yield {**place, "entityType": "POINTER", "targetPK": key.partition, "targetSK": key.sort}
    for claim in entity.claims.values():
        claimed = claim.claim_key(values)
        if claimed is not None:
            owner = {"ownerPK": key.partition, "ownerSK": key.sort}
            yield {"PK": claimed.partition, "SK": claimed.sort, "entityType": "UNIQUE_CLAIM", **owner}


class _Values(Mapping[str, Any]):
    """Read nested arguments by dotted name, as keys do."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self._arguments = arguments

    def __getitem__(self, name: str) -> Any:
        found: Any = self._arguments
        for part in name.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._arguments)

    def __len__(self) -> int:
        return len(self._arguments)


def _stored(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {camel_case(name): _stored(member) for name, member in value.items()}
    return clock.to_text(value) if isinstance(value, datetime) else value


def _without_decimals(value: Any) -> Any:
    """Return a value as PynamoDB's map of anything takes it: a Decimal it refuses."""
    if isinstance(value, dict):
        return {name: _without_decimals(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_without_decimals(member) for member in value]
    return float(value) if isinstance(value, Decimal) else value


class _Models:
    """Make a PynamoDB model for each set of attributes, as one would have written a class for each table."""

    def __init__(self, table: str, endpoint: str, region: str) -> None:
        settings = {"table_name": table, "host": endpoint, "region": region}
        self._meta = type("Meta", (), {**settings, "aws_access_key_id": _KEY, "aws_secret_access_key": _KEY})
        self._models: dict[tuple[tuple[str, type], ...], Any] = {}

    def of(self, item: Item) -> Any:
        shape = tuple((name, type(value)) for name, value in item.items() if name not in ("PK", "SK"))
        if shape not in self._models:
            keys = {"PK": UnicodeAttribute(hash_key=True), "SK": UnicodeAttribute(range_key=True)}
            attributes = {name: _attribute(kind) for name, kind in shape}
            self._models[shape] = type("Plain", (Model,), {"Meta": self._meta, **keys, **attributes})
        return self._models[shape]


def _attribute(kind: type) -> Any:
    if issubclass(kind, bool):
        return BooleanAttribute()
    if issubclass(kind, int | Decimal | float):
        return NumberAttribute()
    if issubclass(kind, list):
        return ListAttribute()
    return MapAttribute() if issubclass(kind, dict) else UnicodeAttribute()
