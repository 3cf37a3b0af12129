"""Keep the engines of one session of tests: a process is started once, and moto for each test anew."""

from __future__ import annotations

from contextlib import AbstractContextManager, ExitStack, nullcontext
from types import TracebackType
from typing import Any, Self

from madmall_models.database import Database
from madmall_models.testing import engines
from madmall_models.testing.engines import Engine


class SessionEngines:
    """The engines that a session has used; as a context manager, end with the block those that it started."""

    def __init__(self) -> None:
        self._running: dict[str, Engine] = {}
        self._clients: dict[str, Any] = {}
        self._ending = ExitStack()

    def serving(self, name: str) -> AbstractContextManager[Engine]:
        """Return the engine of a name for the time of one test.

        moto answers every client of the process while it is there, so that it must not outlive the test; it begins
        empty each time.

        Raises:
            EngineError: there is no such engine, it is not installed, or it does not start.
        """
        if name == "moto":
            return engines.start(name)
        if name not in self._running:
            self._running[name] = self._ending.enter_context(engines.start(name))
        return nullcontext(self._running[name])

    def client_of(self, engine: Engine) -> Any:
        """Return the botocore client of an engine, made once: making one takes longer than most tests."""
        if engine.name not in self._clients:
            database = Database(table="any", **engine.connection_settings())
            self._ending.callback(database.close)
            self._clients[engine.name] = database.connection.client
        return self._clients[engine.name]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()
