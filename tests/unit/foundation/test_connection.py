"""One client per database, dropped in a forked child, refused when closed or read-only, and watched."""

from __future__ import annotations

import threading
import zlib
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse

from madmall_models import (
    ConfigurationError,
    CorruptAnswer,
    Database,
    EndpointUnreachable,
    LimitExceeded,
    OutcomeUnknown,
    WriteRefused,
)
from madmall_models.connection import operations
from madmall_models.connection.operations import READS, Connection
from madmall_models.connection.session import ConnectionSettings

SETTINGS = ConnectionSettings(access_key="local", secret_key="local", max_attempts=1)
WRITES = sorted(set(operations._METHODS) - READS)


class Client:
    """A client that counts what it is asked and answers nothing."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.closed = False

    def __getattr__(self, method: str) -> Any:
        def answer(**_: Any) -> dict[str, Any]:
            self.asked.append(method)
            return {"ConsumedCapacity": {"CapacityUnits": 1.5}}

        return answer

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Client]:
    """Collect the clients that are made."""
    made: list[Client] = []

    def make(settings: ConnectionSettings) -> Client:
        made.append(Client())
        return made[-1]

    monkeypatch.setattr(operations, "make_client", make)
    monkeypatch.setattr("madmall_models.connection.guard.watch", lambda client: None)
    return made


def test_no_client_is_made_before_the_first_call(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    assert clients == []
    connection.call("GetItem", {})
    connection.call("PutItem", {})
    assert [client.asked for client in clients] == [["get_item", "put_item"]]


def test_many_threads_make_one_client(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    ready = threading.Barrier(32)

    def work() -> None:
        ready.wait()
        connection.call("GetItem", {})

    threads = [threading.Thread(target=work) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 1
    assert len(clients[0].asked) == 32


@pytest.mark.defect(86)
def test_a_closed_connection_is_refused_and_its_pool_closed(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    connection.call("GetItem", {})
    connection.close()
    connection.close()
    assert clients[0].closed
    with pytest.raises(ConfigurationError, match="the database of table 'table' was closed; make a new Database"):
        connection.call("GetItem", {})


def test_a_closed_connection_makes_no_client_when_it_was_never_used(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    connection.close()
    with pytest.raises(ConfigurationError):
        connection.call("GetItem", {})
    assert clients == []


def test_a_dropped_client_is_made_anew(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    connection.call("GetItem", {})
    connection.drop_client()
    connection.call("GetItem", {})
    assert len(clients) == 2
    assert not clients[0].closed


@pytest.mark.parametrize("operation", WRITES)
def test_a_read_only_connection_sends_no_write(operation: str, clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table", read_only=True)
    with pytest.raises(WriteRefused, match=f"{operation} was refused: this connection only reads"):
        connection.call(operation, {})
    assert clients == []


@pytest.mark.parametrize("operation", sorted(READS))
def test_a_read_only_connection_reads(operation: str, clients: list[Client]) -> None:
    Connection(SETTINGS, "table", read_only=True).call(operation, {})
    assert len(clients[0].asked) == 1


def test_a_read_only_database_is_another_one_of_the_same_table() -> None:
    database = Database(table="table", endpoint="http://localhost:1", timeout=9.0)
    dry = database.read_only()
    assert dry.table_name == "table"
    assert dry.connection.settings == database.connection.settings
    assert dry.connection.read_only
    assert not database.connection.read_only


def test_closing_while_a_call_is_under_way_leaves_the_figures_right(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    connection.call("GetItem", {})
    asked, go_on = threading.Event(), threading.Event()

    def slow(**_: Any) -> dict[str, Any]:
        asked.set()
        go_on.wait(10)
        return {}

    clients[0].put_item = slow  # type: ignore[attr-defined]
    thread = threading.Thread(target=lambda: connection.call("PutItem", {}))
    thread.start()
    assert asked.wait(10)
    assert connection.metrics().in_flight == 1
    connection.close()
    assert connection.metrics().in_flight == 1
    go_on.set()
    thread.join()
    metrics = connection.metrics()
    assert (metrics.in_flight, metrics.total, metrics.succeeded) == (0, 2, 2)


# -- observing -----------------------------------------------------------------------------------------------------


def test_each_call_is_observed_without_keys_or_values(clients: list[Client]) -> None:
    seen: list[Any] = []
    connection = Connection(SETTINGS, "table", observer=lambda *facts: seen.append(facts))
    connection.call("GetItem", {"Key": "canary"})
    connection.call("CreateTable", {})
    (operation, outcome, _, attempts, capacity), table_call = seen
    assert (operation, outcome, attempts, capacity) == ("GetItem", "ok", 1, 1.5)
    assert table_call[0] == "CreateTable"
    assert "canary" not in repr(seen)


def test_figures_are_of_data_operations_only(clients: list[Client]) -> None:
    connection = Connection(SETTINGS, "table")
    connection.call("GetItem", {})
    connection.call("PutItem", {})
    connection.call("DescribeTable", {})
    connection.call("UpdateTimeToLive", {})
    metrics = connection.metrics()
    assert (metrics.total, metrics.succeeded, metrics.failed, metrics.in_flight) == (2, 2, 0, 0)
    assert (metrics.read_units, metrics.write_units) == (1.5, 1.5)
    assert set(metrics.operations) == {"GetItem", "PutItem"}


@pytest.mark.defect(86)
def test_a_call_that_raises_is_counted_and_left() -> None:
    connection = Connection(SETTINGS, "table")
    connection._client = object()
    with pytest.raises(AttributeError):
        connection.call("GetItem", {})
    metrics = connection.metrics()
    assert (metrics.in_flight, metrics.failed) == (0, 1)


# -- checked answers -----------------------------------------------------------------------------------------------

REQUESTS: dict[str, dict[str, Any]] = {
    "GetItem": {"TableName": "table", "Key": {}},
    "Query": {"TableName": "table"},
    "Scan": {"TableName": "table"},
    "BatchGetItem": {"RequestItems": {"table": {"Keys": []}}},
    "BatchWriteItem": {"RequestItems": {"table": []}},
    "TransactGetItems": {"TransactItems": []},
}


def answer(
    connection: Connection, operation: str, body: bytes, *, checksum: int | None = None, status: int = 200
) -> Any:
    """Let botocore receive a body, as from the wire."""

    def respond(request: Any, **_: Any) -> AWSResponse:
        headers = {} if checksum is None else {"x-amz-crc32": str(checksum)}
        response = AWSResponse(request.url, status, headers, None)
        response._content = body
        return response

    connection.client.meta.events.register("before-send.dynamodb", respond)
    return connection.call(operation, REQUESTS[operation])


@pytest.fixture
def connection() -> Connection:
    return Connection(ConnectionSettings(endpoint="http://127.0.0.1:1", max_attempts=1), "table")


BODY = b'{"Item":{"PK":{"S":"x"}}}'


def test_an_answer_with_its_checksum_is_taken(connection: Connection) -> None:
    assert answer(connection, "GetItem", BODY, checksum=zlib.crc32(BODY))["Item"] == {"PK": {"S": "x"}}


def test_an_answer_without_a_checksum_is_taken(connection: Connection) -> None:
    assert answer(connection, "GetItem", BODY)["Item"] == {"PK": {"S": "x"}}


def test_an_answer_with_another_checksum_is_refused(connection: Connection) -> None:
    with pytest.raises(CorruptAnswer, match="the answer to GetItem failed its checksum"):
        answer(connection, "GetItem", BODY, checksum=zlib.crc32(BODY) ^ 1)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"<html>", b'{"Item":{"PK":', b'"text"', b"{]}", b"5"])
def test_a_body_that_is_no_answer_is_not_taken_for_absence(body: bytes, connection: Connection) -> None:
    with pytest.raises((CorruptAnswer, EndpointUnreachable)):
        answer(connection, "GetItem", body)


@pytest.mark.parametrize("operation", ["Query", "Scan", "BatchGetItem", "TransactGetItems"])
def test_a_read_that_lacks_what_it_must_have_is_refused(operation: str, connection: Connection) -> None:
    with pytest.raises(CorruptAnswer, match=f"the answer to {operation} is cut short or not an answer of DynamoDB"):
        answer(connection, operation, b"{}")


def test_a_write_that_lacks_what_it_must_have_may_have_been_applied(connection: Connection) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(connection, "BatchWriteItem", b"{}")


def test_an_empty_object_is_an_answer_of_a_get(connection: Connection) -> None:
    assert "Item" not in answer(connection, "GetItem", b"{}", checksum=zlib.crc32(b"{}"))


@pytest.mark.parametrize("checksum", ["", "none", "-1", "1e5"])
def test_a_checksum_that_is_no_number_is_a_wrong_one(checksum: str, connection: Connection) -> None:
    def respond(request: Any, **_: Any) -> AWSResponse:
        response = AWSResponse(request.url, 200, {"x-amz-crc32": checksum}, None)
        response._content = BODY
        return response

    connection.client.meta.events.register("before-send.dynamodb", respond)
    with pytest.raises(CorruptAnswer):
        connection.call("GetItem", REQUESTS["GetItem"])


def test_a_long_body_that_begins_and_ends_like_an_answer_is_not_taken_for_absence(connection: Connection) -> None:
    body = b'{"Item":{"PK":{"S":"x"},"name":{"S":"' + b"x" * 200 + b'},"SK":{"S":"y"}}}'
    with pytest.raises(CorruptAnswer, match="the answer to GetItem is cut short or not an answer of DynamoDB"):
        answer(connection, "GetItem", body)


KEY = {"PK": {"S": "USER#u1"}, "SK": {"S": "PROFILE"}}
OTHER = {"PK": {"S": "USER#canary"}, "SK": {"S": "PROFILE"}}
ASKED: dict[str, dict[str, Any]] = {
    "GetItem": {"TableName": "table", "Key": KEY},
    "BatchGetItem": {"RequestItems": {"table": {"Keys": [KEY]}}},
    "TransactGetItems": {"TransactItems": [{"Get": {"TableName": "table", "Key": KEY}}]},
    "Query": {
        "TableName": "table",
        "KeyConditionExpression": "#pk = :pk",
        "ExpressionAttributeNames": {"#pk": "PK"},
        "ExpressionAttributeValues": {":pk": KEY["PK"]},
    },
}


def holding(operation: str, *items: Any) -> dict[str, Any]:
    """Return an answer with these items."""
    return {
        "GetItem": {"Item": items[0]} if items else {},
        "BatchGetItem": {"Responses": {"table": list(items)}},
        "TransactGetItems": {"Responses": [{"Item": item} for item in items]},
        "Query": {"Items": list(items), "Count": len(items)},
    }[operation]


@pytest.mark.parametrize("operation", ASKED)
def test_an_item_that_was_not_asked_for_is_never_handed_out(operation: str) -> None:
    connection = Connection(ConnectionSettings(max_attempts=1), "table")
    connection._client = Client()
    connection._client.__class__ = type("Answering", (Client,), {"__getattr__": lambda *_: lambda **__: found})
    found = holding(operation, OTHER)
    with pytest.raises(CorruptAnswer, match=f"the answer to {operation} holds an item that was not asked") as refused:
        connection.call(operation, ASKED[operation])
    assert "canary" not in str(refused.value)
    found = holding(operation, KEY)
    assert connection.call(operation, ASKED[operation]) == found


def test_an_answer_about_another_number_of_items_is_refused() -> None:
    connection = Connection(ConnectionSettings(max_attempts=1), "table")
    connection._client = type("Answering", (), {"transact_get_items": lambda *_, **__: {"Responses": []}})()
    with pytest.raises(CorruptAnswer):
        connection.call("TransactGetItems", ASKED["TransactGetItems"])


@pytest.mark.parametrize(
    ("expression", "values", "fact"),
    [
        ("#a = :a" + " " * 4090, {}, "has 4097 bytes; the most is 4096"),
        (" OR ".join(["#a = :a"] * 151), {}, "has 301 operators; the most is 300"),
        (f"#a IN ({','.join([':a'] * 101)})", {}, "compares with 101 values by IN; the most is 100"),
        ("#a = :a", {":a": {"S": "x" * (2 * 1024 * 1024 + 1)}}, "have 2097153 bytes; the most is 2097152"),
    ],
)
@pytest.mark.parametrize("operation", ["Query", "TransactWriteItems"])
def test_an_expression_over_a_limit_is_refused_before_it_is_sent(
    operation: str, expression: str, values: dict[str, Any], fact: str, clients: list[Client]
) -> None:
    part = {"ConditionExpression": expression, "ExpressionAttributeValues": values}
    request = part if operation == "Query" else {"TransactItems": [{"Put": {}}, {"Update": part}]}
    with pytest.raises(LimitExceeded, match=fact):
        Connection(SETTINGS, "table").call(operation, request)
    assert clients == []
