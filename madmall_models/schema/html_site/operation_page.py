"""Write what every manager can do, and the signals that an application can connect to."""

from __future__ import annotations

from madmall_models.schema.description import Description
from madmall_models.schema.html_site.element import element
from madmall_models.schema.html_site.entity_page import operation_list
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import Links, anchored
from madmall_models.schema.html_site.places import OPERATIONS, anchor
from madmall_models.schema.html_site.table import Row, table
from madmall_models.schema.html_site.texts import code, sentence


def operation_page(description: Description, links: Links) -> Page:
    """Return the page of what stands on no entity alone."""
    managed = [entity for entity in description.entities if entity.manager.operations]
    own = [
        Row(
            [
                links.entity(entity.name),
                code(f"db.{entity.manager.collection}" if entity.manager.collection else f"{entity.name}.objects"),
                [[code(each.name), " "] for each in entity.manager.operations],
            ]
        )
        for entity in managed
    ]
    signals = [
        Row(
            [
                [code(each.name), anchored(f"signal-{anchor(each.name)}", each.name)],
                sentence(each.moment),
                sentence(each.sender),
                sentence(each.keywords),
            ],
            anchor=f"signal-{anchor(each.name)}",
        )
        for each in description.signals
    ]
    content = [
        element("h1", "Operations"),
        element("p", "What managers do beside answering questions, and the signals that tell of it.", class_="lead"),
        element(
            "section",
            element("h2", "Operations of an entity's own", anchored("own", "operations of an entity's own")),
            table("Managers with operations of their own", ["Entity", "Called on", "Operations"], own),
            id="own",
        ),
        element(
            "section",
            element("h2", "Operations of every manager", anchored("every-manager", "operations of every manager")),
            operation_list(description.every_manager, "manager", "every"),
            id="every-manager",
        ),
        element(
            "section",
            element("h2", "Signals", anchored("signals", "signals")),
            table("Every signal", ["Signal", "Moment", "Sender", "Keywords"], signals),
            id="signals",
        ),
    ]
    return Page("Operations", OPERATIONS, content)
