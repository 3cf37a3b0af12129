"""What a docstring shows is run, and gives what it says. Those of migrations are run beside theirs."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from madmall_models.declaration import isolated_registry

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = CHECKOUT / "madmall_models"


def with_examples() -> list[str]:
    """Return the modules that show something, by their dotted names."""
    paths = [path for path in sorted(PACKAGE.rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")]
    names = [".".join(path.relative_to(CHECKOUT).with_suffix("").parts) for path in paths]
    return [name.removesuffix(".__init__") for name in names if not name.startswith("madmall_models.migration.")]


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_of_a_module_run(name: str) -> None:
    with isolated_registry():
        ran = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert ran.failed == 0
    assert ran.attempted > 0
