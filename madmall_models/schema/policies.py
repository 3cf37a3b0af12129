"""Write what each role may do with the table as IAM policies: what it uses, where it uses it, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models.errors import ConfigurationError
from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription

_FIELD = re.compile(r"\{[^}]*\}")
_SPECIAL = re.compile(r"[*?$]")
_RECORDS = "MIGRATION#*"
# A transaction asks for the permission of each of its actions, and has none of its own.
_WRITES = ("BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem")
_LOOK = ("DescribeTable",)
_MIGRATES = ("CreateBackup", "DescribeContinuousBackups", "DescribeTable", "Scan", "UpdateTable")
_OPERATES = (
    "CreateTable",
    "DescribeContinuousBackups",
    "DescribeTable",
    "DescribeTimeToLive",
    "ListTagsOfResource",
    "TagResource",
    "UntagResource",
    "UpdateContinuousBackups",
    "UpdateTable",
    "UpdateTimeToLive",
)
_USES_OF_KEY = ("Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey*", "ReEncrypt*")
ROLES: Mapping[str, str] = {
    "reader": "Asks every access pattern and changes nothing.",
    "writer": "Is the application: asks every access pattern, and changes items in transactions.",
    "migrator": "Runs migrations: reads and writes what the application does, scans, adds indexes, makes backups.",
    "operator": "Looks after the table itself, and sees no item. It cannot delete the table.",
}


@dataclass(frozen=True)
class TableAddress:
    """Where the table is; what is not said stands as a word to replace.

    Attributes:
        table: its name.
        region: of the table.
        account: the number of the account.
        partition: ``aws``, ``aws-cn``, ``aws-us-gov``.
        kms_key: the ARN of the key that it is encrypted with, where that is the customer's own.
    """

    table: str = "TABLE"
    region: str = "REGION"
    account: str = "ACCOUNT"
    partition: str = "aws"
    kms_key: str | None = None

    @property
    def arn(self) -> str:
        """Return the ARN of the table."""
        return f"arn:{self.partition}:dynamodb:{self.region}:{self.account}:table/{self.table}"

    def index(self, name: str) -> str:
        """Return the ARN of one of its indexes."""
        return f"{self.arn}/index/{name}"


def policies_text(description: Description, address: TableAddress | None = None) -> str:
    """Return the policies of all roles as JSON text, by the name of the role."""
    place = address or TableAddress()
    policies = {
        role: {"description": text, "policy": policy_of(description, role, place)} for role, text in ROLES.items()
    }
    return json.dumps(policies, indent=2) + "\n"


def policy_of(description: Description, role: str, address: TableAddress | None = None) -> dict[str, Any]:
    """Return the policy document of a role: ``reader``, ``writer``, ``migrator`` or ``operator``.

    What a role asks by a key is bound to the partitions that the declarations know (``dynamodb:LeadingKeys``).

    Raises:
        ConfigurationError: there is no such role.
    """
    place = address or TableAddress()
    if role not in ROLES:
        raise ConfigurationError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    statements = _STATEMENTS[role](description, place)
    return {"Version": "2012-10-17", "Statement": [*statements, *_key(place, creates=role == "operator")]}


def _reader(description: Description, place: TableAddress) -> list[dict[str, Any]]:
    return _reading(description, place, _asked_partitions(description))


def _writer(description: Description, place: TableAddress, *more: str) -> list[dict[str, Any]]:
    partitions = [*_partitions(description), *more]
    return [*_reading(description, place, partitions), _statement("WriteTable", _WRITES, place.arn, partitions)]


def _migrator(description: Description, place: TableAddress) -> list[dict[str, Any]]:
    return [
        *_writer(description, place, _RECORDS),
        _statement("MigrateTable", _MIGRATES, place.arn),
        _statement("LookAtBackups", ("DescribeBackup",), f"{place.arn}/backup/*"),
    ]


def _operator(_: Description, place: TableAddress) -> list[dict[str, Any]]:
    return [_statement("LookAfterTable", _OPERATES, place.arn)]


_STATEMENTS: Mapping[str, Callable[[Description, TableAddress], list[dict[str, Any]]]] = {
    "reader": _reader,
    "writer": _writer,
    "migrator": _migrator,
    "operator": _operator,
}


def _reading(description: Description, place: TableAddress, partitions: Iterable[str]) -> list[dict[str, Any]]:
    used = _used(description)
    statements = [_statement("ReadTable", used["table"], place.arn, partitions)]
    for index in description.indexes:
        if index.name in used:
            keys = [_pattern(use.partition_key) for use in index.shared_by]
            statements.append(_statement(f"Read{index.name}", used[index.name], place.index(index.name), keys))
    return [*statements, _statement("LookAtTable", _LOOK, place.arn)]


def _key(place: TableAddress, *, creates: bool) -> list[dict[str, Any]]:
    if place.kms_key is None:
        return []
    uses = (*_USES_OF_KEY, "CreateGrant") if creates else _USES_OF_KEY
    return [
        {
            "Sid": "UseKeyForTable",
            "Effect": "Allow",
            "Action": sorted(f"kms:{use}" for use in uses),
            "Resource": place.kms_key,
            "Condition": {"StringEquals": {"kms:ViaService": f"dynamodb.{place.region}.amazonaws.com"}},
        }
    ]


def _statement(
    name: str, operations: Iterable[str], resource: str, partitions: Iterable[str] | None = None
) -> dict[str, Any]:
    statement: dict[str, Any] = {
        "Sid": name,
        "Effect": "Allow",
        "Action": sorted(f"dynamodb:{operation}" for operation in set(operations)),
        "Resource": resource,
    }
    if partitions is not None:
        keys = sorted(set(partitions))
        statement["Condition"] = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": keys}}
    return statement


def _used(description: Description) -> dict[str, set[str]]:
    """Return what the access patterns ask for, by ``table`` or the name of an index."""
    used: dict[str, set[str]] = {"table": {"GetItem"}}
    for pattern in description.access_patterns:
        for request in pattern.requests:
            place = request.parameters.get("IndexName", "table")
            used.setdefault(place, set()).add(request.operation)
    # Any number of keys may be read at once, without a pattern of its own.
    used["table"].add("BatchGetItem")
    return used


def _asked_partitions(description: Description) -> list[str]:
    asked = (pattern.partition_key for pattern in description.access_patterns if pattern.index == "table")
    return [_pattern(partition) for partition in asked]


def _partitions(description: Description) -> list[str]:
    """Return where items, mirrors, pointers and claims stand."""
    return [_pattern(each) for entity in description.entities for each in _templates(entity)]


def _templates(entity: EntityDescription) -> Sequence[str]:
    keys = [entity.primary_key, *entity.mirrors, *entity.pointers]
    return [*(key.partition_key for key in keys), *(claim.partition_key for claim in entity.claims)]


def _pattern(template: str) -> str:
    """Return a template as a pattern of IAM: any text stands for a field."""
    literals = [_SPECIAL.sub(lambda found: f"${{{found[0]}}}", literal) for literal in _FIELD.split(template)]
    return "*".join(literals)
