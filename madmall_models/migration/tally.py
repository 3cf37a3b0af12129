"""Count the outcomes of one source table while they come in."""

from __future__ import annotations

from collections import Counter

from madmall_models.errors import MadMallError
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.rejects import Reject
from madmall_models.migration.result import EntityResult

ERRORS_KEPT = 100


class Tally:
    """Count outcomes; used by one thread."""

    def __init__(self, mapping: Mapping) -> None:
        self.mapping = mapping
        self.successful = 0
        self.skipped = 0
        self.failed = 0
        self._byte_count = 0
        self._largest = 0
        self._errors: list[Reject] = []
        self._codes: Counter[str] = Counter()
        self._dangling: Counter[str] = Counter()
        self._circular: Counter[str] = Counter()
        self._stubbed: Counter[str] = Counter()
        self._filtered: Counter[str] = Counter()

    @property
    def done(self) -> int:
        """Return how many rows have an outcome."""
        return self.successful + self.skipped + self.failed

    def written(self, byte_count: int, item_bytes: int) -> None:
        """Count a row that was written, with the bytes of everything written for it and of its item alone."""
        self.successful += 1
        self._byte_count += byte_count
        self._largest = max(self._largest, item_bytes)

    def was_there(self) -> None:
        """Count a row whose item was in the table already."""
        self.skipped += 1

    def rejected(self, reject: Reject) -> None:
        """Count a row that was rejected."""
        self.failed += 1
        self._codes[reject.code] += 1
        if len(self._errors) < ERRORS_KEPT:
            self._errors.append(reject)

    def filtered(self, reason: str) -> None:
        """Count a row that was left out on purpose."""
        self.skipped += 1
        self._filtered[reason] += 1

    def dangles(self, target: str, count: int = 1) -> None:
        """Count rows that were kept although the item they name is not there."""
        self._dangling[target] += count

    def circles(self, target: str, count: int) -> None:
        """Count rows that were kept although what they name leads back to themselves."""
        self._circular[target] += count

    def stubbed(self, target: str) -> None:
        """Count an item that was made since rows name it."""
        self._stubbed[target] += 1

    def result(
        self,
        *,
        duration: float,
        write_units: float,
        columns: tuple[str, ...],
        stopped_by: MadMallError | None = None,
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
            byte_count=self._byte_count,
            write_units=write_units,
            largest_item=self._largest,
            duration=duration,
            errors=tuple(self._errors),
            codes=dict(self._codes.most_common()),
            dangling=dict(self._dangling),
            circular=dict(self._circular),
            stubbed=dict(self._stubbed),
            filtered=dict(self._filtered),
            missing_columns=tuple(sorted(self.mapping.columns - set(columns))),
            unmapped_columns=tuple(sorted(set(columns) - known)),
            stopped_by=stopped_by,
        )
