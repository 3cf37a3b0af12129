"""Make Flask applications on tables of the engine of the run."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask

from madmall_models import Database
from madmall_models.adapters.flask import MadMall
from tests.conftest import create_table

JANE = {"email": "jane@example.com", "profile": {"first_name": "Jane", "last_name": "Smith"}}


def application(database: Database, engine: Any, **config: Any) -> Flask:
    """Return an application on the table of a database."""
    app = Flask("application")
    app.config.update(TESTING=True, MADMALL_TABLE=database.table_name, **config)
    MadMall(app, **engine.connection_settings())
    app.extensions["madmall"].database.connection._client = database.connection.client
    return app


@contextmanager
def tables_of(engine: Any, client: Any) -> Iterator[Database]:
    """Give a database with an empty table of its own for the time of a block."""
    database = Database(table=f"test-{uuid.uuid4().hex}", **engine.connection_settings())
    database.connection._client = client
    create_table(database)
    try:
        yield database
    finally:
        database.delete_table()
        database.close()
