"""Keep one engine for the tests of a worker, and start it anew before it grows slow."""

from __future__ import annotations

from typing import Any

# Measured: what takes DynamoDB Local 52 ms in its first table takes 100 in its 650th, although all others were deleted,
# and more and more from there; the other engines do not mind.
GROWS_SLOW = "dynamodb-local"
TABLES_UNTIL_THEN = 200


class EngineOfWorker:
    """Give the engine that a run was asked to use.

    Args:
        choice: its name or its URL, see :func:`madmall_models.testing.engines.start`.
    """

    def __init__(self, choice: str) -> None:
        self._choice = choice
        self._running: Any = None
        self._client: Any = None
        self._tables = 0

    def engine(self) -> Any:
        """Return the engine, a new one where the last has had many tables: nobody may need what was in them."""
        if self._choice == GROWS_SLOW and self._tables >= TABLES_UNTIL_THEN:
            self.stop()
        if self._running is None:
            from madmall_models.testing import engines

            self._running = engines.start(self._choice)
        return self._running

    def client(self) -> Any:
        """Return one client for all tests: making one takes longer than most of them."""
        if self._client is None:
            from madmall_models.database import Database

            self._client = Database(table="any", **self._running.connection_settings()).connection.client
        return self._client

    def gives_a_table(self) -> None:
        """Note that a test had a table of its own."""
        self._tables += 1

    def stop(self) -> None:
        """End the engine."""
        running, self._running, self._client, self._tables = self._running, None, None, 0
        if running is not None:
            running.stop()
