"""Change a table by a plan: one change at a time, each waited for, against what is there at that moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from madmall_models.connection.operations import Connection
from madmall_models.errors import (
    ConfigurationError,
    DeadlineExceeded,
    OutcomeUnknown,
    ServiceError,
    TableChangeRefused,
    TableNotFound,
    Throttled,
)
from madmall_models.table import BUSY, Table
from madmall_models.table_plan.change import (
    IndexAddition,
    IndexFilling,
    IndexRemoval,
    TableChange,
    TableCreation,
    TimeToLiveChange,
)
from madmall_models.table_plan.plan import TablePlan, plan_of
from madmall_models.table_plan.setting_change import EncryptionChange
from madmall_models.table_plan.state import TableState, read_state, state_or_none

_FIRST_POLL_SECONDS = 0.2
_MOST_POLL_SECONDS = 5.0
# An engine that takes a setting and never shows it is not waited for: so many looks are about a minute.
_MOST_LOOKS = 15
# The service is at work on the table, or on what it wants to know before the change.
_NOT_YET = BUSY | {"ContinuousBackupsUnavailableException"}
_SERVING = ("ACTIVE", "CREATING", "UPDATING")
_ONE_AN_HOUR = "multiple times within a fixed interval"
_ONWARD = "What was done stays, and DynamoDB goes on with what it was asked for; apply again to go on"
Report = Callable[[str], None]


class Application:
    """One run of a plan.

    Args:
        connection: where the table is.
        plan: what is to be done; what somebody did meanwhile is not done again, and nothing else is done.
        seconds: for all of it.
        report: is told what is done and what is waited for, in words.
    """

    def __init__(self, connection: Connection, plan: TablePlan, seconds: float, report: Report) -> None:
        self._connection = connection
        self._plan = plan
        self._seconds = seconds
        self._until = time.monotonic() + seconds
        self._report = report

    def run(self) -> TablePlan:
        """Make the changes, and return the plan of what is left.

        Raises:
            ConfigurationError: the plan is of another table, or the table can never be what the models declare.
            TableChangeRefused: the service refused one; those before it were made.
            DeadlineExceeded: it took longer than it may; those before it were made.
            TableNotFound: the table is gone.
        """
        if self._plan.table != self._connection.table:
            raise ConfigurationError(
                f"the plan is of table {self._plan.table!r}, and this is {self._connection.table!r}; make a plan of it"
            )
        obstacle = self._plan.obstacle or self._now(state_or_none(self._connection)).obstacle
        if obstacle is not None:
            raise ConfigurationError(
                f"table {self._plan.table!r} was left as it is: its {obstacle.subject} is another. "
                f"{obstacle.difference}; {obstacle.remedy}"
            )
        for change in self._plan.changes:
            if isinstance(change, TableCreation):
                self._create(change)
            else:
                self._make(change)
        return self._now(state_or_none(self._connection))

    def _now(self, state: TableState | None) -> TablePlan:
        return plan_of(self._connection.table, state, self._plan.settings)

    def _create(self, change: TableCreation) -> None:
        settings = change.settings
        Table(self._connection).create(
            seconds=max(self._left, _FIRST_POLL_SECONDS),
            billing=settings.provisioned,
            kms_key=settings.kms_key,
            deletion_protection=bool(settings.deletion_protection),
            tags=settings.tags,
        )
        self._report(f"{change.describe()}: done")

    @property
    def _left(self) -> float:
        return self._until - time.monotonic()

    def _make(self, change: TableChange) -> None:
        """Make one change, unless it is made already, and wait until the table shows it."""
        sent, looks, pause, told = False, 0, _FIRST_POLL_SECONDS, ""
        while True:
            state = read_state(self._connection)
            plan, table_at_work = self._now(state), self._table_at_work(state)
            if table_at_work is None and not _is_pending(change, plan, state):
                self._tell(f"{change.describe()}: {_outcome(change, plan)}", told)
                return
            waits = table_at_work or next(_unfinished(change, state), None)
            if waits is None:
                looks += 1
                sent = self._is_to_show(change, looks) if sent else self._is_sent(change, state, looks)
                words = "asked for" if sent else "waits for DynamoDB, which takes no change yet"
            else:
                words = f"waits for {waits}"
            told = self._tell(f"{change.describe()}: {words}", told)
            self._check_time(told)
            time.sleep(min(pause, max(self._left, 0.0)))
            pause = min(2 * pause, _MOST_POLL_SECONDS)

    def _tell(self, words: str, told: str) -> str:
        """Report how far a change is, unless that was told last."""
        if words != told:
            self._report(words)
        return words

    def _table_at_work(self, state: TableState) -> str | None:
        """Return what the table is at that takes no change meanwhile, None where it is at nothing.

        Raises:
            TableChangeRefused: the table is in a state that waiting does not mend.
        """
        status = state.description["TableStatus"]
        if status not in _SERVING:
            raise TableChangeRefused(
                f"table {state.name!r} is {status}, and takes no change. Changes before this were made and stay"
            )
        return None if status == "ACTIVE" else f"the table, which is {status}"

    def _is_sent(self, change: TableChange, state: TableState, looks: int) -> bool:
        """Ask for a change; tell whether the service took it, rather than asking for patience.

        Raises:
            TableChangeRefused: it did not, and somebody else did not make it either.
        """
        request = change.request(state)
        if request is None:
            return True
        try:
            self._connection.call(*request)
        except OutcomeUnknown:
            # What the table shows next tells.
            return False
        except (ServiceError, TableNotFound) as error:
            self._judge(change, error, last=looks > _MOST_LOOKS)
            return False
        return True

    def _judge(self, change: TableChange, error: ServiceError | TableNotFound, *, last: bool) -> None:
        """Raise unless the refusal means to wait, or that the change was made by another's hand."""
        code = error.code if isinstance(error, ServiceError) else "ResourceNotFoundException"
        details = error.details if isinstance(error, ServiceError) else ""
        if _ONE_AN_HOUR in details or (not last and (isinstance(error, Throttled) or code in _NOT_YET)):
            return
        if change not in self._now(read_state(self._connection)).changes:
            return
        raise TableChangeRefused(
            f"table {self._connection.table!r}: the service refused to do this: {change.describe()}. It answered "
            f"{code}{': ' if details else ''}{details}. Changes before it were made and stay",
            code=code,
        ) from error

    def _is_to_show(self, change: TableChange, looks: int) -> bool:
        """Return True as long as it may take the table to show a change that the service took."""
        if looks > _MOST_LOOKS:
            raise TableChangeRefused(
                f"table {self._connection.table!r}: the service took this and the table does not show it: "
                f"{change.describe()}. Not every engine keeps every setting. Changes before it were made and stay"
            )
        return True

    def _check_time(self, words: str) -> None:
        if self._left <= 0:
            raise DeadlineExceeded(
                f"table {self._connection.table!r} was not changed in {self._seconds:g} seconds. "
                f"Last: {words}. {_ONWARD}"
            )


