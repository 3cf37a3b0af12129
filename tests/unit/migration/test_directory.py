"""A directory of migrations is one line, and whatever is wrong with a module is said by its name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from madmall_models import MigrationModuleError
from madmall_models.migration import CreateTable, ImportRows, Migration, MigrationModule, Phase, directory_plan
from madmall_models.migration.directory import in_line, load_directory

HISTORY = Path(__file__).parents[3] / "migrations"
MODULE = '''"""{title}"""
from madmall_models.migration import CreateTable, Migration, Phase
migration = Migration(after={after!r}, phase=Phase.EXPAND, operations=[CreateTable()])
'''


def write(directory: Path, **modules: str | None) -> None:
    for name, after in modules.items():
        (directory / f"{name[1:]}.py").write_text(MODULE.format(title=f"Do {name}.\n\nAt length.", after=after))


def test_modules_follow_the_one_that_they_name(tmp_path: Path) -> None:
    write(tmp_path, _0001_one=None, _0003_three="0001_one", _0002_two="0003_three")
    (tmp_path / "__init__.py").write_text("raise RuntimeError")
    (tmp_path / "notes.py").write_text("raise RuntimeError")

    loaded = load_directory(tmp_path)

    assert [module.name for module in loaded] == ["0001_one", "0003_three", "0002_two"]
    assert loaded[0].title == "Do _0001_one"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("migration = 1 +", "0001_one.py cannot be loaded: SyntaxError"),
        ("import nothing_like_it", "0001_one.py cannot be loaded: ModuleNotFoundError"),
        ('"""Do."""', "0001_one.py has no migration"),
        ('"""Do."""\nmigration = 1', "0001_one.py has no migration"),
        (MODULE.format(title="", after=None), "0001_one.py has no docstring"),
        (MODULE.format(title="Do.", after=None).replace("CreateTable()", "1"), "0001_one.py: int is no operation"),
        (MODULE.format(title="Do.", after=None).replace("Phase.EXPAND", "1"), "0001_one.py: phase is"),
    ],
)
def test_what_is_wrong_with_a_module_is_said_by_its_name(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "0001_one.py").write_text(text)

    with pytest.raises(MigrationModuleError, match=said):
        load_directory(tmp_path)


def test_a_directory_that_is_missing_or_empty_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationModuleError, match="there is no directory"):
        load_directory(tmp_path / "none")
    with pytest.raises(MigrationModuleError, match="holds no migration"):
        load_directory(tmp_path)


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        ({"_0001_one": "0000_zero"}, "0001_one comes after 0000_zero, which is not there"),
        ({"_0001_one": None, "_0002_two": None}, "both come after nothing"),
        ({"_0001_one": None, "_0002_two": "0001_one", "_0003_three": "0001_one"}, "both come after 0001_one"),
        ({"_0001_one": "0002_two", "_0002_two": "0001_one"}, "0001_one, 0002_two come after each other"),
    ],
)
def test_modules_that_form_no_line_are_refused(tmp_path: Path, modules: dict[str, str | None], said: str) -> None:
    write(tmp_path, **modules)

    with pytest.raises(MigrationModuleError, match=said):
        load_directory(tmp_path)


@given(st.integers(1, 8), st.randoms())
def test_a_line_is_found_whatever_the_order_of_the_files(length: int, chance: object) -> None:
    names = [f"{number:04}_step" for number in range(length)]
    line = [
        MigrationModule(name, name, Migration(after=after, phase=Phase.EXPAND, operations=()))
        for name, after in zip(names, [None, *names], strict=False)
    ]
    shuffled = list(line)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    assert in_line(shuffled) == tuple(line)


def test_the_history_of_this_table_can_be_read_from_top_to_bottom() -> None:
    modules = load_directory(HISTORY)
    operations = directory_plan(HISTORY).operations

    assert [module.name for module in modules] == ["0001_create_table", "0002_import_legacy_sqlite"]
    assert [module.title for module in modules] == ["Create the table", "Import the legacy SQLite database"]
    assert [type(operation) for operation in operations] == [CreateTable, ImportRows]
    assert all(operation.describe() for operation in operations)
