"""The commands of ``madmall`` are commands of ``manage.py``, on the table of the project."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, ManagementUtility, call_command, get_commands

from madmall_models import Database
from tests.integration.django_project import project, project_on


@pytest.fixture
def table(db: Database, engine: Any, client: Any) -> Iterator[str]:
    with project_on(db, engine, client):
        yield db.table_name


def said(*arguments: str) -> tuple[str, str]:
    """Return what a command prints, on both streams."""
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def typed(*arguments: str) -> int:
    """Return the exit status of a command as it is typed."""
    try:
        ManagementUtility(["path/to/manage.py", *arguments]).execute()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def test_a_command_means_the_table_of_the_project(table: str) -> None:
    out, _ = said("madmall_table", "describe", "--json")

    assert json.loads(out)["TableName"] == table


def test_an_option_wins_over_the_settings(table: str) -> None:
    with pytest.raises(CommandError) as refused:
        said("madmall_table", "describe", "--table", "another-one")
    assert refused.value.returncode == 2


def test_an_option_may_come_first(table: str) -> None:
    assert json.loads(said("madmall_health", "--json")[0])["name"] == table


def test_what_is_wrong_is_one_line_and_the_exit_status(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("madmall_table", "describe", "--table", "another-one") == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: there is no table 'another-one'")
    assert len(printed.err.splitlines()) == 1


def test_a_finding_has_its_own_exit_status(table: str, db: Database) -> None:
    db.delete_table()

    assert typed("madmall_health") == 1


def test_all_is_well_is_0(table: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("madmall_health", "--no-color", "--traceback") == 0
    assert table in capsys.readouterr().out


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("arguments", [("madmall_table", "--help"), ("help", "madmall_table")])
def test_help_is_that_of_the_group(arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert typed(*arguments) == 0
    assert capsys.readouterr().out.startswith("Usage: manage.py madmall_table [OPTIONS] COMMAND [ARGS]")


@pytest.mark.usefixtures("table")
def test_a_misspelt_command_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("madmall_table", "craete") == 2
    assert "Usage: manage.py madmall_table" in capsys.readouterr().err


@pytest.mark.usefixtures("table")
def test_half_an_option_is_not_taken_for_one_of_djangos(capsys: pytest.CaptureFixture[str]) -> None:
    assert typed("madmall_health", "--trace") == 2
    assert "No such option" in capsys.readouterr().err


def test_the_table_is_created_by_a_command(table: str, db: Database) -> None:
    db.delete_table()
    said("madmall_table", "create", "--yes")

    db.check_table()


def test_an_environment_on_the_command_line_is_not_that_of_the_settings(table: str) -> None:
    out, _ = said("madmall_config", "--json", "--environment", "staging")

    shown = json.loads(out)
    assert shown["table"] == {"value": "madmall-staging-main", "source": "default"}


def test_the_configuration_says_what_the_settings_said(table: str) -> None:
    shown = json.loads(said("madmall_config", "--json")[0])

    assert shown["table"] == {"value": table, "source": "settings.MADMALL"}
    assert shown["max_attempts"]["source"] == "default"


def test_a_wrong_setting_is_named_instead_of_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with project(tabel="x"):
        assert typed("madmall_health") == 2
    assert capsys.readouterr().err == (
        "Error: MADMALL in the settings has no key 'tabel'; did you mean 'table'?\n"
    )


def test_a_command_that_is_not_installed_says_so(table: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from madmall_models.adapters.django.management.commands.madmall_health import Command

    monkeypatch.setattr(Command, "group", "nonsense")
    with pytest.raises(CommandError, match="has no command 'nonsense'"):
        said("madmall_health")


def test_a_legacy_database_is_looked_at_by_a_command(table: str, tmp_path: Path) -> None:
    from madmall_models.testing.legacy import make_legacy_database

    make_legacy_database(tmp_path / "legacy.db", users=3, seed=1)
    out, _ = said("madmall_migrate", "analyze", str(tmp_path / "legacy.db"))

    assert "users" in out


@pytest.mark.usefixtures("table")
def test_each_group_has_its_command() -> None:
    ours = {name for name, app in get_commands().items() if app == "madmall_models.adapters.django"}

    assert ours == {f"madmall_{group}" for group in ("config", "health", "migrate", "schema", "stats", "table")}
