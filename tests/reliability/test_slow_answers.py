"""A call ends in its time: however slowly an answer trickles, and however long the service asks for patience."""

from __future__ import annotations

import zlib
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from madmall_models import Database, DeadlineExceeded, OutcomeUnknown, ServiceError, Throttled
from madmall_models.connection import retry
from madmall_models.connection.call import Call
from madmall_models.connection.deadline import Deadline
from madmall_models.connection.operations import Connection
from madmall_models.connection.session import ConnectionSettings
from tests.reliability.trickling_server import TricklingServer

BODY = b'{"Item":{"PK":{"S":"x"},"SK":{"S":"y"}},"ConsumedCapacity":{"TableName":"t","CapacityUnits":0.5}}'
HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
    + f"x-amz-crc32: {zlib.crc32(BODY)}\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
)
GET: dict[str, Any] = {"TableName": "t", "Key": {"PK": {"S": "x"}, "SK": {"S": "y"}}}
PUT: dict[str, Any] = {"TableName": "t", "Item": {"PK": {"S": "x"}, "SK": {"S": "y"}}}


@pytest.fixture(autouse=True)
def no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry.Backoff, "seconds", lambda *_, **__: 0.0)


def connection_to(server: TricklingServer, deadline: float) -> Connection:
    settings = ConnectionSettings(endpoint=server.url, timeout=20.0, max_attempts=3, deadline=deadline)
    return Connection(settings, "t", clock=server.tick)


@pytest.mark.parametrize("at_once", [0, len(HEAD)], ids=["status line", "body"])
def test_an_answer_that_trickles_is_cut_off_at_the_deadline(at_once: int) -> None:
    with TricklingServer(HEAD + BODY, seconds_per_tick=0.3, at_once=at_once) as server:
        connection = connection_to(server, deadline=6.0)
        with pytest.raises(DeadlineExceeded, match="GetItem was not answered in time"):
            connection.call("GetItem", GET)
        connection.close()
    assert server.requests == 1
    # Each look at the clock lets one byte go: the answer would have taken as long as it has bytes.
    assert server.now < 6.0 + 3.0


def test_a_write_whose_answer_trickles_may_have_been_applied() -> None:
    with TricklingServer(HEAD + BODY, seconds_per_tick=0.3) as server:
        connection = connection_to(server, deadline=6.0)
        with pytest.raises(OutcomeUnknown):
            connection.call("PutItem", PUT)
        connection.close()


def test_an_answer_that_trickles_within_the_deadline_is_taken_whole() -> None:
    with TricklingServer(HEAD + BODY, seconds_per_tick=0.001) as server:
        connection = connection_to(server, deadline=6.0)
        assert connection.call("GetItem", GET)["Item"] == {"PK": {"S": "x"}, "SK": {"S": "y"}}
        connection.close()


def test_an_endpoint_that_never_answers_is_left_after_the_timeout() -> None:
    # Not one byte comes: only the time-out of the socket ends this.
    with TricklingServer(b"", seconds_per_tick=0.0) as server:
        settings = ConnectionSettings(endpoint=server.url, timeout=0.05, max_attempts=1)
        connection = Connection(settings, "t")
        with pytest.raises(DeadlineExceeded):
            connection.call("GetItem", GET)
        connection.close()


class Moments:
    """Be a clock that goes by what is waited."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += seconds


def throttled() -> dict[str, Any]:
    raise ClientError({"Error": {"Code": "ThrottlingException", "Message": ""}}, "GetItem")


def test_no_wait_goes_beyond_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = Moments()
    monkeypatch.setattr(retry.Backoff, "seconds", lambda *_, **__: 1.5)
    monkeypatch.setattr("madmall_models.connection.call.time.sleep", moments.wait)
    call = Call("GetItem", throttled, table="t", reads=True, was_applied=None)
    with pytest.raises(Throttled):
        call.run(100, Deadline(10.0, clock=moments))
    assert moments.now == 9.0
    assert call.attempts == 7


def test_the_deadline_is_the_time_for_every_attempt_unless_one_is_given() -> None:
    assert ConnectionSettings(timeout=2.0, max_attempts=4).call_seconds == 8.0
    assert Database(table="t-1", timeout=2.0, deadline=3.0).connection.settings.call_seconds == 3.0


def test_a_call_is_tried_again_however_many_calls_have_failed_before() -> None:
    """The budget of retries that botocore shares among all calls of a client is not spent."""
    settings = ConnectionSettings(endpoint="http://127.0.0.1:1", max_attempts=3, breaker_failures=0)
    connection = Connection(settings, "t")
    sent: list[str] = []

    def broken(request: Any, **_: Any) -> AWSResponse:
        sent.append(request.url)
        response = AWSResponse(request.url, 500, {}, None)
        response._content = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}'
        return response

    connection.client.meta.events.register("before-send.dynamodb", broken)
    for _ in range(100):
        with pytest.raises(ServiceError):
            connection.call("GetItem", GET)
    assert len(sent) == 300
    connection.close()
