"""The page about Flask says what is so: its code runs, in its order, and prints what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from madmall_models import Database
from tests.docs.restructured_text import code_blocks
from tests.integration.plugin_runs import LOADED

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "flask.rst"


def test_the_code_runs_and_prints_what_it_says(
    db: Database, engine: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MADMALL_TABLE", db.table_name)
    if engine.endpoint is not None:
        monkeypatch.setenv("MADMALL_ENDPOINT", engine.endpoint)
    names: dict[str, Any] = {"__name__": "page"}
    for block in code_blocks(PAGE):
        if block.language == "python":
            exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)  # noqa: S102
            printed = capsys.readouterr().out.splitlines()
            assert printed == re.findall(r"print\(.*\)  # (.+)", block.text), f"line {block.line}"


def test_the_tests_on_the_page_pass(tmp_path: Path) -> None:
    """A process of its own: moto answers for everything in the one that starts it."""
    blocks = [block.text for block in code_blocks(PAGE) if block.language == "python"]
    application = blocks[0].rpartition("app = create_app()")[0]
    jane = next(line for line in blocks[1].splitlines() if line.startswith("jane = "))
    tests = [block for block in blocks if "def test_" in block]
    (tmp_path / "test_page.py").write_text("\n".join([application, jane, *tests]))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *LOADED, "-p", "no:cacheprovider", "-W", "error", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (len(tests), done.returncode) == (2, 0), done.stdout + done.stderr
    assert "2 passed" in done.stdout


def test_the_page_names_every_config_key() -> None:
    from madmall_models.adapters.flask.app_settings import KEYS

    text = PAGE.read_text(encoding="utf-8")
    assert [key for key in KEYS if f"``{key}``" not in text] == []


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []
