"""Save a table before a run writes its first item: by the service where it can, else in a file.

What was saved is read back before it counts as a backup.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Any

from madmall_models import clock
from madmall_models.connection.operations import Connection
from madmall_models.errors import (
    AccessDenied,
    BackupFailed,
    ConditionFailed,
    MadMallError,
    OutcomeUnknown,
    ServiceError,
)
from madmall_models.expression import Expression, same
from madmall_models.migration.export_file import ExportFile, checksum_of, exported_items
from madmall_models.migration.item_digest import Checksum, Item
from madmall_models.migration.record import PREFIX
from madmall_models.table_segments import segment_pages

_SEGMENTS = 4
_WRITERS = 8
_ITEMS_AT_ONCE = 500
_POLL_SECONDS = 1.0
_MOST_SECONDS = 900.0
# The service knows no such operation, or does not let us: another kind of backup may do.
_LACKING = (ServiceError, AccessDenied, OutcomeUnknown)


class BackupKind(Enum):
    """Say how a table was saved."""

    NOTHING = "nothing to save"
    RECOVERY = "point-in-time recovery"
    ON_DEMAND = "on-demand backup"
    EXPORT = "export file"


@dataclass(frozen=True)
class Backup:
    """What was saved of a table, and where.

    Attributes:
        kind: how.
        table: its name.
        at: the moment whose state it holds; of a file, when reading began.
        place: the ARN of a backup, the path of a file; None for the others.
        count: the number of items in a file; None where the service counts.
        checksum: of the items in a file.
        size: bytes, as the service or the disk says; the service updates its own a few times a day.
        notes: which kinds could not be had, and why.
    """

    kind: BackupKind
    table: str
    at: datetime
    place: str | None = None
    count: int | None = None
    checksum: str | None = None
    size: int | None = None
    notes: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """Return the backup as plain values, as :class:`~madmall_models.migration.ledger.RunRecord` keeps them."""
        values = asdict(self)
        return {**values, "kind": self.kind.value, "at": clock.to_text(self.at), "notes": list(self.notes)}

    def describe(self) -> str:
        """Return what was saved and how to come back to it, in a sentence without the full stop."""
        moment = clock.to_text(self.at)
        if self.kind is BackupKind.NOTHING:
            return f"table {self.table} held no items at {moment}: there was nothing to save"
        if self.kind is BackupKind.RECOVERY:
            return f"table {self.table} can be restored to {moment} by its point-in-time recovery"
        if self.kind is BackupKind.ON_DEMAND:
            return f"table {self.table} was saved at {moment} as the backup {self.place}"
        return f"the {self.count:,} items that table {self.table} held at {moment} are in {self.place}"


def back_up(database: Any, run: str, path: str | os.PathLike[str] | None = None) -> Backup:
    """Save a table as the service can: point-in-time recovery that is on, an on-demand backup, else a file.

    Records of the engine itself are no items. An on-demand backup and a file cost a reading of the whole table.

    Args:
        database: whose table.
        run: names an on-demand backup.
        path: the file, if it comes to that; it must not exist.

    Raises:
        BackupFailed: nothing could be saved, or what was read back is not what was saved.
        TableNotFound: there is no table. Any error of the database.
    """
    connection, at = database.connection, clock.utc_now()
    if not _has_items(connection):
        return Backup(BackupKind.NOTHING, connection.table, at)
    notes: list[str] = []
    for kind, attempt in (
        (BackupKind.RECOVERY, lambda: _recovery(connection, at)),
        (BackupKind.ON_DEMAND, lambda: _on_demand(connection, run, at)),
    ):
        made = _attempted(kind, attempt, notes)
        if made is not None:
            return replace(made, notes=tuple(notes))
    if path is None:
        raise BackupFailed(
            f"table {connection.table} was not backed up ({'; '.join(notes)}); name a file for its items, "
            "or say that no backup is wanted"
        )
    return _export(connection, path, at, tuple(notes))


@dataclass(frozen=True)
class Restored:
    """What :func:`restore_export` did.

    Attributes:
        written: items that were absent, and are there now.
        present: items whose key was taken; they were left as they are.
    """

    written: int
    present: int


def restore_export(database: Any, path: str | os.PathLike[str]) -> Restored:
    """Put the items of an export file back where nothing stands; what is there is left, whatever it holds.

    Items go back one by one as they were, mirrors, pointers and claims among them. Into an empty table that restores
    all of it; into one that went on living it may leave items beside others that do not fit them, so check the table
    with :func:`madmall_models.integrity.check` afterwards. It is safe to repeat. The file is read twice: nothing is
    written unless all of it is sound.

    Raises:
        BackupFailed: the file cannot be read or is damaged; nothing was written. Any error of the database.

    Example::

        restore_export(db, "before-01KB.jsonl")
    """
    checksum_of(path)
    connection = database.connection
    written = present = 0
    items = exported_items(path)
    with ThreadPoolExecutor(_WRITERS, "madmall-migration-restore") as writers:
        while batch := list(islice(items, _ITEMS_AT_ONCE)):
            put = sum(writers.map(lambda item: _put_back(connection, item), batch))
            written, present = written + put, present + len(batch) - put
    return Restored(written, present)


def _attempted(kind: BackupKind, attempt: Callable[[], Backup | None], notes: list[str]) -> Backup | None:
    """Return a backup of a kind, None where it cannot be had; why not is noted."""
    try:
        made = attempt()
    except _LACKING as error:
        notes.append(f"no {kind.value}: {_said(error)}")
        return None
    if made is None:
        notes.append(f"no {kind.value}: it is off")
    return made


def _said(error: MadMallError) -> str:
    code = error.code if isinstance(error, ServiceError) else ""
    return "the engine does not know it" if code == "UnknownOperationException" else str(error)


def _has_items(connection: Connection) -> bool:
    return next(_items(connection, segments=1), None) is not None


def _items(connection: Connection, *, segments: int) -> Iterator[Item]:
    """Yield every item of a table as it is now, but for the records of the engine."""
    request = {
        "TableName": connection.table,
        "ConsistentRead": True,
        "FilterExpression": "NOT begins_with (PK, :engine)",
        "ExpressionAttributeValues": {":engine": {"S": PREFIX}},
    }
    for page in segment_pages(connection, request, segments):
        yield from page.items


def _recovery(connection: Connection, at: datetime) -> Backup | None:
    """Return a mark in time, if the table can be restored to it."""
    answer = connection.call("DescribeContinuousBackups", {"TableName": connection.table})
    state = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    earliest = state.get("EarliestRestorableDateTime")
    if state.get("PointInTimeRecoveryStatus") != "ENABLED" or earliest is None or earliest > at:
        return None
    return Backup(BackupKind.RECOVERY, connection.table, at)


def _on_demand(connection: Connection, run: str, at: datetime) -> Backup:
    """Make an on-demand backup, and wait until the service says that it is there."""
    request = {"TableName": connection.table, "BackupName": f"madmall-{run}"}
    place = connection.call("CreateBackup", request)["BackupDetails"]["BackupArn"]
    deadline = time.monotonic() + _MOST_SECONDS
    while True:
        description = connection.call("DescribeBackup", {"BackupArn": place})["BackupDescription"]
        details = description["BackupDetails"]
        if details["BackupStatus"] != "CREATING":
            break
        if time.monotonic() > deadline:
            raise BackupFailed(f"the backup {place} was not there after {_MOST_SECONDS:g} seconds; try again later")
        time.sleep(_POLL_SECONDS)
    of = description.get("SourceTableDetails", {}).get("TableName")
    if details["BackupStatus"] != "AVAILABLE" or of != connection.table:
        raise BackupFailed(f"the backup {place} is {details['BackupStatus']} and of table {of}; nothing was written")
    return Backup(BackupKind.ON_DEMAND, connection.table, at, place, size=details.get("BackupSizeBytes"))


def _export(connection: Connection, path: str | os.PathLike[str], at: datetime, notes: tuple[str, ...]) -> Backup:
    with ExportFile(path) as export:
        for item in _items(connection, segments=_SEGMENTS):
            export.write(item)
    place = Path(path).resolve()
    _compare(place, export.checksum)
    checksum = export.checksum
    size = place.stat().st_size
    return Backup(BackupKind.EXPORT, connection.table, at, str(place), checksum.count, checksum.text, size, notes)


def _compare(path: Path, wrote: Checksum) -> None:
    """Make sure that a file holds what was written; one that does not is removed, so that nobody trusts it."""
    try:
        found = checksum_of(path)
        if found != wrote:
            raise BackupFailed(
                f"the backup {path} holds {found.count} items and not the {wrote.count} that were written, or others; "
                "look after the disk. The table was left as it is"
            )
    except BackupFailed:
        path.unlink(missing_ok=True)
        raise


def _put_back(connection: Connection, item: Item) -> bool:
    """Put an item where nothing stands, and say whether that was done."""
    request = {"TableName": connection.table, "Item": item, **Expression().absent("PK").request()}

    def is_there(found: Item | None) -> bool:
        return found is not None and same({"M": found}, {"M": item})

    try:
        connection.call("PutItem", request, was_applied=is_there)
    except ConditionFailed:
        return False
    return True
