"""Write the page of an entity: what it is asked, where it is, what it holds, what can be done with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription, KeyDescription, Operation
from madmall_models.schema.html_site.attribute_table import attribute_table
from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import Links, anchored
from madmall_models.schema.html_site.neighbour_picture import neighbour_picture
from madmall_models.schema.html_site.places import ENTITIES, OPERATIONS, anchor
from madmall_models.schema.html_site.question_page import cost_text, counted
from madmall_models.schema.html_site.table import Row, table
from madmall_models.schema.html_site.texts import (
    code,
    first_paragraph,
    json_block,
    paragraphs,
    sentence,
    template,
)
from madmall_models.schema.pattern_description import AccessPatternDescription


def entities_page(description: Description, links: Links) -> Page:
    """Return the page that lists all entities."""
    rows = [
        Row(
            [
                links.entity(entity.name),
                first_paragraph(entity.text),
                template(entity.primary_key.partition_key),
                template(entity.primary_key.sort_key),
                str(len(entity.access_patterns)),
                element("span", f"{entity.example.size} bytes", class_="whole"),
            ]
        )
        for entity in description.entities
    ]
    content = [
        element("h1", "Entities"),
        element("p", f"{counted(len(rows), 'kind of item', 'kinds of items')} in one table.", class_="lead"),
        table("Every entity", ["Entity", "What it is", "Partition key", "Sort key", "Questions", "Example"], rows),
    ]
    return Page("Entities", ENTITIES, content)


def entity_page(entity: EntityDescription, description: Description, links: Links) -> Page:
    """Return the page of one entity."""
    parts = [
        ("questions", "Questions", _questions(entity, description, links)),
        ("keys", "Keys", _keys(entity, links)),
        ("neighbours", "Neighbours", neighbour_picture(entity.name, description.relationships, links)),
        ("attributes", "Attributes", attribute_table(entity)),
        ("checks", "Checks of the whole", _checks(entity)),
        ("operations", "Operations", _operations(entity, links)),
        ("signals", "Signals", _signals(entity, links)),
        ("example", "Example item", _example(entity)),
    ]
    shown = [(name, title, content) for name, title, content in parts if content]
    ways = element("ul", [element("li", element("a", title, href=f"#{name}")) for name, title, _ in shown])
    sections = [
        element("section", element("h2", title, anchored(name, f"{title} of {entity.name}")), content, id=name)
        for name, title, content in shown
    ]
    content = [
        element("p", element("a", "Entities", href=links.address(ENTITIES)), class_="trail"),
        element("h1", entity.name, class_="above"),
        element(
            "div",
            element("nav", element("h2", "On this page"), ways, aria_label="On this page", class_="side"),
            element(
                "div",
                element("div", list(paragraphs(entity.text)), class_="prose"),
                _facts(entity),
                sections,
                class_="groups",
            ),
            class_="with-side",
        ),
    ]
    return Page(entity.name, ENTITIES, content)


def operation_list(operations: Iterable[Operation], call: str, prefix: str = "operation") -> Element:
    """Return operations with what they do; ``call`` is what they are called on, as in ``db.circles``."""
    return element(
        "dl",
        [
            [
                element(
                    "dt",
                    code(f"{call}.{each.name}{each.signature}"),
                    anchored(f"{prefix}-{anchor(each.name)}", each.name),
                    id=f"{prefix}-{anchor(each.name)}",
                ),
                element("dd", list(paragraphs(each.text)) or element("p", "It says nothing of itself.")),
            ]
            for each in operations
        ],
        class_="operations",
    )


def _facts(entity: EntityDescription) -> Element:
    facts: list[tuple[str, Content]] = [
        ("Stored as", code(entity.discriminator)),
        ("Declared in", code(entity.module)),
        ("Manager", code(entity.manager.name)),
        ("On a database", entity.manager.collection and code(f"db.{entity.manager.collection}")),
        ("Example", f"{entity.example.size} bytes"),
    ]
    return element(
        "dl",
        [element("div", element("dt", name), element("dd", said)) for name, said in facts if said],
        class_="facts",
    )


def _questions(entity: EntityDescription, description: Description, links: Links) -> Content:
    rows = [
        Row(
            [
                links.question(pattern.name, sentence(pattern.question)),
                code(pattern.call),
                [links.index(pattern.index), _small(" then fetches") if pattern.hydrates else None],
                [f"{pattern.cost.read_units:g} ", _small(cost_text(pattern.cost))],
            ]
        )
        for pattern in (*description.patterns_of(entity.name), *_together(entity.name, description))
    ]
    return table(f"What gives {entity.name}", ["Question", "Call", "Index", "Read units"], rows) if rows else None


def _together(name: str, description: Description) -> list[AccessPatternDescription]:
    """Return the patterns that give an entity with another one, in whose item collection it stands."""
    holding = {
        collection.partition_key
        for collection in description.item_collections
        if name in {occupant.entity for occupant in collection.occupants}
    }
    return [
        pattern
        for pattern in description.access_patterns
        if pattern.kind == "collection" and pattern.partition_key in holding and pattern.entity != name
    ]


def _keys(entity: EntityDescription, links: Links) -> Element:
    kinds: list[tuple[str, tuple[KeyDescription, ...]]] = [
        ("primary key", (entity.primary_key,)),
        ("index key", entity.index_keys),
        ("mirror", entity.mirrors),
        ("pointer", entity.pointers),
    ]
    rows = [_key_row(entity, key, kind, links) for kind, keys in kinds for key in keys]
    for claim in entity.claims:
        name = f"key-{anchor(claim.name)}"
        first = [code(claim.name), anchored(name, claim.name), _small(f"claim: {claim.field} is unique")]
        rows.append(Row([first, links.index("table"), template(claim.partition_key), template(claim.sort_key), None],
                        anchor=name))  # fmt: skip
    return table(f"Where {entity.name} is", ["Key", "Where", "Partition key", "Sort key", "In the example"], rows)


def _key_row(entity: EntityDescription, key: KeyDescription, kind: str, links: Links) -> Row:
    name = f"key-{anchor(key.name)}"
    said = f"{kind}, sparse" if key.sparse else kind
    where = links.index(key.index)
    if kind != "index key":
        where = element("a", "table", href=links.collection_of(entity.name, key.name), class_="index on-table")
    example: Content = [element("div", code(half)) for half in key.example] or "not in it"
    cells: list[Content] = [
        [code(key.name), anchored(name, key.name), _small(said)],
        where,
        template(key.partition_key),
        template(key.sort_key),
        example,
    ]
    return Row(cells, anchor=name)


def _small(text: str) -> Element:
    return element("small", text, class_="whole")


def _checks(entity: EntityDescription) -> Content:
    return element("ul", [element("li", sentence(check)) for check in entity.checks]) if entity.checks else None


def _operations(entity: EntityDescription, links: Links) -> Content:
    manager = entity.manager
    call = f"db.{manager.collection}" if manager.collection else f"{entity.name}.objects"
    more = element(
        "p",
        "Every manager has more: see ",
        element("a", "operations of every manager", href=links.address(f"{OPERATIONS}#every-manager")),
        ".",
    )
    if not manager.operations:
        return more
    text = element("div", list(paragraphs(manager.text)), class_="prose")
    return [text, operation_list(manager.operations, call), more]


def _signals(entity: EntityDescription, links: Links) -> Content:
    if not entity.signals:
        return None
    ways = [
        element("li", element("a", code(name), href=links.address(f"{OPERATIONS}#signal-{anchor(name)}")))
        for name in entity.signals
    ]
    return element("ul", ways, class_="inline")


def _example(entity: EntityDescription) -> list[Content]:
    together = [_written_with(name, item) for name, item in entity.example.written_with.items()]
    return [
        element("p", f"As it is stored, in DynamoDB's JSON: {entity.example.size} bytes, as DynamoDB counts them."),
        json_block(entity.example.item),
        element("p", "Written in the same transaction:") if together else None,
        together,
        element(
            "details",
            element("summary", "As the marshmallow schema shows it"),
            json_block(entity.example.dumped),
        ),
    ]


def _written_with(name: str, item: Mapping[str, Any]) -> Element:
    kind, _, key = name.partition(":")
    return element("details", element("summary", f"{kind.capitalize()} ", code(key)), json_block(item))
