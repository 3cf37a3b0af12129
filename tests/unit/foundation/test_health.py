"""Health tells whether the table serves now, and why not; it never raises."""

from __future__ import annotations

from typing import Any

import pytest

from madmall_models import AccessDenied, Database, Throttled


def health(monkeypatch: pytest.MonkeyPatch, answer: Any) -> Any:
    database = Database(table="table", endpoint="http://127.0.0.1:1")

    def described(operation: str, request: Any, **_: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return {"Table": {"TableStatus": answer}}

    monkeypatch.setattr(database.connection, "call", described)
    return database.health()


@pytest.mark.defect(8)
@pytest.mark.parametrize(
    ("status", "serves"),
    [
        ("ACTIVE", True),
        ("UPDATING", True),
        ("CREATING", False),
        ("DELETING", False),
        ("ARCHIVED", False),
        ("INACCESSIBLE_ENCRYPTION_CREDENTIALS", False),
    ],
)
def test_a_table_is_well_only_while_it_serves(status: str, serves: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told = health(monkeypatch, status)
    assert (told.ok, told.table) == (serves, status)
    assert told.reasons == (() if serves else (f"the table is {status}",))


@pytest.mark.defect(8)
@pytest.mark.parametrize("error", [AccessDenied("DescribeTable is not allowed"), Throttled("slow down")])
def test_what_keeps_the_table_from_being_described_is_told(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    told = health(monkeypatch, error)
    assert (told.ok, told.table) == (False, "UNREACHABLE")
    assert told.reasons == (f"{type(error).__name__}: {error}",)
