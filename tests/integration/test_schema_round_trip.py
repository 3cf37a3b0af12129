"""What the exports say makes the table that the package makes."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import boto3
import pytest

from madmall_models import Database
from madmall_models.schema import describe
from madmall_models.schema.documents import DOCUMENTS, Source
from madmall_models.table import table_request
from madmall_models.testing import engines


@pytest.fixture
def absent(engine: Any) -> Iterator[Database]:
    """Give a database whose table was not created."""
    database = Database(table=f"test-{uuid.uuid4().hex}", **engine.connection_settings())
    yield database
    database.delete_table()
    database.close()


def shape(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a table what it is, from its description or from the request that creates it."""
    billing = description.get("BillingModeSummary", description)
    return {
        "keys": description["KeySchema"],
        "types": {each["AttributeName"]: each["AttributeType"] for each in description["AttributeDefinitions"]},
        "indexes": {
            each["IndexName"]: (
                each["KeySchema"],
                each["Projection"]["ProjectionType"],
                sorted(each["Projection"].get("NonKeyAttributes", ())),
            )
            for each in description["GlobalSecondaryIndexes"]
        },
        "stream": description["StreamSpecification"],
        "billing": billing["BillingMode"],
    }


def time_to_live(database: Database) -> dict[str, Any]:
    asked = {"TableName": database.table_name}
    found: dict[str, Any] = database.connection.call("DescribeTimeToLive", asked)["TimeToLiveDescription"]
    return found


def declared() -> dict[str, Any]:
    return shape(table_request("any", None))


def resolved(value: Any, parameters: Mapping[str, str]) -> Any:
    """Return a part of the template as CloudFormation reads it where no key of KMS is given."""
    if isinstance(value, list):
        return [resolved(each, parameters) for each in value]
    if not isinstance(value, dict):
        return value
    if "Ref" in value:
        return parameters[value["Ref"]]
    without = {name: each for name, each in value.items() if not (isinstance(each, dict) and "Fn::If" in each)}
    return {name: resolved(each, parameters) for name, each in without.items()}


def template() -> dict[str, Any]:
    made: dict[str, Any] = json.loads(DOCUMENTS["cloudformation"].make(Source.of()))
    return made


def test_the_properties_of_the_template_make_an_equal_table(absent: Database) -> None:
    parameters = {"TableName": absent.table_name, "DeletionProtection": "false"}
    properties = resolved(template()["Resources"]["Table"]["Properties"], parameters)
    to_live = properties.pop("TimeToLiveSpecification")
    stream = {"StreamEnabled": True, **properties.pop("StreamSpecification")}
    # Those are requests of their own, or not for a table that a test deletes.
    for name in ("PointInTimeRecoverySpecification", "SSESpecification", "DeletionProtectionEnabled"):
        properties.pop(name)

    absent.connection.call("CreateTable", {**properties, "StreamSpecification": stream})
    name = {"TableName": absent.table_name}
    absent.connection.call("UpdateTimeToLive", {**name, "TimeToLiveSpecification": to_live})

    absent.check_table()
    assert shape(absent.describe_table()) == declared()
    assert time_to_live(absent)["AttributeName"] == "ttl"


def test_the_description_makes_an_equal_table(absent: Database) -> None:
    said = json.loads(describe().to_json())
    request = request_of(said, absent.table_name)

    absent.connection.call("CreateTable", request)
    to_live = {"Enabled": True, "AttributeName": said["table"]["time_to_live"]}
    absent.connection.call("UpdateTimeToLive", {"TableName": absent.table_name, "TimeToLiveSpecification": to_live})

    absent.check_table()
    assert shape(absent.describe_table()) == declared()
    assert time_to_live(absent)["AttributeName"] == "ttl"


def request_of(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the request that creates the table which a description tells of, from its JSON alone."""
    table = said["table"]
    return {
        "TableName": name,
        "AttributeDefinitions": [
            {"AttributeName": attribute, "AttributeType": kind} for attribute, kind in table["attribute_types"].items()
        ],
        "KeySchema": key_schema(table),
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index["name"],
                "KeySchema": key_schema(index),
                "Projection": {
                    "ProjectionType": index["projection"],
                    **({"NonKeyAttributes": index["projected"]} if index["projected"] else {}),
                },
            }
            for index in said["indexes"]
        ],
        "BillingMode": table["billing"],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": table["stream"]},
    }


def key_schema(part: Mapping[str, str]) -> list[dict[str, str]]:
    kinds = (("partition_key", "HASH"), ("sort_key", "RANGE"))
    return [{"AttributeName": part[name], "KeyType": kind} for name, kind in kinds]


# -- as a stack ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cloud() -> Iterator[engines.Engine]:
    """Give a ministack that serves CloudFormation too, whatever engine the other tests use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(engines._MINISTACK, "SERVICES", "cloudformation,dynamodb,dynamodbstreams")
        running = engines.start("ministack")
    yield running
    running.stop()


def deployed(cloud: engines.Engine, **parameters: str) -> tuple[Database, dict[str, str]]:
    """Create a stack of the template, and return the database of its table and what the stack puts out."""
    settings = cloud.connection_settings()
    client = boto3.client(
        "cloudformation",
        region_name=settings["region"],
        endpoint_url=settings["endpoint"],
        aws_access_key_id=settings["access_key"],
        aws_secret_access_key=settings["secret_key"],
    )
    stack = f"stack-{uuid.uuid4().hex}"
    client.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(template()),
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
    )
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
    (made,) = client.describe_stacks(StackName=stack)["Stacks"]
    client.close()
    outputs = {each["OutputKey"]: each["OutputValue"] for each in made["Outputs"]}
    return Database(outputs["TableName"], **settings), outputs


def test_a_stack_of_the_template_has_an_equal_table(cloud: engines.Engine) -> None:
    database, outputs = deployed(cloud, TableName="madmall-of-a-stack")

    database.check_table()
    assert shape(database.describe_table()) == declared()
    assert outputs["TableArn"].endswith(":table/madmall-of-a-stack")
    assert "/stream/" in outputs["StreamArn"]
    database.users.create(user_id="u1", email="jane@example.com", profile={"first_name": "J", "last_name": "S"})
    assert database.users.get_by_email("jane@example.com").user_id == "u1"
    database.close()


def test_a_stack_takes_a_key_and_may_leave_the_protection_out(cloud: engines.Engine) -> None:
    arn = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"

    database, _ = deployed(cloud, TableName="madmall-with-a-key", KmsKeyArn=arn, DeletionProtection="false")

    assert shape(database.describe_table()) == declared()
    database.close()
