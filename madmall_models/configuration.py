"""Find the effective settings of a database, and know where each came from.

Precedence: argument, environment variable (``MADMALL_*``, then AWS's own), default of the environment.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from madmall_models.connection.session import DEFAULT_REGION, ConnectionSettings
from madmall_models.errors import ConfigurationError

_ENVIRONMENTS = {
    "production": "production",
    "prod": "production",
    "staging": "staging",
    "development": "development",
    "dev": "development",
}
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "production": {"table": "madmall-prod-main", "max_attempts": 5, "timeout": 5.0, "max_connections": 100},
    "staging": {"table": "madmall-staging-main", "max_attempts": 3, "timeout": 3.0, "max_connections": 50},
    "development": {
        "table": "madmall-dev-main",
        "endpoint": "http://localhost:8000",
        "max_attempts": 3,
        "timeout": 3.0,
        "max_connections": 50,
    },
}
_GENERAL: Mapping[str, Any] = {
    "region": DEFAULT_REGION,
    "max_attempts": 3,
    "timeout": 3.0,
    "max_connections": 50,
    "breaker_failures": 5,
    "breaker_pause": 5.0,
}
_VARIABLES: Mapping[str, tuple[str, ...]] = {
    "table": ("MADMALL_TABLE",),
    "region": ("MADMALL_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"),
    "endpoint": ("MADMALL_ENDPOINT", "AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"),
    "access_key": (),
    "secret_key": (),
    "session_token": (),
    "max_attempts": ("MADMALL_MAX_ATTEMPTS",),
    "timeout": ("MADMALL_TIMEOUT",),
    "max_connections": ("MADMALL_MAX_CONNECTIONS",),
    "deadline": ("MADMALL_DEADLINE",),
    "breaker_failures": ("MADMALL_BREAKER_FAILURES",),
    "breaker_pause": ("MADMALL_BREAKER_PAUSE",),
}
# What a database can be told, by name; each but the secrets has its environment variables too.
NAMES = tuple(_VARIABLES)
_TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
_SECRETS = frozenset(["access_key", "secret_key", "session_token"])
_NUMBERS: Mapping[str, Callable[[str], Any]] = {
    "max_attempts": int,
    "timeout": float,
    "max_connections": int,
    "deadline": float,
    "breaker_failures": int,
    "breaker_pause": float,
}


@dataclass(frozen=True, repr=False)
class Setting:
    """An effective value and where it came from: ``argument``, the name of a variable, or ``default``."""

    name: str
    value: Any
    source: str

    @property
    def shown(self) -> str:
        """Return the value as it may be printed: secrets are masked."""
        if self.value is None:
            return "-"
        return "****" if self.name in _SECRETS else str(self.value)

    def __repr__(self) -> str:
        return f"<Setting {self.name}={self.shown} from {self.source}>"


def canonical_environment(name: str) -> str:
    """Return the full name of an environment.

    Raises:
        ConfigurationError: there is no such environment; a near miss is named.
    """
    known = _ENVIRONMENTS.get(str(name).lower())
    if known is None:
        near = difflib.get_close_matches(str(name).lower(), _ENVIRONMENTS, 1)
        raise ConfigurationError(
            f"there is no environment {name!r}; known are production|prod, staging, development|dev"
            + (f". Did you mean {near[0]}?" if near else "")
        )
    return known


def effective_settings(environment: str | None = None, **arguments: Any) -> dict[str, Setting]:
    """Return every setting by name.

    Raises:
        ConfigurationError: an argument is unknown, a number is none, or no table is named.
    """
    unknown = set(arguments) - set(_VARIABLES)
    if unknown:
        name = sorted(unknown)[0]
        near = difflib.get_close_matches(name, _VARIABLES, 1)
        raise ConfigurationError(f"unknown setting {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    environment = environment or os.environ.get("MADMALL_ENVIRONMENT")
    defaults = {**_GENERAL, **(_DEFAULTS[canonical_environment(environment)] if environment else {})}
    found = {name: _setting(name, arguments.get(name), defaults.get(name)) for name in _VARIABLES}
    if not found["table"].value:
        raise ConfigurationError(
            'no table is named; give Database(table="..."), use Database.for_environment("development"), '
            "or set MADMALL_TABLE"
        )
    _check_table_name(found["table"])
    return found


def _check_table_name(table: Setting) -> None:
    if not isinstance(table.value, str) or _TABLE_NAME.fullmatch(table.value) is None:
        raise ConfigurationError(
            f"{table.value!r} ({table.source}) is no name for a table: 3 to 255 of A-Z a-z 0-9 _ . - are"
        )


def sourced(settings: Mapping[str, Setting], sources: Mapping[str, str]) -> dict[str, Setting]:
    """Return settings, those that somebody else handed on as arguments with where they really came from."""
    return {
        name: replace(setting, source=sources[name])
        if name in sources and setting.source == "argument"
        else setting
        for name, setting in settings.items()
    }


def connection_settings(settings: Mapping[str, Setting]) -> ConnectionSettings:
    """Return the settings of a connection, which are all but the table.

    Raises:
        ConfigurationError: a value is out of range.
    """
    return ConnectionSettings(**{name: setting.value for name, setting in settings.items() if name != "table"})


def _setting(name: str, argument: Any, default: Any) -> Setting:
    if argument is not None:
        return Setting(name, argument, "argument")
    for variable in _VARIABLES[name]:
        text = os.environ.get(variable)
        if text:
            return Setting(name, number_of(name, variable, text), variable)
    return Setting(name, default, "default")


def number_of(name: str, variable: str, text: str) -> Any:
    """Return the text of a variable as the setting takes it: the number where it takes one, else the text.

    Raises:
        ConfigurationError: it must be a number and is none.
    """
    convert = _NUMBERS.get(name)
    if convert is None:
        return text
    try:
        return convert(text)
    except ValueError:
        raise ConfigurationError(f"{variable} must be a number") from None
