"""Every page says what is so: it is run from top to bottom, and what it shows is what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from madmall_models import Database, binding
from madmall_models.declaration import isolated_registry
from madmall_models.testing import engines
from tests.docs.page_run import NOT_RUN, SHOWN, PageRun
from tests.docs.restructured_text import Block, code_blocks

DOCS = Path(__file__).resolve().parents[2] / "docs"
# Pages that need more than a table and a folder have tests of their own.
TESTED_ELSEWHERE = {
    "django.rst": "test_django_page.py",
    "flask.rst": "test_flask_page.py",
    "marshmallow.rst": "test_marshmallow_page.py",
    "operating-table.rst": "test_operating_page.py",
    "schema.rst": "test_schema_documents.py",
    "testing.rst": "test_testing_page.py",
    "typing.rst": "../typing",
}
# It is written by a command, and has the names of tests in its lines.
WRITTEN = "defects.rst"


def pages() -> dict[str, list[Block]]:
    """Return the blocks of each page that has any, by its name below ``docs``."""
    found = {path.relative_to(DOCS).as_posix(): code_blocks(path) for path in sorted(DOCS.rglob("*.rst"))}
    return {name: blocks for name, blocks in found.items() if blocks}


PAGES = sorted(set(pages()) - set(TESTED_ELSEWHERE))


@pytest.fixture
def page_database(db: Database, engine: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Give the table of a page: what it makes for itself, and the commands that it types, mean that table too."""
    settings = engine.connection_settings()
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("MADMALL_TABLE", db.table_name)
    monkeypatch.setenv("MADMALL_TIMEOUT", str(settings["timeout"]))
    if settings["endpoint"] is not None:
        monkeypatch.setenv("MADMALL_ENDPOINT", settings["endpoint"])
    running = engines.Engine(engine.name, engine.endpoint, engine.process_id)
    monkeypatch.setattr(engines, "start", lambda name="ministack": running)
    monkeypatch.setattr(binding, "_managers", dict(binding._managers))
    monkeypatch.setattr(binding, "_collections", dict(binding._collections))
    known = set(sys.modules)
    with isolated_registry(), binding.configured_as(db):
        yield db
    # What a page wrote and imported must not be there for the next one.
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.mark.difference("one-process")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_what_it_says(
    name: str,
    page_database: Database,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = PageRun(DOCS / name, tmp_path, page_database, capsys, {"__name__": "page", "db": page_database})
    run.run(pages()[name])
    assert run.ran or all(block.not_run or block.language in SHOWN for block in pages()[name])


def test_every_page_with_code_is_run_here_or_by_a_test_of_its_own() -> None:
    here = Path(__file__).parent
    assert [name for name in TESTED_ELSEWHERE if not (DOCS / name).exists()] == []
    assert [name for name in TESTED_ELSEWHERE.values() if not (here / name).exists()] == []
    assert len(PAGES) >= 12


def test_every_reason_for_not_running_a_block_is_still_one() -> None:
    given = {block.not_run for blocks in pages().values() for block in blocks if block.not_run}
    assert given == set(NOT_RUN)


def test_the_lines_of_every_page_fit() -> None:
    names = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.rst")} - {WRITTEN, *TESTED_ELSEWHERE}
    lines = [(name, line) for name in sorted(names) for line in (DOCS / name).read_text(encoding="utf-8").splitlines()]
    assert [(name, line) for name, line in lines if len(line) > 120] == []
