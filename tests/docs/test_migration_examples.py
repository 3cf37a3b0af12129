"""What the docstrings of the migration engine show is run, and does what they say."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import shutil
import textwrap
from pathlib import Path

import pytest

import madmall_models.migration
from madmall_models import Database
from madmall_models.migration import item_rewrite, load_directory
from tests.integration.plain_run import applied
from tests.integration.samples import make_circle, make_user
from tests.integration.table_content import everything

HISTORY = Path(__file__).parents[2] / "migrations"
MODULES = [found.name for found in pkgutil.iter_modules(madmall_models.migration.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name: str) -> None:
    module = importlib.import_module(f"madmall_models.migration.{name}")
    assert doctest.testmod(module).failed == 0


def test_the_module_of_a_history_that_is_shown_can_be_loaded_and_applied(tmp_path: Path, db: Database) -> None:
    shown = re.search(r"``(?P<name>\w+)\.py``::\n(?P<text>.*?)\n\S", item_rewrite.__doc__ or "", re.DOTALL)
    assert shown is not None
    for path in HISTORY.glob("0*.py"):
        shutil.copy(path, tmp_path)
    (tmp_path / f"{shown['name']}.py").write_text(textwrap.dedent(shown["text"]).strip("\n"))
    make_user(db)
    make_circle(db)

    last = load_directory(tmp_path)[-1]
    applied(db, *last.migration.operations)

    assert (last.name, last.title) == (shown["name"], "Say of every circle which language it speaks")
    assert [item["PK"]["S"] for item in everything(db) if item.get("language") == {"S": "en"}] == ["CIRCLE#c1"]
