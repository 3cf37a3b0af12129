"""Carry one request through its attempts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from madmall_models.connection.deadline import Deadline
from madmall_models.connection.failures import Failure, failure_of
from madmall_models.connection.retry import BACKOFF
from madmall_models.errors import ConditionFailed, MadMallError, OutcomeUnknown, TransactionCancelled

WasApplied = Callable[[Mapping[str, Any] | None], bool]


class Call:
    """One request on its way: sent as it is in every attempt, remembering whether one may have been applied.

    ``attempts`` counts them; ``broken`` tells whether the last one failed at the endpoint or on the way to it.

    Args:
        operation: DynamoDB's name of the operation.
        send: sends the request once.
        table: the table's name, for messages.
        where: the endpoint or region, for messages.
        reads: whether the operation changes nothing.
        was_applied: for a conditional write, tells by the stored item whether an earlier attempt has done it.
    """

    def __init__(
        self,
        operation: str,
        send: Callable[[], dict[str, Any]],
        *,
        table: str,
        where: str = "the endpoint",
        reads: bool,
        was_applied: WasApplied | None,
    ) -> None:
        self.operation = operation
        self.attempts = 0
        self.broken = False
        self._send = send
        self._table = table
        self._where = where
        self._reads = reads
        self._was_applied = was_applied
        self._maybe_applied = False

    def run(self, most: int, deadline: Deadline | None = None) -> dict[str, Any]:
        """Return the answer after at most ``most`` attempts; raise the typed error of the last one.

        Args:
            most: attempts, the first one included.
            deadline: by when the answer must be there; no attempt begins, and no answer is received, after it.
        """
        while True:
            self.attempts += 1
            try:
                self.broken = False
                return self._send_until(deadline)
            except Exception as error:
                failure, cause = failure_of(error, self.operation, table=self._table, where=self._where), error
            if self._done_before(failure.error):
                return {}
            self.broken = failure.broken
            self._maybe_applied = self._maybe_applied or failure.ambiguous
            pause = BACKOFF.seconds(self.attempts, throttled=failure.throttled)
            if not failure.retry or self.attempts >= most or (deadline is not None and pause >= deadline.left):
                raise self._final(failure) from cause
            time.sleep(pause)

    def _send_until(self, deadline: Deadline | None) -> dict[str, Any]:
        if deadline is None:
            return self._send()
        with deadline.enforced():
            return self._send()

    def _done_before(self, error: MadMallError) -> bool:
        """Tell whether a refused condition only means that an earlier attempt, its answer lost, had succeeded."""
        if not self._maybe_applied or self._was_applied is None or not isinstance(error, ConditionFailed):
            return False
        return self._was_applied(error.item)

    def _final(self, failure: Failure) -> MadMallError:
        if self._reads or not self._maybe_applied or isinstance(failure.error, ConditionFailed | TransactionCancelled):
            return failure.error
        return OutcomeUnknown(
            f"the answer to {self.operation} was lost, so it may or may not have been applied; "
            "read before you repeat it"
        )
