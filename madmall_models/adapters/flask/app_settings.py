"""Read the settings of an application: its arguments, then its config, then what a database finds by itself."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from madmall_models.cli.targeting import Offer
from madmall_models.configuration import NAMES, number_of, sourced
from madmall_models.database import Database
from madmall_models.errors import ConfigurationError

PREFIX = "MADMALL_"
_OF_DATABASE = (*NAMES, "environment", "cursor_keys")
_OF_ADAPTER: Mapping[str, Any] = {"database": None, "error_handlers": True, "page_size": 20}
KEYS: Mapping[str, str] = {PREFIX + name.upper(): name for name in (*_OF_DATABASE, *_OF_ADAPTER)}
# How alike a key without our prefix must be before it is taken for one of ours that is misspelt.
_ALIKE = 0.9


@dataclass(frozen=True, repr=False)
class AppSettings:
    """What an application says.

    Attributes:
        ready: a database that was made before, as tests have one; the settings of a database then do not count.
        of_database: what is given to :class:`~madmall_models.database.Database`; what is left out, it finds itself.
        error_handlers: whether errors of this package are answered.
        page_size: how many items a page has where a view does not say.
        keys: by name, where a setting came from that the config says.
    """

    ready: Database | None
    of_database: Mapping[str, Any]
    error_handlers: bool
    page_size: int
    keys: Mapping[str, str]

    @classmethod
    def read(cls, config: Mapping[str, Any], arguments: Mapping[str, Any]) -> Self:
        """Return the settings; an argument wins over the config, and None or an empty text says nothing.

        Raises:
            ConfigurationError: a name is unknown (the nearest is named), or a value is not what it takes.
        """
        _check_names(config, arguments)
        said = {name: config.get(key) for key, name in KEYS.items()}
        given = {name: value for name, value in arguments.items() if _says_something(value)}
        of_config = {name: key for key, name in KEYS.items() if _says_something(said[name]) and name not in given}
        values = {name: _read(key, name, said[name]) for name, key in of_config.items()} | given
        keys = {name: f"app config {key}" for name, key in of_config.items()}
        own = {name: values.pop(name, default) for name, default in _OF_ADAPTER.items()}
        ready, handlers, size = _ready(own["database"]), _switch(own["error_handlers"]), _size(own["page_size"])
        return cls(ready, values, handlers, size, keys)

    def database(self) -> Database:
        """Return the database of the application; nothing is sent.

        Raises:
            ConfigurationError: no table is named, or a value is out of range.
        """
        if self.ready is not None:
            return self.ready
        database = Database(**self.of_database)
        database.settings = sourced(database.settings, self.keys)
        return database

    def offer(self) -> Offer:
        """Return the settings for commands to take where their options do not say otherwise."""
        if self.ready is not None:
            known = self.ready.settings.values()
            values = {setting.name: setting.value for setting in known} | {"environment": self.ready.environment}
            return Offer(values, {setting.name: setting.source for setting in known})
        sources = {name: self.keys.get(name, "application") for name in self.of_database}
        return Offer(self.of_database, sources)


def _check_names(config: Mapping[str, Any], arguments: Mapping[str, Any]) -> None:
    known = tuple(KEYS.values())
    for name in arguments:
        if name not in known:
            raise ConfigurationError(f"MadMall takes no {name!r}" + _near(name, known, 0.6))
    for key in config:
        if isinstance(key, str) and key not in KEYS:
            _check_key(key)


def _check_key(key: str) -> None:
    is_ours = key.upper().startswith(PREFIX)
    near = _near(key.upper(), tuple(KEYS), 0.6 if is_ours else _ALIKE)
    if is_ours or near:
        raise ConfigurationError(f"{key} in the app's config is no setting of madmall_models{near}")


def _near(name: str, known: tuple[str, ...], alike: float) -> str:
    found = difflib.get_close_matches(name, known, 1, alike)
    return f"; did you mean {found[0]}?" if found else ""


def _says_something(value: Any) -> bool:
    return value is not None and value != ""


def _read(key: str, name: str, value: Any) -> Any:
    """Return a value of the config, which may be a text where it came from an environment variable."""
    if not isinstance(value, str):
        return value
    if name == "cursor_keys":
        return [part.strip() for part in value.split(",") if part.strip()]
    if name == "page_size":
        return int(value) if value.isdecimal() else value
    return number_of(name, key, value)


def _ready(value: Any) -> Database | None:
    if value is not None and not isinstance(value, Database):
        raise ConfigurationError(f"{PREFIX}DATABASE is a Database, not {type(value).__name__}; MADMALL_TABLE is a name")
    return value


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{PREFIX}ERROR_HANDLERS is True or False, not {type(value).__name__}")
    return value


def _size(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise ConfigurationError(f"{PREFIX}PAGE_SIZE is a whole number from 1 to 1000")
    return value
