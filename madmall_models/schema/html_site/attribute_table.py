"""Write the attributes of an entity, those inside its documents with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from madmall_models.schema.entity_description import (
    AttributeDescription,
    DocumentDescription,
    EntityDescription,
    RuleDescription,
)
from madmall_models.schema.html_site.element import Content, Element, element
from madmall_models.schema.html_site.links import anchored
from madmall_models.schema.html_site.places import anchor, distinct
from madmall_models.schema.html_site.table import Row, table
from madmall_models.schema.html_site.texts import code, paragraphs, sentence

_COLUMNS = ["Attribute", "Stored as", "Type", "A new item", "Values and rules"]


@dataclass(frozen=True)
class PlacedAttribute:
    """An attribute with its way through the documents that it is in.

    Attributes:
        path: in Python: ``profile.first_name``; ``[]`` after the name of a list, ``{}`` after that of a map.
        stored_path: the same in the table.
        attribute: its description.
    """

    path: str
    stored_path: str
    attribute: AttributeDescription

    @property
    def anchor(self) -> str:
        """Return its id on the page of the entity."""
        return f"attribute-{anchor(self.path)}"

    def rules(self) -> list[tuple[str, RuleDescription]]:
        """Return its rules, those of its members after them, with their ids on the page."""
        members = self.attribute.members
        rules = [*self.attribute.rules, *(members.rules if members else ())]
        names = distinct(f"rule-{anchor(self.path)}-{anchor(rule.name)}" for rule in rules)
        return list(zip(names, rules, strict=True))


def placed_attributes(entity: EntityDescription) -> list[PlacedAttribute]:
    """Return the attributes of an entity, each followed by those of the document in it."""
    return list(_placed(entity.attributes, "", ""))


def attribute_table(entity: EntityDescription) -> Element:
    """Return the attributes of an entity; those that every entity has stand last."""
    rows = [_row(each) for each in placed_attributes(entity)]
    return table(f"What {entity.name} holds", _COLUMNS, rows)


def _placed(attributes: tuple[AttributeDescription, ...], path: str, stored: str) -> Iterator[PlacedAttribute]:
    for each in attributes:
        placed = PlacedAttribute(f"{path}{each.name}", f"{stored}{each.stored}", each)
        yield placed
        mark = "" if each.document else "{}" if each.stored_type == "M" else "[]"
        inside = _document(each)
        if inside:
            yield from _placed(inside.attributes, f"{placed.path}{mark}.", f"{placed.stored_path}{mark}.")


def _document(attribute: AttributeDescription) -> DocumentDescription | None:
    return attribute.document or (attribute.members.document if attribute.members else None)


def _row(placed: PlacedAttribute) -> Row:
    attribute = placed.attribute
    within, _, name = placed.path.rpartition(".")
    cells: list[Content] = [
        [
            element("code", [element("span", f"{within}.", class_="within"), element("wbr")] if within else None, name),
            anchored(placed.anchor, placed.path),
        ],
        code(attribute.stored),
        [attribute.type, " ", element("small", attribute.stored_type)],
        _new_item(attribute),
        list(_said(placed)),
    ]
    kinds = ["inside" if within else "", "inherited" if attribute.inherited else ""]
    return Row(cells, anchor=placed.anchor, kind=" ".join(filter(None, kinds)) or None)


def _new_item(attribute: AttributeDescription) -> Content:
    if attribute.maintained:
        return "kept for you"
    if attribute.required:
        return element("strong", "required")
    if attribute.default is not None:
        return ["gets ", code(attribute.default)]
    return "optional" if attribute.nullable else "has a default"


def _said(placed: PlacedAttribute) -> Iterator[Content]:
    attribute = placed.attribute
    document = _document(attribute)
    if document:
        yield from paragraphs(document.text)
        yield from (element("p", sentence(check)) for check in document.checks)
    valued = attribute if attribute.choices else attribute.members
    if valued is not None and valued.choices:
        yield element("p", "One of " if valued.strict else "Known: ", _codes(valued.choices))
    if attribute.read_only:
        yield element("p", "Read and never written: ", _codes(attribute.read_only))
    if attribute.measured:
        yield element("p", "Counters and gauges write it.")
    if attribute.inherited:
        yield element("p", "Every entity has it.")
    rules = placed.rules()
    if rules:
        yield element("ul", [_rule(name, rule) for name, rule in rules], class_="rules")


def _rule(name: str, rule: RuleDescription) -> Element:
    text = f"{rule.text[:1].upper()}{rule.text[1:]}"
    return element(
        "li",
        element("span", rule.severity, class_=f"severity {'is-error' if rule.severity == 'error' else 'is-warning'}"),
        " ",
        sentence(text),
        " ",
        _codes(rule.codes),
        anchored(name, f"{rule.name}: {rule.text}"),
        id=name,
    )


def _codes(texts: tuple[str, ...]) -> list[Content]:
    found: list[Content] = []
    for text in texts:
        found += [", ", code(text)] if found else [code(text)]
    return found
