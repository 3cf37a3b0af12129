"""Write texts so that Markdown shows them as they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from madmall_models.schema.words import LITERAL, ROLE

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~$])")
_RUN = re.compile("`+")
# What nobody sees, and a terminal obeys; a line break is none of them.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def escaped(text: str) -> str:
    """Return a text whose characters stand for themselves, in one line."""
    line = _line(text)
    # At the beginning of a line these would begin a list or a rule.
    line = re.sub(r"^([-+=])", r"\\\1", line)
    line = re.sub(r"^(\d+)([.)])", r"\1\\\2", line)
    return _MARKS.sub(r"\\\1", line).replace("&", "&amp;")


def code(text: str) -> str:
    """Return a text as a code span, whatever backticks it holds; nothing for an empty one."""
    line = _line(text)
    if not line:
        return ""
    fence = "`" * (max((len(run) for run in _RUN.findall(line)), default=0) + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def sentence(text: str) -> str:
    """Return a paragraph of a docstring: literals and roles as code, all else escaped."""
    plain = ROLE.sub(r"``\1``", text)
    pieces = LITERAL.split(plain)
    return "".join(code(piece) if place % 2 else _kept_spaces(piece) for place, piece in enumerate(pieces))


def paragraphs(text: str) -> Iterable[str]:
    """Yield the paragraphs of a docstring."""
    for paragraph in text.split("\n\n"):
        if paragraph.strip():
            yield sentence(paragraph)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table; its cells are Markdown already, and a bar in them does not end a cell."""
    lines = [_row(header), _row(["---"] * len(header)), *(_row([_cell(cell) for cell in row]) for row in rows)]
    return [*lines, ""]


def fenced(text: str, language: str) -> list[str]:
    """Return a block of code, whatever backticks it holds."""
    fence = "`" * max(3, max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    return [f"{fence}{language}", *text.splitlines(), fence, ""]


def folded(summary: str, lines: Iterable[str]) -> list[str]:
    """Return lines that are shown when somebody asks for them; the summary is plain text."""
    shown = summary.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return [f"<details><summary>{shown}</summary>", "", *lines, "</details>", ""]


def anchor(text: str) -> str:
    """Return the name by which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")


def _line(text: str) -> str:
    return " ".join(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).split())


def _kept_spaces(piece: str) -> str:
    if not piece.strip():
        return " " if piece else ""
    before = " " if piece[0].isspace() else ""
    after = " " if piece[-1].isspace() else ""
    return f"{before}{escaped(piece)}{after}"


def _cell(text: str) -> str:
    """Return a cell in which no bar, except one that is escaped already, ends it."""
    return re.sub(r"(?<!\\)\|", r"\\|", text.replace("\n", " "))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
