"""Say what can be done to the settings of a table, as frozen values: each is one request to the service."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.table_plan.change import Request
from madmall_models.table_plan.state import TableState


@dataclass(frozen=True)
class RecoveryChange:
    """Turn point-in-time recovery on or off."""

    enabled: bool
    subject = "recovery"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        if self.enabled:
            return "paid for by the size of the table with its local indexes, each month"
        return "the table can no longer be restored to any moment, those before now included"

    def describe(self) -> str:
        """Return what it does."""
        return f"Turn point-in-time recovery {'on' if self.enabled else 'off'}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        specification = {"PointInTimeRecoveryEnabled": self.enabled}
        request = {"TableName": state.name, "PointInTimeRecoverySpecification": specification}
        return "UpdateContinuousBackups", request


@dataclass(frozen=True)
class ProtectionChange:
    """Protect the table against being deleted, or no longer."""

    enabled: bool
    subject = "deletion protection"

    @property
    def cost(self) -> str:
        """Return what it costs."""
        return "nothing" if self.enabled else "nothing; one request can delete the table with everything in it then"

    def describe(self) -> str:
        """Return what it does."""
        return f"Turn deletion protection {'on' if self.enabled else 'off'}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        return "UpdateTable", {"TableName": state.name, "DeletionProtectionEnabled": self.enabled}


@dataclass(frozen=True)
class EncryptionChange:
    """Encrypt the table with another key."""

    kms_key: str
    subject = "encryption"
    cost = (
        "the key service charges for the key and its use; who uses the table must be allowed to use the key. A table "
        "whose key is disabled cannot be read"
    )

    def describe(self) -> str:
        """Return what it does."""
        return f"Encrypt the table with the key {self.kms_key}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        specification = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": self.kms_key}
        return "UpdateTable", {"TableName": state.name, "SSESpecification": specification}


@dataclass(frozen=True)
class TagChange:
    """Give the table a tag, or its tag another value."""

    name: str
    value: str
    cost = "nothing"

    @property
    def subject(self) -> str:
        """Return which tag."""
        return f"tag {self.name}"

    def describe(self) -> str:
        """Return what it does."""
        return f"Tag the table {self.name}={self.value}"

    def request(self, state: TableState) -> Request:
        """Return the request."""
        tag = {"Key": self.name, "Value": self.value}
        return "TagResource", {"ResourceArn": state.description["TableArn"], "Tags": [tag]}
