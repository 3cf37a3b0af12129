"""The list of differences between engines is true: each engine that is listed shows it, each other one does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from madmall_models import Database
from tests.conftest import engine_name
from tests.engine_differences import DIFFERENCES

KEY = {"PK": {"S": "p"}, "SK": {"S": "s"}}
Probe = Callable[[Any, str], bool]


def accepted(call: Callable[..., Any], **request: Any) -> bool:
    """Tell whether an engine took a request."""
    try:
        call(**request)
    except (ClientError, TypeError):
        return False
    return True


def accepts_an_increment_into_a_missing_map(client: Any, table: str) -> bool:
    client.put_item(TableName=table, Item=KEY)
    update = {"UpdateExpression": "ADD stats.likes :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    return accepted(client.update_item, TableName=table, Key=KEY, **update)


def applies_a_token_twice(client: Any, table: str) -> bool:
    add = {
        "TableName": table,
        "Key": KEY,
        "UpdateExpression": "ADD likes :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(2):
        client.transact_write_items(TransactItems=[{"Update": add}], ClientRequestToken="one-intention")
    return client.get_item(TableName=table, Key=KEY, ConsistentRead=True)["Item"]["likes"]["N"] != "1"


def fails_on_mixed_types(client: Any, table: str) -> bool:
    client.put_item(TableName=table, Item={**KEY, "ttl": {"S": "never"}})
    condition = {"FilterExpression": "#ttl > :now", "ExpressionAttributeNames": {"#ttl": "ttl"}}
    asked = {"KeyConditionExpression": "PK = :pk", **condition}
    values = {":pk": {"S": "p"}, ":now": {"N": "1"}}
    return not accepted(client.query, TableName=table, ExpressionAttributeValues=values, **asked)


def takes_bounds_of_two_types(client: Any, table: str) -> bool:
    """DynamoDB refuses BETWEEN with bounds of two types."""
    client.put_item(TableName=table, Item={**KEY, "likes": {"N": "1"}})
    values = {":pk": {"S": "p"}, ":low": {"N": "1"}, ":high": {"S": "2"}}
    asked = {"KeyConditionExpression": "PK = :pk", "FilterExpression": "likes BETWEEN :low AND :high"}
    return accepted(client.query, TableName=table, ExpressionAttributeValues=values, **asked)


def counts_otherwise(client: Any, table: str) -> bool:
    """A consistent read of an item under 4 KB costs a unit, in a batch too; to write one in a transaction, two."""
    put = {"Put": {"TableName": table, "Item": KEY}}
    written = client.transact_write_items(TransactItems=[put], ReturnConsumedCapacity="TOTAL")
    asked = {table: {"Keys": [KEY], "ConsistentRead": True}}
    read = client.batch_get_item(RequestItems=asked, ReturnConsumedCapacity="TOTAL")
    used = [*written.get("ConsumedCapacity", []), *read.get("ConsumedCapacity", [])]
    return [table_used.get("CapacityUnits") for table_used in used] != [2.0, 1.0]


def reads_few_items_together(client: Any, table: str) -> bool:
    keys = [{"PK": {"S": str(number)}, "SK": {"S": "s"}} for number in range(26)]
    gets = [{"Get": {"TableName": table, "Key": key}} for key in keys]
    return not accepted(client.transact_get_items, TransactItems=gets)


def takes_an_empty_index_key(client: Any, table: str) -> bool:
    update = {"UpdateExpression": "SET #key = :empty", "ExpressionAttributeValues": {":empty": {"S": ""}}}
    return accepted(client.update_item, TableName=table, Key=KEY, ExpressionAttributeNames={"#key": "GSI1PK"}, **update)


def tells_nothing_of_recovery(client: Any, table: str) -> bool:
    return not accepted(client.describe_continuous_backups, TableName=table)


def encrypts_with_no_other_key(client: Any, table: str) -> bool:
    arn = "arn:aws:kms:us-east-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef"
    accepted(client.update_table, TableName=table, SSESpecification={"Enabled": True, "KMSMasterKeyId": arn})
    return "SSEDescription" not in client.describe_table(TableName=table)["Table"]


def begins_no_second_stream(client: Any, table: str) -> bool:
    client.update_table(TableName=table, StreamSpecification={"StreamEnabled": False})
    stream = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    return not accepted(client.update_table, TableName=table, StreamSpecification=stream)


PROBES: dict[str, Probe] = {
    "bad-conditions": takes_bounds_of_two_types,
    "capacity": counts_otherwise,
    "conditions": fails_on_mixed_types,
    "encryption": encrypts_with_no_other_key,
    "index-keys": takes_an_empty_index_key,
    "missing-maps": accepts_an_increment_into_a_missing_map,
    "read-transactions": reads_few_items_together,
    "recovery-and-tags": tells_nothing_of_recovery,
    "second-stream": begins_no_second_stream,
    "tokens": applies_a_token_twice,
}
# What a single request cannot show.
NOT_PROBED = {
    "examples": "it follows from who ends the engine",
    "many-requests": "how long it takes is no assertion",
    "many-rows": "how long it takes is no assertion",
    "no-lock": "a race is not lost every time",
    "one-process": "it follows from how moto works",
    "capacity-of-the-demo": "the demo's own test shows it",
    "table-options": "some of these engines keep a part of the options",
}


def test_every_difference_is_probed_or_says_why_not() -> None:
    assert set(PROBES) | set(NOT_PROBED) == set(DIFFERENCES)
    assert not set(PROBES) & set(NOT_PROBED)


@pytest.mark.parametrize("name", sorted(PROBES))
def test_an_engine_differs_if_it_is_listed_and_only_then(name: str, db: Database, pytestconfig: pytest.Config) -> None:
    engine = engine_name(pytestconfig.getoption("engine"))

    assert PROBES[name](db.connection.client, db.table_name) == (engine in DIFFERENCES[name].engines)
