"""Build HTML and SVG out of values: every text is escaped because there is no other way to write one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

Content: TypeAlias = "str | Element | Iterable[Content] | None"

# They have no content, and no end.
_VOID = frozenset({"br", "input", "link", "meta", "wbr"})
# Each begins a line, so that a change of a page can be reviewed; around them a line break shows nothing.
_ON_LINES = frozenset(
    {
        *("article", "body", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "g", "h1"),
        *("h2", "h3", "head", "header", "label", "li", "link", "main", "meta", "nav", "option", "p", "path", "pre"),
        *("rect", "script", "section", "summary", "svg", "table", "tbody", "td", "text", "th", "thead", "title", "tr"),
        "ul",
    }
)
# Neither HTML nor UTF-8 has a way to write these.
_UNWRITABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Element:
    """An element of a page.

    Attributes:
        name: of the tag.
        attributes: names and values, not escaped yet; a value of None is an attribute that only stands there.
        content: what it holds.
    """

    name: str
    attributes: tuple[tuple[str, str | None], ...]
    content: tuple[Content, ...]


def element(tag: str, /, *content: Content, **attributes: str | float | bool | None) -> Element:
    """Return an element; attributes that are None or False are left out, True stands without a value.

    The names of attributes are written as Python takes them: ``class_`` for ``class``, ``aria_label`` for
    ``aria-label``.

    >>> page = element("p", "1 < 2", class_="note", hidden=True)
    >>> written(page).strip()
    '<p class="note" hidden>1 &lt; 2</p>'
    """
    given = tuple(
        (key.rstrip("_").replace("_", "-"), None if value is True else str(value))
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return Element(tag, given, content)


def written(content: Content) -> str:
    """Return the text of an element, or of several."""
    pieces: list[str] = []
    _write(content, pieces)
    return "".join(pieces)


def _write(content: Content, pieces: list[str]) -> None:
    if content is None:
        return
    if isinstance(content, str):
        pieces.append(_escaped(content))
    elif isinstance(content, Element):
        _write_tagged(content, pieces)
    else:
        for each in content:
            _write(each, pieces)


def _write_tagged(found: Element, pieces: list[str]) -> None:
    given = "".join(
        f" {name}" if value is None else f' {name}="{_escaped(value)}"' for name, value in found.attributes
    )
    line = "\n" if found.name in _ON_LINES else ""
    pieces.append(f"{line}<{found.name}{given}>")
    if found.name in _VOID:
        return
    # HTML takes away the first line break of a block of code; this one may go.
    if found.name == "pre":
        pieces.append("\n")
    _write(found.content, pieces)
    pieces.append(f"</{found.name}>")


def _escaped(text: str) -> str:
    safe = _UNWRITABLE.sub(_REPLACEMENT, text)
    return safe.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
