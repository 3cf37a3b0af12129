"""Where a setting of a Flask application comes from, and what is said about a wrong one."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import pytest
from flask import Flask

from madmall_models import ConfigurationError, Database, MissingExtra
from madmall_models.adapters.flask import MadMall


def database(arguments: dict[str, Any] | None = None, **config: Any) -> Database:
    """Return the database of an application with this config."""
    app = Flask("application")
    app.config.update(config)
    MadMall(app, **(arguments or {}))
    found: Database = app.extensions["madmall"].database
    return found


def test_an_argument_wins_over_the_config_and_that_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_TABLE", "of-the-environment")
    assert database().table_name == "of-the-environment"
    assert database(MADMALL_TABLE="of-the-config").table_name == "of-the-config"
    assert database({"table": "of-the-argument"}, MADMALL_TABLE="of-the-config").table_name == "of-the-argument"


def test_an_argument_is_named_as_the_source_also_where_the_config_says_otherwise() -> None:
    assert database({"table": "events"}, MADMALL_TABLE="other").settings["table"].source == "argument"


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_says_nothing_leaves_the_word_to_the_next(nothing: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_REGION", "eu-west-1")
    found = database({"table": nothing}, MADMALL_TABLE="of-the-config", MADMALL_REGION=nothing)
    assert (found.table_name, found.settings["region"].value) == ("of-the-config", "eu-west-1")


def test_each_setting_says_where_it_came_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADMALL_ENDPOINT", "http://localhost:1")
    found = database({"timeout": 2.0}, MADMALL_TABLE="events", MADMALL_ENVIRONMENT="production")
    assert {name: found.settings[name].source for name in ("table", "timeout", "endpoint", "max_attempts")} == {
        "table": "app config MADMALL_TABLE",
        "timeout": "argument",
        "endpoint": "MADMALL_ENDPOINT",
        "max_attempts": "default",
    }
    assert found.environment == "production"


def test_texts_are_taken_for_numbers_and_lists_as_from_the_environment() -> None:
    keys = {"MADMALL_CURSOR_KEYS": "new, old", "MADMALL_PAGE_SIZE": "5"}
    found = database(MADMALL_TABLE="events", MADMALL_TIMEOUT="2.5", MADMALL_MAX_ATTEMPTS="4", **keys)
    assert (found.settings["timeout"].value, found.settings["max_attempts"].value) == (2.5, 4)
    old = Database(table="events", cursor_keys=["old"])
    assert found.cursors.verify(old.cursors.sign({"n": "1"}, "query"), "query") == {"n": "1"}


@pytest.mark.parametrize(
    ("key", "near"),
    [
        ("MADMALL_TABEL", "MADMALL_TABLE"),
        ("MADMALL_END_POINT", "MADMALL_ENDPOINT"),
        ("MADMALL_CURSOR_KEY", "MADMALL_CURSOR_KEYS"),
        ("MADMALL_TABLE_NAME", "MADMALL_TABLE"),
        ("madmall_table", "MADMALL_TABLE"),
        ("MADMAL_TABLE", "MADMALL_TABLE"),
        ("MAD_MALL_REGION", "MADMALL_REGION"),
    ],
)
def test_a_misspelt_key_is_refused_with_the_one_that_was_meant(key: str, near: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        database(**{"MADMALL_TABLE": "events", key: "x"})
    assert str(refused.value) == f"{key} in the app's config is no setting of madmall_models; did you mean {near}?"


def test_a_database_that_was_made_before_is_the_one_of_the_application() -> None:
    ready = Database(table="of-a-test")
    assert database(MADMALL_DATABASE=ready, MADMALL_TABLE="of-the-config") is ready
    assert database({"database": ready}) is ready
    with pytest.raises(ConfigurationError, match="MADMALL_DATABASE is a Database, not str; MADMALL_TABLE is a name"):
        database(MADMALL_DATABASE="events")


def test_keys_of_others_are_nobody_s_business() -> None:
    assert database(MADMALL_TABLE="events", MAIL_SERVER="x", TABLE="y", MALL_REGION="z").table_name == "events"


def test_a_misspelt_argument_is_refused_with_the_one_that_was_meant() -> None:
    with pytest.raises(ConfigurationError, match=r"MadMall takes no 'tabel'; did you mean table\?"):
        database({"tabel": "events"})


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"MADMALL_TIMEOUT": "soon"}, "MADMALL_TIMEOUT must be a number"),
        ({"MADMALL_PAGE_SIZE": "many"}, "MADMALL_PAGE_SIZE is a whole number from 1 to 1000"),
        ({"MADMALL_PAGE_SIZE": 0}, "MADMALL_PAGE_SIZE is a whole number from 1 to 1000"),
        ({"MADMALL_PAGE_SIZE": True}, "MADMALL_PAGE_SIZE is a whole number from 1 to 1000"),
        ({"MADMALL_ERROR_HANDLERS": "no"}, "MADMALL_ERROR_HANDLERS is True or False"),
        ({"MADMALL_ENVIRONMENT": "prodction"}, "Did you mean production"),
        ({"MADMALL_CURSOR_KEYS": 7}, "cursor_keys is a list of texts"),
        ({"MADMALL_TABLE": "a table"}, r"\(argument\) is no name for a table"),
    ],
)
def test_a_wrong_value_is_refused_when_the_application_is_set_up(config: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        database(**{"MADMALL_TABLE": "events", **config})


def test_without_a_table_the_error_says_how_to_name_one() -> None:
    with pytest.raises(ConfigurationError, match=r"no table is named.*set MADMALL_TABLE"):
        database()


def test_secrets_are_not_shown() -> None:
    found = database(MADMALL_TABLE="events", MADMALL_ACCESS_KEY="canary", MADMALL_SECRET_KEY="canary")
    assert "canary" not in repr(found.settings)


def test_without_flask_the_error_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("madmall_models.adapters.flask")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "flask", None)
    with pytest.raises(MissingExtra, match=r"pip install 'madmall_models\[flask\]'") as refused:
        importlib.import_module("madmall_models.adapters.flask")
    assert isinstance(refused.value, ImportError)
