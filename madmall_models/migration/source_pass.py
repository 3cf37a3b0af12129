"""Pass over a source as an import does, row by row through the real preparation, and write nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from madmall_models.migration.item_digest import Item, Path, item_digest
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.preparation import Preparation
from madmall_models.migration.prepared import Prepared
from madmall_models.migration.progress import Progress
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.rejects import RowRejected
from madmall_models.migration.row_remarks import RowRemarks
from madmall_models.migration.run_mark import MARK
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.sink import Outcome, Pack, written
from madmall_models.migration.source import Row, Source
from madmall_models.migration.stubs import Stubs
from madmall_models.migration.verification_tally import VerificationTally

_ROWS_BETWEEN_REPORTS = 100


@dataclass(frozen=True, eq=False)
class ExpectedRow:
    """A row that an import would move.

    Attributes:
        mapping: how it became an entity.
        prepared: what is written for it.
        dangling: stored names of the attributes that are kept although they name nothing.
        number: its place among the rows of its table, from 0.
        counted: stored paths that the table counts for itself.
    """

    mapping: Mapping
    prepared: Prepared
    dangling: tuple[str, ...]
    number: int
    counted: tuple[Path, ...]

    @property
    def row(self) -> Row:
        """Return the row itself."""
        return self.prepared.row

    @property
    def item(self) -> Item:
        """Return the item that the row gives."""
        item: Item = self.prepared.actions[0].request["Item"]
        return item

    @property
    def place(self) -> tuple[str, str]:
        """Return the primary key of the item."""
        key = self.prepared.actions[0].key
        return key.partition, key.sort

    def digest(self) -> bytes:
        """Return the digest of the item, without what the table counts for itself."""
        return content_digest(self.item, self.counted)


class SourcePass:
    """Be one pass over the mapped tables of a source.

    Whoever takes a row tells ``lookup`` whether its item counts as being there, before the next row is taken.

    Args:
        source: where to read.
        lookup: finds the items that rows name.
        memory: what was claimed by earlier rows.
        started_at: the time of rows without any.
        counted: by entity type, the stored paths that the table counts for itself.
        tally: counts rows and rejected ones.
        report: told how far the pass is.
    """

    def __init__(
        self,
        source: Source,
        *,
        lookup: ReferenceLookup,
        memory: RunMemory,
        started_at: datetime,
        counted: dict[str, tuple[Path, ...]],
        tally: VerificationTally,
        report: Callable[[Progress], None],
    ) -> None:
        self._source = source
        self._lookup = lookup
        self._memory = memory
        self._started_at = started_at
        self._counted = counted
        self._tally = tally
        self._report = report

    def rows(self, mapping: Mapping) -> Iterator[ExpectedRow]:
        """Yield each row of a table that would be moved; those that would be rejected are counted."""
        if mapping.table not in self._source.tables():
            return
        started, total = time.monotonic(), self._source.row_count(mapping.table)
        remarks = RowRemarks()
        stubs = Stubs(_Nowhere(), self._lookup, self._memory, started_at=self._started_at, mark=_leave_unmarked)
        preparation = Preparation(
            mapping, self._lookup, self._memory, stubs=stubs, started_at=self._started_at, remarks=remarks
        )
        tally, done = self._tally.of(mapping), 0
        for done, row in enumerate(self._source.rows(mapping.table), start=1):
            tally.rows += 1
            remarks.take()
            try:
                prepared = preparation.prepare(row)
            except RowRejected:
                tally.rejected += 1
            else:
                counted = self._counted.get(mapping.entity_type, ())
                dangling = tuple(remark.target for remark in remarks.take() if remark.kind == "dangles")
                yield ExpectedRow(mapping, prepared, dangling, done - 1, counted)
            self._memory.settle(row)
            if done % _ROWS_BETWEEN_REPORTS == 0 and done < total:
                self._tell(mapping, done, total, started)
        self._tell(mapping, done, max(done, total), started)

    def _tell(self, mapping: Mapping, done: int, total: int, started: float) -> None:
        seconds = time.monotonic() - started
        rejected = self._tally.of(mapping).rejected
        self._report(
            Progress(mapping.entity_type, mapping.table, "verifying", done, total, rejected=rejected, seconds=seconds)
        )


class _Nowhere:
    """Take stubs that an import would write: whether they are in the table is judged with the other items."""

    def write(self, pack: Pack) -> list[Outcome]:
        return [written(row) for row in pack]


def _leave_unmarked(_: Prepared) -> None:
    """Mark nothing: what is only compared is of no run."""


def content_digest(item: Item, counted: tuple[Path, ...]) -> bytes:
    """Return the digest by which an item of the table is compared with what its row gives."""
    # A row that replaced an item has the version after that one.
    return item_digest(item, without=[(MARK,), ("version",), *counted])
