"""``flask madmall ...`` is the command ``madmall`` on the table of the application."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from madmall_models import Database
from madmall_models.adapters.flask import MadMall
from madmall_models.adapters.flask.commands import madmall
from tests.integration.flask_applications import application


@pytest.fixture
def app(db: Database, engine: Any) -> Flask:
    return application(db, engine)


def run(app: Flask, *arguments: str) -> Any:
    return app.test_cli_runner().invoke(madmall, arguments)


def test_a_command_means_the_table_of_the_application(app: Flask, db: Database) -> None:
    ran = run(app, "health", "--json")
    assert (ran.exit_code, json.loads(ran.stdout)["name"]) == (0, db.table_name)


def test_an_option_wins_over_the_application(app: Flask) -> None:
    ran = run(app, "config", "--json", "--table", "another")
    assert json.loads(ran.stdout)["table"] == {"value": "another", "source": "argument"}


def test_each_setting_says_that_it_came_from_the_application(app: Flask, db: Database) -> None:
    shown = json.loads(run(app, "config", "--json").stdout)
    assert shown["table"] == {"value": db.table_name, "source": "app config MADMALL_TABLE"}
    assert shown["max_connections"] == {"value": 50, "source": "default"}
    assert shown["timeout"]["source"] == "application"


def test_a_command_means_the_table_of_a_database_that_was_made_before(db: Database) -> None:
    app = Flask("application")
    MadMall(app, database=db)
    assert json.loads(run(app, "health", "--json").stdout)["name"] == db.table_name
    assert json.loads(run(app, "config", "--json").stdout)["max_connections"]["source"] == "default"


def test_the_credentials_of_the_application_are_used_and_never_printed(app: Flask) -> None:
    shown = json.loads(run(app, "config", "--json").stdout)
    assert {shown[name]["value"] for name in ("access_key", "secret_key")} <= {"****", None}


def test_a_finding_is_the_status_of_the_command(app: Flask, db: Database) -> None:
    db.delete_table()
    ran = run(app, "health")
    assert (ran.exit_code, "MISSING" in ran.stdout) == (1, True)


def test_what_cannot_be_done_is_one_line_and_status_2(app: Flask, db: Database) -> None:
    db.delete_table()
    ran = run(app, "table", "describe")
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert "Traceback" not in ran.output
    assert len(ran.stderr.splitlines()) == 1


def test_an_application_without_the_extension_is_told_how_to_get_it() -> None:
    ran = run(Flask("bare"), "health")
    said = "Error: the application 'bare' has no table; call MadMall(app), or init_app(app)\n"
    assert (ran.exit_code, ran.stderr) == (2, said)


def test_the_help_names_the_commands_but_not_the_demo(app: Flask) -> None:
    ran = run(app, "--help")
    assert ran.exit_code == 0
    assert "health" in ran.stdout
    assert "migrate" in ran.stdout
    assert "demo" not in ran.stdout
    assert run(app, "demo").exit_code == 2
