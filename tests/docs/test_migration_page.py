"""The page about migrations says what is so: its code runs, in order, and prints what it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from madmall_models import Database
from tests.docs.restructured_text import code_blocks

# Checkpoints and leases are written while rows are.
pytestmark = pytest.mark.difference("no-lock")

PAGE = Path(__file__).resolve().parents[2] / "docs" / "migration.rst"


def test_the_code_of_the_page_runs(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {"__name__": "page", "db": db}
    for block in code_blocks(PAGE):
        if block.language != "python":
            continue
        exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)  # noqa: S102
        printed = capsys.readouterr().out.splitlines()
        assert printed == re.findall(r"print\(.*\)  # (.+)", block.text), f"line {block.line}"


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []
