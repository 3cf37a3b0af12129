"""What every file must keep: its length, its name, its docstrings, and the words no finished tree has."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.architecture.source_tree import Module

MOST_LINES = 400
NAMES_THAT_SAY_NOTHING = frozenset({"util", "utils", "helper", "helpers", "common", "core", "base", "misc"})

# PynamoDB dictates this class inside a model.
NOT_OURS_TO_DESCRIBE = frozenset({"Meta"})
DESCRIBED_ELSEWHERE = ("overload", "override")

# The spelling keeps these patterns from finding themselves. The character before tells a path from a part of a URL.
_MACHINE_PATH = re.compile(r"(?<![\w.>})-])(?:/(?:home|Users|root|work|tmp|opt)/[\w.-]+|[A-Z]:\\Users\\\w+)")
_UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b")


def too_long(modules: Iterable[Module]) -> list[str]:
    """Find files that hold more lines than one noun needs."""
    lengths = [(module, len(module.text.splitlines())) for module in modules]
    return [
        f"{module.path}: {length} lines, at most {MOST_LINES}; a file that outgrows this holds two ideas"
        for module, length in lengths
        if length > MOST_LINES
    ]


def empty_names(modules: Iterable[Module]) -> list[str]:
    """Find files and folders whose name says where code is, not what it is."""
    return [
        f"{module.path}: {part!r} says nothing; name the noun"
        for module in modules
        for part in module.path.with_suffix("").parts
        if part.strip("_") in NAMES_THAT_SAY_NOTHING
    ]


def undescribed(modules: Iterable[Module]) -> list[str]:
    """Find public modules, classes, functions and methods without a docstring."""
    findings = []
    for module in modules:
        if any(part.startswith("_") and not part.startswith("__") for part in module.name.split(".")):
            continue
        if not ast.get_docstring(module.syntax):
            findings.append(f"{module.at(1)}: the module has no docstring")
        findings += [
            f"{module.at(node.lineno)}: {name} has no docstring"
            for name, node in _public(module.syntax.body, "")
            if not ast.get_docstring(node)
        ]
    return findings


def unfinished_or_local(paths: Iterable[Path], checkout: Path) -> list[str]:
    """Find words of unfinished work and absolute paths of one machine in text files; binary files are passed over."""
    findings = []
    for path in paths:
        try:
            lines = (checkout / path).read_text(encoding="utf-8").splitlines()
        except (UnicodeDecodeError, FileNotFoundError):
            continue
        for number, line in enumerate(lines, start=1):
            findings += [f"{path}:{number}: unfinished: {word}" for word in _UNFINISHED.findall(line)]
            findings += [f"{path}:{number}: a path of one machine: {place}" for place in _MACHINE_PATH.findall(line)]
    return findings


def tracked_files(checkout: Path) -> list[Path]:
    """List what git tracks; raises ``FileNotFoundError`` where there is no checkout, such as in an unpacked sdist."""
    if not (checkout / ".git").exists():
        raise FileNotFoundError(f"{checkout.name} is not a git checkout")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=checkout, check=True, capture_output=True)
    return [Path(name) for name in listed.stdout.decode().split("\0") if name]


_Described = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _public(body: list[ast.stmt], inside: str) -> Iterator[tuple[str, _Described]]:
    for node in body:
        if isinstance(node, ast.If | ast.Try | ast.With):
            yield from _public(node.body, inside)
            yield from _public(getattr(node, "orelse", []), inside)
        if not isinstance(node, _Described) or node.name.startswith("_") or _is_described_elsewhere(node):
            continue
        yield inside + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from _public(node.body, f"{inside}{node.name}.")


def _is_described_elsewhere(node: _Described) -> bool:
    if isinstance(node, ast.ClassDef):
        return node.name in NOT_OURS_TO_DESCRIBE
    decorators = [ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list]
    return any(name in (*DESCRIBED_ELSEWHERE, "setter", "deleter") for name in decorators)
