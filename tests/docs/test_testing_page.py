"""The page about tests says what is so: every test on it passes, and the failure that it shows is the one there is."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import docutils.core
import pytest

import pytest_madmall_models
from madmall_models import Database
from madmall_models.testing import assert_operations
from tests.docs.restructured_text import Block, code_blocks
from tests.integration.plugin_runs import CHECKOUT, LOADED
from tests.integration.samples import make_circle, make_user

pytest_plugins = ["pytester"]
PAGE = CHECKOUT / "docs" / "testing.rst"


def blocks(language: str) -> list[Block]:
    return [block for block in code_blocks(PAGE) if block.language == language]


def test_every_test_of_the_page_passes(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))
    (settings,) = blocks("ini")
    pytester.makefile(".ini", pytest=settings.text)
    shown = blocks("python")
    for block in shown:
        # As many empty lines before it as in the document, so that an error names the line there.
        Path(pytester.path, f"test_line_{block.line}.py").write_text("\n" * (block.line - 1) + block.text)

    done = pytester.runpytest_subprocess(*LOADED, "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "error")

    done.assert_outcomes(passed=sum(len(re.findall(r"^def test_", block.text, re.MULTILINE)) for block in shown))
    assert all("def test_" in block.text for block in shown)


def test_the_failure_that_it_shows_is_the_one_there_is(db: Database) -> None:
    make_user(db)
    make_circle(db)
    with pytest.raises(AssertionError) as failed, assert_operations(db, query=1):
        list(db.circles.get_by_type("support_group"))
        list(db.circles.get_members("c1"))
    (shown,) = blocks("text")
    # How many units a read takes is a matter of the engine.
    assert re.sub(r"\([\d.]+ read", "(1 read", str(failed.value)) == shown.text.rstrip("\n")


def test_the_options_that_it_names_exist(pytestconfig: pytest.Config) -> None:
    options = [word for block in blocks("sh") for line in block.text.splitlines() for word in shlex.split(line)[1:]]
    named = {word for word in options if word.startswith("--")} | set(re.findall(r"``(--[\w-]+)", PAGE.read_text()))
    source = Path(pytest_madmall_models.__file__).read_text()
    assert named == {"--madmall-engine", "--madmall-allow-host"}
    assert [name for name in named if f'"{name}"' not in source] == []


def test_it_names_every_fixture_there_is() -> None:
    source = Path(pytest_madmall_models.__file__).read_text()
    fixtures = re.findall(r"^@pytest\.fixture\ndef ([a-z]\w+)", source, re.MULTILINE)
    fixtures += re.findall(r"^(make_\w+) = ", source, re.MULTILINE)
    assert len(fixtures) == 22
    assert [name for name in fixtures if f"``{name}``" not in PAGE.read_text()] == []


def test_the_page_is_sound_text() -> None:
    text = PAGE.read_text(encoding="utf-8")

    settings = {"halt_level": 2, "report_level": 2, "syntax_highlight": "none"}
    docutils.core.publish_string(text, writer="html5", settings_overrides=settings)
    assert [line for line in text.splitlines() if len(line) > 120] == []
