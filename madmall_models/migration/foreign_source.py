"""Tell a source that lacks a table from a wrong file."""

from __future__ import annotations

from collections.abc import Iterable

from madmall_models.errors import SourceError
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.source import Source

_TABLES_SHOWN = 20


def refuse_foreign_source(source: Source, mappings: Iterable[Mapping]) -> None:
    """Refuse a source that holds nothing of what is mapped: it is the wrong file, not an empty one.

    Raises:
        SourceError: none of the tables is there.
    """
    there = source.tables()
    wanted = [mapping.table for mapping in mappings]
    if set(there) & set(wanted):
        return
    listed = ", ".join(map(repr, there[:_TABLES_SHOWN]))
    raise SourceError(
        f"the source has none of the tables {', '.join(wanted)}; "
        + (f"its tables are {listed}" if there else "it has no table at all")
        + ". Name another file, or for one of your own make a mapping: madmall migrate scaffold"
    )
