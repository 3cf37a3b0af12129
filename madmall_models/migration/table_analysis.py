"""Hold what was found out about one table of a source; no value of a row is in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from madmall_models.migration.observed import Observed


@dataclass(frozen=True)
class ForeignKey:
    """Say that columns name a row of a table.

    Attributes:
        columns: the columns that hold the name.
        table: the table that is named; it need not be there.
        references: its columns, in the same order.
    """

    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class ColumnAnalysis:
    """Say what is declared of a column, and what its values are.

    Attributes:
        declared_type: as it stands in the schema; empty where none is declared.
        primary_key: the position in the primary key, from 1; 0 for a column outside it.
        default: the expression that stands for a value that is not given; None for none.
        generated: ``virtual`` or ``stored`` for a column that is computed from others, else empty.
        observed: what its values are.
        distinct: whether no two rows have the same value: by what is declared, or, in a table without a primary key,
            by what was seen. None where neither tells.
    """

    name: str
    declared_type: str
    not_null: bool
    primary_key: int
    default: str | None
    generated: str
    observed: Observed
    distinct: bool | None


@dataclass(frozen=True)
class TableAnalysis:
    """Say what a table, view or virtual table is.

    Attributes:
        kind: ``table``, ``view`` or ``virtual``.
        primary_key: the names of its columns, in order; empty where there is none.
        row_key: the names by which its rows are read in order, for example ``("rowid",)``; empty where they cannot
            be, so that they cannot be moved: those of a view, and of a table that hides its rowid and has no key.
        sample: what its first rows look like: by column the kind and length of the value, never the value.
        size: bytes of the table without its indexes; None where SQLite does not tell.
        without_rowid: whether it is declared WITHOUT ROWID.
        strict: whether it is declared STRICT.
        fault: why a view or virtual table cannot be read; empty where it can.
    """

    name: str
    kind: str
    row_count: int
    columns: tuple[ColumnAnalysis, ...]
    primary_key: tuple[str, ...]
    row_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    sample: tuple[Mapping[str, str], ...]
    size: int | None
    without_rowid: bool = False
    strict: bool = False
    fault: str = ""

    def column(self, name: str) -> ColumnAnalysis:
        """Return a column by its name."""
        return next(column for column in self.columns if column.name == name)
