"""Create, describe and delete the table that the declarations ask for."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pynamodb.indexes import AllProjection

from madmall_models.connection.operations import Connection
from madmall_models.errors import ConfigurationError, DeadlineExceeded, ServiceError, TableNotFound
from madmall_models.indexes import INDEXES, TableIndex

TTL_ATTRIBUTE = "ttl"
# DynamoDB changes one index of a table at a time, and says so in one of these ways.
BUSY = frozenset(["ResourceInUseException", "LimitExceededException"])
_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class Provisioned:
    """Provisioned capacity of the table and of each index, in units a second."""

    read: int
    write: int


class Table:
    """The one table of a database.

    Args:
        connection: where it is.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def create(
        self,
        *,
        wait: bool = True,
        seconds: float = 120.0,
        billing: Provisioned | None = None,
        kms_key: str | None = None,
        point_in_time_recovery: bool = False,
        deletion_protection: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Create the table with its indexes, stream and time to live; safe to repeat.

        A table that exists may have more indexes than the models declare, such as those a migration added.

        Raises:
            ConfigurationError: a table of this name exists, and has other keys or lacks an index.
            DeadlineExceeded: it did not become active in ``seconds``.
        """
        request = table_request(self._connection.table, billing)
        if kms_key is not None:
            request["SSESpecification"] = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": kms_key}
        if deletion_protection:
            request["DeletionProtectionEnabled"] = True
        if tags:
            request["Tags"] = [{"Key": name, "Value": value} for name, value in tags.items()]
        try:
            self._connection.call("CreateTable", request)
        except ServiceError as error:
            if error.code != "ResourceInUseException":
                raise
        self._check(self._wait_until_active(seconds if wait or point_in_time_recovery else 0.0) or self.describe())
        self._enable_time_to_live()
        if point_in_time_recovery:
            self._enable_recovery()

    def describe(self) -> dict[str, Any]:
        """Return DynamoDB's description of the table.

        Raises:
            TableNotFound: there is none.
        """
        answer = self._connection.call("DescribeTable", {"TableName": self._connection.table})
        description: dict[str, Any] = answer["Table"]
        return description

    def check(self) -> None:
        """Make sure that the table is what the models declare.

        Raises:
            TableNotFound: there is none. ConfigurationError: it has other keys or indexes.
        """
        self._check(self.describe())

    def delete(self, *, seconds: float = 60.0) -> None:
        """Delete the table with everything in it, and wait until it is gone; nothing happens if it is not there.

        Raises:
            DeadlineExceeded: it was still there after ``seconds``.
        """
        try:
            self._connection.call("DeleteTable", {"TableName": self._connection.table})
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline:
                self.describe()
                time.sleep(_POLL_SECONDS)
        except TableNotFound:
            return
        raise DeadlineExceeded(f"table {self._connection.table!r} was not gone after {seconds:g} seconds")

    def _wait_until_active(self, seconds: float) -> dict[str, Any] | None:
        deadline = time.monotonic() + seconds
        while seconds:
            description = self.describe()
            indexes = description.get("GlobalSecondaryIndexes", [])
            states = {description.get("TableStatus"), *(index.get("IndexStatus") for index in indexes)}
            if states <= {"ACTIVE"}:
                return description
            if time.monotonic() > deadline:
                raise DeadlineExceeded(f"table {self._connection.table!r} was not active after {seconds:g} seconds")
            time.sleep(_POLL_SECONDS)
        return None

    def _check(self, description: Mapping[str, Any]) -> None:
        """Refuse a table that lacks what the models declare; indexes beyond that are somebody's, and may be there."""
        wanted = table_request(self._connection.table, None)
        there = {index["IndexName"]: index_shape(index) for index in description.get("GlobalSecondaryIndexes", ())}
        faults = [] if _keys(description) == _keys(wanted) else ["its keys are others"]
        for index in wanted["GlobalSecondaryIndexes"]:
            name = index["IndexName"]
            if name not in there:
                faults.append(f"it has no index {name}")
            elif there[name] != index_shape(index):
                faults.append(f"its index {name} has other keys or copies other attributes")
        if faults:
            raise ConfigurationError(
                f"table {self._connection.table!r} exists with other keys or indexes than the models declare: "
                f"{'; '.join(faults)}. Name another table, or compare with `madmall table diff`"
            )

    def _enable_time_to_live(self) -> None:
        name = {"TableName": self._connection.table}
        state = self._connection.call("DescribeTimeToLive", name).get("TimeToLiveDescription", {})
        if state.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") and state.get("AttributeName") == TTL_ATTRIBUTE:
            return
        specification = {"Enabled": True, "AttributeName": TTL_ATTRIBUTE}
        try:
            self._connection.call("UpdateTimeToLive", {**name, "TimeToLiveSpecification": specification})
        except ServiceError as error:
            # Another process may have enabled it between the two calls.
            if "already enabled" not in error.details:
                raise

    def _enable_recovery(self) -> None:
        specification = {"PointInTimeRecoveryEnabled": True}
        request = {"TableName": self._connection.table, "PointInTimeRecoverySpecification": specification}
        self._connection.call("UpdateContinuousBackups", request)


def table_request(name: str, billing: Provisioned | None) -> dict[str, Any]:
    """Return the CreateTable request that the index declarations give."""
    throughput = {"ReadCapacityUnits": billing.read, "WriteCapacityUnits": billing.write} if billing else None
    capacity: dict[str, Any] = {"ProvisionedThroughput": throughput} if throughput else {}
    names = ["PK", "SK"] + [f"{index.Meta.index_name}{half}" for index in INDEXES for half in ("PK", "SK")]
    return {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": attribute, "AttributeType": "S"} for attribute in names],
        "KeySchema": _key_schema(""),
        "GlobalSecondaryIndexes": [{**_index_request(index), **capacity} for index in INDEXES],
        "BillingMode": "PROVISIONED" if billing else "PAY_PER_REQUEST",
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        **capacity,
    }


def index_addition(description: Mapping[str, Any], definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the UpdateTable request that adds an index whose keys are texts to a table.

    Args:
        description: DynamoDB's own, of the table as it is. Where it has provisioned capacity, the index gets as much.
        definition: name, key schema and projection of the index.
    """
    definition = {**definition, **_capacity(description)}
    used = {key["AttributeName"] for part in _parts(description) for key in part["KeySchema"]}
    types = {entry["AttributeName"]: entry["AttributeType"] for entry in description["AttributeDefinitions"]}
    types = {name: types[name] for name in types if name in used}
    types |= {name: types.get(name, "S") for name, _ in _keys(definition)}
    return {
        "TableName": description["TableName"],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": kind} for name, kind in types.items()],
        "GlobalSecondaryIndexUpdates": [{"Create": definition}],
    }


def is_busy(description: Mapping[str, Any]) -> bool:
    """Tell whether DynamoDB is at work on a table or one of its indexes, and takes no further change of an index."""
    states = {index.get("IndexStatus") for index in description.get("GlobalSecondaryIndexes", ())}
    return {description["TableStatus"], *states} != {"ACTIVE"}


def _parts(description: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the descriptions of a table and of its indexes."""
    return [
        description,
        *description.get("GlobalSecondaryIndexes", ()),
        *description.get("LocalSecondaryIndexes", ()),
    ]


def _capacity(description: Mapping[str, Any]) -> dict[str, Any]:
    """Return the capacity that a new index needs where the table has its own; it is given as much as the table."""
    if description.get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST":
        return {}
    given = description["ProvisionedThroughput"]
    return {"ProvisionedThroughput": {name: given[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")}}


def _index_request(index: type[TableIndex]) -> dict[str, Any]:
    projection = index.Meta.projection
    stated: dict[str, Any] = {"ProjectionType": projection.projection_type}
    if not isinstance(projection, AllProjection) and projection.non_key_attributes:
        stated["NonKeyAttributes"] = list(projection.non_key_attributes)
    return {
        "IndexName": index.Meta.index_name,
        "KeySchema": _key_schema(index.Meta.index_name),
        "Projection": stated,
    }


def _key_schema(prefix: str) -> list[dict[str, str]]:
    return [{"AttributeName": f"{prefix}PK", "KeyType": "HASH"}, {"AttributeName": f"{prefix}SK", "KeyType": "RANGE"}]


def index_shape(index: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what makes an index what it is, beside its name: its key schema, and what it copies."""
    projection = index["Projection"]
    return _keys(index), projection["ProjectionType"], frozenset(projection.get("NonKeyAttributes", ()))


def _keys(part: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((key["AttributeName"], key["KeyType"]) for key in part["KeySchema"])
