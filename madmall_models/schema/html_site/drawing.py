"""Draw boxes, lines and words as SVG; colors are those of the page, light or dark."""

from __future__ import annotations

import re

from madmall_models.schema.html_site.element import Content, Element, element

_FIELD = re.compile(r"(\{[^{}]*\})")

# Of a character of the fonts that all text in pictures is set in, by its size; measured on the widest of them.
_MONOSPACED = 0.62
_PROPORTIONAL = 0.6
# Nothing that can be touched is lower than this.
TOUCH = 44


def columns(width: float, size: float) -> int:
    """Return how many monospaced characters stand beside each other in a width."""
    return max(8, int(width / (size * _MONOSPACED)))


def shortened(text: str, width: float, size: float) -> str:
    """Return a text that is not wider than ``width``, with an ellipsis where it was."""
    most = max(4, int(width / (size * _PROPORTIONAL)))
    return text if len(text) <= most else f"{text[: most - 1]}…"


def wrapped(text: str, most: int) -> list[str]:
    """Return a template in lines of ``most`` characters, broken before ``#`` or ``{`` where that can be.

    >>> wrapped("USER#{user_id}#CIRCLES", 16)
    ['USER#{user_id}', '#CIRCLES']
    """
    lines = []
    rest = text
    while len(rest) > most:
        end = max(rest.rfind(mark, 1, most + 1) for mark in "#{")
        end = end if end > 0 else most
        lines.append(rest[:end])
        rest = rest[end:]
    return [*lines, rest]


def words(text: str, x: float, y: float, kind: str, *, anchor: str | None = None) -> Element:
    """Return one line of text, whose base line is at ``y``."""
    return element("text", text, x=f"{x:g}", y=f"{y:g}", class_=kind, text_anchor=anchor)


def key_words(text: str, x: float, y: float, kind: str = "key") -> Element:
    """Return one line of the template of a key, with what is filled in marked."""
    pieces = [
        element("tspan", piece, class_="filled") if place % 2 else piece
        for place, piece in enumerate(_FIELD.split(text))
        if piece
    ]
    return element("text", pieces, x=f"{x:g}", y=f"{y:g}", class_=kind)


def box(x: float, y: float, width: float, height: float, kind: str, radius: float = 6) -> Element:
    """Return a box with round corners."""
    return element(
        "rect", x=f"{x:g}", y=f"{y:g}", width=f"{width:g}", height=f"{height:g}", rx=f"{radius:g}", class_=kind
    )


def line(way: str, kind: str = "line") -> Element:
    """Return a line along the way that SVG's ``d`` says."""
    return element("path", d=way, class_=kind)


def led(address: str | None, title: str, *content: Content) -> Element:
    """Return drawings that lead to an address; where there is none, they lead nowhere."""
    if address is None:
        return element("g", element("title", title), *content)
    return element("a", element("title", title), *content, href=address)


def drawing(width: float, height: float, title: str, *content: Content) -> Element:
    """Return a picture that is as wide as its place, and never wider than it was drawn."""
    return element(
        "svg",
        *content,
        viewBox=f"0 0 {width:g} {height:g}",
        width=f"{width:g}",
        height=f"{height:g}",
        role="group",
        aria_label=title,
        class_="drawing",
    )


def picture(drawn: Element, label: str, *caption: Content) -> Element:
    """Return a drawing that scrolls inside itself where the window is narrower, with what is said below it."""
    return element(
        "figure",
        element("div", drawn, class_="scroll", tabindex=0, role="region", aria_label=label),
        element("figcaption", *caption),
        class_="picture",
    )
