"""Move the rows of one table: read ahead, prepare in order, write with several writers, nothing ever piling up."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing
from itertools import islice
from typing import TypeVar

from madmall_models.migration.prepared import Prepared
from madmall_models.migration.rejects import RowRejected
from madmall_models.migration.sink import Outcome, Sink
from madmall_models.migration.source import Row
from madmall_models.packing import packs

T = TypeVar("T")
_PACKS_FOR_EACH_WRITER = 2


class Pipeline:
    """Carry rows from a source to a sink.

    Everything but reading and writing happens in the calling thread, in the order of the source, so that what it
    decides does not depend on the number of writers. At most two batches are read ahead and two packs wait for each
    writer.

    Args:
        prepare: makes a row ready to be written, or raises RowRejected.
        sink: where packs go.
        rejected: told of each row that could not be prepared.
        settled: told of each outcome.
        batch_size: rows to a pack at most.
        parallelism: number of writers.
    """

    def __init__(
        self,
        *,
        prepare: Callable[[Row], Prepared],
        sink: Sink,
        rejected: Callable[[Row, RowRejected], None],
        settled: Callable[[Outcome], None],
        batch_size: int,
        parallelism: int,
    ) -> None:
        self._prepare = prepare
        self._sink = sink
        self._rejected = rejected
        self._settled = settled
        self._batch_size = batch_size
        self._parallelism = parallelism

    def run(self, rows: Iterator[Row]) -> None:
        """Move the rows.

        When anything raises, no further pack is begun, those on their way are brought to their end and counted, and
        the error is raised again.
        """
        under_way: set[Future[Sequence[Outcome]]] = set()
        # Closed here, since the thread that reads would else live until the garbage is collected.
        with (
            closing(read_ahead(rows, self._batch_size)) as reading,
            ThreadPoolExecutor(self._parallelism, "madmall-migration-writer") as writers,
        ):
            try:
                for pack in packs(self._prepared(reading), most=self._batch_size):
                    under_way.add(writers.submit(self._sink.write, pack))
                    if len(under_way) >= _PACKS_FOR_EACH_WRITER * self._parallelism:
                        under_way = self._settle_first(under_way)
                while under_way:
                    under_way = self._settle_first(under_way)
            except BaseException:
                self._settle_rest(under_way)
                raise

    def _prepared(self, rows: Iterable[Row]) -> Iterator[Prepared]:
        for row in rows:
            try:
                prepared = self._prepare(row)
            except RowRejected as rejection:
                self._rejected(row, rejection)
                continue
            yield prepared

    def _settle_first(self, under_way: set[Future[Sequence[Outcome]]]) -> set[Future[Sequence[Outcome]]]:
        """Wait for at least one pack, and return those still under way."""
        done, waiting = wait(under_way, return_when=FIRST_COMPLETED)
        while done:
            under_way.discard(future := done.pop())
            for outcome in future.result():
                self._settled(outcome)
        return waiting

    def _settle_rest(self, under_way: set[Future[Sequence[Outcome]]]) -> None:
        """After an error: begin nothing more, and count what was written nevertheless."""
        begun = {future for future in under_way if not future.cancel()}
        for future in wait(begun).done:
            if future.exception() is None:
                for outcome in future.result():
                    self._settled(outcome)


def read_ahead(values: Iterator[T], batch_size: int) -> Generator[T, None, None]:
    """Return the values, the next batch being read by a thread while one is used; close it to end the thread."""
    with ThreadPoolExecutor(1, "madmall-migration-reader") as reader:

        def batch() -> list[T]:
            return list(islice(values, batch_size))

        coming = reader.submit(batch)
        while read := coming.result():
            coming = reader.submit(batch)
            yield from read
