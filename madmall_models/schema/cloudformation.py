"""Write the table as a CloudFormation template: encrypted, with recovery, and never deleted by accident."""

from __future__ import annotations

import json
from typing import Any

from madmall_models.schema.description import Description
from madmall_models.schema.table_description import IndexDescription

_KEEP = "Retain"


def cloudformation(description: Description) -> str:
    """Return the template as JSON text.

    The table outlives its stack: it is retained when the stack is deleted or the table would be replaced, and
    protected from deletion unless a parameter says otherwise. It is encrypted under a key of KMS: yours where its ARN
    is given, else the one that AWS manages for DynamoDB.
    """
    return json.dumps(template_of(description), indent=2, ensure_ascii=False) + "\n"


def template_of(description: Description) -> dict[str, Any]:
    """Return the template as plain values."""
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": "One DynamoDB table that holds every kind of item; made by madmall schema cloudformation.",
        "Parameters": _parameters(),
        "Conditions": {"HasKey": {"Fn::Not": [{"Fn::Equals": [{"Ref": "KmsKeyArn"}, ""]}]}},
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "DeletionPolicy": _KEEP,
                "UpdateReplacePolicy": _KEEP,
                "Properties": _properties(description),
            }
        },
        "Outputs": {
            "TableName": {"Description": "The name of the table.", "Value": {"Ref": "Table"}},
            "TableArn": {"Description": "The ARN of the table.", "Value": {"Fn::GetAtt": ["Table", "Arn"]}},
            "StreamArn": {"Description": "The ARN of its stream.", "Value": {"Fn::GetAtt": ["Table", "StreamArn"]}},
        },
    }


def _parameters() -> dict[str, Any]:
    return {
        "TableName": {
            "Type": "String",
            "Description": "The name of the table. Another name makes another, empty table.",
            "AllowedPattern": "[a-zA-Z0-9_.-]{3,255}",
            "Default": "madmall-dev-main",
        },
        "KmsKeyArn": {
            "Type": "String",
            "Description": "The ARN of your own key of KMS; empty for the key that AWS manages for DynamoDB.",
            "Default": "",
        },
        "DeletionProtection": {
            "Type": "String",
            "Description": "Whether DynamoDB refuses to delete the table.",
            "AllowedValues": ["true", "false"],
            "Default": "true",
        },
    }


def _properties(description: Description) -> dict[str, Any]:
    table = description.table
    return {
        "TableName": {"Ref": "TableName"},
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": kind} for name, kind in table.attribute_types.items()
        ],
        "KeySchema": _key_schema(table.partition_key, table.sort_key),
        "GlobalSecondaryIndexes": [_index(index) for index in description.indexes],
        "BillingMode": table.billing,
        "TimeToLiveSpecification": {"AttributeName": table.time_to_live, "Enabled": True},
        "StreamSpecification": {"StreamViewType": table.stream},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
        "SSESpecification": {
            "SSEEnabled": True,
            "SSEType": "KMS",
            "KMSMasterKeyId": {"Fn::If": ["HasKey", {"Ref": "KmsKeyArn"}, {"Ref": "AWS::NoValue"}]},
        },
        "DeletionProtectionEnabled": {"Ref": "DeletionProtection"},
    }


def _index(index: IndexDescription) -> dict[str, Any]:
    projection: dict[str, Any] = {"ProjectionType": index.projection}
    if index.projected:
        projection["NonKeyAttributes"] = list(index.projected)
    return {
        "IndexName": index.name,
        "KeySchema": _key_schema(index.partition_key, index.sort_key),
        "Projection": projection,
    }


def _key_schema(partition: str, sort: str) -> list[dict[str, str]]:
    return [{"AttributeName": partition, "KeyType": "HASH"}, {"AttributeName": sort, "KeyType": "RANGE"}]
