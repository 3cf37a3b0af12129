"""The page about the live table says what is so: its commands and its code run, in order, and print what it says."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from madmall_models import Database
from tests.docs.restructured_text import Block, code_blocks
from tests.integration.command_runs import Command

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operating-table.rst"
DEVELOPMENT = ["--environment", "development"]
_SIZE = re.compile(r"[\d,]+ items, [\d,]+ bytes")


@pytest.fixture
def page_table(db: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Give a table as the models declare it, which can be deleted in the end."""
    monkeypatch.setattr("madmall_models.table_plan.application._FIRST_POLL_SECONDS", 0.01)
    db.apply_table(db.diff_table())
    yield db
    db.connection.client.update_table(TableName=db.table_name, DeletionProtectionEnabled=False)


@pytest.mark.difference("recovery-and-tags")
def test_the_commands_and_the_code_of_the_page_run(
    page_table: Database, engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Command(page_table, engine, capsys)
    names: dict[str, Any] = {"__name__": "page", "db": page_table}
    ran = {"console": 0, "python": 0}
    for block in code_blocks(PAGE):
        if block.language == "python":
            exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)  # noqa: S102
            printed = capsys.readouterr().out.splitlines()
            assert printed == re.findall(r"print\(.*?\)  # (.+)", block.text), f"line {block.line}"
        for arguments, said in dialogues(block):
            assert words_of(run, arguments, page_table) == said, f"line {block.line}"
        ran[block.language] += 1
    assert ran == {"console": 3, "python": 4}


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")
    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []


def dialogues(block: Block) -> Iterator[tuple[list[str], list[str]]]:
    """Yield each command of a console with the words that it prints."""
    if block.language != "console":
        return
    for dialogue in block.text.split("$ madmall ")[1:]:
        line, said = dialogue.split("\n", 1)
        yield shlex.split(line), words(said)


def words_of(run: Command, arguments: list[str], db: Database) -> list[str]:
    """Run a command of the page on the table of the test; return what a terminal would show, without waits."""
    assert arguments[2:4] == DEVELOPMENT
    consent = ["--yes"] if arguments[1] == "apply" else []
    ran = run(*arguments[:2], *arguments[4:], *consent)
    said = (ran.err + ran.out).replace(db.table_name, "madmall-dev-main").splitlines()
    return words("\n".join(line for line in said if ": waits for " not in line))


def words(text: str) -> list[str]:
    """Return the words of a text: how large a table is, and so where lines end, is not the page's to say."""
    return _SIZE.sub("", " ".join(text.split())).split()
