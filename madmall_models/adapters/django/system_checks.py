"""Check the settings at each start, and the table itself with ``manage.py check --deploy``.

================  ====================================================================================================
``madmall.E001``  a setting is unknown, missing or out of range
``madmall.E002``  production has no ``cursor_keys``, and would refuse to page
``madmall.E003``  there is no such table (``--deploy``, as all that follow)
``madmall.E004``  the table has other keys or indexes than the models declare
``madmall.E005``  the table could not be asked
``madmall.W001``  the middleware is not in ``MIDDLEWARE``, so that errors are answered with 500 (at each start)
``madmall.W002``  there are no ``cursor_keys``: links to further pages end with the process that made them
``madmall.W003``  the table keeps what has expired: its time to live is off
================  ====================================================================================================
"""

from __future__ import annotations

import inspect
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning
from django.utils.module_loading import import_string

from madmall_models.adapters.django.configured_database import SETTING, configured_database, given_settings
from madmall_models.adapters.django.middleware import MadMallMiddleware
from madmall_models.database import Database
from madmall_models.errors import ConfigurationError, MadMallError, TableNotFound
from madmall_models.page import KEYS_VARIABLE, CursorSigner
from madmall_models.table import TTL_ATTRIBUTE

TAG = "madmall"
_KEYS_HINT = f'Set {SETTING} = {{"cursor_keys": [...]}} or {KEYS_VARIABLE}; the first key signs, all verify.'
_MIDDLEWARE = f"{MadMallMiddleware.__module__}.{MadMallMiddleware.__qualname__}"


def check_settings(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Return what is wrong with the settings, without a request to the table."""
    found = [] if _answers_errors() else [_no_middleware()]
    try:
        database = configured_database.get()
    except ConfigurationError as error:
        return [Error(str(error), hint=f"See {SETTING} in the settings.", id="madmall.E001"), *found]
    if database.environment == "production" and not _has_cursor_keys():
        text = "Production has no key to sign cursors with, and refuses to page."
        found.insert(0, Error(text, hint=_KEYS_HINT, id="madmall.E002"))
    return found


def check_table(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Return what is wrong with the table; costs a DescribeTable and a DescribeTimeToLive."""
    try:
        database = configured_database.get()
    except ConfigurationError:
        # The other check says so.
        return []
    found = []
    if database.environment != "production" and not _has_cursor_keys():
        text = "There is no key to sign cursors with: links to further pages are good in the process that made them."
        found.append(Warning(text, hint=_KEYS_HINT, id="madmall.W002"))
    try:
        return found + _faults(database)
    except MadMallError as error:
        text = f"The table could not be asked: {error}"
        return [*found, Error(text, hint="Check endpoint, region, credentials and policy.", id="madmall.E005")]


def _faults(database: Database) -> list[CheckMessage]:
    try:
        database.check_table()
    except TableNotFound as error:
        return [Error(str(error), hint="Run: manage.py madmall_table create", id="madmall.E003")]
    except ConfigurationError as error:
        return [Error(str(error), hint="See: manage.py madmall_table describe", id="madmall.E004")]
    answer = database.connection.call("DescribeTimeToLive", {"TableName": database.table_name})
    state = answer.get("TimeToLiveDescription", {})
    if state.get("TimeToLiveStatus") in ("ENABLED", "ENABLING") and state.get("AttributeName") == TTL_ATTRIBUTE:
        return []
    text = f"Table {database.table_name!r} keeps what has expired: its time to live is off, or on another attribute."
    return [Warning(text, hint="Run: manage.py madmall_table create (safe to repeat).", id="madmall.W003")]


def _has_cursor_keys() -> bool:
    try:
        CursorSigner(given_settings().get("cursor_keys", ()), strict=True).check()
    except ConfigurationError:
        return False
    return True


def _answers_errors() -> bool:
    used = [_imported(path) for path in settings.MIDDLEWARE]
    return any(inspect.isclass(middleware) and issubclass(middleware, MadMallMiddleware) for middleware in used)


def _imported(path: str) -> Any:
    try:
        return import_string(path)
    except ImportError:
        # Django says so itself, when it loads the middleware; a check goes on to what else is wrong.
        return None


def _no_middleware() -> CheckMessage:
    text = "The middleware is missing: every error of the table, not found too, is answered with status 500."
    return Warning(text, hint=f"Add {_MIDDLEWARE!r} at the end of MIDDLEWARE.", id="madmall.W001")
