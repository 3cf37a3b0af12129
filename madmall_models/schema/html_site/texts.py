"""Show the texts of declarations: docstrings, key templates, requests."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from madmall_models.schema.html_site.element import Content, Element, element

_ROLE = re.compile(r":[a-z:]+:`~?(?:[^`<]*?\.)?([^`<.]+)`")
_LITERAL = re.compile(r"``(.+?)``", re.DOTALL)
_FIELD = re.compile(r"(\{[^{}]*\})")
_NAME_IN_JSON = re.compile(r'^(\s*)("(?:[^"\\]|\\.)*")(?=:)', re.MULTILINE)
_LIST_MARK = re.compile(r"^\s*(?:[-*]|\d+\.)\s+", re.MULTILINE)
_SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Yields|Note):\s*$")
# A value is told on one line where it fits.
_LINE = 76


def code(text: str, **attributes: str) -> Element:
    """Return a text as code that may be broken after the marks that keys are made of."""
    return element("code", _breakable(text), **attributes)


def template(text: str) -> Element:
    """Return the template of a key, or a condition on keys, with what is filled in marked."""
    pieces: list[Content] = []
    for place, piece in enumerate(_FIELD.split(text)):
        pieces.append(element("span", _breakable(piece), class_="field") if place % 2 else _breakable(piece))
    return element("code", pieces, class_="template")


def block(text: str) -> Element:
    """Return a block of code, that scrolls by itself and can be scrolled with the keyboard."""
    return element("pre", element("code", text), tabindex=0)


def json_block(value: Any, *, before: str = "") -> Element:
    """Return a value as JSON with its names marked, after a word that says what it is."""
    text = compact_json(value)
    pieces: list[Content] = []
    end = 0
    for found in _NAME_IN_JSON.finditer(text):
        pieces += [text[end : found.start(2)], element("span", found[2], class_="name")]
        end = found.end()
    return element("pre", element("code", before, pieces, text[end:]), tabindex=0)


def compact_json(value: Any, indentation: str = "") -> str:
    """Return a value as JSON in which each map or list stands on one line where it fits."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value or len(indentation) + len(line) <= _LINE:
        return line
    inner = f"{indentation}  "
    if isinstance(value, dict):
        members = [f"{json.dumps(str(name), ensure_ascii=False)}: {compact_json(member, inner)}"
                   for name, member in value.items()]  # fmt: skip
        return f"{{\n{inner}" + f",\n{inner}".join(members) + f"\n{indentation}}}"
    return f"[\n{inner}" + f",\n{inner}".join(compact_json(member, inner) for member in value) + f"\n{indentation}]"


def sentence(text: str) -> list[Content]:
    """Return a text in one line: literals and roles as code."""
    pieces = _LITERAL.split(_ROLE.sub(r"``\1``", " ".join(text.split())))
    return [code(piece) if place % 2 else piece for place, piece in enumerate(pieces) if piece]


def paragraphs(text: str) -> Iterator[Element]:
    """Yield the paragraphs and lists of a docstring."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        if not paragraph.strip():
            continue
        head, _, rest = paragraph.partition("\n")
        if _SECTION.match(head) and rest:
            yield element("p", element("strong", head.strip().rstrip(":")), " ", sentence(rest))
        elif _LIST_MARK.match(paragraph):
            yield element("ul", [element("li", sentence(item)) for item in _LIST_MARK.split(paragraph) if item.strip()])
        else:
            yield element("p", sentence(paragraph))


def first_paragraph(text: str) -> list[Content]:
    """Return what a docstring begins with."""
    return sentence(text.split("\n\n")[0])


def _breakable(text: str) -> list[Content]:
    pieces: list[Content] = []
    for piece in re.split(r"(?<=[#(,.])(?=[^\s#(,.)])", text):
        pieces += [element("wbr"), piece] if pieces else [piece]
    return pieces
