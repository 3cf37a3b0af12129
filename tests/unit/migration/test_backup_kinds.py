"""The kind of a backup follows from what the service can do, and each is read back before it counts."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from madmall_models import AccessDenied, BackupFailed, MadMallError, ServiceError
from madmall_models.migration import backup
from madmall_models.migration.backup import BackupKind, back_up, restore_export
from madmall_models.migration.export_file import ExportFile

ITEMS = [{"PK": {"S": f"USER#u{number}"}, "SK": {"S": "PROFILE"}} for number in range(3)]
UNKNOWN = ServiceError("it was refused: UnknownOperationException", code="UnknownOperationException")
Answer = Mapping[str, Any] | MadMallError


class Service:
    """Answer as one engine would, and note what it was asked."""

    table = "people"

    def __init__(self, **answers: Answer | list[Answer]) -> None:
        self.connection = self
        self.asked: list[str] = []
        self._answers = {"Scan": {"Items": ITEMS}, **answers}

    def call(self, operation: str, request: Mapping[str, Any], **_: Any) -> Mapping[str, Any]:
        self.asked.append(operation)
        answer = self._answers.get(operation, UNKNOWN)
        if isinstance(answer, list):
            answer = answer.pop(0)
        if isinstance(answer, MadMallError):
            raise answer
        return answer  # type: ignore[return-value]


def recovery(status: str, **times: datetime) -> Mapping[str, Any]:
    state = {"PointInTimeRecoveryStatus": status, **times}
    return {"ContinuousBackupsDescription": {"PointInTimeRecoveryDescription": state}}


def described(status: str, table: str = "people") -> Mapping[str, Any]:
    details = {"BackupStatus": status, "BackupArn": "arn:1", "BackupSizeBytes": 7}
    return {"BackupDescription": {"BackupDetails": details, "SourceTableDetails": {"TableName": table}}}


CREATED = {"BackupDetails": {"BackupArn": "arn:1", "BackupStatus": "CREATING"}}
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    return waited


def test_recovery_that_is_on_is_a_mark_in_time() -> None:
    service = Service(DescribeContinuousBackups=recovery("ENABLED", EarliestRestorableDateTime=LONG_AGO))

    made = back_up(service, "r1")

    assert (made.kind, made.place, made.notes) == (BackupKind.RECOVERY, None, ())
    assert "CreateBackup" not in service.asked
    assert made.describe().startswith("table people can be restored to 20")


@pytest.mark.parametrize(
    "state",
    [
        recovery("DISABLED"),
        recovery("ENABLED"),
        recovery("ENABLED", EarliestRestorableDateTime=datetime.now(UTC) + timedelta(days=1)),
        {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "ENABLED"}},
    ],
)
def test_recovery_that_reaches_back_to_no_moment_is_no_backup(state: Mapping[str, Any]) -> None:
    service = Service(DescribeContinuousBackups=state, CreateBackup=CREATED, DescribeBackup=described("AVAILABLE"))

    made = back_up(service, "r1")

    assert made.kind is BackupKind.ON_DEMAND
    assert made.notes == ("no point-in-time recovery: it is off",)


def test_an_on_demand_backup_counts_when_the_service_says_that_it_is_there(waits: list[float]) -> None:
    service = Service(
        CreateBackup=CREATED, DescribeBackup=[described("CREATING"), described("CREATING"), described("AVAILABLE")]
    )

    made = back_up(service, "r1")

    assert (made.kind, made.place, made.size) == (BackupKind.ON_DEMAND, "arn:1", 7)
    assert len(waits) == 2
    assert made.as_document() == {
        "kind": "on-demand backup", "table": "people", "at": made.as_document()["at"], "place": "arn:1",
        "count": None, "checksum": None, "size": 7,
        "notes": ["no point-in-time recovery: the engine does not know it"],
    }  # fmt: skip
    assert made.describe().endswith("as the backup arn:1")


@pytest.mark.parametrize("found", [described("DELETED"), described("AVAILABLE", table="other")])
def test_a_backup_that_is_gone_or_of_another_table_is_none(found: Mapping[str, Any]) -> None:
    with pytest.raises(BackupFailed, match=r"arn:1 is (DELETED and of table people|AVAILABLE and of table other)"):
        back_up(Service(CreateBackup=CREATED, DescribeBackup=found), "r1")


def test_a_backup_that_never_comes_is_given_up(waits: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backup, "_MOST_SECONDS", -1.0)

    with pytest.raises(BackupFailed, match="was not there after -1 seconds"):
        back_up(Service(CreateBackup=CREATED, DescribeBackup=described("CREATING")), "r1")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (UNKNOWN, "the engine does not know it"),
        (AccessDenied("CreateBackup was refused: AccessDeniedException"), "CreateBackup was refused: AccessDenied"),
    ],
)
def test_what_the_service_does_not_know_or_allow_leads_to_a_file(
    tmp_path: Path, error: MadMallError, said: str
) -> None:
    service = Service(DescribeContinuousBackups=error, CreateBackup=error, Scan={"Items": ITEMS})

    with pytest.raises(BackupFailed, match="name a file for its items") as caught:
        back_up(service, "r1")

    assert f"no point-in-time recovery: {said}" in str(caught.value)
    assert f"no on-demand backup: {said}" in str(caught.value)


def test_a_table_of_nothing_needs_no_backup() -> None:
    service = Service(Scan={"Items": []})

    made = back_up(service, "r1")

    assert made.kind is BackupKind.NOTHING
    assert made.describe().endswith("there was nothing to save")
    assert set(service.asked) == {"Scan"}


@pytest.mark.parametrize("spoil", [lambda text: text + text, lambda text: "", lambda text: text.replace("u1", "u9")])
def test_a_file_that_is_not_what_was_written_is_no_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: Callable[[str], str]
) -> None:
    leave = ExportFile.__exit__

    def leave_and_spoil(export: ExportFile, *error: Any) -> None:
        leave(export, *error)
        export.path.write_text(spoil(export.path.read_text()))

    monkeypatch.setattr(ExportFile, "__exit__", leave_and_spoil)

    with pytest.raises(BackupFailed, match="items and not the 12 that were written, or others"):
        back_up(Service(), "r1", tmp_path / "export.jsonl")

    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_restores_nothing(tmp_path: Path) -> None:
    path = tmp_path / "export.jsonl"
    path.write_text('{"Item":{"PK":{"S":"A"},"SK":{"S":"B"}}}\nnonsense\n')
    service = Service()

    with pytest.raises(BackupFailed, match="line 2 is no item"):
        restore_export(service, path)

    assert service.asked == []
