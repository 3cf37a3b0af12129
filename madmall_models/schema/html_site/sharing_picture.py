"""Draw who shares which index: entities from top to bottom, the table and its indexes from left to right."""

from __future__ import annotations

from collections.abc import Iterable

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription, KeyDescription
from madmall_models.schema.html_site.drawing import TOUCH, box, drawing, led, line, picture, shortened, words
from madmall_models.schema.html_site.element import Element, element
from madmall_models.schema.html_site.links import TABLE, Links
from madmall_models.schema.html_site.places import anchor

_NAMES = 168
_COLUMN = 160
_PILL = _COLUMN - 32
_HEAD = 52
_ROW = TOUCH


def sharing_picture(description: Description, links: Links) -> Element:
    """Return the picture; each pill is a key, and leads to it."""
    places = [TABLE, *(index.name for index in description.indexes)]
    width = _NAMES + _COLUMN * len(places)
    height = _HEAD + _ROW * len(description.entities) + 2
    drawn = drawing(
        width,
        height,
        "Who shares which index",
        [_column(name, number, height, links) for number, name in enumerate(places)],
        [
            _row(entity, _HEAD + _ROW * number, places, width, links)
            for number, entity in enumerate(description.entities)
        ],
    )
    return picture(
        drawn, "Who shares which index", "Each row is an entity, each column the table or an index, each pill a key."
    )


def _column(name: str, number: int, height: float, links: Links) -> Element:
    left = _NAMES + _COLUMN * number
    return element(
        "g",
        box(left + 3, 0, _COLUMN - 6, height - 1, "lane"),
        led(
            links.index_address(name),
            f"Who shares {name}",
            box(left + 3, 0, _COLUMN - 6, _HEAD - 6, "touch"),
            words(shortened(name, _COLUMN - 16, 14), left + _COLUMN / 2, 30, "index-name", anchor="middle"),
        ),
        class_=links.index_class(name),
    )


def _row(entity: EntityDescription, top: float, places: list[str], width: float, links: Links) -> Element:
    keys = [entity.primary_key, *entity.mirrors, *entity.pointers, *entity.index_keys]
    place = links.places.entity(entity.name)
    name = led(
        None if place is None else links.address(place),
        entity.name,
        box(0, top, _NAMES - 4, _ROW, "touch"),
        words(shortened(entity.name, _NAMES - 12, 14), 6, top + 27, "entity"),
    )
    cells = [
        _cell(entity, [key for key in keys if key.index == index], top, number, links)
        for number, index in enumerate(places)
    ]
    return element("g", line(f"M0 {top:g}H{width:g}", "rule"), name, cells)


def _cell(
    entity: EntityDescription, keys: Iterable[KeyDescription], top: float, number: int, links: Links
) -> Element | None:
    names = [key.name for key in keys]
    if not names:
        return None
    left = _NAMES + _COLUMN * number
    said = ", ".join(names)
    if len(names) > 1 and shortened(said, _PILL, 12.5) != said:
        said = f"{len(names)} keys"
    place = links.places.entity(entity.name)
    return led(
        None if place is None else links.address(f"{place}#key-{anchor(names[0])}"),
        f"{entity.name}: {', '.join(names)}",
        box(left, top, _COLUMN, _ROW, "touch"),
        box(left + 10, top + 8, _COLUMN - 20, _ROW - 16, "pill", radius=14),
        words(shortened(said, _PILL, 12.5), left + _COLUMN / 2, top + 26, "pill-text", anchor="middle"),
    )
