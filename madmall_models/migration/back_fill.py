"""Rewrite the items of one entity type in the whole table, segment by segment, and go on where a run was broken off."""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from madmall_models.errors import ItemsNotRewritten, TableNotFound, redacted
from madmall_models.expression import Change
from madmall_models.migration.item_writer import ItemWriter
from madmall_models.migration.operations import RunContext
from madmall_models.migration.progress import Progress
from madmall_models.migration.rewriting import Item, Rewriting, Unfit
from madmall_models.table_segments import SegmentPage, segment_pages

_ITEMS_FOR_EACH_WRITER = 8
_REASONS_SHOWN = 10


class BackFill:
    """Rewrite what is in the table, once.

    Each segment has a point, which moves on with every page whose items are all rewritten. It stays before the first
    item that could not be, so that a run that is taken up again tries that one anew; what was rewritten behind it is
    found to be so, and left.

    Args:
        rewriting: what is made of each item.
        segments: how many parts of the table are read at the same time; as many threads write.
        run: what is asked for the rest.
    """

    def __init__(self, rewriting: Rewriting, segments: int, run: RunContext) -> None:
        self._rewriting = rewriting
        self._segments = segments
        self._run = run
        self._writer = ItemWriter(run.database.connection, rewriting, run.pace)
        self._started = time.monotonic()
        self._table_items = 0
        self._scanned: Counter[int] = Counter()
        self._items = 0
        self._changed = 0
        self._held: set[int] = set()
        self._reasons: Counter[str] = Counter()

    def apply(self) -> None:
        """Rewrite the items; in a dry run, count those that would be.

        Raises:
            ItemsNotRewritten: some could not be; all the others are.
            RewriteRefused: the function is at fault; items that came before may be rewritten.
            MadMallError: the table does not answer, or the run was told to stop.
        """
        self._run.check()
        try:
            self._table_items = self._run.database.describe_table().get("ItemCount", 0)
        except TableNotFound:
            if not self._run.dry_run:
                raise
            self._run.note(f"{self._rewriting.title}: the table is not there yet, so there is nothing to rewrite")
            return
        connection, starts = self._run.database.connection, self._starts()
        with (
            closing(segment_pages(connection, self._request(), self._segments, starts=starts)) as pages,
            ThreadPoolExecutor(self._segments, "madmall-migration-rewrite") as writers,
        ):
            for page in pages:
                self._rewrite(page, writers)
        self._conclude()

    def _request(self) -> dict[str, object]:
        return {
            "TableName": self._run.database.table_name,
            "FilterExpression": "entityType = :type",
            "ExpressionAttributeValues": {":type": {"S": self._rewriting.entity_type}},
            # What was acknowledged before the run must not be passed over.
            "ConsistentRead": True,
        }

    def _starts(self) -> dict[int, Item | None]:
        """Return the segments that are not over, and where each goes on."""
        starts: dict[int, Item | None] = dict.fromkeys(range(self._segments))
        for segment in () if self._run.dry_run else range(self._segments):
            point = self._run.read_point(self._part(segment))
            if point is None:
                continue
            self._scanned[segment] = point["scanned"]
            starts[segment] = point["next"]
            if point["next"] is None:
                del starts[segment]
        return starts

    def _part(self, segment: int) -> str:
        """Return the name of a segment's point; another division of the table, or another function, has others."""
        function = hashlib.blake2s(self._rewriting.title.encode(), digest_size=4).hexdigest()
        return f"{self._rewriting.entity_type} {function} {segment + 1}/{self._segments}"

    def _rewrite(self, page: SegmentPage, writers: ThreadPoolExecutor) -> None:
        self._run.check()
        before = self._reasons.total()
        for items in _batches(page.items, _ITEMS_FOR_EACH_WRITER * self._segments):
            self._run.check()
            for item, outcome in zip(items, writers.map(self._outcome, items), strict=True):
                self._count(item, outcome)
            self._tell(over=False)
        self._scanned[page.segment] += page.scanned
        if self._reasons.total() > before:
            self._held.add(page.segment)
        if not self._run.dry_run and page.segment not in self._held:
            point = {"next": page.next_key, "scanned": self._scanned[page.segment]}
            self._run.write_point(self._part(page.segment), point)
        self._tell(over=False)

    def _outcome(self, item: Item) -> bool | Unfit:
        try:
            if self._run.dry_run:
                return bool(Change.between(item, self._rewriting.of(item)))
            return self._writer.rewrite(item)
        except Unfit as fault:
            return fault

    def _count(self, item: Item, outcome: bool | Unfit) -> None:
        self._items += 1
        if isinstance(outcome, Unfit):
            self._reasons[f"{redacted({name: item[name]['S'] for name in ('PK', 'SK')})}: {outcome}"] += 1
        else:
            self._changed += outcome

    def _tell(self, *, over: bool) -> None:
        done = self._scanned.total()
        # The table counts its items every few hours only.
        total = done if over else max(self._table_items, done + 1)
        entity_type, seconds = self._rewriting.entity_type, time.monotonic() - self._started
        progress = Progress(
            entity_type,
            entity_type,
            "rewriting",
            done,
            total,
            written=self._changed,
            rejected=self._reasons.total(),
            seconds=seconds,
        )
        self._run.report(progress)

    def _conclude(self) -> None:
        self._tell(over=True)
        would = "would be" if self._run.dry_run else "were"
        self._run.note(f"{self._rewriting.title}: {self._changed:,} of {self._items:,} items {would} changed")
        count = self._reasons.total()
        if not count:
            return
        shown = "; ".join(f"{times:,} x {reason}" for reason, times in self._reasons.most_common(_REASONS_SHOWN))
        more = "; and others" if len(self._reasons) > _REASONS_SHOWN else ""
        raise ItemsNotRewritten(
            f"{self._rewriting.title}: {count:,} of {self._items:,} items cannot be rewritten and are as they were: "
            f"{shown}{more}. Mend the function or the items, then resume",
            count=count,
            reasons=self._reasons,
        )


def _batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
