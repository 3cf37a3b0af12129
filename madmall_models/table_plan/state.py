"""Read what a table is: everything that DynamoDB tells of it, as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from madmall_models.connection.operations import Connection
from madmall_models.errors import AccessDenied, ServiceError, TableNotFound
from madmall_models.table import Provisioned, Table
from madmall_models.table_plan.settings import ON_DEMAND, OnDemand

_ON = ("ENABLED", "ENABLING")
# What an engine answers that has never heard of the question; any other failure is one.
_UNKNOWN = frozenset(["UnknownOperationException", "UnknownOperation", "NotImplemented"])


@dataclass(frozen=True)
class TableState:
    """What a table is at one moment.

    Attributes:
        description: DynamoDB's own.
        time_to_live_description: DynamoDB's own; empty if it could not be read.
        recovery_description: DynamoDB's own, of its continuous backups; empty if it could not be read.
        tags: by name; empty if they could not be read.
        unread: why what could not be read could not, by ``time to live``, ``recovery`` and ``tags``.
    """

    description: Mapping[str, Any]
    time_to_live_description: Mapping[str, Any] = field(default_factory=dict)
    recovery_description: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return the name of the table."""
        return str(self.description["TableName"])

    @property
    def indexes(self) -> dict[str, Mapping[str, Any]]:
        """Return DynamoDB's descriptions of the global secondary indexes by name, without those that are deleted."""
        found = self.description.get("GlobalSecondaryIndexes", ())
        return {index["IndexName"]: index for index in found if index.get("IndexStatus") != "DELETING"}

    @property
    def deleted_indexes(self) -> frozenset[str]:
        """Return the names of the global secondary indexes that are being deleted."""
        found = self.description.get("GlobalSecondaryIndexes", ())
        return frozenset(index["IndexName"] for index in found if index.get("IndexStatus") == "DELETING")

    @property
    def local_indexes(self) -> dict[str, Mapping[str, Any]]:
        """Return DynamoDB's descriptions of the local secondary indexes by name."""
        return {index["IndexName"]: index for index in self.description.get("LocalSecondaryIndexes", ())}

    @property
    def key_types(self) -> dict[str, str]:
        """Return the type of each attribute that is a key: ``S``, ``N`` or ``B``."""
        return {entry["AttributeName"]: entry["AttributeType"] for entry in self.description["AttributeDefinitions"]}

    @property
    def billing(self) -> Provisioned | OnDemand:
        """Return the capacity of the table, or that it is paid for by the request."""
        if self.description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
            return ON_DEMAND
        return capacity_of(self.description)

    @property
    def stream(self) -> str | None:
        """Return what the stream shows of each change, None where there is none."""
        stated = self.description.get("StreamSpecification") or {}
        return stated.get("StreamViewType") if stated.get("StreamEnabled") else None

    @property
    def time_to_live(self) -> str | None:
        """Return the attribute by which items expire, None where they do not."""
        stated = self.time_to_live_description
        return stated.get("AttributeName") if stated.get("TimeToLiveStatus") in _ON else None

    @property
    def recovers(self) -> bool:
        """Tell whether the table can be restored to a point in time."""
        stated = self.recovery_description.get("PointInTimeRecoveryDescription", {})
        return stated.get("PointInTimeRecoveryStatus") in _ON

    @property
    def is_protected(self) -> bool:
        """Tell whether the table refuses to be deleted."""
        return bool(self.description.get("DeletionProtectionEnabled", False))

    @property
    def kms_key(self) -> str | None:
        """Return the ARN of the key that encrypts the table, None for a key of the service's own."""
        stated = self.description.get("SSEDescription") or {}
        return None if stated.get("Status") == "DISABLED" else stated.get("KMSMasterKeyArn")


def read_state(connection: Connection) -> TableState:
    """Return what the table is, by four requests; what this engine or these credentials cannot tell is left open.

    Raises:
        TableNotFound: there is none.
    """
    description = Table(connection).describe()
    name = {"TableName": connection.table}
    unread: dict[str, str] = {}

    def asked(what: str, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except AccessDenied:
            unread[what] = "these credentials may not ask for it"
        except ServiceError as error:
            if error.code not in _UNKNOWN:
                raise
            unread[what] = "this engine does not know of it"
        return {}

    def tell(operation: str, part: str) -> Any:
        return connection.call(operation, name)[part]

    return TableState(
        description,
        asked("time to live", lambda: tell("DescribeTimeToLive", "TimeToLiveDescription")),
        asked("recovery", lambda: tell("DescribeContinuousBackups", "ContinuousBackupsDescription")),
        asked("tags", lambda: _tags(connection, description["TableArn"])),
        unread,
    )


def state_or_none(connection: Connection) -> TableState | None:
    """Return what the table is, None where there is none."""
    try:
        return read_state(connection)
    except TableNotFound:
        return None


def capacity_of(part: Mapping[str, Any]) -> Provisioned:
    """Return the capacity that the description of a table or an index states."""
    stated = part.get("ProvisionedThroughput", {})
    return Provisioned(int(stated.get("ReadCapacityUnits", 0)), int(stated.get("WriteCapacityUnits", 0)))


def _tags(connection: Connection, resource: str) -> dict[str, str]:
    found: dict[str, str] = {}
    request = {"ResourceArn": resource}
    while True:
        try:
            answer = connection.call("ListTagsOfResource", request)
        except TableNotFound:
            # Tags are kept elsewhere: a table that was just made is not known there for some seconds.
            return found
        found |= {tag["Key"]: tag["Value"] for tag in answer.get("Tags", ())}
        if not answer.get("NextToken"):
            return found
        request = {"ResourceArn": resource, "NextToken": answer["NextToken"]}
