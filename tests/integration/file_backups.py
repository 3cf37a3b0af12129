"""Let a backup be a file, whatever the engine can do."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import AccessDenied, ServiceError
from madmall_models.connection.operations import Connection


def allow_only_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no engine make a backup of its own."""
    call = Connection.call

    def without(connection: Connection, operation: str, request: Any, **options: Any) -> Any:
        if operation == "DescribeContinuousBackups":
            raise ServiceError("it was refused", code="UnknownOperationException")
        if operation == "CreateBackup":
            raise AccessDenied("CreateBackup was refused: AccessDeniedException; check credentials and policy")
        return call(connection, operation, request, **options)

    monkeypatch.setattr(Connection, "call", without)
