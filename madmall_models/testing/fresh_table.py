"""Give a test a table of its own, and take it away afterwards."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from madmall_models.database import Database
from madmall_models.errors import TableNotFound
from madmall_models.managers import former_member
from madmall_models.table import Table

if TYPE_CHECKING:
    from madmall_models.testing.engines import Engine


class LastingTable(Table):
    """A table in which items expire and stay: when an engine deletes them is a moment of its own."""

    def _enable_time_to_live(self) -> None:
        """Leave it off; reads hide what expired all the same."""


@contextlib.contextmanager
def fresh_database(engine: Engine, *, label: str = "test", client: Any = None, **settings: Any) -> Iterator[Database]:
    """Give a database with an empty table on an engine, and delete that table at the end of the block.

    Args:
        engine: one that runs.
        label: what the name of the table begins with; what follows is unique.
        client: a botocore client of the same engine to use again: making one takes longer than most tests.
        settings: other arguments of :class:`~madmall_models.database.Database`.
    """
    database = Database(table=f"{label}-{uuid.uuid4().hex}", **{**engine.connection_settings(), **settings})
    if client is not None:
        database.connection._client = client
    try:
        LastingTable(database.connection).create(wait=True)
        yield database
        with contextlib.suppress(TableNotFound):
            database.delete_table()
    finally:
        database.close()


@contextlib.contextmanager
def indexes_without_lag() -> Iterator[None]:
    """Let the deletion of a user not wait for indexes, which are up to date on every engine of this machine."""
    before, former_member.SECONDS = former_member.SECONDS, 0.0
    try:
        yield
    finally:
        former_member.SECONDS = before
