"""Requests and answers of data operations are byte for byte, and value for value, what botocore makes of them."""

from __future__ import annotations

import json
import zlib
from decimal import Decimal
from typing import Any

import botocore.config
import botocore.session
import pytest
from botocore.awsrequest import AWSResponse
from botocore.stub import Stubber
from moto import mock_aws

from madmall_models import ConditionFailed, CorruptAnswer, TransactionCancelled
from madmall_models.connection import bodies
from madmall_models.connection.operations import Connection
from madmall_models.connection.session import ConnectionSettings, make_client
from tests.unit.foundation.test_connection import answer

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/madmall"
KEY = {"PK": {"S": "USER#u1"}, "SK": {"S": "PROFILE"}}
PLAIN = {
    **KEY,
    "name": {"S": 'Zoë "B": 😀 \\ \u2028 \x7f'},
    "price": {"N": "4.90"},
    "is_active": {"BOOL": True},
    "gone": {"NULL": True},
    "tags": {"SS": ["a", "b"]},
    "sizes": {"NS": ["1", "2"]},
    "profile": {"M": {"bio": {"S": ""}, "links": {"L": [{"S": "x"}, {"M": {}}, {"L": []}]}}},
}
BYTES = {**KEY, "raw": {"B": b"\x00\xff"}, "all": {"BS": [b"1", b"\xfe"]}, "in": {"M": {"deep": {"B": b"d"}}}}
TEXT_FOR_BYTES = {**KEY, "raw": {"B": "text"}, "all": {"BS": ["more"]}}
NAMED_LIKE_TYPES = {**KEY, "M": {"M": {"B": {"S": "x"}, "BS": {"N": "1"}, "null": {"NULL": True}}}}
SETS = {**KEY, "tags": {"SS": {"only"}}}
ITEMS = [PLAIN, BYTES, TEXT_FOR_BYTES, NAMED_LIKE_TYPES, SETS]


class Wire:
    """Within a block, answer every request of a client with one body, and keep what it sends."""

    def __init__(self, client: Any, body: bytes = b"{}") -> None:
        self._events = client.meta.events
        self._body = body
        self.sent: list[Any] = []

    def __enter__(self) -> Wire:
        self._events.register("before-send.dynamodb", self._respond)
        return self

    def __exit__(self, *_: object) -> None:
        self._events.unregister("before-send.dynamodb", self._respond)

    def _respond(self, request: Any, **_: Any) -> AWSResponse:
        self.sent.append(request)
        response = AWSResponse(request.url, 200, {"x-amz-crc32": str(zlib.crc32(self._body))}, None)
        response._content = self._body
        return response


@pytest.fixture(scope="module")
def plain() -> Any:
    """Give a client that nobody has touched; making one takes longer than all that it is asked here."""
    settings: Any = {"parameter_validation": False, "retries": {"total_max_attempts": 1, "mode": "standard"}}
    return botocore.session.get_session().create_client(
        "dynamodb",
        "us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=botocore.config.Config(**settings),
    )


@pytest.fixture(scope="module")
def ours() -> Any:
    return make_client(ConnectionSettings(access_key="local", secret_key="local"))


