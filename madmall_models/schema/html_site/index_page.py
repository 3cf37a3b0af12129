"""Write who shares the table and its indexes, with the templates of their keys side by side."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription
from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import TABLE, Links, anchored
from madmall_models.schema.html_site.places import INDEXES, QUESTIONS, index_anchor
from madmall_models.schema.html_site.question_page import counted
from madmall_models.schema.html_site.sharing_picture import sharing_picture
from madmall_models.schema.html_site.table import Row, table
from madmall_models.schema.html_site.texts import code, sentence, template
from madmall_models.schema.table_description import IndexDescription


def index_page(description: Description, links: Links) -> Page:
    """Return the page of the table and its indexes."""
    content: list[Content] = [
        element("h1", "Indexes"),
        element("p", _lead(description), class_="lead"),
        sharing_picture(description, links),
        _table(description, links),
        [_index(index, links) for index in description.indexes],
    ]
    return Page("Indexes", INDEXES, content)


def _lead(description: Description) -> str:
    return (
        f"One table and {counted(len(description.indexes), 'index', 'indexes')}, which all entities share: what "
        "tells them apart in an index is how their keys begin."
    )


def _heading(name: str, title: str, links: Links) -> Element:
    label = element("span", name, class_=f"index {links.index_class(name)}")
    asked = element("a", "its questions", href=f"{links.address(QUESTIONS)}?index={quote(name)}", class_="aside")
    return element("h2", label, " ", title, anchored(index_anchor(name), name), asked)


def _table(description: Description, links: Links) -> Element:
    said = description.table
    facts: list[tuple[str, Content]] = [
        ("Partition key", [code(said.partition_key), " ", said.attribute_types.get(said.partition_key, "")]),
        ("Sort key", [code(said.sort_key), " ", said.attribute_types.get(said.sort_key, "")]),
        ("Kind of item", code(said.discriminator)),
        ("Time to live", code(said.time_to_live)),
        ("Stream", code(said.stream)),
        ("Billing", code(said.billing)),
    ]
    rows = [row for entity in description.entities for row in _standing_in_table(entity, links)]
    return element(
        "section",
        _heading(TABLE, "whole items, their copies and what names them", links),
        _facts(facts),
        table("Who stands in the table", ["Entity", "What", said.partition_key, said.sort_key], rows),
        id=index_anchor(TABLE),
    )


def _facts(facts: list[tuple[str, Content]]) -> Element:
    return element(
        "dl", [element("div", element("dt", name), element("dd", said)) for name, said in facts], class_="facts"
    )


def _standing_in_table(entity: EntityDescription, links: Links) -> Iterator[Row]:
    kinds = [("item", (entity.primary_key,)), ("mirror", entity.mirrors), ("pointer", entity.pointers)]
    for kind, keys in kinds:
        for key in keys:
            said = f"{kind}, sparse" if key.sparse else kind
            yield Row([links.entity(entity.name), said, template(key.partition_key), template(key.sort_key)])
    for claim in entity.claims:
        yield Row([links.entity(entity.name), "claim", template(claim.partition_key), template(claim.sort_key)])


def _index(index: IndexDescription, links: Links) -> Element:
    rows = [
        Row(
            [
                [links.entity(use.entity), element("small", "sparse") if use.sparse else None],
                template(use.partition_key),
                template(use.sort_key),
                links.question(use.access_pattern, code(use.access_pattern)),
            ]
        )
        for use in index.shared_by
    ]
    if rows:
        columns = ["Entity", index.partition_key, index.sort_key, "Asked by"]
        shared = table(f"Who stands in {index.name}", columns, rows)
    else:
        shared = element("p", "No entity stands in it.")
    return element(
        "section",
        _heading(index.name, index.purpose, links),
        _facts(
            [
                ("Keys", [code(index.partition_key), ", ", code(index.sort_key)]),
                ("Holds", sentence(_projection(index))),
                ("Hydrates", "yes: items are fetched after it was read" if index.hydrates else "no"),
                ("Shared by", counted(len({use.entity for use in index.shared_by}), "entity", "entities")),
            ]
        ),
        shared,
        id=index_anchor(index.name),
    )


def _projection(index: IndexDescription) -> str:
    if index.projection == "ALL":
        return "``ALL``: whole items"
    held = ", ".join(f"``{name}``" for name in index.projected)
    return f"``{index.projection}``: keys and {held}" if held else f"``{index.projection}``"
