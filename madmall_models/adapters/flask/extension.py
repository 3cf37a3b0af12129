"""Be the extension: give an application its table, answers to errors, and nothing else."""

from __future__ import annotations

from typing import Any

from flask import Flask

from madmall_models import binding
from madmall_models.adapters.flask.app_settings import AppSettings
from madmall_models.adapters.flask.error_answers import answer_error
from madmall_models.adapters.flask.state import NAME, MadMallState, state_of, surroundings
from madmall_models.errors import ConfigurationError, MadMallError


class MadMall:
    """Give Flask applications their tables.

    Within an application context (a request, a command, ``flask shell``, ``with app.app_context():``) the models mean
    the table of that application: ``User.objects``, ``entity.save()``, ``Event.key.query(...)``. A ``with
    database.bound():`` block inside of it means another one. A thread has no context of its own: push one in it.

    Args:
        app: an application to set up at once; without one, call :meth:`init_app`.
        settings: those of :class:`~madmall_models.database.Database`, or ``database``, one that was made before;
            ``error_handlers`` and ``page_size``. Each wins over the config key of its name, such as ``MADMALL_TABLE``.

    Raises:
        ConfigurationError: see :meth:`init_app`.
    """

    def __init__(self, app: Flask | None = None, **settings: Any) -> None:
        self._settings = settings
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask, **settings: Any) -> None:
        """Set an application up by its config as it is now; nothing is sent to the table.

        Raises:
            ConfigurationError: a setting is unknown (the nearest is named), wrong or missing; or the application was
                set up before.
        """
        if NAME in app.extensions:
            raise ConfigurationError(f"the application {app.name!r} was set up before; MadMall takes each one once")
        said = AppSettings.read(app.config, {**self._settings, **settings})
        app.extensions[NAME] = MadMallState(said.database(), said, binding.stand_in())
        binding.register_surroundings(surroundings)
        if said.error_handlers:
            app.register_error_handler(MadMallError, answer_error)
        app.shell_context_processor(lambda: {"db": state_of(app).database})
