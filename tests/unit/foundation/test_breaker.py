"""Calls are held back while the endpoint fails, and one at a time tries it again; a refusal is no failure."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from madmall_models import CircuitOpen, EndpointUnreachable, MadMallError
from madmall_models.connection import retry
from madmall_models.connection.breaker import CircuitBreaker
from madmall_models.connection.operations import Connection
from madmall_models.connection.session import ConnectionSettings


class Clock:
    """Be a clock that goes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Endpoint:
    """Stand for a client: count the requests, and do with each what the test says."""

    def __init__(self, answer: Callable[[], dict[str, Any]]) -> None:
        self.answer = answer
        self.requests = 0

    def get_item(self, **_: Any) -> dict[str, Any]:
        self.requests += 1
        return self.answer()

    describe_table = get_item


def answered(code: str, status: int = 400) -> Callable[[], dict[str, Any]]:
    def answer() -> dict[str, Any]:
        error = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(error, "GetItem")

    return answer


def down() -> dict[str, Any]:
    raise EndpointConnectionError(endpoint_url="http://localhost")


def late() -> dict[str, Any]:
    raise ReadTimeoutError(endpoint_url="http://localhost")


def up() -> dict[str, Any]:
    return {}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(retry.Backoff, "seconds", lambda *_, **__: 0.0)
    return Clock()


def connected(clock: Clock, answer: Callable[[], dict[str, Any]], **settings: Any) -> tuple[Connection, Endpoint]:
    given: dict[str, Any] = {"max_attempts": 3, "breaker_failures": 5, "breaker_pause": 10.0, **settings}
    connection = Connection(ConnectionSettings(endpoint="http://localhost:1", **given), "table", clock=clock)
    endpoint = Endpoint(answer)
    connection._client = endpoint
    return connection, endpoint


def call(connection: Connection) -> type[Exception] | None:
    try:
        connection.call("GetItem", {"Key": {}})
    except MadMallError as error:
        return type(error)
    return None


def test_it_opens_after_so_many_failed_calls_in_a_row_and_not_before(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    assert [call(connection) for _ in range(7)] == [EndpointUnreachable] * 5 + [CircuitOpen] * 2
    # Attempts are no calls: five calls of three attempts each.
    assert endpoint.requests == 15


def test_one_answered_call_begins_the_count_anew(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for answer in (down, up) * 20:
        endpoint.answer = answer
        call(connection)
    assert call(connection) is None


@pytest.mark.parametrize("failure", [down, late, answered("InternalServerError", 500), answered("Anything", 503)])
def test_what_fails_on_the_way_or_inside_the_service_counts(failure: Callable[[], Any], clock: Clock) -> None:
    connection, _ = connected(clock, failure)
    for _ in range(5):
        call(connection)
    assert call(connection) is CircuitOpen


@pytest.mark.parametrize(
    "code",
    [
        "ConditionalCheckFailedException",
        "ValidationException",
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionCanceledException",
        "ResourceNotFoundException",
        "AccessDeniedException",
    ],
)
def test_what_the_service_refuses_does_not(code: str, clock: Clock) -> None:
    connection, _ = connected(clock, answered(code))
    assert CircuitOpen not in {call(connection) for _ in range(50)}


def test_it_says_when_to_try_again(clock: Clock) -> None:
    connection, _ = connected(clock, down)
    for _ in range(5):
        call(connection)
    clock.now += 4.0
    with pytest.raises(CircuitOpen, match=r"failed 5 calls in a row; nothing was sent, try again in 6\.0 sec") as held:
        connection.call("GetItem", {})
    assert held.value.retry_after == 6.0
    assert isinstance(held.value, ConnectionError)


def test_an_endpoint_that_is_down_is_asked_by_probes_only_and_found_again(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for _ in range(5):
        call(connection)
    before = endpoint.requests
    for _ in range(1000):
        call(connection)
        clock.now += 0.1
    # A hundred seconds, a pause of ten: one request each time, whatever the attempts that a call has.
    assert endpoint.requests - before <= 10
    endpoint.answer = up
    clock.now += 10.0
    assert [call(connection) for _ in range(3)] == [None, None, None]


def test_a_probe_that_is_refused_by_the_service_has_found_it(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for _ in range(5):
        call(connection)
    clock.now += 10.0
    endpoint.answer = answered("ValidationException")
    assert CircuitOpen not in {call(connection) for _ in range(3)}


def test_one_thread_probes_and_the_others_are_held_back(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for _ in range(5):
        call(connection)
    clock.now += 10.0
    asked, go_on = threading.Event(), threading.Event()

    def slow() -> dict[str, Any]:
        asked.set()
        go_on.wait(10)
        return {}

    endpoint.answer = slow
    outcomes: list[Any] = []
    probe = threading.Thread(target=lambda: outcomes.append(call(connection)))
    probe.start()
    assert asked.wait(10)
    assert [call(connection) for _ in range(20)] == [CircuitOpen] * 20
    go_on.set()
    probe.join()
    assert outcomes == [None]
    assert call(connection) is None


def test_a_probe_that_ends_by_an_error_of_the_program_leaves_room_for_the_next(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for _ in range(5):
        call(connection)
    clock.now += 10.0

    def broken() -> dict[str, Any]:
        raise ZeroDivisionError

    endpoint.answer = broken
    with pytest.raises(ZeroDivisionError):
        connection.call("GetItem", {})
    endpoint.answer = up
    assert call(connection) is None


def test_zero_failures_are_a_breaker_that_never_opens(clock: Clock) -> None:
    connection, endpoint = connected(clock, down, breaker_failures=0)
    assert {call(connection) for _ in range(50)} == {EndpointUnreachable}
    assert endpoint.requests == 150


def test_whether_the_table_is_there_can_always_be_asked(clock: Clock) -> None:
    connection, endpoint = connected(clock, down)
    for _ in range(5):
        call(connection)
    endpoint.answer = up
    connection.call("DescribeTable", {})
    assert call(connection) is CircuitOpen


def test_each_database_has_its_own_and_a_forked_child_begins_anew(clock: Clock) -> None:
    connection, _ = connected(clock, down)
    other, _ = connected(clock, up)
    for _ in range(5):
        call(connection)
    assert (call(connection), call(other)) == (CircuitOpen, None)
    connection.drop_client()
    connection._client = Endpoint(up)
    assert call(connection) is None


def test_a_call_that_was_held_back_is_a_failed_one_without_a_retry(clock: Clock) -> None:
    connection, _ = connected(clock, down, max_attempts=1)
    for _ in range(8):
        call(connection)
    metrics = connection.metrics()
    assert (metrics.total, metrics.failed, metrics.retried, metrics.in_flight) == (8, 8, 0, 0)


def test_no_probe_is_counted_twice_among_threads(clock: Clock) -> None:
    breaker = CircuitBreaker(1, 10.0, clock=clock)
    breaker.failed(probe=breaker.admit())
    clock.now += 10.0
    ready, probes = threading.Barrier(16), []

    def work() -> None:
        ready.wait()
        try:
            probes.append(breaker.admit())
        except CircuitOpen:
            return

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert probes == [True]
