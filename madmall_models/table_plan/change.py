"""Say what can be done to a table, as frozen values: each is one request to the service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from madmall_models.table import Provisioned, index_addition
from madmall_models.table_plan.settings import ON_DEMAND, OnDemand, TableSettings
from madmall_models.table_plan.state import TableState, capacity_of

_WHAT_IS_COPIED = {"KEYS_ONLY": "keys only", "ALL": "whole items"}
Request = tuple[str, dict[str, Any]]


class TableChange(Protocol):
    """One thing to do to a table."""

    @property
    def subject(self) -> str:
        """Return what is changed, such as ``index GSI3`` or ``tag team``."""

    @property
    def cost(self) -> str:
        """Return what it costs: in money, in time and for those who use the table meanwhile."""

    def describe(self) -> str:
        """Return what it does, as a sentence without the full stop."""

    def request(self, state: TableState) -> Request | None:
        """Return the operation that does it to a table as it is, and its parameters; None where one can only wait."""


@dataclass(frozen=True)
class IndexDefinition:
    """What makes an index what it is.

    Attributes:
        name: of the index.
        keys: pairs of an attribute and ``HASH`` or ``RANGE``.
        projection: ``ALL``, ``KEYS_ONLY`` or ``INCLUDE``.
        included: the attributes that it copies beside the keys, in order of their names.
    """

    name: str
    keys: tuple[tuple[str, str], ...]
    projection: str
    included: tuple[str, ...] = ()

    @classmethod
    def of(cls, description: Mapping[str, Any]) -> IndexDefinition:
        """Return the definition that a description or a request holds."""
        projection = description["Projection"]
        return cls(
            description["IndexName"],
            tuple((key["AttributeName"], key["KeyType"]) for key in description["KeySchema"]),
            projection["ProjectionType"],
            tuple(sorted(projection.get("NonKeyAttributes", ()))),
        )

    def describe(self) -> str:
        """Return its keys and what it copies."""
        copied = _WHAT_IS_COPIED.get(self.projection, ", ".join(self.included))
        return f"on {' and '.join(name for name, _ in self.keys)}, with {copied}"

    def as_request(self) -> dict[str, Any]:
        """Return it as a request writes it."""
        included = {"NonKeyAttributes": list(self.included)} if self.included else {}
        return {
            "IndexName": self.name,
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in self.keys],
            "Projection": {"ProjectionType": self.projection, **included},
        }


@dataclass(frozen=True)
class TableCreation:
    """Create the table with all that is asked of it, but recovery, which is asked for when the table is there."""

    settings: TableSettings
    subject = "table"
    cost = "an empty table on demand costs nothing; provisioned capacity is paid for by the hour, used or not"

    def describe(self) -> str:
        """Return what it does."""
        return "Create the table with its keys, indexes, stream and time to live"

    def request(self, state: TableState) -> None:
        """Return nothing: a table that is there is not created again, only waited for."""


@dataclass(frozen=True)
class IndexAddition:
    """Add an index, which DynamoDB then fills from the table."""

    index: IndexDefinition
    table_size: str = field(default="", compare=False)

    @property
    def subject(self) -> str:
        """Return which index."""
        return f"index {self.index.name}"

    @property
    def cost(self) -> str:
        """Return what filling it costs."""
        return (
            f"DynamoDB reads the whole table ({self.table_size}), at no read units of yours, and writes each item that "
            "has the keys into the index, at write units by what it copies; minutes to hours. The table serves "
            "meanwhile, the index only when it is filled"
        )

    def describe(self) -> str:
        """Return what it does."""
        return f"Add the index {self.index.name} {self.index.describe()}"

    def request(self, state: TableState) -> Request:
        """Return the request, with as much capacity as the table has where it is provisioned."""
        return "UpdateTable", index_addition(state.description, self.index.as_request())


@dataclass(frozen=True)
class IndexRemoval:
    """Drop an index; the items stay."""

    name: str

    @property
    def subject(self) -> str:
        """Return which index."""
        return f"index {self.name}"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        return (
            "no item is lost, and nothing is charged; queries of the index fail from then on, until one of its name "
            "is filled again"
        )

    def describe(self) -> str:
        """Return what it does."""
        return f"Drop the index {self.name}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        update = {"Delete": {"IndexName": self.name}}
        return "UpdateTable", {"TableName": state.name, "GlobalSecondaryIndexUpdates": [update]}


@dataclass(frozen=True)
class IndexFilling:
    """Wait until an index that is there holds every item that has its keys."""

    name: str
    cost = "nothing more: DynamoDB is at it"

    @property
    def subject(self) -> str:
        """Return which index."""
        return f"index {self.name}"

    def describe(self) -> str:
        """Return what it does."""
        return f"Wait until the index {self.name} is filled; queries of it fail before"

    def request(self, state: TableState) -> None:
        """Return nothing: DynamoDB was asked already."""


@dataclass(frozen=True)
class BillingChange:
    """Change how reads and writes are paid for, of the table and of its indexes.

    Attributes:
        billing: how they are to be.
        indexes: the indexes that are to have that capacity: the declared ones.
    """

    billing: Provisioned | OnDemand
    indexes: tuple[str, ...]
    subject = "billing"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        if self.billing == ON_DEMAND:
            return "each request is paid for; DynamoDB takes this change at most four times in 24 hours"
        return "paid for by the hour, used or not; what is over it is throttled. It can be lowered a few times a day"

    def describe(self) -> str:
        """Return what it does."""
        if isinstance(self.billing, Provisioned):
            return (
                f"Provision {self.billing.read} read and {self.billing.write} write units a second for the table and "
                "for each declared index"
            )
        return "Pay for each request instead of for provisioned capacity"

    def request(self, state: TableState) -> Request:
        """Return the request with what differs: DynamoDB refuses to set what is set already."""
        request: dict[str, Any] = {"TableName": state.name}
        if not isinstance(self.billing, Provisioned):
            return "UpdateTable", {**request, "BillingMode": "PAY_PER_REQUEST"}
        throughput = {"ReadCapacityUnits": self.billing.read, "WriteCapacityUnits": self.billing.write}
        switched = state.billing == ON_DEMAND
        if switched:
            request["BillingMode"] = "PROVISIONED"
        if state.billing != self.billing:
            request["ProvisionedThroughput"] = throughput
        # Of a table that is switched, every index needs its capacity, whoever made it.
        others = [
            name
            for name, index in state.indexes.items()
            if switched or (name in self.indexes and capacity_of(index) != self.billing)
        ]
        if others:
            request["GlobalSecondaryIndexUpdates"] = [
                {"Update": {"IndexName": name, "ProvisionedThroughput": throughput}} for name in others
            ]
        return "UpdateTable", request


@dataclass(frozen=True)
class StreamChange:
    """Begin the stream of a table with a view, or end it."""

    view: str | None
    subject = "stream"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        if self.view is None:
            return (
                "the stream that is there shows nothing new; consumers can read the last 24 hours from it, and must be "
                "pointed to the new one"
            )
        return "nothing for the table; consumers pay for what they read"

    def describe(self) -> str:
        """Return what it does."""
        return "End the stream" if self.view is None else f"Begin a stream of {self.view}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        view = {} if self.view is None else {"StreamViewType": self.view}
        specification = {"StreamEnabled": self.view is not None, **view}
        return "UpdateTable", {"TableName": state.name, "StreamSpecification": specification}


@dataclass(frozen=True)
class TimeToLiveChange:
    """Let items expire by an attribute, or no longer."""

    attribute: str
    enabled: bool
    subject = "time to live"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        if self.enabled:
            return (
                f"nothing is charged; items whose {self.attribute} has passed are deleted within days. DynamoDB takes "
                "one such change an hour"
            )
        return (
            f"items are no longer deleted by {self.attribute}. DynamoDB takes one such change an hour, so the next one "
            "waits as long"
        )

    def describe(self) -> str:
        """Return what it does."""
        return f"Let items expire by {self.attribute}" if self.enabled else f"Stop expiring items by {self.attribute}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        specification = {"Enabled": self.enabled, "AttributeName": self.attribute}
        return "UpdateTimeToLive", {"TableName": state.name, "TimeToLiveSpecification": specification}
