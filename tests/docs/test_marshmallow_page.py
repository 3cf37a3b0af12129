"""The page about schemas says what is so: its code runs, each part by itself, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from madmall_models import Database
from madmall_models.marshmallow_bridge import field_makers
from tests.docs.restructured_text import Block, code_blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "marshmallow.rst"
ENTITIES, PLAIN = "Entities", "Any PynamoDB model"


def parts() -> dict[str, list[Block]]:
    """Return the blocks of each of the two parts, sub-sections included."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    beginning = lines.index(PLAIN) + 1
    found: dict[str, list[Block]] = {ENTITIES: [], PLAIN: []}
    for block in code_blocks(PAGE):
        found[PLAIN if block.line > beginning else ENTITIES].append(block)
    return found


@pytest.fixture(autouse=True)
def _registered_for_the_page_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(field_makers, "_registered", dict(field_makers._registered))


def run(blocks: list[Block], names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Run the blocks in their order, and demand that each print says what stands behind it."""
    for block in blocks:
        exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)  # noqa: S102
        printed = capsys.readouterr().out.splitlines()
        assert printed == re.findall(r"print\(.*\)  # (.+)", block.text), f"line {block.line}"


def test_the_part_about_entities_runs(db: Database, capsys: pytest.CaptureFixture[str]) -> None:
    run(parts()[ENTITIES], {"__name__": "page", "db": db}, capsys)


def test_the_part_about_plain_models_runs_without_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    run(parts()[PLAIN], {"__name__": "page"}, capsys)


def test_both_parts_have_code() -> None:
    assert {name: len(blocks) >= 4 for name, blocks in parts().items()} == {ENTITIES: True, PLAIN: True}


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []
