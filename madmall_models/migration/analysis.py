"""Hold what was found out about a source as a whole."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import Any

from madmall_models.migration.suggested_mapping import SuggestedMapping
from madmall_models.migration.suggestion import suggest
from madmall_models.migration.table_analysis import TableAnalysis


@dataclass(frozen=True)
class Analysis:
    """Say what a source holds. No value of a row is in it, so that it may be shown to whoever helps.

    Attributes:
        name: the name of the source, without the folder.
        size: its bytes.
        tables: its tables, views and virtual tables, by name.
    """

    name: str
    size: int
    tables: tuple[TableAnalysis, ...]

    @cached_property
    def suggested_mappings(self) -> tuple[SuggestedMapping, ...]:
        """Return what could become of each table; views show what other tables hold, and are not among them."""
        return suggest(self.tables)

    def as_dict(self) -> dict[str, Any]:
        """Return everything that was found out and suggested, as JSON can hold it."""
        return {
            "name": self.name,
            "size": self.size,
            "tables": [asdict(table) for table in self.tables],
            "suggested_mappings": [_suggestion(each) for each in self.suggested_mappings],
        }


def _suggestion(suggestion: SuggestedMapping) -> dict[str, Any]:
    names = [each.name for each in fields(suggestion) if each.name not in ("ready", "references")]
    plain = {name: _plain(getattr(suggestion, name)) for name in names}
    plain["references"] = [{**asdict(each), "policy": each.policy.value} for each in suggestion.references]
    return {**plain, "is_ready": suggestion.ready is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(member) for member in value]
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value
