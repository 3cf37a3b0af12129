"""Know the database of the application that is at work, and let models mean it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, has_app_context
from flask.ctx import AppContext
from flask.globals import app_ctx
from werkzeug.local import LocalProxy

from madmall_models import binding
from madmall_models.adapters.flask.app_settings import AppSettings
from madmall_models.binding import BoundDatabase, Surroundings
from madmall_models.database import Database
from madmall_models.errors import ConfigurationError

NAME = "madmall"


@dataclass(frozen=True, eq=False)
class MadMallState:
    """What the extension keeps for one application, under ``app.extensions["madmall"]``.

    Attributes:
        own: the database that its settings describe.
        settings: what the application said.
        beside: the stand-in of a test in which the application was set up, None outside of one.
    """

    own: Database
    settings: AppSettings
    beside: BoundDatabase | None = None

    @property
    def database(self) -> Database:
        """Return the application's table; in a test, what stands in for it where it was set up before the test."""
        stand_in = binding.stand_in()
        if stand_in is None or stand_in is self.beside or self.settings.ready is not None:
            return self.own
        return cast(Database, stand_in)

    @property
    def page_size(self) -> int:
        """Return how many items a page has where a view does not say."""
        return self.settings.page_size


def state_of(app: Flask) -> MadMallState:
    """Return what the extension keeps for an application.

    Raises:
        ConfigurationError: it was not set up for this application.
    """
    state = app.extensions.get(NAME)
    if state is None:
        raise ConfigurationError(f"the application {app.name!r} has no table; call MadMall(app), or init_app(app)")
    return cast(MadMallState, state)


def surroundings() -> Surroundings | None:
    """Return the application context of the moment, where there is one and its application has a table."""
    if not has_app_context():
        return None
    # The proxy is a new object for each module; the context behind it is one.
    context = cast(LocalProxy[AppContext], app_ctx)._get_current_object()
    state = context.app.extensions.get(NAME)
    return None if state is None else Surroundings(context, state.database)


def _current() -> MadMallState:
    return state_of(current_app)


# What these stand for is looked up at each use; a type checker may take them for it.
current_madmall: MadMallState = cast(MadMallState, LocalProxy(_current))
db: Database = cast(Database, LocalProxy(lambda: _current().database))
