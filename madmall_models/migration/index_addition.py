"""Add an index to a table that is in use."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from madmall_models.errors import IndexConflict, MigrationModuleError, ServiceError, TableNotFound
from madmall_models.migration.operations import RunContext
from madmall_models.migration.progress import Progress
from madmall_models.table import BUSY, index_addition, index_shape, is_busy

_FIRST_POLL_SECONDS = 0.2
_MOST_POLL_SECONDS = 5.0
_MOST_REFUSALS = 10
_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_WHOLE = ("KEYS_ONLY", "ALL")


@dataclass(frozen=True, init=False)
class AddIndex:
    """Add one global secondary index, and wait until it holds every item that has its keys.

    Keys are texts, as all keys of the table are. An equal index that is there already is waited for and left; so a run
    that was killed while DynamoDB filled the index waits on when it is taken up. Filling takes minutes to hours, and
    is paid for by what the index copies. Indexes are added one after the other; another one that is being made, by
    whomever, is waited for.

    ``create_table`` leaves an added index alone. When models are to use it, declare it with the same keys and
    projection.

    Args:
        name: of the index.
        partition: stored name of the attribute that is its partition key.
        sort: stored name of the attribute that is its sort key, None for none.
        projection: ``"KEYS_ONLY"``, ``"ALL"``, or the stored names of what is copied beside the keys.

    Raises:
        MigrationModuleError: an argument is of no use.

    >>> AddIndex("GSI5", "GSI5PK", "GSI5SK", ["status"]).describe()
    'Add the index GSI5 on GSI5PK and GSI5SK, with status'
    """

    name: str
    partition: str
    sort: str | None
    projection: str | tuple[str, ...]

    def __init__(
        self, name: str, partition: str, sort: str | None = None, projection: str | Sequence[str] = "KEYS_ONLY"
    ) -> None:
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "partition", partition)
        object.__setattr__(self, "sort", sort)
        object.__setattr__(self, "projection", projection if isinstance(projection, str) else tuple(projection))
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise MigrationModuleError("an index has a name of 3 to 255 letters, digits, dots, dashes or underscores")
        keys = (partition,) if sort is None else (partition, sort)
        if not all(isinstance(key, str) and key for key in keys) or partition == sort:
            raise MigrationModuleError(f"index {name}: its keys are the stored names of one or two attributes")
        copied = self.projection
        if copied not in _WHOLE and (isinstance(copied, str) or not copied):
            raise MigrationModuleError(
                f"index {name}: projection is 'KEYS_ONLY', 'ALL', or a list of the names of attributes"
            )

    def describe(self) -> str:
        """Return what it does."""
        keys = self.partition if self.sort is None else f"{self.partition} and {self.sort}"
        copied = self.projection if isinstance(self.projection, str) else ", ".join(self.projection)
        what = {"KEYS_ONLY": "with keys only", "ALL": "with whole items"}.get(copied, f"with {copied}")
        return f"Add the index {self.name} on {keys}, {what}"

    def apply(self, run: RunContext) -> None:
        """Add the index; in a dry run, say whether it would be.

        Raises:
            IndexConflict: another index has this name, or this one is being deleted.
            MadMallError: the table does not answer, or the run was told to stop; DynamoDB goes on filling the index.
        """
        if run.dry_run:
            self._rehearse(run)
            return
        started, refusals = time.monotonic(), 0
        for _ in _polls(run):
            description = run.database.describe_table()
            if self._is_there(description):
                if self._found(description)["IndexStatus"] == "ACTIVE":
                    break
            elif not is_busy(description):
                refusals += self._is_refused(run, description, last=refusals >= _MOST_REFUSALS)
            self._tell(run, 0, time.monotonic() - started)
        self._tell(run, 1, time.monotonic() - started)

    def _rehearse(self, run: RunContext) -> None:
        try:
            there = self._is_there(run.database.describe_table())
        except TableNotFound:
            there = False
        run.note(f"index {self.name}: {'is there already' if there else 'would be added'}")

    def _found(self, description: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the index of this name, empty where there is none."""
        indexes: Sequence[Mapping[str, Any]] = description.get("GlobalSecondaryIndexes", ())
        return next((index for index in indexes if index["IndexName"] == self.name), {})

    def _is_there(self, description: Mapping[str, Any]) -> bool:
        """Tell whether the index is there, filled or not.

        Raises:
            IndexConflict: what is there under its name is another index, or is going to be gone.
        """
        found = self._found(description)
        if not found:
            return False
        if index_shape(found) != index_shape(self._definition()):
            raise IndexConflict(
                f"the table has an index {self.name} already, and it has other keys or copies other attributes; it was "
                "left as it is. Add yours under another name"
            )
        if found["IndexStatus"] == "DELETING":
            raise IndexConflict(f"index {self.name} is being deleted; resume when it is gone")
        return True

    def _definition(self) -> dict[str, Any]:
        keys = [(self.partition, "HASH")] if self.sort is None else [(self.partition, "HASH"), (self.sort, "RANGE")]
        whole = isinstance(self.projection, str)
        copied: dict[str, Any] = {"ProjectionType": self.projection if whole else "INCLUDE"}
        if not whole:
            copied["NonKeyAttributes"] = list(self.projection)
        return {
            "IndexName": self.name,
            "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in keys],
            "Projection": copied,
        }

    def _is_refused(self, run: RunContext, description: Mapping[str, Any], *, last: bool) -> bool:
        """Ask DynamoDB for the index; tell whether it is busy after all, unless this was the last try."""
        request = index_addition(description, self._definition())
        try:
            run.database.connection.call("UpdateTable", request)
        except ServiceError as error:
            if last or error.code not in BUSY:
                raise
            return True
        return False

    def _tell(self, run: RunContext, done: int, seconds: float) -> None:
        run.report(Progress("", f"index {self.name}", "filling", done, 1, seconds=seconds))


def _polls(run: RunContext) -> Iterator[None]:
    """Yield at once and then every few seconds, without end, as long as the run goes on."""
    seconds = _FIRST_POLL_SECONDS
    while True:
        run.check()
        yield
        time.sleep(seconds)
        seconds = min(2 * seconds, _MOST_POLL_SECONDS)
