"""The template is sound, and keeps a table of health data safe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from cfnlint.api import lint

from madmall_models.schema import describe
from madmall_models.schema.cloudformation import cloudformation
from madmall_models.table import table_request

REGIONS = ["us-east-1", "eu-central-1"]


@pytest.fixture(scope="module")
def text() -> str:
    return cloudformation(describe())


@pytest.fixture(scope="module")
def table(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text)["Resources"]["Table"]
    return found


def test_cfn_lint_finds_nothing(text: str) -> None:
    assert [str(match) for match in lint(text, regions=REGIONS)] == []


def test_cfn_lint_would_find_something(text: str) -> None:
    spoiled = text.replace('"HASH"', '"HUSH"')

    assert lint(spoiled, regions=REGIONS)


def test_the_table_outlives_its_stack_and_is_protected(table: dict[str, Any]) -> None:
    assert (table["DeletionPolicy"], table["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert table["Properties"]["DeletionProtectionEnabled"] == {"Ref": "DeletionProtection"}
    assert table["Properties"]["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def test_the_table_is_encrypted_under_a_key_of_kms(table: dict[str, Any]) -> None:
    encryption = table["Properties"]["SSESpecification"]

    assert (encryption["SSEEnabled"], encryption["SSEType"]) == (True, "KMS")
    assert encryption["KMSMasterKeyId"] == {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]}


def test_the_table_is_the_one_that_the_package_creates(table: dict[str, Any]) -> None:
    request, properties = table_request("t", None), table["Properties"]

    for name in ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode"):
        assert properties[name] == request[name]
    assert properties["StreamSpecification"]["StreamViewType"] == request["StreamSpecification"]["StreamViewType"]
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}
