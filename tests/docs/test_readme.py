"""The README says what is so: its code runs, its item and request are real, its commands and files exist."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from madmall_models import Circle, Database, clock
from madmall_models.cli import commands
from madmall_models.codec import Item
from madmall_models.declaration import isolated_registry
from madmall_models.entities import circle as circle_module
from madmall_models.testing import engines
from tests.docs.restructured_text import Block, code_blocks, headings, links
from tests.integration.plugin_runs import LOADED

CHECKOUT = Path(__file__).resolve().parents[2]
README = CHECKOUT / "README.rst"
NOON = datetime(2026, 11, 22, 13, 45, 0, 123_000, tzinfo=UTC)

FIRST_SCREEN = "madmall_models"
QUICKSTART = "Five minutes"
OWN_ENTITIES = "Your own entities"
SCHEMAS = "Schemas and types"
DOMAIN = "The whole domain"
FIRST_TEST = "A first model test"


def blocks(section: str, language: str) -> list[Block]:
    found = [block for block in code_blocks(README) if (block.section, block.language) == (section, language)]
    assert found, f"no block of {language} in {section!r}"
    return found


# -- the first screen ----------------------------------------------------------------------------------------------


@pytest.fixture
def circle_item(db: Database, monkeypatch: pytest.MonkeyPatch) -> Item:
    """Give the item of the circle that the first screen shows, made at the moment that it shows."""
    monkeypatch.setattr(clock, "utc_now", lambda: NOON)
    profile = {"first_name": "Jane", "last_name": "Smith"}
    db.users.create(user_id="user123", email="jane@example.com", profile=profile)
    db.circles.create(circle_id="circle123", name="Newly Diagnosed", type="support_group", created_by="user123")
    request = {"TableName": db.table_name, "Key": Circle.key.of("circle123").wire, "ConsistentRead": True}
    item: Item = db.connection.call("GetItem", request)["Item"]
    return item


def test_the_declaration_on_the_first_screen_is_the_real_one_shortened() -> None:
    shown = _class_of(blocks(FIRST_SCREEN, "python")[0].text)
    real = _class_of(inspect.getsource(circle_module.Circle))

    assert _keywords(shown) == _keywords(real)
    assignments = _assignments(real)
    for name, value in _assignments(shown).items():
        assert _is_shortened(value, assignments[name]), f"{name}: {ast.unparse(assignments[name])}"


def test_the_item_on_the_first_screen_is_stored_like_that(circle_item: Item) -> None:
    shown = dict(line.split(maxsplit=1) for line in blocks(FIRST_SCREEN, "text")[0].text.splitlines())

    assert shown == {name: _as_shown(circle_item[name]) for name in shown}


@pytest.mark.usefixtures("circle_item")
def test_the_request_on_the_first_screen_is_the_one_that_is_sent(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    call = db.connection.call
    sent: list[Mapping[str, Any]] = []

    def watched(operation: str, request: Mapping[str, Any], **options: Any) -> Any:
        sent.append(request)
        return call(operation, dict(request), **options)

    monkeypatch.setattr(db.connection, "call", watched)
    with db.bound():
        found = list(eval(blocks(FIRST_SCREEN, "python")[1].text.strip(), {"Circle": Circle}))  # noqa: S307

    assert [circle.circle_id for circle in found] == ["circle123"]
    assert json.loads(blocks(FIRST_SCREEN, "json")[0].text) == {**sent[0], "TableName": "madmall-dev-main"}


def test_the_first_screen_ends_with_the_two_commands() -> None:
    assert [line.partition("#")[0].strip() for line in blocks(FIRST_SCREEN, "sh")[0].text.splitlines()] == [
        "make demo",
        "make test",
    ]


# -- code ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def any_engine(engine: Any, db: Database) -> Iterator[None]:
    """Let ``engines.start`` give the engine of these tests; tables get names of this test's own, and are removed."""
    names: list[str] = []
    initialise = Database.__init__

    def initialised(self: Database, table: str, **options: Any) -> None:
        names.append(f"{db.table_name}-{table}")
        initialise(self, names[-1], **options)

    running = engines.Engine(engine.name, engine.endpoint, engine.process_id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engines, "start", lambda name: running)
        patch.setattr(Database, "__init__", initialised)
        yield
    for name in names:
        database = Database(table=name, **engine.connection_settings())
        database.delete_table()
        database.close()


@pytest.mark.defect(5, 94)
@pytest.mark.usefixtures("any_engine")
@pytest.mark.parametrize("section", [QUICKSTART, OWN_ENTITIES, SCHEMAS, DOMAIN])
def test_the_code_runs_from_top_to_bottom(section: str, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "readme"}
    with isolated_registry():
        for block in blocks(section, "python"):
            # As many empty lines before it as in the document, so that an error names the line there.
            exec(compile("\n" * (block.line - 1) + block.text, str(README), "exec"), names)  # noqa: S102

    printed = capsys.readouterr().out.splitlines()
    text = "".join(block.text for block in blocks(section, "python"))
    assert [said for said in re.findall(r"print\(.*\)  # (.+)", text) if said not in printed] == []


def test_the_first_test_that_it_shows_passes(tmp_path: Path) -> None:
    (shown,) = blocks(FIRST_TEST, "python")
    (tmp_path / "test_first.py").write_text(shown.text)
    command = [sys.executable, "-m", "pytest", "-q", *LOADED, "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}

    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert len(shown.text.splitlines()) == 5


def test_the_quickstart_says_what_its_program_says() -> None:
    program = {line.strip() for line in (CHECKOUT / "examples" / "quickstart.py").read_text().splitlines()}
    shown = {line.strip() for block in blocks(QUICKSTART, "python") for line in block.text.splitlines()}

    assert shown - program == {'engine = engines.start("ministack")'}


# -- commands, links, typography -----------------------------------------------------------------------------------


def shell_lines() -> list[str]:
    blocks_of_commands = [block for block in code_blocks(README) if block.language == "sh"]
    return [line.partition("#")[0].strip() for block in blocks_of_commands for line in block.text.splitlines()]


def test_every_make_command_it_names_is_in_the_makefile() -> None:
    named = {line.split()[1] for line in shell_lines() if line.startswith("make ")}
    named |= set(re.findall(r"``make ([a-z-]+)``", README.read_text()))
    makefile = (CHECKOUT / "Makefile").read_text()

    assert {"demo", "test", "test-engines"} <= named
    assert [name for name in named if not re.search(rf"^{name}:", makefile, re.MULTILINE)] == []


@pytest.mark.defect(94)
def test_every_madmall_command_it_names_takes_these_arguments() -> None:
    named = [shlex.split(line)[1:] for line in shell_lines() if line.startswith("madmall ")]

    assert len(named) >= 7
    for words in named:
        _parse(commands, words)


def test_every_command_of_the_command_line_is_named() -> None:
    named = {line.split()[1] for line in shell_lines() if line.startswith("madmall ")}

    assert named == set(commands.list_commands(click.Context(commands)))


def test_every_extra_it_names_exists() -> None:
    settings = (CHECKOUT / "setup.cfg").read_text()

    for extra in re.findall(r"\.\[(\w+)\]", README.read_text()):
        assert re.search(rf"^{extra} =$", settings, re.MULTILINE), extra


@pytest.mark.defect(94)
def test_every_link_leads_to_a_file() -> None:
    targets = links(README)

    assert len(targets) > 15
    assert [target for target in targets if not (CHECKOUT / target).exists()] == []


def test_every_heading_is_underlined_and_every_line_fits() -> None:
    assert {FIRST_SCREEN, QUICKSTART, OWN_ENTITIES, "Not there yet"} <= set(headings(README))
    assert [line for line in README.read_text().splitlines() if len(line) > 120] == []


def test_it_is_valid_restructured_text() -> None:
    core = pytest.importorskip("docutils.core", reason="docutils is not installed")
    complaints: list[str] = []

    class Listener:
        def write(self, text: str) -> None:
            complaints.append(text)

    settings = {"report_level": 1, "halt_level": 5, "warning_stream": Listener(), "syntax_highlight": "none"}
    core.publish_string(README.read_text(encoding="utf-8"), writer="html5", settings_overrides=settings)

    assert complaints == []


# -- how -----------------------------------------------------------------------------------------------------------


def _class_of(source: str) -> ast.ClassDef:
    (found,) = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
    return found


def _keywords(found: ast.ClassDef) -> tuple[str, list[str]]:
    return found.name, [ast.unparse(part) for part in (*found.bases, *found.keywords)]


def _assignments(found: ast.ClassDef) -> dict[str, ast.expr]:
    return {ast.unparse(node.targets[0]): node.value for node in found.body if isinstance(node, ast.Assign)}


def _is_shortened(shown: ast.expr, real: ast.expr) -> bool:
    """Tell whether an expression is another one with arguments left out; ``...`` stands for the rest of a row."""
    if not (isinstance(shown, ast.Call) and isinstance(real, ast.Call)):
        return ast.dump(shown) == ast.dump(real)
    arguments = [ast.dump(argument) for argument in real.args]
    given = [ast.dump(argument) for argument in shown.args]
    if given and given[-1] == ast.dump(ast.Constant(...)):
        given = given[:-1]
        arguments = arguments[: len(given)]
    options = {option.arg: ast.dump(option.value) for option in real.keywords}
    return (
        ast.dump(shown.func) == ast.dump(real.func)
        and given == arguments
        and all(options.get(option.arg) == ast.dump(option.value) for option in shown.keywords)
    )


def _as_shown(wire: Mapping[str, Any]) -> str:
    """Return a stored value as the first screen shows it; of a map only its first leaf of interest."""
    ((kind, value),) = wire.items()
    return f'{{"memberCount": {value["memberCount"]["N"]}, ...}}' if kind == "M" else str(value)


def _parse(command: click.Command, words: list[str]) -> None:
    """Follow the words down the groups, and let the last command parse the rest, as it would when called."""
    context = click.Context(command)
    while isinstance(command, click.Group):
        name, *words = words
        found = command.get_command(context, name)
        assert found, f"there is no command {name}"
        command, context = found, click.Context(found, parent=context)
    command.parse_args(context, words)
