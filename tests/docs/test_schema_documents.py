"""Our own schema documents are what the declarations say, and the page about them says what is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docutils.core
import pytest

from madmall_models.declaration import isolated_registry
from madmall_models.schema.committed import stale_files
from madmall_models.schema.documents import DOCUMENTS, FOLDER, Source
from tests.docs.restructured_text import Block, code_blocks

CHECKOUT = Path(__file__).resolve().parents[2]
PAGE = CHECKOUT / "docs" / "schema.rst"
OWN_ENTITIES = "Your own entities"


@pytest.fixture(scope="module")
def source() -> Source:
    return Source.of()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_committed_document_is_what_the_declarations_say(source: Source, name: str) -> None:
    document = DOCUMENTS[name]

    stale = stale_files({CHECKOUT / FOLDER / document.file: document.make(source)})

    assert not stale, f"{stale[0]}\nMend it: madmall schema all"


def test_nothing_else_lies_among_the_documents() -> None:
    committed = {path.name for path in (CHECKOUT / FOLDER).iterdir() if path.is_file()}

    assert committed >= {document.file for document in DOCUMENTS.values()}


# -- the page ------------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _registered_for_the_page_only() -> Iterator[None]:
    with isolated_registry():
        yield


def blocks(language: str) -> list[Block]:
    found = [block for block in code_blocks(PAGE) if block.language == language]
    assert len(found) > 2
    return found


def test_the_code_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {"__name__": "page"}
    for block in blocks("python"):
        exec(compile("\n" * (block.line - 1) + block.text, str(PAGE), "exec"), names)  # noqa: S102
        printed = capsys.readouterr().out.splitlines()
        assert printed == re.findall(r"^print\(.*\)  # (.+)", block.text, re.MULTILINE), f"line {block.line}"


@pytest.mark.skipif(shutil.which("sed") is None, reason="the page uses sed and grep")
def test_the_commands_of_the_page_say_what_stands_under_them(tmp_path: Path) -> None:
    models = next(block for block in blocks("python") if block.section == OWN_ENTITIES)
    (tmp_path / "my_app").mkdir()
    (tmp_path / "my_app" / "__init__.py").touch()
    (tmp_path / "my_app" / "models.py").write_text(models.text, encoding="utf-8")

    for block in blocks("console"):
        for command, shown in commands_in(block):
            words = shlex.split(command)
            if words[0] == "madmall":
                words[:1] = [sys.executable, "-m", "madmall_models"]
            environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
            ran = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert (ran.stdout + ran.stderr).rstrip() == shown.rstrip(), command
            assert ran.returncode == (2 if shown.startswith("Error") else 1 if "is stale" in shown else 0), command


def commands_in(block: Block) -> Iterator[tuple[str, str]]:
    """Yield the commands of a console, each with what stands under it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def test_the_page_names_every_document() -> None:
    text = PAGE.read_text(encoding="utf-8")

    for document in DOCUMENTS.values():
        assert f"* - ``{document.name}``\n     - ``{document.file}``" in text


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
