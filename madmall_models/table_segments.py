"""Read a whole table in segments at the same time, page by page, so that each segment can be taken up where it was."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

from madmall_models.connection.operations import Connection

Item = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class SegmentPage:
    """One page of one segment.

    Attributes:
        segment: its number, from 0.
        items: raw items, at most a megabyte of them.
        next_key: where the segment goes on, as attribute values; None where this page is its last.
        scanned: how many items were read, those that a filter dropped included.
    """

    segment: int
    items: Sequence[Item]
    next_key: Item | None
    scanned: int


def segment_pages(
    connection: Connection,
    request: Mapping[str, Any],
    segments: int,
    *,
    starts: Mapping[int, Item | None] | None = None,
    pattern: str | None = None,
) -> Generator[SegmentPage, None, None]:
    """Yield the pages of all segments as they come; at most one of each is waiting.

    The next page of a segment is asked for when the one before is used up, so a slow reader holds the segments back.
    The threads end with the iterator, also when it is left early.

    Args:
        connection: where to read.
        request: of each segment, without its number.
        segments: into how many the table is divided; a segment holds the same keys as long as this number is the same.
        starts: the segments to read and where each begins, None for its beginning; all of them from there if left out.
        pattern: whose figures the requests belong to.

    Raises:
        MadMallError: a request failed; whatever :meth:`Connection.call` raises.
    """
    begins = dict.fromkeys(range(segments)) if starts is None else starts
    executor = ThreadPoolExecutor(max(1, len(begins)), thread_name_prefix="madmall-scan")

    def ask(segment: int, start: Item | None) -> SegmentPage:
        asked = {**request, "Segment": segment, "TotalSegments": segments}
        if start:
            asked["ExclusiveStartKey"] = start
        answer = connection.call("Scan", asked, pattern=pattern)
        items, next_key = answer["Items"], answer.get("LastEvaluatedKey") or None
        return SegmentPage(segment, items, next_key, answer.get("ScannedCount", len(items)))

    try:
        running: set[Future[SegmentPage]] = {executor.submit(ask, segment, key) for segment, key in begins.items()}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for finished in done:
                page = finished.result()
                yield page
                if page.next_key:
                    running.add(executor.submit(ask, page.segment, page.next_key))
    finally:
        executor.shutdown(wait=True, cancel_futures=True)
