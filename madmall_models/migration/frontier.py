"""Let the outcomes of rows through in the order in which the rows were read, whoever settles them first.

What has passed is a whole beginning of the source: it can be counted, remembered and checkpointed, since nothing before
it is still on its way.
"""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from madmall_models.migration.source import Row

T = TypeVar("T")


class Frontier(Generic[T]):
    """Hold back what was settled before a row that was read earlier; used by one thread.

    >>> frontier = Frontier[str]()
    >>> first, second = Row("users", (1,), {}), Row("users", (2,), {})
    >>> frontier.enter(first), frontier.enter(second)
    (None, None)
    >>> frontier.settle(second, "written"), [outcome for _, outcome in frontier.settle(first, "rejected")]
    ([], ['rejected', 'written'])
    """

    def __init__(self) -> None:
        self._waiting: deque[Row] = deque()
        self._settled: dict[int, T] = {}

    def __len__(self) -> int:
        """Return how many rows are held, settled or not."""
        return len(self._waiting)

    def enter(self, row: Row) -> None:
        """Take note of a row that was read."""
        self._waiting.append(row)

    def settle(self, row: Row, outcome: T) -> list[tuple[Row, T]]:
        """Take the outcome of a row, and return the rows that nothing is waiting before any more."""
        # A row is held by the line it waits in, so its identity is its own.
        self._settled[id(row)] = outcome
        passed = []
        while self._waiting and id(self._waiting[0]) in self._settled:
            first = self._waiting.popleft()
            passed.append((first, self._settled.pop(id(first))))
        return passed

    def held(self) -> list[tuple[Row, T]]:
        """Return the rows that are settled behind one that is not, with their outcomes."""
        return [(row, self._settled[id(row)]) for row in self._waiting if id(row) in self._settled]
