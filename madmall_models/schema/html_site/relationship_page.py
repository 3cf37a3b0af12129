"""Write which entities stand with, or name, which others."""

from __future__ import annotations

from madmall_models.schema.description import Description
from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import Links, anchored
from madmall_models.schema.html_site.neighbour_picture import neighbour_picture
from madmall_models.schema.html_site.places import RELATIONSHIPS, anchor
from madmall_models.schema.html_site.table import Row, table
from madmall_models.schema.html_site.texts import code
from madmall_models.schema.table_description import Relationship

_SAID = {
    "item": "stands in the partition of",
    "mirror": "has a full copy in the partition of",
    "pointer": "has a pointer in the partition of",
    "attribute": "names",
}


def relationship_page(description: Description, links: Links) -> Page:
    """Return the page of all relationships."""
    edges = description.relationships
    targets = list(dict.fromkeys(edge.target for edge in edges))
    rows = [_row(edge, links) for edge in edges]
    columns = ["From", "How", "To", "Through", "How many"]
    content: list[Content] = [
        element("h1", "Relationships"),
        element(
            "p",
            "What stands with another entity is read with it; what only names another is read by a second request.",
            class_="lead",
        ),
        table("Every relationship", columns, rows) if rows else element("p", "No entity names another."),
        [_around(target, description, links) for target in targets],
    ]
    return Page("Relationships", RELATIONSHIPS, content)


def _row(edge: Relationship, links: Links) -> Row:
    return Row(
        [
            links.entity(edge.source),
            _SAID.get(edge.kind, edge.kind),
            links.entity(edge.target),
            code(edge.through),
            f"{'many' if edge.many else 'one'} to one{' or none' if edge.optional else ''}",
        ]
    )


def _around(name: str, description: Description, links: Links) -> Element:
    place = f"around-{anchor(name)}"
    return element(
        "section",
        element("h2", "Around ", links.entity(name), anchored(place, f"what is around {name}")),
        neighbour_picture(name, description.relationships, links),
        id=place,
    )
