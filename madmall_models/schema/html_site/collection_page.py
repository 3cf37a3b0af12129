"""Draw the item collections: the key of each partition, and what stands in it in the order of its sort keys."""

from __future__ import annotations

from dataclasses import dataclass

from madmall_models.schema.description import Description
from madmall_models.schema.html_site.drawing import box, columns, drawing, key_words, led, line, words, wrapped
from madmall_models.schema.html_site.element import Element, element
from madmall_models.schema.html_site.frame import Page
from madmall_models.schema.html_site.links import Links, anchored
from madmall_models.schema.html_site.places import COLLECTIONS, anchor, collection_anchor
from madmall_models.schema.html_site.question_page import counted
from madmall_models.schema.table_description import ItemCollectionDescription, Occupant

_WIDTH = 372
_TRUNK = 14
_LEFT = 30
_PADDING = 12
_KEY_SIZE = 12.5
_LINE = 17
_GAP = 10
_KINDS = {"item": "item", "mirror": "full copy", "pointer": "pointer"}


@dataclass(frozen=True)
class _Card:
    """What stands in a collection, with its place in the picture."""

    occupant: Occupant
    lines: list[str]
    top: float

    @property
    def height(self) -> float:
        return 38 + _LINE * len(self.lines)


def collection_page(description: Description, links: Links) -> Page:
    """Return the page of all item collections, those that hold most kinds of items first."""
    collections = sorted(description.item_collections, key=lambda each: -len(each.occupants))
    content = [
        element("h1", "Item collections"),
        element(
            "p",
            f"{counted(len(collections), 'kind of partition', 'kinds of partitions')}. What shares a partition key "
            "is read by one query, in the order of the sort keys: top to bottom.",
            class_="lead",
        ),
        element("p", _legend(), class_="legend"),
        element("div", [_collection(each, links) for each in collections], class_="collections"),
    ]
    return Page("Item collections", COLLECTIONS, content)


def _legend() -> list[Element | str]:
    return [
        element("span", class_="swatch is-item"),
        "item ",
        element("span", class_="swatch is-mirror"),
        "full copy (mirror) ",
        element("span", class_="swatch is-pointer"),
        "pointer, which names an item ",
        element("span", class_="swatch is-many"),
        "a pile: several of them",
    ]


def _collection(collection: ItemCollectionDescription, links: Links) -> Element:
    name = collection_anchor(collection.partition_key)
    if collection.root is None:
        listed = dict.fromkeys(occupant.entity for occupant in collection.occupants)
        held = [[", " if place else "", links.entity(entity)] for place, entity in enumerate(listed)]
        title = element("h2", "A list of ", held, anchored(name, collection.partition_key))
    else:
        title = element("h2", "All of ", links.entity(collection.root), anchored(name, collection.partition_key))
    return element("section", title, collection_drawing(collection, links), id=name, class_="collection")


def collection_drawing(collection: ItemCollectionDescription, links: Links) -> Element:
    """Return the picture of one item collection."""
    head = wrapped(collection.partition_key, columns(_WIDTH - 2 * _PADDING, _KEY_SIZE))
    top = 16.0 + _LINE * len(head)
    cards: list[_Card] = []
    for occupant in collection.occupants:
        below = cards[-1].top + cards[-1].height if cards else top
        lines = wrapped(occupant.sort_key, columns(_WIDTH - _LEFT - 2 * _PADDING - 6, _KEY_SIZE))
        cards.append(_Card(occupant, lines, below + _GAP))
    middle = [card.top + card.height / 2 for card in cards]
    trunk = line(f"M{_TRUNK} {top:g}V{middle[-1]:g}") if cards else None
    branches = [line(f"M{_TRUNK} {y:g}H{_LEFT}") for y in middle]
    height = cards[-1].top + cards[-1].height + 6 if cards else top
    return drawing(
        _WIDTH,
        height,
        f"Partition {collection.partition_key}",
        box(1, 1, _WIDTH - 2, top - 1, "head"),
        [key_words(text, _PADDING, 20 + _LINE * place, "key head-text") for place, text in enumerate(head)],
        trunk,
        branches,
        [_drawn(card, links) for card in cards],
    )


def _drawn(card: _Card, links: Links) -> Element:
    occupant, width = card.occupant, _WIDTH - _LEFT - 6
    place = links.places.entity(occupant.entity)
    address = None if place is None else links.address(f"{place}#key-{anchor(occupant.key)}")
    kind = _KINDS.get(occupant.kind, occupant.kind)
    said = ", ".join([kind, *(["sparse"] if occupant.sparse else []), "many" if occupant.many else "one"])
    title = f"{occupant.entity}.{occupant.key}: {said}"
    pile = box(_LEFT + 5, card.top + 5, width, card.height, f"card is-{occupant.kind}") if occupant.many else None
    base = card.top + 22 + _LINE * len(card.lines)
    return led(
        address,
        title,
        pile,
        box(_LEFT, card.top, width, card.height, f"card is-{occupant.kind}"),
        [key_words(text, _LEFT + _PADDING, card.top + 20 + _LINE * row) for row, text in enumerate(card.lines)],
        words(occupant.entity, _LEFT + _PADDING, base + 2, "entity"),
        words(said, _LEFT + width - _PADDING, base + 2, "said", anchor="end"),
    )
