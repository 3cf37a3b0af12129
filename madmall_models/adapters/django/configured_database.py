"""Make the database that a project's settings describe, when it is first needed, and know which one is meant."""

from __future__ import annotations

import difflib
import threading
from collections.abc import Mapping
from typing import Any, cast

from django.conf import settings

from madmall_models import binding
from madmall_models.configuration import NAMES, number_of, sourced
from madmall_models.database import Database
from madmall_models.errors import ConfigurationError

SETTING = "MADMALL"
SOURCE = f"settings.{SETTING}"
KEYS = (*NAMES, "environment", "cursor_keys")


def given_settings() -> dict[str, Any]:
    """Return what the project's ``MADMALL`` says; None and empty texts say nothing.

    Raises:
        ConfigurationError: it is no dict, or has a key that there is not; a near miss is named.
    """
    said = getattr(settings, SETTING, {})
    if not isinstance(said, Mapping):
        raise ConfigurationError(f"{SETTING} in the settings is a dict, not {type(said).__name__}")
    for key in said:
        _check_key(key)
    return {key: _read(key, value) for key, value in said.items() if value is not None and value != ""}


class ConfiguredDatabase:
    """Stand for the database that the settings describe; made once, again after they changed.

    Models ask it for what they ask of a database. Making one sends nothing, so a project starts without its table.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database: Database | None = None

    def get(self) -> Database:
        """Return the database.

        Raises:
            ConfigurationError: a setting is unknown, missing or out of range.
        """
        found = self._database
        if found is not None:
            return found
        with self._lock:
            if self._database is None:
                self._database = _made()
            return self._database

    def forget(self) -> None:
        """Let the next use read the settings again; who holds the database may go on using it."""
        with self._lock:
            self._database = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.get(), name)

    def __repr__(self) -> str:
        return f"<ConfiguredDatabase of settings.{SETTING}>"


configured_database = ConfiguredDatabase()


def database() -> Database:
    """Return the database that is meant here: that of the surrounding ``with other.bound():`` block or request, else
    the one of the settings.

    Raises:
        ConfigurationError: a setting is unknown, missing or out of range.
    """
    found = binding.current_database()
    return configured_database.get() if found is configured_database else cast(Database, found)


def database_of_requests() -> Database:
    """Return the database that a request means by itself: that of the settings, or what a test put in its place.

    Raises:
        ConfigurationError: a setting is unknown, missing or out of range.
    """
    found = binding.stand_in()
    return configured_database.get() if found is None else cast(Database, found)


def use_as_default() -> None:
    """Let models mean the database of the settings wherever nothing else is bound, in threads and shells too."""
    binding.set_default(cast(binding.BoundDatabase, configured_database))


def forget_changed(*, setting: str, **_: Any) -> None:
    """Forget the database when its settings changed; a receiver of ``setting_changed``."""
    if setting == SETTING:
        configured_database.forget()


def _made() -> Database:
    given = given_settings()
    made = Database(**given)
    made.settings = sourced(made.settings, dict.fromkeys(given, SOURCE))
    return made


def _check_key(key: object) -> None:
    if key in KEYS:
        return
    near = difflib.get_close_matches(str(key).lower(), KEYS, 1)
    raise ConfigurationError(
        f"{SETTING} in the settings has no key {key!r}; "
        + (f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(KEYS)}")
    )


def _read(key: str, value: Any) -> Any:
    """Return a value, which may be a text where it came from an environment variable."""
    return number_of(key, f"{SETTING}[{key!r}]", value) if isinstance(value, str) else value
