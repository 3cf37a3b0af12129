"""Read a package as text: its modules, and what each imports at run time. Nothing is executed."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGE = "madmall_models"


@dataclass(frozen=True)
class Module:
    """One Python file of a package."""

    name: str
    path: Path
    text: str
    syntax: ast.Module

    @property
    def is_package(self) -> bool:
        """Tell whether this is the ``__init__`` of a folder."""
        return self.path.stem == "__init__"

    @property
    def room(self) -> str:
        """Give the file or folder directly inside the package that this module is, or is part of; "" for its root."""
        return room_of(self.name)

    def at(self, line: int) -> str:
        """Name a place in this module."""
        return f"{self.path}:{line}"


@dataclass(frozen=True)
class Import:
    """One module that another one asks for, and the names it asks of it."""

    line: int
    module: str
    names: tuple[str, ...] = ()


def room_of(name: str) -> str:
    """Give the room of a dotted module name."""
    return name.partition(".")[2].partition(".")[0]


def read_package(package: Path) -> list[Module]:
    """Read all modules below a package's folder, sorted by path."""
    return [_read(path, package.parent) for path in sorted(package.rglob("*.py"))]


def imports_at_run_time(module: Module, known: Iterable[str]) -> list[Import]:
    """List what a module imports when it is imported or when its functions run; not what only a type checker sees.

    ``from package import module`` counts as an import of that module, so ``known`` names those that exist.
    """
    known = frozenset(known)
    found: list[Import] = []
    for node in _executed(module.syntax):
        if isinstance(node, ast.Import):
            found += [Import(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += _imports_from(module, node, known)
        elif isinstance(node, ast.Call):
            found += _imports_by_call(node)
    return found


def imports_when_imported(module: Module, known: Iterable[str]) -> list[Import]:
    """List what a module imports while it is imported: not what its functions import when they run."""
    inside = {
        line
        for node in ast.walk(module.syntax)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }
    return [found for found in imports_at_run_time(module, known) if found.line not in inside]


def _read(path: Path, above: Path) -> Module:
    parts = path.relative_to(above).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text(encoding="utf-8")
    return Module(name, path.relative_to(above), text, ast.parse(text, str(path)))


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    yield node
    hidden = node.body if isinstance(node, ast.If) and _is_type_checking(node.test) else ()
    for child in ast.iter_child_nodes(node):
        if child not in hidden:
            yield from _executed(child)


def _is_type_checking(test: ast.expr) -> bool:
    return ast.unparse(test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _imports_from(module: Module, node: ast.ImportFrom, known: frozenset[str]) -> list[Import]:
    source = _absolute(module, node)
    modules = [alias.name for alias in node.names if f"{source}.{alias.name}" in known]
    names = tuple(alias.name for alias in node.names if alias.name not in modules)
    found = [Import(node.lineno, f"{source}.{name}") for name in modules]
    return [*found, Import(node.lineno, source, names)] if names else found


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    above = module.name.split(".")
    above = above[: len(above) - node.level + module.is_package]
    return ".".join([*above, node.module] if node.module else above)


def _imports_by_call(node: ast.Call) -> list[Import]:
    called = ast.unparse(node.func).rpartition(".")[2]
    if called not in ("import_module", "__import__") or not node.args:
        return []
    name = node.args[0]
    return [Import(node.lineno, name.value)] if isinstance(name, ast.Constant) and isinstance(name.value, str) else []
