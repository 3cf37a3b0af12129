"""Each rule of the house finds what it is there to find, and nothing else, on small trees made for it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.architecture import file_rules, layers
from tests.architecture.source_tree import Module, imports_when_imported, read_package

ORDER = ("errors", "keys", "connection", "manager", "cli")

Plant = Callable[..., list[Module]]


@pytest.fixture
def plant(tmp_path: Path) -> Plant:
    """Write a package named house, file by file, and read it."""

    def planted(**files: str) -> list[Module]:
        for name, text in {"__init__": "", **files}.items():
            path = tmp_path / "house" / (name.replace("__in__", "/") + ".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return read_package(tmp_path / "house")

    return planted


def upward(modules: list[Module]) -> list[str]:
    return layers.upward_imports(modules, order=ORDER, package="house")


UPWARD = [
    "import house.manager",
    "import house.manager as above",
    "from house.manager import Manager",
    "from house import manager",
    "from . import manager",
    "from .manager import Manager",
    "def late():\n    from house.manager import Manager\n    return Manager",
    "class Late:\n    def late(self):\n        import house.manager",
    "try:\n    import house.manager\nexcept ImportError:\n    pass",
    "import importlib\nabove = importlib.import_module('house.manager')",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    pass\nelse:\n    import house.manager",
    "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    import house.manager",
]


@pytest.mark.parametrize("source", UPWARD)
def test_an_upward_import_is_found_however_it_is_written(plant: Plant, source: str) -> None:
    (finding,) = upward(plant(keys=source, manager=""))

    assert "keys imports house.manager" in finding
    assert finding.startswith("house/keys.py:")


@pytest.mark.parametrize(
    "source",
    [
        "from house.errors import MadMallError",
        "from .errors import MadMallError",
        "from . import errors",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house.manager import Manager",
        "import typing\nif typing.TYPE_CHECKING:\n    from house.manager import Manager",
        "import json, collections.abc",
        "from house import __version__",
        "import household.manager",
    ],
)
def test_an_import_that_points_backwards_or_is_for_types_only_is_fine(plant: Plant, source: str) -> None:
    assert upward(plant(keys=source, errors="", manager="")) == []


def test_the_root_may_collect_every_name_and_none_may_ask_it_for_one(plant: Plant) -> None:
    modules = plant(__init__="from house.cli import main", cli="from house import Key", keys="")

    (finding,) = upward(modules)
    assert finding.startswith("house/cli.py:1: cli imports Key of house,")


def test_a_module_in_a_folder_has_the_rank_of_its_folder(plant: Plant) -> None:
    modules = plant(
        connection__in____init__="from house.connection.retry import Retry",
        connection__in__retry="from ..manager import Manager",
        connection__in__session="from .retry import Retry\nfrom . import retry\nfrom ..keys import Key",
        manager="from house.connection.session import Session",
        keys="",
    )

    (finding,) = upward(modules)
    assert "house/connection/retry.py:1: connection imports house.manager" in finding


def test_a_room_without_a_place_in_the_order_is_found(plant: Plant) -> None:
    (finding,) = upward(plant(attic=""))

    assert "'attic' has no place" in finding
    assert "ORDER in tests/architecture/layers.py" in finding


def test_an_import_of_a_room_without_a_place_is_found(plant: Plant) -> None:
    findings = upward(plant(attic="", cli="import house.attic"))

    assert any("cli imports house.attic" in finding for finding in findings)


def test_modules_of_one_room_that_import_each_other_are_found(plant: Plant) -> None:
    modules = plant(
        connection__in____init__="from house.connection.retry import Retry",
        connection__in__retry="def late():\n    from house.connection.session import Session",
        connection__in__session="from house.connection.retry import Retry",
    )

    (finding,) = layers.cycles(modules)
    assert "house.connection.retry" in finding
    assert "house.connection.session" in finding


def test_a_module_that_asks_its_own_folder_for_a_name_is_a_cycle(plant: Plant) -> None:
    modules = plant(
        connection__in____init__="from house.connection.retry import Retry",
        connection__in__retry="from house.connection import Session",
    )

    assert layers.cycles(modules)


def test_modules_in_a_line_are_no_cycle(plant: Plant) -> None:
    modules = plant(
        connection__in____init__="from house.connection.retry import Retry",
        connection__in__retry="from house.connection.session import Session",
        connection__in__session="from house import connection",
    )

    assert layers.cycles(modules[:1] + modules[2:]) == []


@pytest.mark.parametrize("source", ["import pynamodb.models", "from botocore import session", "import socket"])
def test_what_reaches_outside_is_found_in_a_pure_room_only(plant: Plant, source: str) -> None:
    modules = plant(errors=source, connection__in____init__=source)

    (finding,) = layers.impure_imports(modules, pure=("errors", "keys"))
    assert finding.startswith("house/errors.py:1:")


def test_the_error_of_a_missing_item_may_be_pynamodb_s_too(plant: Plant) -> None:
    modules = plant(errors="from pynamodb.exceptions import DoesNotExist")

    assert layers.impure_imports(modules, pure=("errors", "keys")) == []


def test_a_file_of_400_lines_is_fine_and_one_of_401_is_found(plant: Plant) -> None:
    modules = plant(keys="x = 1\n" * 400, manager="x = 1\n" * 401)

    (finding,) = file_rules.too_long(modules)
    assert finding.startswith("house/manager.py: 401 lines")


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "core", "base", "misc", "_utils"])
def test_a_name_that_says_nothing_is_found_for_a_file_and_for_a_folder(plant: Plant, name: str) -> None:
    modules = plant(**{name: "", f"{name}__in____init__": "", "keys": ""})

    assert len(file_rules.empty_names(modules)) == 2


UNDESCRIBED = {
    "x = 1": "the module",
    '"""Doc."""\nclass Key: pass': "Key",
    '"""Doc."""\ndef key(): pass': "key",
    '"""Doc."""\nasync def key(): pass': "key",
    '"""Doc."""\ndef key():\n    """"""': "key",
    '"""Doc."""\nclass Key:\n    """Doc."""\n    def of(self): pass': "Key.of",
    '"""Doc."""\nclass Key:\n    """Doc."""\n    @property\n    def of(self): pass': "Key.of",
    '"""Doc."""\nclass Key:\n    """Doc."""\n    class Part: pass': "Key.Part",
    '"""Doc."""\nclass Key:\n    """Doc."""\n    class Part:\n        "Doc."\n        def of(): pass': "Key.Part.of",
    '"""Doc."""\nif 1:\n    def key(): pass': "key",
    '"""Doc."""\ntry:\n    x = 1\nexcept ImportError:\n    x = 2\nelse:\n    def key(): pass': "key",
}


@pytest.mark.parametrize(("source", "name"), UNDESCRIBED.items())
def test_a_public_name_without_a_docstring_is_found(plant: Plant, source: str, name: str) -> None:
    (finding,) = file_rules.undescribed(plant(__init__='"""Doc."""', keys=source))

    assert f"{name} has no docstring" in finding


@pytest.mark.parametrize(
    "source",
    [
        "def _private(): pass",
        "class _Private:\n    def of(self): pass",
        "def key():\n    '''Doc.'''\n    def inner(): pass",
        "class Key:\n    '''Doc.'''\n    def __init__(self): pass\n    def _of(self): pass",
        "class Key:\n    '''Doc.'''\n    @of.setter\n    def of(self, value): pass",
        "class Key:\n    '''Doc.'''\n    @typing.overload\n    def of(self): pass",
        "class Key:\n    '''Doc.'''\n    class Meta:\n        table_name = 'x'",
    ],
)
def test_what_needs_no_docstring_is_not_asked_for_one(plant: Plant, source: str) -> None:
    assert file_rules.undescribed(plant(__init__='"""Doc."""', keys=f'"""Doc."""\n{source}')) == []


def test_a_private_module_needs_no_docstring(plant: Plant) -> None:
    assert file_rules.undescribed(plant(__init__='"""Doc."""', _keys="def key(): pass")) == []


@pytest.mark.parametrize(
    "text",
    [
        "# TO" + "DO: later",
        "FIX" + "ME",
        "open('/" + "home/jane/data.json')",
        "cd /" + "root/project",
        "path: /" + "tmp/engine",
        "/" + "Users/jane",
        "C:" + "\\Users\\jane",
    ],
)
def test_unfinished_work_and_paths_of_one_machine_are_found(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.rst").write_text(f"A line\n{text}\n")

    (finding,) = file_rules.unfinished_or_local([Path("page.rst")], tmp_path)
    assert finding.startswith("page.rst:2:")


@pytest.mark.parametrize(
    "text",
    ["https://example.com/home/jane", "/dev/null", "#!/usr/bin/env bash", "tests/tmp/file", "$(HOME)/tmp/x"],
)
def test_other_paths_and_words_are_fine(tmp_path: Path, text: str) -> None:
    (tmp_path / "page.rst").write_text(text)

    assert file_rules.unfinished_or_local([Path("page.rst")], tmp_path) == []


def test_a_binary_file_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe/" + b"home/jane")

    assert file_rules.unfinished_or_local([Path("picture.png")], tmp_path) == []


def test_only_tracked_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "tracked.py").touch()
    (tmp_path / "not tracked.py").touch()
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "tracked.py"], cwd=tmp_path, check=True)

    assert file_rules.tracked_files(tmp_path) == [Path("tracked.py")]


def test_without_a_checkout_nothing_is_known_to_be_tracked(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="not a git checkout"):
        file_rules.tracked_files(tmp_path)


def test_what_a_function_imports_is_not_imported_with_its_module(plant: Plant) -> None:
    late = "def late():\n    import flask\nasync def later():\n    import moto\n"
    source = f"import json\n{late}class Key:\n    import re"
    module = next(module for module in plant(keys=source) if module.room == "keys")

    assert [found.module for found in imports_when_imported(module, ())] == ["json", "re"]
