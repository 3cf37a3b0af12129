"""Read code blocks, links and headings from a document, without a parser that readers would have to install."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_DIRECTIVE = re.compile(r"^(?P<indent>[ *-]*)\.\. code-block:: (?P<language>\S+)$")
_OPTION = re.compile(r"^\s+:(?P<name>[\w-]+): (?P<value>.+)$")
_NOT_RUN = re.compile(r"^\s*\.\. not run: (?P<reason>.+)$")
_HEADING = re.compile(r"^(?P<text>\S.*)\n(?P<line>[=\-~]+)$", re.MULTILINE)
_LINK = re.compile(r"`[^`<]*<(?P<target>[^>`]+)>`__", re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A code block: its language, its text, the section it is in, and the line it begins in.

    ``options`` are those of the directive, such as its caption. ``not_run`` is the reason that the comment before the
    block gives for not running it, None where there is no such comment.
    """

    language: str
    text: str
    section: str
    line: int
    options: Mapping[str, str] = field(default_factory=dict)
    not_run: str | None = None


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
    section, reason = "", None
    for number, line in enumerate(lines):
        if number + 1 < len(lines) and _HEADING.match(f"{line}\n{lines[number + 1]}"):
            section = line
        marked = _NOT_RUN.match(line)
        reason = marked["reason"] if marked else reason
        directive = _DIRECTIVE.match(line)
        if directive:
            inside = list(_indented(lines[number + 1 :], len(directive["indent"])))
            options = dict(_options(inside))
            text = textwrap.dedent("\n".join(inside[len(options) :])).strip("\n") + "\n"
            yield Block(directive["language"], text, section, number + 2 + len(options), options, reason)
            reason = None


def _options(inside: list[str]) -> Iterator[tuple[str, str]]:
    for line in inside:
        option = _OPTION.match(line)
        if option is None:
            return
        yield option["name"], option["value"]


def _indented(lines: list[str], indent: int) -> Iterator[str]:
    for line in lines:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            return
        yield line
