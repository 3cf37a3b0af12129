"""Hold what a rollback did, by entity type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any


class Kept(Enum):
    """Say why an item that a run wrote stays."""

    CHANGED = "changed since"
    GONE = "deleted since"
    DEPENDED_ON = "others depend on it"
    COMPANION = "what it belongs to stays"
    TAKEN = "another item has its unique value now"


@dataclass(frozen=True)
class RollbackReport:
    """What a rollback did. Of a dry run: what it would do.

    Attributes:
        run: the run that was rolled back.
        table: the table.
        dry_run: whether nothing was written on purpose.
        removed: by entity type, how many items were removed with all that they occupy.
        restored: by entity type, how many items are again what they were before the run replaced them.
        kept: by entity type and reason, how many stayed.
        recounted: by entity type, how many items had their counts brought up to date.
        notes: what the reader should know besides.
    """

    run: str
    table: str
    dry_run: bool
    removed: Mapping[str, int] = field(default_factory=dict)
    restored: Mapping[str, int] = field(default_factory=dict)
    kept: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    recounted: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def kept_count(self) -> int:
        """Return how many items stayed."""
        return sum(sum(reasons.values()) for reasons in self.kept.values())

    def as_dict(self) -> dict[str, Any]:
        """Return the report as plain values."""
        return {
            "run": self.run,
            "table": self.table,
            "dry_run": self.dry_run,
            "removed": dict(self.removed),
            "restored": dict(self.restored),
            "kept": {entity_type: dict(reasons) for entity_type, reasons in self.kept.items()},
            "recounted": dict(self.recounted),
            "notes": list(self.notes),
        }

    def as_text(self) -> str:
        """Return the report for people, a line for each entity type."""
        would = "would be " if self.dry_run else ""
        lines = [f"run {self.run} on table {self.table}"]
        for entity_type in dict.fromkeys([*self.removed, *self.restored, *self.kept]):
            parts = [f"{self.removed.get(entity_type, 0):,} {would}removed"]
            if self.restored.get(entity_type):
                parts.append(f"{self.restored[entity_type]:,} {would}put back as they were")
            parts += [f"{count:,} {would}kept, {reason}" for reason, count in self.kept.get(entity_type, {}).items()]
            lines.append(f"{entity_type}: {'; '.join(parts)}")
        if len(lines) == 1:
            lines.append("nothing that this run wrote is in the table")
        counted = [f"{name}: counts of {count:,} brought up to date" for name, count in self.recounted.items()]
        return "\n".join([*lines, *counted, *self.notes])


class RollbackTally:
    """Count while a rollback goes on."""

    def __init__(self) -> None:
        self.removed: Counter[str] = Counter()
        self.restored: Counter[str] = Counter()
        self.recounted: Counter[str] = Counter()
        self.notes: list[str] = []
        self._kept: dict[str, Counter[str]] = {}

    def keep(self, entity_type: str, reason: Kept) -> None:
        """Count an item that stays."""
        self._kept.setdefault(entity_type, Counter())[reason.value] += 1

    def report(self, run: str, table: str, *, dry_run: bool) -> RollbackReport:
        """Return what was counted."""
        return RollbackReport(
            run,
            table,
            dry_run,
            removed=dict(self.removed),
            restored=dict(self.restored),
            kept={entity_type: dict(reasons) for entity_type, reasons in self._kept.items()},
            recounted={entity_type: count for entity_type, count in self.recounted.items() if count},
            notes=tuple(self.notes),
        )