def _outcome(change: TableChange, plan: TablePlan) -> str:
    """Return what became of a change that is not planned any more."""
    held = next((held for held in plan.held if held.subject == change.subject), None)
    return "done" if held is None else f"left; {held.difference}"


def _is_pending(change: TableChange, plan: TablePlan, state: TableState) -> bool:
    """Tell whether a table does not show a change yet: an index that is added holds every item when it is filled."""
    if isinstance(change, IndexRemoval) and change.name in state.deleted_indexes:
        return True
    if isinstance(change, IndexAddition) and IndexFilling(change.index.name) in plan.changes:
        return True
    return change in plan.changes


def _unfinished(change: TableChange, state: TableState) -> Iterator[str]:
    """Yield what DynamoDB is at that keeps it from taking a change."""
    if _concerns_indexes(change, state):
        for index in state.description.get("GlobalSecondaryIndexes", ()):
            if index.get("IndexStatus", "ACTIVE") != "ACTIVE":
                yield f"index {index['IndexName']}, which is {index['IndexStatus']}"
    if isinstance(change, TimeToLiveChange):
        yield from _passing("time to live", state.time_to_live_description.get("TimeToLiveStatus", ""))
    if isinstance(change, EncryptionChange):
        yield from _passing("encryption", (state.description.get("SSEDescription") or {}).get("Status", ""))


def _concerns_indexes(change: TableChange, state: TableState) -> bool:
    if isinstance(change, IndexFilling):
        return True
    request = change.request(state)
    return request is not None and "GlobalSecondaryIndexUpdates" in request[1]


def _passing(what: str, status: str) -> Iterator[str]:
    if status.endswith("ING"):
        yield f"the {what}, which is {status}"
