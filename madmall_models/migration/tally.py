"""Count the outcomes of one source table while they come in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Values
from typing import Any

from madmall_models.errors import MadMallError
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.rejects import Reject
from madmall_models.migration.result import EntityResult
from madmall_models.migration.source import ROWID_NAMES

ERRORS_KEPT = 100
_ROWS = ("successful", "skipped", "failed", "replaced", "gone")
_NUMBERS = (*_ROWS, "byte_count", "largest_item", "write_units", "seconds")
_COUNTERS = ("codes", "dangling", "circular", "stubs", "left_out")


class Tally:
    """Count outcomes; used by one thread.

    Args:
        mapping: of the table.
        earlier: what :meth:`as_document` gave before the run was interrupted.
    """

    def __init__(self, mapping: Mapping, earlier: Values[str, Any] | None = None) -> None:
        known = earlier or {}
        self.mapping = mapping
        self.successful: int = known.get("successful", 0)
        self.skipped: int = known.get("skipped", 0)
        self.failed: int = known.get("failed", 0)
        self.replaced: int = known.get("replaced", 0)
        self.gone: int = known.get("gone", 0)
        self.byte_count: int = known.get("byte_count", 0)
        self.largest_item: int = known.get("largest_item", 0)
        self.write_units: float = known.get("write_units", 0.0)
        self.seconds: float = known.get("seconds", 0.0)
        self.codes: Counter[str] = Counter(known.get("codes", {}))
        self.dangling: Counter[str] = Counter(known.get("dangling", {}))
        self.circular: Counter[str] = Counter(known.get("circular", {}))
        self.stubs: Counter[str] = Counter(known.get("stubs", {}))
        self.left_out: Counter[str] = Counter(known.get("left_out", {}))
        self._errors: list[Reject] = []

    @property
    def done(self) -> int:
        """Return how many rows have an outcome."""
        return self.successful + self.skipped + self.failed

    def written(self, byte_count: int, item_bytes: int, write_units: float) -> None:
        """Count a row that was written: the bytes of all that was written for it, of its item alone, and the units."""
        self.successful += 1
        self.byte_count += byte_count
        self.largest_item = max(self.largest_item, item_bytes)
        self.write_units += write_units

    def was_there(self) -> None:
        """Count a row whose item was in the table already."""
        self.skipped += 1

    def rejected(self, reject: Reject) -> None:
        """Count a row that was rejected."""
        self.failed += 1
        self.codes[reject.code] += 1
        if len(self._errors) < ERRORS_KEPT:
            self._errors.append(reject)

    def filtered(self, reason: str) -> None:
        """Count a row that was left out on purpose."""
        self.skipped += 1
        self.left_out[reason] += 1

    def dangles(self, target: str, count: int = 1) -> None:
        """Count rows that were kept although the item they name is not there."""
        self.dangling[target] += count

    def circles(self, target: str, count: int) -> None:
        """Count rows that were kept although what they name leads back to themselves."""
        self.circular[target] += count

    def stubbed(self, target: str) -> None:
        """Count an item that was made since rows name it."""
        self.stubs[target] += 1

    def as_document(self) -> dict[str, Any]:
        """Return the counts as JSON can hold them; the rejects themselves are in their file."""
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        return numbers | {name: dict(getattr(self, name)) for name in _COUNTERS}

    def result(
        self, *, duration: float, columns: tuple[str, ...], stopped_by: MadMallError | None = None
    ) -> EntityResult:
        """Return the result of a table that has these columns."""
        known = self.mapping.columns | set(self.mapping.counted)
        return EntityResult(
            entity_type=self.mapping.entity_type,
            table=self.mapping.table,
            total=self.done,
            successful=self.successful,
            failed=self.failed,
            skipped=self.skipped,
            replaced=self.replaced,
            gone=self.gone,
            byte_count=self.byte_count,
            write_units=self.write_units,
            largest_item=self.largest_item,
            duration=duration,
            errors=tuple(self._errors),
            codes=dict(self.codes.most_common()),
            dangling=dict(self.dangling),
            circular=dict(self.circular),
            stubbed=dict(self.stubs),
            filtered=dict(self.left_out),
            # A rowid is there without being a column.
            missing_columns=tuple(sorted(self.mapping.columns - set(columns) - set(ROWID_NAMES))),
            unmapped_columns=tuple(sorted(set(columns) - known)),
            stopped_by=stopped_by,
        )
