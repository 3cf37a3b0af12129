"""Be a table service for the plans of tables: it answers as DynamoDB does, with its waits and its refusals."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from botocore import xform_name

from madmall_models.errors import ServiceError, TableNotFound

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/care"
TEXT = "S"


class PretendedTable:
    """One table of the name ``care``, as its connection shows it.

    Args:
        description: what DescribeTable answers; None where there is no table.
        lag: how many looks at the table each change of it or of an index takes.

    Attributes:
        sent: each change that was asked for, in order.
        refusals: errors to answer the next changes with, one each; None lets one through.
    """

    table = "care"

    def __init__(self, description: dict[str, Any] | None, lag: int = 0) -> None:
        self.description = description
        self.lag = lag
        self.time_to_live: dict[str, Any] = {"TimeToLiveStatus": "DISABLED"}
        self.recovers = False
        self.tags: dict[str, str] = {}
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.refusals: list[Exception | None] = []
        self.unknown: set[str] = set()
        self._looks = 0

    # -- what a connection offers --------------------------------------------------------------------------------------

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation in self.unknown:
            raise ServiceError(f"{operation} was refused", code="UnknownOperationException")
        if operation != "CreateTable" and self.description is None:
            raise TableNotFound("there is no table 'care'")
        if not operation.startswith(("Describe", "List")):
            self.sent.append((operation, copy.deepcopy(request)))
            refusal = self.refusals.pop(0) if self.refusals else None
            if refusal is not None:
                raise refusal
        answer: dict[str, Any] = getattr(self, f"_{xform_name(operation)}")(request) or {}
        return copy.deepcopy(answer)

    @property
    def changes(self) -> list[str]:
        return [operation for operation, _ in self.sent]

    # -- reading -------------------------------------------------------------------------------------------------------

    def _describe_table(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self.description is not None
        answer = {"Table": copy.deepcopy(self.description)}
        self._pass()
        return answer

    def _describe_time_to_live(self, request: dict[str, Any]) -> dict[str, Any]:
        return {"TimeToLiveDescription": self.time_to_live}

    def _describe_continuous_backups(self, request: dict[str, Any]) -> dict[str, Any]:
        state = {"PointInTimeRecoveryStatus": "ENABLED" if self.recovers else "DISABLED"}
        return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": state}}

    def _list_tags_of_resource(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer one tag at a time: a table may have more than a page of them."""
        assert request["ResourceArn"] == ARN
        names = sorted(self.tags)
        place = int(request.get("NextToken", 0))
        page = [{"Key": name, "Value": self.tags[name]} for name in names[place : place + 1]]
        return {"Tags": page, **({"NextToken": str(place + 1)} if place + 1 < len(names) else {})}

    # -- changing ------------------------------------------------------------------------------------------------------

    def _create_table(self, request: dict[str, Any]) -> None:
        if self.description is not None:
            raise ServiceError("CreateTable was refused", code="ResourceInUseException")
        self.tags = {tag["Key"]: tag["Value"] for tag in request.pop("Tags", ())}
        self.description = describe(request)
        self._begin("TableStatus", "CREATING", self.description)

    def _update_table(self, request: dict[str, Any]) -> None:
        assert self.description is not None
        updates = request.get("GlobalSecondaryIndexUpdates", ())
        statuses = {index["IndexStatus"] for index in self._indexes()}
        if self.description["TableStatus"] != "ACTIVE" or (updates and statuses - {"ACTIVE"}):
            raise ServiceError("UpdateTable was refused", code="ResourceInUseException")
        self._bill(request)
        self._set(request)
        if len([update for update in updates if "Update" not in update]) > 1:
            raise ServiceError("UpdateTable was refused", code="LimitExceededException")
        for update in updates:
            self._update_index(*next(iter(update.items())), request)
        self._begin("TableStatus", "UPDATING", self.description)

    def _update_time_to_live(self, request: dict[str, Any]) -> None:
        specification = request["TimeToLiveSpecification"]
        enabled, attribute = specification["Enabled"], specification["AttributeName"]
        is_on = self.time_to_live["TimeToLiveStatus"] == "ENABLED"
        if enabled == is_on or (is_on and self.time_to_live["AttributeName"] != attribute):
            raise ServiceError("UpdateTimeToLive was refused", code="ValidationException", details="TimeToLive is so")
        self.time_to_live = {"TimeToLiveStatus": "DISABLED"}
        if enabled:
            self.time_to_live = {"TimeToLiveStatus": "ENABLED", "AttributeName": attribute}

    def _update_continuous_backups(self, request: dict[str, Any]) -> None:
        self.recovers = request["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"]

    def _tag_resource(self, request: dict[str, Any]) -> None:
        assert request["ResourceArn"] == ARN
        self.tags |= {tag["Key"]: tag["Value"] for tag in request["Tags"]}

    # -- parts of a change ---------------------------------------------------------------------------------------------

    def _bill(self, request: dict[str, Any]) -> None:
        assert self.description is not None
        mode = self.description["BillingModeSummary"]["BillingMode"]
        wanted = request.get("BillingMode", mode)
        throughput = request.get("ProvisionedThroughput")
        if throughput is not None and throughput == self.description["ProvisionedThroughput"]:
            raise ServiceError("UpdateTable was refused", code="ValidationException", details="will not change")
        if mode != wanted == "PROVISIONED":
            named = {update["Update"]["IndexName"] for update in request.get("GlobalSecondaryIndexUpdates", ())}
            assert named == {index["IndexName"] for index in self._indexes()}, "each index needs its capacity"
        self.description["BillingModeSummary"] = {"BillingMode": wanted}
        if wanted == "PAY_PER_REQUEST":
            for part in (self.description, *self._indexes()):
                part["ProvisionedThroughput"] = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
        if throughput is not None:
            self.description["ProvisionedThroughput"] = throughput

    def _set(self, request: dict[str, Any]) -> None:
        assert self.description is not None
        if "DeletionProtectionEnabled" in request:
            self.description["DeletionProtectionEnabled"] = request["DeletionProtectionEnabled"]
        if "SSESpecification" in request:
            self.description["SSEDescription"] = sse(request["SSESpecification"])
        stream = request.get("StreamSpecification")
        if stream is not None:
            if stream["StreamEnabled"] == ("StreamSpecification" in self.description):
                raise ServiceError("UpdateTable was refused", code="ValidationException", details="the stream is so")
            self.description.pop("StreamSpecification", None)
            if stream["StreamEnabled"]:
                self.description["StreamSpecification"] = stream

    def _update_index(self, kind: str, update: dict[str, Any], request: dict[str, Any]) -> None:
        assert self.description is not None
        if kind == "Create":
            defined = {entry["AttributeName"]: entry["AttributeType"] for entry in request["AttributeDefinitions"]}
            for entry in self.description["AttributeDefinitions"]:
                assert defined[entry["AttributeName"]] == entry["AttributeType"], "the type of a key is never changed"
            self.description["AttributeDefinitions"] = request["AttributeDefinitions"]
            index = {"ProvisionedThroughput": {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}, **update}
            self.description.setdefault("GlobalSecondaryIndexes", []).append(index)
            self._begin("IndexStatus", "CREATING", index)
            return
        found = [index for index in self._indexes() if index["IndexName"] == update["IndexName"]]
        if not found:
            raise TableNotFound("there is no table 'care'")
        if kind == "Update":
            found[0]["ProvisionedThroughput"] = update["ProvisionedThroughput"]
        else:
            self._begin("IndexStatus", "DELETING", found[0])
            self._forget_the_deleted()

    # -- time ----------------------------------------------------------------------------------------------------------

    def _indexes(self) -> list[dict[str, Any]]:
        assert self.description is not None
        found: list[dict[str, Any]] = self.description.get("GlobalSecondaryIndexes", [])
        return found

    def _begin(self, name: str, status: str, part: dict[str, Any]) -> None:
        part[name] = status if self.lag or status == "DELETING" else "ACTIVE"
        self._looks = self.lag

    def _pass(self) -> None:
        """Let what was begun come to an end, after so many looks: first of the table, then of its indexes."""
        assert self.description is not None
        self._looks -= 1
        if self._looks >= 0:
            return
        if self.description["TableStatus"] in ("CREATING", "UPDATING"):
            self.description["TableStatus"] = "ACTIVE"
            self._looks = self.lag
            return
        for index in self._indexes():
            if index["IndexStatus"] == "CREATING":
                index["IndexStatus"] = "ACTIVE"
        self._forget_the_deleted(at_once=True)

    def _forget_the_deleted(self, *, at_once: bool = False) -> None:
        assert self.description is not None
        if not at_once and self.lag:
            return
        left = [index for index in self._indexes() if index["IndexStatus"] != "DELETING"]
        self.description["GlobalSecondaryIndexes"] = left
        used = {name for part in _parts(self.description) for name in part}
        definitions = self.description["AttributeDefinitions"]
        self.description["AttributeDefinitions"] = [one for one in definitions if one["AttributeName"] in used]


