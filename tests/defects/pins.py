"""Find which test pins which defect, in the source: the answer is the same whatever part of the suite is run."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

MARKER = "defect"


@dataclass(frozen=True, order=True)
class Pin:
    """A test and a defect that it keeps out."""

    number: int
    path: str
    test: str

    @property
    def node(self) -> str:
        """Return what pytest calls the test, without parameters."""
        return f"{self.path}::{self.test}"


class Unreadable(ValueError):
    """A marker stands where, or says what, this module does not read."""


def find(folder: Path, root: Path) -> list[Pin]:
    """Return every pin of the test modules below a folder, in order of number and place.

    Raises:
        Unreadable: a marker is no decorator of a test of the module, or has other arguments than numbers.
    """
    found: set[Pin] = set()
    for file in sorted(folder.rglob("test_*.py")):
        path = file.relative_to(root).as_posix()
        found.update(_pins_of(ast.parse(file.read_text(encoding="utf-8")), path))
    return sorted(found)


def by_number(pins: Iterable[Pin]) -> dict[int, list[Pin]]:
    """Return the pins of each defect."""
    grouped: dict[int, list[Pin]] = {}
    for pin in sorted(pins):
        grouped.setdefault(pin.number, []).append(pin)
    return grouped


def _pins_of(module: ast.Module, path: str) -> Iterator[Pin]:
    markers = {node for node in ast.walk(module) if _is_marker(node)}
    for statement in module.body:
        if not isinstance(statement, ast.FunctionDef) or not statement.name.startswith("test_"):
            continue
        for decorator in statement.decorator_list:
            if isinstance(decorator, ast.Call) and decorator.func in markers:
                markers.remove(decorator.func)
                yield from (Pin(number, path, statement.name) for number in _numbers(decorator, path))
    for marker in markers:
        raise Unreadable(f"{path}:{marker.lineno}: mark.{MARKER} decorates a test of the module, nothing else")


def _is_marker(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == MARKER and ast.unparse(node.value).endswith("mark")


def _numbers(marker: ast.Call, path: str) -> Iterator[int]:
    numbers = [argument.value for argument in marker.args if isinstance(argument, ast.Constant)]
    if not numbers or len(numbers) < len(marker.args) or marker.keywords or {*map(type, numbers)} != {int}:
        raise Unreadable(f"{path}:{marker.lineno}: mark.{MARKER} takes numbers of defects, written out")
    yield from numbers
