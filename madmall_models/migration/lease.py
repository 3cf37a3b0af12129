"""Keep two runners apart: whoever holds the lease of a table may change it, and must keep saying so."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from madmall_models import clock
from madmall_models.errors import ConditionFailed, LeaseHeld, LeaseLost, MadMallError
from madmall_models.migration.holder import Holder
from madmall_models.migration.record import PREFIX, RecordKey, Records

LEASE_SECONDS = 60.0
_BEATS = 4
_KEY = RecordKey(f"{PREFIX}LEASE", "LEASE", "MIGRATION_LEASE")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LeaseState:
    """What the record of a lease says.

    Attributes:
        holder: who holds it.
        purpose: what for, for example ``run 01KB...``.
        since: when it was taken.
        expires: when it ends unless its holder renews it.
        token: changes with every renewal.
    """

    holder: Holder
    purpose: str
    since: datetime
    expires: datetime
    token: str

    @property
    def is_free(self) -> bool:
        """Tell whether another may take it: it expired, or its holder is a process of this machine that ended."""
        return self.expires <= clock.utc_now() or self.holder.is_gone


def lease_state(database: Any) -> LeaseState | None:
    """Return who holds the lease of a table, None where nobody does."""
    document = Records(database.connection).read(_KEY)
    if document is None:
        return None
    return LeaseState(
        Holder.from_document(document["holder"]),
        document["purpose"],
        clock.from_text(document["since"]),
        clock.from_text(document["expires"]),
        document["token"],
    )


def demand_free_lease(database: Any) -> LeaseState | None:
    """Return what the lease of a table was, None where nobody had it.

    Raises:
        LeaseHeld: another runner has it.
    """
    state = lease_state(database)
    if state is not None and not state.is_free:
        raise _held(database, state)
    return state


def unlock(database: Any) -> LeaseState | None:
    """Take the lease away from whoever holds it, and return what it was; its holder stops at its next renewal."""
    state = lease_state(database)
    if state is not None:
        Records(database.connection).remove(_KEY)
    return state


class Lease:
    """Hold the lease of a table within a ``with`` block, renewing it from a thread.

    A holder whose process ended on this machine is followed at once; any other one when its time has run out.

    Args:
        database: whose table.
        purpose: shown to whoever is kept out.
        seconds: how long the lease lives without a renewal.

    Raises:
        LeaseHeld: another runner holds it. Any error of the database.
    """

    def __init__(self, database: Any, purpose: str, *, seconds: float = LEASE_SECONDS) -> None:
        self._database = database
        self._records = Records(database.connection)
        self._purpose = purpose
        self._seconds = seconds
        self._since = clock.utc_now()
        self._token: str | None = None
        self._sent: set[str] = set()
        self._renewed = 0.0
        self._lost: str | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="madmall-migration-lease", daemon=True)

    def __enter__(self) -> Lease:
        """Take the lease."""
        state = demand_free_lease(self._database)
        try:
            self._write(was=None if state is None else state.token)
        except ConditionFailed:
            # Somebody else was faster, between the two requests.
            taken = lease_state(self._database)
            if taken is None:
                message = f"the lease of table {self._database.table_name} is changing hands; try again"
                raise LeaseHeld(message) from None
            raise _held(self._database, taken) from None
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Give the lease back; where that fails it runs out by itself."""
        self._ended.set()
        self._thread.join()
        if self._lost is not None or self._token is None:
            return
        try:
            state = lease_state(self._database)
            # It may have a token whose answer was lost.
            if state is not None and state.token in self._sent:
                self._records.remove(_KEY, token=state.token)
        except MadMallError as trouble:
            _log.warning("the lease could not be given back (%s); it ends by itself", type(trouble).__name__)

    def check(self) -> None:
        """Make sure that the lease is still held.

        Raises:
            LeaseLost: another runner took it, or it could not be renewed in time.
        """
        if self._lost is None and time.monotonic() - self._renewed >= self._seconds:
            self._lost = f"it was not renewed for {self._seconds:g} seconds"
        if self._lost is not None:
            raise LeaseLost(
                f"the lease of table {self._database.table_name} was lost: {self._lost}. What was written is recorded; "
                "see `madmall migrate status` for who works on the table, then resume"
            )

    def _write(self, *, was: str | None) -> None:
        asked = time.monotonic()
        token = uuid.uuid4().hex
        self._sent.add(token)
        document = {
            "holder": Holder.this().as_document(),
            "purpose": self._purpose,
            "since": clock.to_text(self._since),
            "expires": clock.to_text(clock.utc_now() + timedelta(seconds=self._seconds)),
        }
        self._records.replace(_KEY, document, was=was, token=token)
        self._token, self._renewed = token, asked

    def _keep(self) -> None:
        while self._lost is None and not self._ended.wait(self._seconds / _BEATS):
            try:
                self._renew()
            except MadMallError as trouble:
                # One renewal may fail; check() finds out when all have.
                _log.warning("the lease could not be renewed: %s", type(trouble).__name__)

    def _renew(self) -> None:
        try:
            self._write(was=self._token)
        except ConditionFailed:
            state = lease_state(self._database)
            if state is None or state.token not in self._sent:
                self._lost = "another runner took it"
                return
            # A renewal whose answer was lost had been written after all.
            self._write(was=state.token)


def _held(database: Any, state: LeaseState) -> LeaseHeld:
    left = max(0.0, (state.expires - clock.utc_now()).total_seconds())
    return LeaseHeld(
        f"table {database.table_name} is being changed by {state.holder} ({state.purpose}, since "
        f"{clock.to_text(state.since)}); its lease lives {left:.0f} s more unless renewed. Wait for it, "
        "or if you know that it is gone: madmall migrate unlock"
    )
