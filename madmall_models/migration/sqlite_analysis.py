"""Analyze a SQLite file: one streamed pass for each table, in bounded memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models.errors import SourceError
from madmall_models.migration.analysis import Analysis
from madmall_models.migration.observed import Observation, Observed, masked
from madmall_models.migration.source import Column
from madmall_models.migration.spilling import SpillingDigests, digest_of, private_database
from madmall_models.migration.sqlite_file import SQLiteFile, quoted
from madmall_models.migration.sqlite_schema import TABLE, VIEW, SchemaEntry, SQLiteSchema, primary_key
from madmall_models.migration.table_analysis import ColumnAnalysis, TableAnalysis

_SAMPLE_ROWS = 3


def analyzed(file: SQLiteFile, schema: SQLiteSchema) -> Analysis:
    """Return what a file holds.

    Raises:
        SourceError: a table cannot be read to its end; the error names it. A view or virtual table that this SQLite
            cannot read is described, with the reason as its ``fault``.
    """
    sizes = schema.sizes()
    tables = tuple(_table(file, schema, entry, sizes.get(entry.name)) for entry in schema.entries())
    return Analysis(file.path.name, file.size, tables)


def _table(file: SQLiteFile, schema: SQLiteSchema, entry: SchemaEntry, size: int | None) -> TableAnalysis:
    try:
        columns = schema.columns(entry.name)
        seen = _seen(file, entry, columns)
    except SourceError as error:
        # A view of a table that is gone, a virtual table whose module is not there: both lie outside the file.
        if entry.kind == TABLE or not isinstance(error.__cause__, sqlite3.OperationalError):
            raise
        return TableAnalysis(entry.name, entry.kind, 0, (), (), (), (), (), size, fault=str(error.__cause__))
    distinct = schema.distinct_columns(entry.name) if entry.kind == TABLE else frozenset()
    return TableAnalysis(
        name=entry.name,
        kind=entry.kind,
        row_count=seen.row_count,
        columns=tuple(_column(column, seen, distinct) for column in columns),
        primary_key=primary_key(columns),
        row_key=_row_key(schema, entry),
        foreign_keys=schema.foreign_keys(entry.name),
        sample=seen.sample,
        size=size,
        without_rowid=entry.without_rowid,
        strict=entry.strict,
    )


def _column(column: Column, seen: _Seen, distinct: frozenset[str]) -> ColumnAnalysis:
    return ColumnAnalysis(
        name=column.name,
        declared_type=column.declared_type,
        not_null=column.not_null,
        primary_key=column.primary_key,
        default=column.default,
        generated=column.generated,
        observed=seen.observed[column.name],
        distinct=True if column.name in distinct else seen.distinct.get(column.name),
    )


def _row_key(schema: SQLiteSchema, entry: SchemaEntry) -> tuple[str, ...]:
    try:
        return () if entry.kind == VIEW else schema.row_key(entry.name)
    except SourceError as error:
        if error.__cause__ is None:
            return ()
        raise


@dataclass(frozen=True)
class _Seen:
    """What one pass over a table saw."""

    row_count: int
    observed: Mapping[str, Observed]
    distinct: Mapping[str, bool]
    sample: tuple[Mapping[str, str], ...]


def _seen(file: SQLiteFile, entry: SchemaEntry, columns: Sequence[Column]) -> _Seen:
    names = [column.name for column in columns]
    observations = [Observation() for _ in columns]
    sample: list[Mapping[str, str]] = []
    count = 0
    statement = f"SELECT {', '.join(map(quoted, names))} FROM {quoted(entry.name)}"  # noqa: S608 - quoted
    # Where nothing is declared, what tells rows apart must be seen.
    watched = names if entry.kind != VIEW and not primary_key(tuple(columns)) else []
    with _Distinctness(watched) as distinctness:
        for row in file.stream(statement, table=entry.name):
            count += 1
            for observation, value in zip(observations, row, strict=True):
                observation.add(value)
            distinctness.add(row)
            if len(sample) < _SAMPLE_ROWS:
                sample.append({name: masked(value) for name, value in zip(names, row, strict=True)})
        found = distinctness.found()
    observed = {name: observation.observed() for name, observation in zip(names, observations, strict=True)}
    return _Seen(count, observed, found, tuple(sample))


class _Distinctness:
    """Find the columns whose values are all there and all distinct, in bounded memory.

    A column is watched until its first NULL or repeated value. Values are told apart by the text they are as ids.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._watched = dict(enumerate(self._names))
        self._database = private_database()
        self._database.execute("CREATE TABLE seen (digest BLOB PRIMARY KEY) WITHOUT ROWID")
        self._seen = SpillingDigests(self._database, "seen")

    def __enter__(self) -> _Distinctness:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def add(self, row: Sequence[Any]) -> None:
        """Take in a row."""
        for position in list(self._watched):
            value = row[position]
            digest = digest_of(f"{position}\0{value}")
            if value is None or digest in self._seen:
                del self._watched[position]
            else:
                self._seen.add(digest)

    def found(self) -> dict[str, bool]:
        """Return for each column that was watched whether its values were distinct to the end."""
        left = set(self._watched.values())
        return {name: name in left for name in self._names}
