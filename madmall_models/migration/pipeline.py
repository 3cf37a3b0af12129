"""Move the rows of one table: read ahead, prepare in order, write with several writers, nothing ever piling up."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import Protocol, TypeVar

from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import RowRejected
from madmall_models.migration.sink import Outcome, Sink
from madmall_models.migration.source import Row
from madmall_models.packing import packs

T = TypeVar("T")
_PACKS_FOR_EACH_WRITER = 2
_PACKS_BEHIND_ONE_THAT_HANGS = 8


class Course(Protocol):
    """Accompany the rows of one table on their way; all of it is called by the thread that runs the pipeline."""

    def begin(self, row: Row) -> None:
        """Take note of a row that was read.

        Raises:
            MigrationCancelled, LeaseLost: no further row shall be begun.
        """
        ...

    def prepare(self, row: Row) -> Prepared:
        """Make a row ready to be written.

        Raises:
            RowRejected: it cannot be.
        """
        ...

    def rejected(self, row: Row, rejection: RowRejected) -> None:
        """Take note of a row that could not be prepared."""
        ...

    def settled(self, outcome: Outcome) -> None:
        """Take note of what became of a row that was sent."""
        ...


class Pipeline:
    """Carry rows from a source to a sink.

    Everything but reading and writing happens in the calling thread, in the order of the source, so that what it
    decides does not depend on the number of writers. At most two batches are read ahead, two packs wait for each
    writer, and eight are finished behind one that hangs.

    Args:
        course: prepares rows and is told of their outcomes.
        sink: where packs go.
        batch_size: rows to a pack at most.
        parallelism: number of writers.
    """

    def __init__(self, course: Course, sink: Sink, *, batch_size: int, parallelism: int) -> None:
        self._course = course
        self._sink = sink
        self._batch_size = batch_size
        self._parallelism = parallelism

    def run(self, rows: Iterator[Row]) -> None:
        """Move the rows.

        When anything raises, no further pack is begun, those on their way are brought to their end and counted, and
        the error is raised again.
        """
        under_way: deque[Future[Sequence[Outcome]]] = deque()
        # Closed here, since the thread that reads would else live until the garbage is collected.
        with (
            closing(read_ahead(rows, self._batch_size)) as reading,
            ThreadPoolExecutor(self._parallelism, "madmall-migration-writer") as writers,
        ):
            try:
                for pack in packs(self._prepared(reading), most=self._batch_size):
                    under_way.append(writers.submit(self._sink.write, pack))
                    self._make_room(under_way)
                while under_way:
                    self._settle(under_way)
            except BaseException:
                self._settle_rest(under_way)
                raise

    def _prepared(self, rows: Iterable[Row]) -> Iterator[Prepared]:
        for row in rows:
            self._course.begin(row)
            try:
                prepared = self._course.prepare(row)
            except RowRejected as rejection:
                self._course.rejected(row, rejection)
                continue
            yield prepared

    def _make_room(self, under_way: deque[Future[Sequence[Outcome]]]) -> None:
        """Wait until a further pack may be begun, and tell what is done up to the first that is not."""
        most = _PACKS_FOR_EACH_WRITER * self._parallelism
        pending = [future for future in under_way if not future.done()]
        if len(pending) >= most:
            wait(pending, return_when=FIRST_COMPLETED)
        while under_way and under_way[0].done():
            self._settle(under_way)
        if len(under_way) >= most + _PACKS_BEHIND_ONE_THAT_HANGS:
            self._settle(under_way)

    def _settle(self, under_way: deque[Future[Sequence[Outcome]]]) -> None:
        """Tell the outcomes of the pack that was begun first; wait for it where it is not done."""
        for outcome in under_way[0].result():
            self._course.settled(outcome)
        under_way.popleft()

    def _settle_rest(self, under_way: deque[Future[Sequence[Outcome]]]) -> None:
        """After an error: begin nothing more, and count what was written nevertheless."""
        begun = [future for future in under_way if not future.cancel()]
        wait(begun)
        for future in begun:
            if future.exception() is None:
                for outcome in future.result():
                    self._course.settled(outcome)


def read_ahead(values: Iterator[T], batch_size: int) -> Generator[T, None, None]:
    """Return the values, the next batch being read by a thread while one is used; close it to end the thread."""
    with ThreadPoolExecutor(1, "madmall-migration-reader") as reader:

        def batch() -> list[T]:
            return list(islice(values, batch_size))

        coming = reader.submit(batch)
        while read := coming.result():
            coming = reader.submit(batch)
            yield from read
