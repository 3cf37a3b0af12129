"""Set up what the demo needs and take it down again: an engine, a table of its own, a folder."""

from __future__ import annotations

import contextlib
import shutil
import signal
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import NoReturn

from madmall_models.database import Database
from madmall_models.errors import ConfigurationError, MadMallError
from madmall_models.testing import engines

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """Where the demo plays.

    Attributes:
        engine: the engine, started or found.
        database: a table that nobody else has.
        folder: for the legacy database and the rejects.
    """

    engine: engines.Engine
    database: Database
    folder: Path


@contextlib.contextmanager
def set_up(engine: str, *, keep: bool, say: Say) -> Iterator[Stage]:
    """Give a stage, and remove all of it at the end, also after an error, Ctrl-C or a request to end.

    Args:
        engine: what :func:`madmall_models.testing.engines.start` takes.
        keep: leave the folder; and the table, on an engine that ran before.
        say: tells what stays.

    Raises:
        EngineError: the engine cannot be started. ConfigurationError: an environment variable leads past the engine.
    """
    with _ended_in_good_order(), contextlib.ExitStack() as teardown:
        folder = Path(tempfile.mkdtemp(prefix="madmall-demo-"))
        teardown.callback(_remove_folder, folder, keep=keep, say=say)
        running = teardown.enter_context(engines.start(engine))
        database = Database(table=f"madmall-demo-{uuid.uuid4().hex[:8]}", **running.connection_settings())
        teardown.callback(database.close)
        _check_endpoint(database, running)
        teardown.callback(_remove_table, database, keep=keep and running.name.startswith("http"), say=say)
        yield Stage(running, database, folder)


def _check_endpoint(database: Database, engine: engines.Engine) -> None:
    """Refuse to go where a variable leads when the engine, moto, has no address that would win over it."""
    endpoint = database.settings["endpoint"]
    if endpoint.value != engine.endpoint:
        raise ConfigurationError(f"{endpoint.source} leads past the engine {engine.name}; unset it and try again")


def _remove_table(database: Database, *, keep: bool, say: Say) -> None:
    if keep:
        say(f"Kept: the table {database.table_name} at {database.settings['endpoint'].shown}")
        return
    try:
        database.delete_table()
    except MadMallError as error:
        say(f"The table {database.table_name} was not deleted: {error}")


def _remove_folder(folder: Path, *, keep: bool, say: Say) -> None:
    if keep:
        say(f"Kept: {folder}")
        return
    shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _ended_in_good_order() -> Iterator[None]:
    """Let a request to end (SIGTERM) and a closed terminal (SIGHUP) do what Ctrl-C does, so that all is taken down."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), _interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