def describe(request: dict[str, Any]) -> dict[str, Any]:
    """Return what DescribeTable answers of a table that CreateTable made."""
    none = {"ReadCapacityUnits": 0, "WriteCapacityUnits": 0}
    description = {
        "TableArn": ARN,
        "TableStatus": "ACTIVE",
        "ItemCount": 12_000,
        "TableSizeBytes": 3_400_000,
        "DeletionProtectionEnabled": False,
        "ProvisionedThroughput": none,
        **copy.deepcopy(request),
    }
    description["BillingModeSummary"] = {"BillingMode": description.pop("BillingMode")}
    specification = description.pop("SSESpecification", None)
    if specification is not None:
        description["SSEDescription"] = sse(specification)
    for index in description.get("GlobalSecondaryIndexes", ()):
        index.setdefault("ProvisionedThroughput", none)
        index["IndexStatus"] = "ACTIVE"
    return description


def sse(specification: dict[str, Any]) -> dict[str, Any]:
    """Return the description of an encryption: DynamoDB tells the key by its ARN, however it was named."""
    key = specification["KMSMasterKeyId"].rpartition("/")[2]
    arn = f"arn:aws:kms:us-east-1:123456789012:key/{key}"
    return {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": arn}


def _parts(description: dict[str, Any]) -> Iterator[list[str]]:
    for part in (description, *description.get("GlobalSecondaryIndexes", ())):
        yield [key["AttributeName"] for key in part["KeySchema"]]
