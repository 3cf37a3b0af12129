"""Be the memory of a table: which runs worked on it, how far each came, and which steps of its history are applied.

The ledger is kept in the table itself, so that it cannot be parted from what it tells of. It holds names, counts and
the keys at which reading goes on; no values of people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import Any, Self

from madmall_models import clock
from madmall_models.migration.record import PREFIX, RecordKey, Records

_RUNS = f"{PREFIX}RUNS"
_HISTORY = f"{PREFIX}HISTORY"
_RUN_PREFIX = "RUN#"
_STEP_PREFIX = "STEP#"
_POINT_PREFIX = "POINT#"


class Status(Enum):
    """Say how a run or a step ended, or that it has not."""

    RUNNING = "running"
    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"
    ROLLED_BACK = "rolled back"
    ABANDONED = "abandoned"

    @property
    def is_open(self) -> bool:
        """Tell whether there is something to go on with."""
        return self in (Status.RUNNING, Status.CANCELLED, Status.FAILED)


@dataclass(frozen=True)
class RunRecord:
    """One run of a plan.

    Attributes:
        run: its id; later ones are greater.
        plan: the name of the plan.
        status: how it ended; ``RUNNING`` also where it was killed.
        source: name of the source, for people.
        fingerprint: of the content of the source.
        models: fingerprint of the models and mappings that it moves rows through.
        started_at: when it was started first.
        default_time: the time of rows that have none: the start of the first run of this plan on this table, so that
            rows which are moved again are the same.
        ended_at: when it ended, None until then.
        settings: those that a resume takes over.
        results: by source table, what became of its rows, as the summary says it.
        error: why it failed, without values; None where it did not.
        backup: what was saved before the first write, None where nothing was.
    """

    run: str
    plan: str
    source: str
    fingerprint: str
    models: str
    started_at: datetime
    default_time: datetime
    status: Status = Status.RUNNING
    ended_at: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    results: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    backup: Mapping[str, Any] | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the record as JSON can hold it."""
        ended = None if self.ended_at is None else clock.to_text(self.ended_at)
        times = {name: clock.to_text(getattr(self, name)) for name in ("started_at", "default_time")}
        return {**asdict(self), "status": self.status.value, **times, "ended_at": ended}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the record that :meth:`as_document` described."""
        values = dict(document)
        values["status"] = Status(values["status"])
        values["started_at"] = clock.from_text(values["started_at"])
        values["default_time"] = clock.from_text(values["default_time"])
        values["ended_at"] = None if values["ended_at"] is None else clock.from_text(values["ended_at"])
        return cls(**values)


@dataclass(frozen=True)
class StepRecord:
    """One step of the history of a table.

    Attributes:
        name: of its module.
        digest: of the module's text when it was applied.
        status: ``APPLIED`` only when all of it was done.
        run: the run that applied it.
        at: when the status was written.
        error: why it failed, without values; None where it did not.
    """

    name: str
    digest: str
    status: Status
    run: str
    at: datetime
    error: str | None = None

    def as_document(self) -> dict[str, Any]:
        """Return the record as JSON can hold it."""
        return {**asdict(self), "status": self.status.value, "at": clock.to_text(self.at)}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the record that :meth:`as_document` described."""
        values = dict(document)
        return cls(**{**values, "status": Status(values["status"]), "at": clock.from_text(values["at"])})


class Ledger:
    """Read and write what is known of the runs and steps of one table.

    Args:
        database: whose table.
    """

    def __init__(self, database: Any) -> None:
        self._records = Records(database.connection)

    def runs(self) -> tuple[RunRecord, ...]:
        """Return every run, the earliest first."""
        return tuple(RunRecord.from_document(document) for _, document in self._records.list(_RUNS, _RUN_PREFIX))

    def run(self, run: str) -> RunRecord | None:
        """Return one run, None where there is none of this id."""
        document = self._records.read(_run_key(run))
        return None if document is None else RunRecord.from_document(document)

    def write_run(self, record: RunRecord) -> RunRecord:
        """Write how a run is going, and return it."""
        self._records.write(_run_key(record.run), record.as_document())
        return record

    def default_time(self, plan: str) -> datetime | None:
        """Return the time that rows without any time were given by earlier runs of a plan, None where there is none."""
        known = (run for run in self.runs() if run.plan == plan and run.status is not Status.ROLLED_BACK)
        return next((run.default_time for run in known), None)

    def end_run(self, record: RunRecord, status: Status, error: str | None = None) -> RunRecord:
        """Write how a run ended, and return it."""
        return self.write_run(replace(record, status=status, ended_at=clock.utc_now(), error=error))

    def steps(self) -> dict[str, StepRecord]:
        """Return by name every step that was begun."""
        found = self._records.list(_HISTORY, _STEP_PREFIX)
        return {record.name: record for record in (StepRecord.from_document(document) for _, document in found)}

    def write_step(self, record: StepRecord) -> None:
        """Write how a step is going."""
        self._records.write(RecordKey(_HISTORY, f"{_STEP_PREFIX}{record.name}", "MIGRATION_STEP"), record.as_document())

    def point(self, run: str, part: str) -> dict[str, Any] | None:
        """Return how far a part of a run came, such as one source table; None where it was not begun."""
        return self._records.read(_point_key(run, part))

    def write_point(self, run: str, part: str, document: Mapping[str, Any]) -> None:
        """Write how far a part of a run came: only what the engine has acknowledged."""
        self._records.write(_point_key(run, part), document)

    def forget_points(self, run: str) -> None:
        """Remove the points of a run that is over."""
        for sort, _ in list(self._records.list(_points_of(run), _POINT_PREFIX)):
            self._records.remove(_point_key(run, sort.removeprefix(_POINT_PREFIX)))


def _run_key(run: str) -> RecordKey:
    return RecordKey(_RUNS, f"{_RUN_PREFIX}{run}", "MIGRATION_RUN")


def _points_of(run: str) -> str:
    return f"{PREFIX}RUN#{run}"


def _point_key(run: str, part: str) -> RecordKey:
    return RecordKey(_points_of(run), f"{_POINT_PREFIX}{part}", "MIGRATION_POINT")
