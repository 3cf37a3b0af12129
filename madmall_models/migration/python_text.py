"""Write Python source: literals, calls and comments that keep to the width of a line."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120
INDENT = "    "
_LEAST_PIECE = 40


def literal(text: str) -> str:
    """Return a text as Python writes it, in double quotes unless it holds more of those than of single ones.

    >>> print(literal("it's"), literal('6"'))
    "it's" '6"'
    """
    written = repr(text)
    if written[0] == '"' or text.count('"') > text.count("'"):
        return written
    body = written[1:-1].replace("\\'", "'").replace('"', '\\"')
    return f'"{body}"'


def texts(values: Sequence[str]) -> str:
    """Return a tuple of texts as Python writes it."""
    written = ", ".join(map(literal, values))
    return f"({written},)" if len(values) == 1 else f"({written})"


def call(head: str, arguments: Iterable[str], level: int = 0, tail: str = "") -> list[str]:
    """Return a call in one line where it fits, else with one argument to a line.

    Args:
        head: what stands before the bracket, for example ``key = PrimaryKey``.
        arguments: as they are written.
        level: how deep the first line is indented.
        tail: what stands after the bracket, for example a comma.
    """
    given = list(arguments)
    line = f"{INDENT * level}{head}({', '.join(given)}){tail}"
    return [line] if len(line) <= WIDTH else spread(head, given, level, tail)


def spread(head: str, arguments: Iterable[str], level: int = 0, tail: str = "") -> list[str]:
    """Return a call with one argument to a line; the arguments of :func:`call` mean the same here."""
    return nested(head, [line for given in arguments for line in argument(given, level + 1)], level, tail)


def nested(head: str, inner: Iterable[str], level: int = 0, tail: str = "") -> list[str]:
    """Return a bracket around lines that are written already."""
    return [f"{INDENT * level}{head}(", *inner, f"{INDENT * level}){tail}"]


def either(lead: str, one: str, condition: str, other: str, level: int = 0, tail: str = "") -> list[str]:
    """Return a conditional expression in one line where it fits, else in brackets with a part to a line."""
    parts = (one, f"if {condition}", f"else {other}")
    line = f"{INDENT * level}{lead}{' '.join(parts)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    return nested(lead, [f"{INDENT * (level + 1)}{part}" for part in parts], level, tail)


def argument(written: str, level: int) -> list[str]:
    """Return an argument as a line of its own; one that is too long is a text, and is cut in pieces."""
    line = f"{INDENT * level}{written},"
    if len(line) <= WIDTH:
        return [line]
    name, equals, value = written.partition("=")
    if not equals or not name.isidentifier():
        name, equals, value = "", "", written
    return _cut(f"{name}{equals}", value, level)


def comment(text: str, level: int = 0) -> list[str]:
    """Return a text as lines of comment."""
    lead = f"{INDENT * level}# "
    return textwrap.wrap(
        text, WIDTH, initial_indent=lead, subsequent_indent=lead, break_on_hyphens=False, expand_tabs=False
    )


def paragraph(text: str) -> list[str]:
    """Return a text as lines of a docstring."""
    return textwrap.wrap(escaped(text), WIDTH, break_on_hyphens=False)


def escaped(text: str) -> str:
    """Return a text as it is written within a docstring."""
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')


def _cut(lead: str, value: str, level: int) -> list[str]:
    """Return a text or a tuple of texts over several lines."""
    content = _value_of(value)
    members = [content] if isinstance(content, str) else list(content)
    lines = [f"{INDENT * level}{lead}("]
    for member in members:
        pieces = _pieces(member, WIDTH - len(INDENT) * (level + 1) - 1)
        lines += [f"{INDENT * (level + 1)}{literal(piece)}" for piece in pieces]
        if not isinstance(content, str):
            lines[-1] += ","
    return [*lines, f"{INDENT * level}),"]


def _value_of(value: str) -> str | tuple[str, ...]:
    found: str | tuple[str, ...] = ast.literal_eval(value)
    return found


def _pieces(text: str, width: int) -> list[str]:
    """Return a text in pieces, each of which can be written in one line; they end after a space where there is one."""
    pieces = []
    while len(literal(text)) > width:
        end = width - 2
        while len(literal(text[:end])) > width:
            end -= 1
        space = text.rfind(" ", _LEAST_PIECE, end)
        end = end if space < 0 else space + 1
        pieces.append(text[:end])
        text = text[end:]
    return [*pieces, text]