def requests_of(item: dict[str, Any], table: str) -> list[tuple[str, dict[str, Any]]]:
    """Return a request of each data operation that holds an item."""
    values = {":v": {"M": item}}
    put = {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists (#0)"}
    update = {"TableName": table, "Key": KEY, "UpdateExpression": "SET a = :v", "ExpressionAttributeValues": values}
    query = {"TableName": table, "KeyConditionExpression": "PK = :v", "ExpressionAttributeValues": values, "Limit": 3}
    writes = [{"PutRequest": {"Item": item}}, {"DeleteRequest": {"Key": KEY}}]
    return [
        ("GetItem", {"TableName": table, "Key": item, "ConsistentRead": True}),
        ("Query", {**query, "ExclusiveStartKey": item, "ScanIndexForward": False}),
        ("Scan", {"TableName": table, "ExclusiveStartKey": item, "ExpressionAttributeNames": {"#0": "B"}}),
        ("BatchGetItem", {"RequestItems": {table: {"Keys": [item, KEY]}}, "ReturnConsumedCapacity": "TOTAL"}),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": table, "Key": item}}] * 2}),
        ("PutItem", put),
        ("UpdateItem", update),
        ("DeleteItem", {"TableName": table, "Key": item}),
        ("BatchWriteItem", {"RequestItems": {table: writes}}),
        ("TransactWriteItems", {"TransactItems": [{"Put": put}, {"Update": update}], "ClientRequestToken": "t"}),
    ]


def sent_by(client: Any, operation: str, request: dict[str, Any]) -> tuple[str, bytes, Any, Any]:
    with Wire(client) as wire:
        client._make_api_call(operation, request)
    [sent] = wire.sent
    return sent.url, sent.body, sent.headers["Content-Length"], sent.headers["X-Amz-Target"]


@pytest.mark.parametrize("table", ["madmall", ARN])
@pytest.mark.parametrize("item", ITEMS, ids=["plain", "bytes", "text for bytes", "named like types", "sets"])
def test_a_request_is_what_botocore_sends(item: dict[str, Any], table: str, ours: Any, plain: Any) -> None:
    for operation, request in requests_of(item, table):
        assert sent_by(ours, operation, request) == sent_by(plain, operation, request)


def test_every_data_operation_is_tried_here() -> None:
    assert {operation for operation, _ in requests_of(PLAIN, "madmall")} == bodies.DATA_OPERATIONS


def test_the_length_that_is_announced_is_that_of_the_body(ours: Any) -> None:
    _, body, length, _ = sent_by(ours, "PutItem", {"TableName": "madmall", "Item": PLAIN})
    assert int(length) == len(body)
    assert json.loads(body)["Item"] == PLAIN


def test_botocores_walk_is_spared_where_nothing_needs_it(ours: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[str] = []
    serialize = ours._serializer.serialize_to_request

    def noted(request: Any, model: Any) -> Any:
        walked.append(str(request))
        return serialize(request, model)

    monkeypatch.setattr(ours._serializer, "serialize_to_request", noted)
    for operation, request in requests_of(PLAIN, "madmall"):
        sent_by(ours, operation, request)
    assert walked
    assert not any("Zo" in request for request in walked)


def test_the_request_of_the_caller_is_left_as_it_is(ours: Any) -> None:
    for operation, request in requests_of(PLAIN, "madmall"):
        before = json.dumps(request)
        sent_by(ours, operation, request)
        assert json.dumps(request) == before


def test_a_token_that_botocore_fills_in_is_sent(ours: Any) -> None:
    request = {"TransactItems": [{"Put": {"TableName": "madmall", "Item": PLAIN}}]}
    _, body, _, _ = sent_by(ours, "TransactWriteItems", request)
    assert len(json.loads(body)["ClientRequestToken"]) == 36


def test_what_no_json_can_hold_is_refused_as_by_botocore(ours: Any, plain: Any) -> None:
    request = {"TableName": "madmall", "Item": {**KEY, "price": {"N": Decimal("4.90")}}}
    with pytest.raises(TypeError, match="Decimal is not JSON serializable"):
        sent_by(ours, "PutItem", request)
    with pytest.raises(TypeError, match="Decimal is not JSON serializable"):
        sent_by(plain, "PutItem", request)


ANSWERS: dict[str, tuple[str, bytes]] = {
    "plain": ("GetItem", json.dumps({"Item": PLAIN}).encode()),
    "written without escapes": ("GetItem", json.dumps({"Item": PLAIN}, ensure_ascii=False).encode()),
    "nothing": ("GetItem", b"{}"),
    "bytes": ("GetItem", b'{"Item": {"raw": {"B": "AP8="}, "all": {"BS":["MQ==","/g=="]}}}'),
    "bytes without spaces": ("Query", b'{"Items":[{"raw":{"B":"AP8="}}],"Count":1,"ScannedCount":1}'),
    "null for an item": ("GetItem", b'{"Item":null}'),
    "null for a last key": ("Query", b'{"Items":[],"Count":0,"ScannedCount":0,"LastEvaluatedKey":null}'),
    "null for a value": ("GetItem", b'{"Item":{"PK":{"S":"x"},"a":null,"b":{"S":null,"N":"1"}}}'),
    "null in a list": ("Query", b'{"Items":[null],"Count":1,"ScannedCount":1}'),
    "units": ("PutItem", b'{"ConsumedCapacity":{"TableName":"t","CapacityUnits":1.5}}'),
    "unprocessed": (
        "BatchWriteItem",
        json.dumps({"UnprocessedItems": {"t": [{"PutRequest": {"Item": PLAIN}}]}}).encode(),
    ),
    "several tables": (
        "BatchGetItem",
        json.dumps({"Responses": {"t": [PLAIN], "u": []}, "UnprocessedKeys": {}}).encode(),
    ),
    "attributes": ("UpdateItem", json.dumps({"Attributes": NAMED_LIKE_TYPES}).encode()),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_what_botocore_makes_of_it(name: str, ours: Any, plain: Any) -> None:
    operation, body = ANSWERS[name]
    request = dict(requests_of(PLAIN, "madmall"))[operation]
    answers = []
    for client in (ours, plain):
        with Wire(client, body):
            answers.append(client._make_api_call(operation, request))
    assert answers[0] == answers[1]


def test_botocores_walk_over_an_answer_is_spared_where_nothing_needs_it(
    ours: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[Any] = []
    monkeypatch.setattr("botocore.parsers.JSONParser._handle_map", lambda parser, shape, value: walked.append(value))
    _, body = ANSWERS["plain"]
    with Wire(ours, body):
        assert ours.get_item(TableName="madmall", Key=KEY)["Item"] == PLAIN
    assert walked == []


@pytest.fixture
def connection() -> Connection:
    return Connection(ConnectionSettings(endpoint="http://127.0.0.1:1", max_attempts=1), "table")


def test_a_refusal_is_told_with_the_stored_item(connection: Connection) -> None:
    body = {"__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "Item": PLAIN}
    with pytest.raises(ConditionFailed) as refused:
        answer(connection, "GetItem", json.dumps(body).encode(), status=400)
    assert refused.value.item == PLAIN


def test_the_reasons_of_a_cancellation_are_told(connection: Connection) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Item": PLAIN}]
    body = {"__type": "x#TransactionCanceledException", "CancellationReasons": reasons}
    with pytest.raises(TransactionCancelled) as cancelled:
        answer(connection, "TransactGetItems", json.dumps(body).encode(), status=400)
    assert list(cancelled.value.reasons) == reasons


def test_a_body_is_checked_before_it_is_read(connection: Connection) -> None:
    body = json.dumps({"Item": PLAIN}).encode()
    with pytest.raises(CorruptAnswer, match="failed its checksum"):
        answer(connection, "GetItem", body, checksum=zlib.crc32(body) ^ 1)


def test_a_stub_sees_the_whole_request_and_its_answer_is_taken(ours: Any) -> None:
    request = {"TableName": "madmall", "Item": PLAIN}
    with Stubber(ours) as stub:
        stub.add_response("put_item", {"ConsumedCapacity": {"CapacityUnits": 1.0}}, request)
        assert ours.put_item(**request)["ConsumedCapacity"] == {"CapacityUnits": 1.0}
        stub.add_client_error("put_item", "ValidationException")
        with pytest.raises(ours.exceptions.ClientError, match="ValidationException"):
            ours.put_item(**request)


def test_a_stub_refuses_another_request_than_the_expected_one(ours: Any) -> None:
    with Stubber(ours) as stub:
        stub.add_response("put_item", {}, {"TableName": "madmall", "Item": PLAIN})
        with pytest.raises(AssertionError):
            ours.put_item(TableName="madmall", Item=BYTES)


def test_a_mock_of_the_service_takes_and_gives_whole_items() -> None:
    with mock_aws():
        client = make_client(ConnectionSettings(access_key="local", secret_key="local"))
        names = [{"AttributeName": name, "AttributeType": "S"} for name in KEY]
        keys = [{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}]
        client.create_table(
            TableName="madmall", AttributeDefinitions=names, KeySchema=keys, BillingMode="PAY_PER_REQUEST"
        )
        for item in (PLAIN, BYTES):
            client.put_item(TableName="madmall", Item=item)
            assert client.get_item(TableName="madmall", Key=KEY)["Item"] == item


def test_a_request_that_holds_itself_is_refused_as_botocore_refuses_it(ours: Any, plain: Any) -> None:
    circle: dict[str, Any] = {"TableName": "madmall", "Item": {**KEY}}
    circle["Item"]["self"] = {"M": circle["Item"]}
    for client in (plain, ours):
        with pytest.raises(RecursionError):
            sent_by(client, "PutItem", circle)
