"""Send requests: each at most a few times, its answer checked, its failure typed.

A write whose answer was lost may have been applied. Repeating it is safe, since a transaction carries one token
through all attempts and a single write is conditional: when a repeated conditional write is refused, the stored item
tells whether the first attempt had done it already.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from madmall_models import errors, limits
from madmall_models.connection import fence, guard, transport
from madmall_models.connection.breaker import CircuitBreaker
from madmall_models.connection.call import Call, WasApplied
from madmall_models.connection.deadline import Clock, Deadline
from madmall_models.connection.metrics import CountedCall, Metrics, Recorder, capacity_of
from madmall_models.connection.session import ConnectionSettings, make_client
from madmall_models.errors import WriteRefused

_METHODS = {
    "GetItem": "get_item",
    "Query": "query",
    "Scan": "scan",
    "BatchGetItem": "batch_get_item",
    "TransactGetItems": "transact_get_items",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "BatchWriteItem": "batch_write_item",
    "TransactWriteItems": "transact_write_items",
    "DescribeTable": "describe_table",
    "DescribeTimeToLive": "describe_time_to_live",
    "CreateTable": "create_table",
    "UpdateTable": "update_table",
    "DeleteTable": "delete_table",
    "UpdateTimeToLive": "update_time_to_live",
    "DescribeContinuousBackups": "describe_continuous_backups",
    "UpdateContinuousBackups": "update_continuous_backups",
    "CreateBackup": "create_backup",
    "DescribeBackup": "describe_backup",
    "ListTagsOfResource": "list_tags_of_resource",
    "TagResource": "tag_resource",
}
READS = frozenset(
    [
        "GetItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "TransactGetItems",
        "DescribeTable",
        "DescribeTimeToLive",
        "DescribeContinuousBackups",
        "DescribeBackup",
        "ListTagsOfResource",
    ]
)
_TABLE_OPERATIONS = frozenset(
    name for name in _METHODS if any(part in name for part in ("Table", "TimeToLive", "Backup", "Resource"))
)

_NOT_FAILURES = frozenset(["ok", "ConditionFailed", "TransactionCancelled"])
Observer = Callable[[str, str, float, int, float], None]


class Connection:
    """The one connection of a database.

    Args:
        settings: how to reach the service.
        table: the table's name, for messages.
        observer: called after each call with operation, outcome, milliseconds, attempts and capacity units.
        read_only: refuse every write with WriteRefused, before it is sent.
        clock: gives the seconds of a clock that never goes back; deadlines and the breaker go by it.

    The client is made at first use, under a lock, whatever the number of threads; a forked child makes its own.
    """

    def __init__(
        self,
        settings: ConnectionSettings,
        table: str,
        *,
        observer: Observer | None = None,
        read_only: bool = False,
        clock: Clock = time.monotonic,
    ) -> None:
        self.settings = settings
        self.table = table
        self.read_only = read_only
        self._observer = observer
        self._clock = clock
        self._breaker = CircuitBreaker(settings.breaker_failures, settings.breaker_pause, clock=clock)
        self._recorder = Recorder()
        self._lock = threading.Lock()
        self._client: Any = None
        self._closed = False

    @property
    def place(self) -> tuple[str | None, str | None, str]:
        """Return what tells one table from all others: endpoint, region and name."""
        return self.settings.endpoint, self.settings.region, self.table

    @property
    def client(self) -> Any:
        """Return the botocore client, made at first use.

        Raises:
            ConfigurationError: the connection was closed.
        """
        client = self._client
        if client is not None:
            return client
        with self._lock:
            if self._closed:
                raise errors.ConfigurationError(f"the database of table {self.table!r} was closed; make a new Database")
            if self._client is None:
                made = make_client(self.settings)
                guard.watch(made)
                transport.bound_answers(made)
                fence.keep_inside(made)
                self._client = made
            return self._client

    def deadline(self) -> Deadline:
        """Return the deadline of a call that begins now."""
        return Deadline(self.settings.call_seconds, clock=self._clock)

    def call(
        self,
        operation: str,
        request: Mapping[str, Any],
        *,
        was_applied: WasApplied | None = None,
        pattern: str | None = None,
        deadline: Deadline | None = None,
    ) -> dict[str, Any]:
        """Send a request and return its answer.

        Args:
            operation: DynamoDB's name of it.
            request: its parameters; sent as they are in every attempt.
            was_applied: for a conditional write, tells by the stored item whether an earlier attempt has done it.
            pattern: the key that is asked, such as ``Circle.by_type``; figures are kept of each.
            deadline: of the work that the call is a part of; else the call has one of its own.

        Raises:
            ConditionFailed: ``item`` is the stored item. TransactionCancelled: ``reasons`` are DynamoDB's.
            Throttled, EndpointUnreachable, TableNotFound, AccessDenied, ServiceError: nothing was written.
            DeadlineExceeded, CorruptAnswer: of a read. OutcomeUnknown: of a write whose answer was lost.
            CircuitOpen: the endpoint kept failing; nothing was sent.
            LimitExceeded: an expression is over a limit of the service; nothing was sent.
            WriteRefused: a write on a read-only connection. EndpointRefused: its host is not among the permitted ones.
        """
        if self.read_only and operation not in READS:
            raise WriteRefused(f"{operation} was refused: this connection only reads (a dry run); nothing was sent")
        limits.check_expressions(request, operation=operation)
        if operation not in _TABLE_OPERATIONS:
            request = {"ReturnConsumedCapacity": "TOTAL", **request}

        def send() -> dict[str, Any]:
            answer: dict[str, Any] = getattr(self.client, _METHODS[operation])(**request)
            guard.check_keys(operation, request, answer)
            return answer

        call = Call(
            operation,
            send,
            table=self.table,
            where=self.settings.endpoint or f"DynamoDB in {self.settings.region}",
            reads=operation in READS,
            was_applied=was_applied,
        )
        return self._observed(call, deadline or self.deadline(), pattern)

    def _observed(self, call: Call, deadline: Deadline, pattern: str | None) -> dict[str, Any]:
        """Run a call and record what became of it."""
        counted = call.operation not in _TABLE_OPERATIONS
        if counted:
            self._recorder.started()
        started = time.perf_counter()
        outcome, capacity = "ok", 0.0
        try:
            # Whether the table is there may be asked at any time: that is how a person looks what is wrong.
            answer = self._guarded(call, deadline) if counted else call.run(self.settings.max_attempts, deadline)
            capacity = capacity_of(answer)
            return answer
        except BaseException as error:
            outcome = type(error).__name__
            raise
        finally:
            milliseconds = (time.perf_counter() - started) * 1000
            if counted:
                self._recorder.finished(
                    call.operation,
                    ok=outcome in _NOT_FAILURES,
                    milliseconds=milliseconds,
                    capacity=capacity,
                    writes=call.operation not in READS,
                    retries=max(0, call.attempts - 1),
                    pattern=pattern,
                )
            if self._observer is not None:
                self._observer(call.operation, outcome, milliseconds, call.attempts, capacity)

    def _guarded(self, call: Call, deadline: Deadline) -> dict[str, Any]:
        """Run a call unless the breaker holds it back, and tell the breaker what became of it."""
        probe = self._breaker.admit()
        tell = self._breaker.abandoned
        try:
            answer = call.run(1 if probe else self.settings.max_attempts, deadline)
            tell = self._breaker.answered
            return answer
        except errors.ConfigurationError:
            raise
        except errors.MadMallError:
            tell = self._breaker.failed if call.broken else self._breaker.answered
            raise
        finally:
            tell(probe=probe)

    def metrics(self) -> Metrics:
        """Return what this connection did since it was opened."""
        return self._recorder.snapshot()

    def journal(self) -> AbstractContextManager[list[CountedCall]]:
        """Note every call of a block, in the order in which they come back; data operations only."""
        return self._recorder.journal()

    def drop_client(self) -> None:
        """Forget the client, so that the next call makes a new one; for a forked child."""
        self._lock = threading.Lock()
        self._client = None
        self._breaker = self._breaker.anew()

    def close(self) -> None:
        """Close the pool; later calls are refused."""
        with self._lock:
            self._closed = True
            client, self._client = self._client, None
        if client is not None:
            client.close()
