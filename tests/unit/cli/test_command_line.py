"""The command imports what it needs when it needs it, and says every error in one line."""

from __future__ import annotations

import contextlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from madmall_models import Database, __version__, cli
from madmall_models.cli.lazy_group import LazyGroup
from madmall_models.cli.targeting import confirm_writing

NOWHERE = "http://127.0.0.1:9"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = cli.run(arguments)
    said = capsys.readouterr()
    return status, said.out, said.err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"madmall {__version__}\n", "")


def test_the_module_is_the_command() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "madmall_models", "--version"], capture_output=True, text=True, check=True
    )

    assert told.stdout == f"madmall {__version__}\n"


def test_help_lists_the_commands_that_are_installed(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "--help")

    assert status == 0
    assert {"config", "health", "migrate", "table"} <= {line.split()[0] for line in out.splitlines() if line.strip()}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tabel"], "No such command 'tabel'. Did you mean table?"),
        (["migrate", "anal"], "No such command 'anal'. Did you mean analyze?"),
        (["nothing-like-it"], "No such command 'nothing-like-it'."),
        (["health", "--tabel", "x"], "--tabel"),
        (["health"], "No table is named; give --table NAME or --environment NAME, or set MADMALL_TABLE."),
        (["config", "--environment", "prodution"], "Did you mean production?"),
        (["config", "--table", "people", "--endpoint", "localhost"], "endpoint must be a URL"),
        (["migrate", "plan"], "Missing argument 'FILE'"),
        (["migrate", "plan", "no-such-file.db", "--environment", "dev"], "there is no file no-such-file.db"),
        (["migrate", "run", __file__, "--table", "people"], "is not a SQLite database"),
        (["migrate", "run", __file__, "--table", "people", "--parallelism", "0"], "parallelism is a whole number"),
        (["migrate", "run", __file__, "--table", "people", "--parallelism", "many"], "'many' is not a valid integer"),
        (["migrate", "run", __file__, "--table", "people", "--migrations", "no-such-folder"], "there is no directory"),
        (["migrate", "run", __file__, "--table", "people", "--on-conflict", "overwrite"], "'overwrite' is not one of"),
        (["table", "describe", "--table", "people", "--endpoint", NOWHERE], "does not answer"),
    ],
)
def test_wrong_input_is_one_clear_error(capsys: pytest.CaptureFixture[str], arguments: list[str], said: str) -> None:
    status, out, err = run(capsys, *arguments)

    assert (status, out) == (2, "")
    [line] = [line for line in err.splitlines() if line.startswith("Error: ")]
    assert said in line
    assert "Traceback" not in err


def test_settings_are_shown_with_their_sources(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MADMALL_TIMEOUT", "7.5")

    status, out, _ = run(capsys, "config", "--environment", "development", "--region", "eu-west-1")

    shown = {line.split()[0]: line.split()[1:] for line in out.splitlines()}
    assert status == 0
    assert shown["table"] == ["madmall-dev-main", "default"]
    assert shown["region"] == ["eu-west-1", "argument"]
    assert shown["timeout"] == ["7.5", "MADMALL_TIMEOUT"]


def test_a_table_that_cannot_serve_is_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "health", "--table", "people", "--endpoint", NOWHERE)

    assert status == 1
    assert out.startswith("people: UNREACHABLE")


def test_a_command_whose_module_is_not_there_is_not_listed() -> None:
    group = LazyGroup(
        "group",
        modules={"here": "madmall_models.cli.health:show_health", "gone": "madmall_models.cli.no_such_module:x"},
    )
    context = click.Context(group)

    assert group.list_commands(context) == ["here"]
    assert isinstance(group.get_command(context, "here"), click.Command)
    assert group.get_command(context, "gone") is None


def test_telling_the_version_imports_no_command() -> None:
    program = (
        "import sys; from madmall_models import cli; cli.run(['--version']);"
        "print('madmall_models.migration' in sys.modules)"
    )

    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert told.stdout.splitlines()[-1] == "False"


@click.command()
@click.option("--yes", is_flag=True)
@click.option("--endpoint")
def write(yes: bool, endpoint: str | None) -> None:
    database = Database("people", endpoint=endpoint)
    confirm_writing(database, "write to", yes=yes)
    click.echo("written")


@pytest.mark.parametrize("arguments", [["--yes"], ["--endpoint", NOWHERE], ["--endpoint", "http://localhost:8000"]])
def test_nobody_is_asked_on_this_machine_or_with_yes(arguments: list[str]) -> None:
    assert CliRunner().invoke(write, arguments).output == "written\n"


def test_where_nobody_can_be_asked_yes_is_demanded() -> None:
    told = CliRunner().invoke(write, [])

    assert told.exit_code == 2
    assert "This will write to table people at us-east-1. Pass --yes" in told.output


@pytest.mark.parametrize(("answer", "written"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_somebody_who_can_be_asked_decides(monkeypatch: pytest.MonkeyPatch, answer: str, written: bool) -> None:
    runner = CliRunner()
    outcome = contextlib.nullcontext() if written else pytest.raises(click.Abort)

    with runner.isolation(input=answer), outcome:
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
        write.main([], standalone_mode=False)
