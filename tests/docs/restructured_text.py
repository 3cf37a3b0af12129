"""Read code blocks, links and headings from a document, without a parser that readers would have to install."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DIRECTIVE = re.compile(r"^(?P<indent>[ *-]*)\.\. code-block:: (?P<language>\S+)$")
_HEADING = re.compile(r"^(?P<text>\S.*)\n(?P<line>[=\-]+)$", re.MULTILINE)
_LINK = re.compile(r"`[^`<]*<(?P<target>[^>`]+)>`__", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A code block: its language, its text, the section it is in, and the line it begins in."""

    language: str
    text: str
    section: str
    line: int


def code_blocks(path: Path) -> list[Block]:
    """Return the code blocks of a document, in order."""
    return list(_blocks(path.read_text(encoding="utf-8").splitlines()))


def links(path: Path) -> list[str]:
    """Return the targets of the links of a document."""
    return [found["target"] for found in _LINK.finditer(path.read_text(encoding="utf-8"))]


def headings(path: Path) -> list[str]:
    """Return the headings of a document, each underlined in its full length."""
    found = _HEADING.finditer(path.read_text(encoding="utf-8"))
    return [match["text"] for match in found if len(match["line"]) == len(match["text"])]


def _blocks(lines: list[str]) -> Iterator[Block]:
    section = ""
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _HEADING.match(f"{line}\n{lines[number + 1]}"):
            section = line
        directive = _DIRECTIVE.match(line)
        if directive:
            inside = list(_indented(lines[number + 1 :], len(directive["indent"])))
            text = textwrap.dedent("\n".join(inside)).strip("\n") + "\n"
            yield Block(directive["language"], text, section, number + 2)


def _indented(lines: list[str], indent: int) -> Iterator[str]:
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        yield line
