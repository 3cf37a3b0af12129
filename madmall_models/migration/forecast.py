"""Foresee what the counters of new items come to, so that most of them are written once and not twice.

A new item is written with what its counter will be if every row of the source lands. Once the rows were moved, only the
counters of which something else came true are set. A forecast is never trusted: where it cannot be made, or is wrong,
the counter is set as if there had been none.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from madmall_models.errors import SourceError
from madmall_models.migration.completion import Completion
from madmall_models.migration.mapping import Arguments, FieldMap, Mapping, Touch, set_dotted
from madmall_models.migration.source import Source, TallyingSource
from madmall_models.migration.spilling import SpillingCounts, private_database

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS forecast (entity TEXT, id TEXT, count INTEGER, unknown INTEGER, "
    "PRIMARY KEY (entity, id)) WITHOUT ROWID"
)
_WEIGHTS_KEPT = 1024


class Forecast:
    """Hold what counters will come to.

    Args:
        database: where to keep it, used by nobody else meanwhile.
        completions: whose counters can be foreseen: those that have a ``count``.
    """

    def __init__(self, database: sqlite3.Connection, completions: Iterable[Completion]) -> None:
        database.execute(_SCHEMA)
        self._counts = SpillingCounts(database, "forecast")
        self._counters = {each.entity_type: each.count for each in completions if each.count is not None}

    def counter_of(self, entity: type[Any]) -> str | None:
        """Return the dotted Python name of the counter that new items of an entity may have foreseen, or None."""
        return self._counters.get(str(entity.discriminator)) if len(entity.key.field_names) == 1 else None

    def count_of(self, entity: type[Any], identifier: str) -> int:
        """Return what the counter of an item is foreseen to be."""
        return self._counts.get(str(entity.discriminator), identifier) or 0

    def draw(self, source: TallyingSource, mapping: Mapping, started_at: datetime) -> None:
        """Foresee what the rows of a table will add to counters; what cannot be foreseen is left out."""
        if mapping.transformations:
            # What the columns say may be something else once the rows are changed.
            return
        there = {column.name for column in source.columns(mapping.table)}
        for touch in mapping.touches:
            fields = _fields(mapping, touch)
            if fields is None or str(touch.entity.discriminator) not in self._counters:
                continue
            self._add(source, mapping, touch, fields, there, started_at)
        # Read from now on, by one question for each item.
        self._counts.spill()

    def _add(
        self,
        source: TallyingSource,
        mapping: Mapping,
        touch: Touch,
        fields: tuple[FieldMap, ...],
        there: set[str],
        started_at: datetime,
    ) -> None:
        named, *judged = fields
        columns = tuple(dict.fromkeys(name for field in fields for name in field.columns if name in there))
        if not columns:
            return
        weigh = _weigher(mapping, touch, tuple(judged), started_at)
        for values, number in source.tallies(mapping.table, columns):
            row = dict(zip(columns, values, strict=True))
            identifier = _identifier(named, row, started_at)
            if identifier is not None and (weight := weigh(row)):
                self._counts.add(str(touch.entity.discriminator), identifier, weight * number)


@contextlib.contextmanager
def drawn(
    source: Source, mappings: Iterable[Mapping], completions: Iterable[Completion], started_at: datetime
) -> Iterator[Forecast]:
    """Return what the rows of a source will add to counters; nothing where the source cannot tally its rows."""
    with contextlib.closing(private_database()) as database:
        forecast = Forecast(database, completions)
        if isinstance(source, TallyingSource):
            tables = source.tables()
            for mapping in mappings:
                # A table that cannot be read says so when its rows are moved; the others need not wait for that.
                with contextlib.suppress(SourceError):
                    if mapping.table in tables:
                        forecast.draw(source, mapping, started_at)
        yield forecast


def _fields(mapping: Mapping, touch: Touch) -> tuple[FieldMap, ...] | None:
    """Return the fields that say which item a row touches and whether it counts; None where no columns say it alone."""
    if touch.counts is None or touch.by is None:
        return None
    found = []
    for target in (touch.target, *touch.by):
        fields = [field for field in mapping.fields if field.target == target]
        if len(fields) != 1:
            return None
        found += fields
    return tuple(found)


def _identifier(named: FieldMap, row: dict[str, Any], started_at: datetime) -> str | None:
    try:
        found = named.value(row, started_at)
    except Exception:
        return None
    return found if isinstance(found, str) else None


def _weigher(
    mapping: Mapping, touch: Touch, judged: tuple[FieldMap, ...], started_at: datetime
) -> Callable[[dict[str, Any]], int]:
    """Return what tells by how much a row raises the counter; rows that say the same are asked about once."""
    columns = tuple(dict.fromkeys(name for field in judged for name in field.columns))
    known: dict[tuple[Any, ...], int] = {}

    def weigh(row: dict[str, Any]) -> int:
        values = tuple(row.get(name) for name in columns)
        if values not in known:
            if len(known) >= _WEIGHTS_KEPT:
                known.clear()
            known[values] = _weight(mapping, touch, judged, row, started_at)
        return known[values]

    return weigh


def _weight(
    mapping: Mapping, touch: Touch, judged: tuple[FieldMap, ...], row: dict[str, Any], started_at: datetime
) -> int:
    arguments: Arguments = {}
    try:
        for field in judged:
            value = field.value(row, started_at)
            if value is not None:
                set_dotted(arguments, field.target, value)
        return touch.weight(mapping.entity(**arguments)) or 0
    except Exception:
        # Such a row will be rejected, or left out by a filter before its columns are cast.
        return 0
