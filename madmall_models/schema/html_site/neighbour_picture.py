"""Draw an entity between what it belongs to or names, and what belongs to it or names it."""

from __future__ import annotations

from collections.abc import Sequence

from madmall_models.schema.html_site.drawing import box, drawing, led, line, picture, shortened, words
from madmall_models.schema.html_site.element import Element
from madmall_models.schema.html_site.links import Links
from madmall_models.schema.table_description import Relationship

_BOX = 204
_GAP = 48
_HEIGHT = 50
_STEP = 60
_SAID = {"item": "in its partition", "mirror": "copy in its partition", "pointer": "pointer in its partition"}


def neighbour_picture(name: str, relationships: Sequence[Relationship], links: Links) -> Element | None:
    """Return the picture of an entity with those one step away; None for one that stands alone."""
    named = [each for each in relationships if each.source == name]
    naming = [each for each in relationships if each.target == name and each.source != name]
    if not named and not naming:
        return None
    height = _STEP * max(len(named), len(naming)) - _STEP + _HEIGHT + 2
    center = height / 2
    middle = 1.0 + (_BOX + _GAP if named else 0)
    right = middle + _BOX + _GAP
    drawn = drawing(
        right + _BOX + 1 if naming else middle + _BOX + 1,
        height,
        f"{name} and its neighbours",
        [_edge(1 + _BOX, y, middle, center, each) for y, each in _placed(named, height)],
        [_edge(right, y, middle + _BOX, center, each) for y, each in _placed(naming, height)],
        [_neighbour(1, y, each.target, each, links) for y, each in _placed(named, height)],
        [_neighbour(right, y, each.source, each, links) for y, each in _placed(naming, height)],
        box(middle, center - _HEIGHT / 2, _BOX, _HEIGHT, "here"),
        words(shortened(name, _BOX - 20, 15), middle + _BOX / 2, center + 5, "here-text", anchor="middle"),
    )
    return picture(
        drawn,
        f"{name} and its neighbours",
        f"On the left is what {name} stands with or names. " if named else None,
        f"On the right is what stands with {name} or names it. " if naming else None,
        "A solid line is a place in the same partition, a dashed one a name only.",
    )


def _placed(edges: Sequence[Relationship], height: float) -> list[tuple[float, Relationship]]:
    """Return each edge with the middle of its box, all of them around the middle of the picture."""
    first = height / 2 - _STEP * (len(edges) - 1) / 2
    return [(first + _STEP * number, edge) for number, edge in enumerate(edges)]


def _edge(x: float, y: float, end: float, center: float, edge: Relationship) -> Element:
    half = (x + end) / 2
    kind = "line is-named" if edge.kind == "attribute" else "line"
    return line(f"M{x:g} {y:g}C{half:g} {y:g} {half:g} {center:g} {end:g} {center:g}", kind)


def _neighbour(x: float, y: float, name: str, edge: Relationship, links: Links) -> Element:
    place = links.places.entity(name)
    how = _SAID.get(edge.kind, "named" if edge.kind == "attribute" else edge.kind)
    said = f"{edge.through}: {'many' if edge.many else 'one'}{', optional' if edge.optional else ''}"
    return led(
        None if place is None else links.address(place),
        f"{name}: {how}, {said}",
        box(x, y - _HEIGHT / 2, _BOX, _HEIGHT, "card is-item"),
        words(shortened(name, _BOX - 20, 14), x + 12, y - 4, "entity"),
        words(shortened(said, _BOX - 20, 12), x + 12, y + 15, "said"),
    )
