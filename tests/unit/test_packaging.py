"""What is installed is what is here: metadata, requirements, data files, the command, the changelog."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from configparser import ConfigParser
from importlib.metadata import packages_distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.architecture.source_tree import (
    CHECKOUT,
    PACKAGE,
    Import,
    Module,
    imports_at_run_time,
    imports_when_imported,
    read_package,
)

# Its own requirements bring these along, and it cannot work without them.
BROUGHT_ALONG = {"asgiref": "django", "botocore": "pynamodb", "werkzeug": "flask"}

# Whoever imports these rooms has what they are for: a web framework, mypy, pytest.
FOR_THOSE_WHO_HAVE_IT = ("adapters", "mypy_plugin", "testing")


@pytest.fixture(scope="module")
def settings() -> ConfigParser:
    parser = ConfigParser()
    parser.read(CHECKOUT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return read_package(CHECKOUT / PACKAGE)


def requirements(lines: str) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines.split("\n") if line}


def strangers(module: Module, imports: list[Import]) -> Iterator[tuple[str, str]]:
    """Give place and distribution of each import that is neither ours nor Python's."""
    for found in imports:
        top = found.module.partition(".")[0]
        if top not in (PACKAGE, "") and top not in sys.stdlib_module_names:
            distributions = packages_distributions().get(top, [top])
            yield module.at(found.line), BROUGHT_ALONG.get(top, canonicalize_name(distributions[0]))


def test_pyproject_says_how_to_build_and_nothing_else() -> None:
    assert tomllib.loads((CHECKOUT / "pyproject.toml").read_text()) == {
        "build-system": {"requires": ["setuptools>=77"], "build-backend": "setuptools.build_meta"}
    }


def test_the_version_has_one_source_that_is_read_without_an_import(settings: ConfigParser) -> None:
    assert settings["metadata"]["version"] == f"attr: {PACKAGE}.__version__"
    syntax = ast.parse((CHECKOUT / PACKAGE / "__init__.py").read_text())
    (value,) = [
        node.value
        for node in syntax.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__version__"
    ]

    assert isinstance(value, ast.Constant)
    assert re.fullmatch(r"\d+\.\d+\.\d+", str(value.value))


def test_every_folder_with_code_is_a_package_that_will_be_found() -> None:
    folders = {path.parent for path in (CHECKOUT / PACKAGE).rglob("*.py")}

    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_only_the_package_itself_is_installed(settings: ConfigParser) -> None:
    assert settings["options.packages.find"]["include"] == f"{PACKAGE}*"


def test_the_package_tells_type_checkers_that_it_is_typed(settings: ConfigParser) -> None:
    assert settings["options.package_data"][PACKAGE] == "py.typed, schema/html_site/assets/*, testing/*.java"
    assert (CHECKOUT / PACKAGE / "py.typed").read_text() == ""


def test_the_command_is_a_function_that_exists(settings: ConfigParser) -> None:
    command, _, target = settings["options.entry_points"]["console_scripts"].strip().partition(" = ")
    module, _, function = target.partition(":")

    assert command == "madmall"
    assert callable(getattr(importlib.import_module(module), function))


def test_flask_finds_a_group_of_commands_that_exists(settings: ConfigParser) -> None:
    name, _, target = settings["options.entry_points"]["flask.commands"].strip().partition(" = ")
    module, _, group = target.partition(":")

    assert getattr(importlib.import_module(module), group).name == name == "madmall"


def test_what_is_imported_with_the_package_is_required(settings: ConfigParser, modules: list[Module]) -> None:
    required = requirements(settings["options"]["install_requires"])
    known = [module.name for module in modules]

    assert [
        f"{place} imports {distribution}"
        for module in modules
        if module.room not in FOR_THOSE_WHO_HAVE_IT
        for place, distribution in strangers(module, imports_when_imported(module, known))
        if distribution not in required
    ] == []


def test_the_plugin_of_pytest_is_a_module_of_its_own_that_imports_nothing_of_the_package(
    settings: ConfigParser,
) -> None:
    name, _, module = settings["options.entry_points"]["pytest11"].strip().partition(" = ")
    assert (name, settings["options"]["py_modules"]) == ("madmall", module)
    syntax = ast.parse((CHECKOUT / f"{module}.py").read_text())
    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in syntax.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.partition(".")[0] for name in imported} - sys.stdlib_module_names == {"pytest"}


def test_what_is_imported_later_is_in_an_extra(settings: ConfigParser, modules: list[Module]) -> None:
    offered = requirements(settings["options"]["install_requires"])
    for lines in settings["options.extras_require"].values():
        offered |= requirements(lines)
    known = [module.name for module in modules]

    assert [
        f"{place} imports {distribution}"
        for module in modules
        for place, distribution in strangers(module, imports_at_run_time(module, known))
        if distribution not in offered
    ] == []


def test_every_requirement_is_imported(settings: ConfigParser, modules: list[Module]) -> None:
    imported = {
        distribution for module in modules for _, distribution in strangers(module, imports_at_run_time(module, ()))
    }

    assert requirements(settings["options"]["install_requires"]) - imported == set()


def test_whoever_develops_has_every_extra(settings: ConfigParser) -> None:
    extras = settings["options.extras_require"]
    everything = next(Requirement(line) for line in extras["dev"].split("\n") if line.startswith(PACKAGE))

    assert everything.extras == set(extras) - {"dev"}


def test_the_files_that_the_metadata_names_exist(settings: ConfigParser) -> None:
    metadata = settings["metadata"]
    named = [metadata["license_files"], metadata["long_description"].removeprefix("file: ")]
    for line in (CHECKOUT / "MANIFEST.in").read_text().splitlines():
        instruction, *names = line.split()
        named += names if instruction == "include" else []

    assert [name for name in named if not (CHECKOUT / name).exists()] == []


def test_the_changelog_has_the_unreleased_on_top_and_the_releases_newest_first() -> None:
    text = (CHECKOUT / "CHANGELOG.rst").read_text()
    first, *releases = re.findall(r"^(.+)\n-+$", text, re.MULTILINE)

    assert first == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d{2}-\d{2}", release) for release in releases)
    versions = [Version(release.partition(" ")[0]) for release in releases]
    assert versions == sorted(versions, reverse=True)
    assert all(version <= Version(importlib.import_module(PACKAGE).__version__) for version in versions)


def test_every_command_of_the_makefile_is_listed_by_its_help() -> None:
    makefile = (CHECKOUT / "Makefile").read_text()
    commands = re.search(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    assert commands
    listed = subprocess.run(["make", "--silent"], cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout

    assert re.findall(r"^  make (\S+) +\S", listed, re.MULTILINE) == commands[1].split()


def test_the_script_of_the_checks_starts_with_the_tests_and_calls_only_commands_that_exist() -> None:
    script = (CHECKOUT / ".ci" / "run").read_text()
    called = [line.partition("#")[0].split() for line in re.findall(r"^step make (.+)$", script, re.MULTILINE)]
    makefile = (CHECKOUT / "Makefile").read_text()

    assert called[0] == ["test", "MEASURED=yes"]
    for command in {name for names in called for name in names if "=" not in name}:
        assert re.search(rf"^{command}:", makefile, re.MULTILINE), command
