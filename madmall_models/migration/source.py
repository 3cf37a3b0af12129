"""Say what a source of rows is: tables, columns and rows, read in an order that can be taken up again.

SQLite (:class:`~madmall_models.migration.sqlite_source.SQLiteSource`) is the source that exists. Another one is any
object with the methods of :class:`Source`; this one has the rows of a list::

    class ListSource:
        def __init__(self, table: str, rows: list[dict[str, Any]]) -> None:
            self._table, self._rows = table, rows

        def tables(self) -> tuple[str, ...]:
            return (self._table,)

        def columns(self, table: str) -> tuple[Column, ...]:
            return tuple(Column(name) for name in dict.fromkeys(name for row in self._rows for name in row))

        def row_count(self, table: str) -> int:
            return len(self._rows)

        def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 100) -> Iterator[Row]:
            start = 0 if after is None else after[0] + 1
            for position, values in enumerate(self._rows[start:], start):
                yield Row(table, (position,), values)

        def rows_at(self, table: str, keys: Iterable[tuple[Any, ...]], *, batch: int = 100) -> Iterator[Row]:
            wanted = set(keys)
            return (row for row in self.rows(table) if row.key in wanted)

        def fingerprint(self) -> str:
            return hashlib.sha256(repr(self._rows).encode()).hexdigest()

        def changed(self) -> bool:
            return False

        def close(self) -> None:
            pass
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

ROWID_NAMES = ("rowid", "_rowid_", "oid")
"""The names under which SQLite gives the number of a row, unless a column of the table has them."""


@dataclass(frozen=True)
class UndecodableText:
    """Stand for a text of the source that is not valid UTF-8; every cast refuses it."""

    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Column:
    """Describe a column of a source table.

    Attributes:
        primary_key: the position in the primary key, from 1; 0 for a column outside it.
        default: the expression that stands for a value that is not given; None for none.
        generated: ``virtual`` or ``stored`` for a column that is computed from others, else empty.
    """

    name: str
    declared_type: str = ""
    not_null: bool = False
    primary_key: int = 0
    default: str | None = None
    generated: str = ""


@dataclass(frozen=True)
class Row:
    """Hold one row of a source table.

    Attributes:
        key: where the row stands in the order of reading; reading goes on after it.
        values: by column name. They are left out of ``repr``, since they may be personal.
    """

    table: str
    key: tuple[Any, ...]
    values: Mapping[str, Any] = field(repr=False)

    @property
    def rowid(self) -> Any:
        """Return what names the row to a person: its rowid, or the list of its key's parts."""
        return self.key[0] if len(self.key) == 1 else list(self.key)


class Source(Protocol):
    """Be a source of rows. All methods may be called from any thread; every failure is a ``SourceError``."""

    def tables(self) -> tuple[str, ...]:
        """Return the names of the tables, sorted."""
        ...

    def columns(self, table: str) -> tuple[Column, ...]:
        """Return the columns of a table in their declared order."""
        ...

    def row_count(self, table: str) -> int:
        """Return the number of rows of a table."""
        ...

    def rows(self, table: str, *, after: tuple[Any, ...] | None = None, batch: int = 100) -> Iterator[Row]:
        """Return the rows in a fixed order, those after a row's ``key`` if one is given.

        At most ``batch`` rows are held at a time.
        """
        ...

    def rows_at(self, table: str, keys: Iterable[tuple[Any, ...]], *, batch: int = 100) -> Iterator[Row]:
        """Return the rows that have these keys, each once, in the order of :meth:`rows`.

        A key that no row has gives nothing. What is given as ``keys`` may be longer than memory.
        """
        ...

    def fingerprint(self) -> str:
        """Return a text that is the same as long as the content is."""
        ...

    def changed(self) -> bool:
        """Tell whether the content may be another one than when the source was opened. It costs next to nothing."""
        ...

    def close(self) -> None:
        """Let go of the source; closing twice is fine."""
        ...


@runtime_checkable
class TallyingSource(Source, Protocol):
    """Be a source that can tally its rows, too; a run then sets most counters when it writes their items.

    It need not be one: then counters are set once all rows are there.
    """

    def tallies(self, table: str, columns: Sequence[str]) -> Iterator[tuple[tuple[Any, ...], int]]:
        """Return the values that rows of a table have together in some columns, each with the number of such rows.

        What the same values are may be told more or less finely than by Python's ``==``.
        """
        ...


def plain_value(value: Any) -> Any:
    """Return a value of a row as JSON can hold it; bytes and infinities become an object with one name."""
    if isinstance(value, UndecodableText):
        return {"$base64": base64.b64encode(value.data).decode()}
    if isinstance(value, bytes):
        return {"$base64": base64.b64encode(value).decode()}
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return {"$number": "Infinity" if value > 0 else "-Infinity"}
    return value
