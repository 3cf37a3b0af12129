"""The page about Django makes a project that runs: its files are written as they stand, and its commands typed."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from tests.docs.restructured_text import code_blocks

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "django.rst"
MANAGE = """
import os, sys
from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
execute_from_command_line(sys.argv)
"""


def write_project(folder: Path) -> None:
    """Write every file of the page, each named in its first line."""
    (folder / "manage.py").write_text(MANAGE)
    for block in code_blocks(PAGE):
        if block.language != "python":
            continue
        path = folder / block.text.splitlines()[0].removeprefix("# ")
        assert path.suffix == ".py", f"line {block.line} names no file"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(block.text)


def commands() -> list[str]:
    """Return the commands of the page, in order."""
    lines = [line for block in code_blocks(PAGE) if block.language == "console" for line in block.text.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ python manage.py")]


@pytest.mark.difference("one-process")
def test_the_project_of_the_page_runs(tmp_path: Path, engine: Any) -> None:
    write_project(tmp_path)
    settings = {"MADMALL_TABLE": f"page-{tmp_path.name.lower()}", "MADMALL_ENDPOINT": engine.endpoint}
    environment = {**os.environ, **settings, "PYTHONPATH": str(CHECKOUT)}

    assert len(commands()) == 7
    for command in commands():
        words = [sys.executable, "-W", "error", *shlex.split(command)[1:]]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        if command.endswith("test"):
            assert "Ran 8 tests" in done.stderr
    assert "### Meeting" in (tmp_path / "schema.md").read_text(encoding="utf-8")


def test_the_table_of_checks_is_that_of_the_module() -> None:
    from madmall_models.adapters.django import system_checks

    ids = {word.strip("`") for word in (system_checks.__doc__ or "").split() if word.startswith("``madmall.")}
    assert len(ids) == 8
    assert all(f"``{name}``" in PAGE.read_text(encoding="utf-8") for name in ids)


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []
