"""The package keeps the rules of the house."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture import file_rules, layers
from tests.architecture.source_tree import CHECKOUT, PACKAGE, Module, read_package


@pytest.fixture(scope="module")
def package() -> list[Module]:
    return read_package(CHECKOUT / PACKAGE)


@pytest.fixture(scope="module")
def all_python() -> list[Module]:
    folders = [CHECKOUT / name for name in (PACKAGE, "migrations", "examples", "tests")]
    return [module for folder in folders if folder.is_dir() for module in read_package(folder)]


def test_imports_point_backwards_in_the_order_of_layers(package: list[Module]) -> None:
    none_found(layers.upward_imports(package))


def test_no_modules_import_each_other(package: list[Module]) -> None:
    none_found(layers.cycles(package))


def test_the_pure_layer_imports_neither_pynamodb_nor_a_connection(package: list[Module]) -> None:
    none_found(layers.impure_imports(package))


def test_no_file_is_longer_than_one_noun_needs(all_python: list[Module]) -> None:
    none_found(file_rules.too_long(all_python))


def test_every_module_is_named_for_what_it_is(all_python: list[Module]) -> None:
    none_found(file_rules.empty_names(all_python))


def test_every_public_name_has_a_docstring(package: list[Module]) -> None:
    none_found(file_rules.undescribed(package))


def test_no_tracked_file_holds_unfinished_work_or_a_path_of_one_machine() -> None:
    none_found(file_rules.unfinished_or_local(tracked_or_skip(), CHECKOUT))


def tracked_or_skip() -> list[Path]:
    try:
        return file_rules.tracked_files(CHECKOUT)
    except FileNotFoundError as error:
        pytest.skip(f"what is tracked is only known in a checkout: {error}")


def none_found(findings: list[str]) -> None:
    assert not findings, "\n" + "\n".join(findings)
