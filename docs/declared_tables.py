"""Show in the reference what declarations say: the attributes and keys of an entity, the parts of a signal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from blinker import NamedSignal
from sphinx.application import Sphinx

from madmall_models import Document, Entity, ListAttribute

_PARTS = re.compile(r"(Sender|Keywords|Moment): ")
_DERIVED = re.compile(r"PK|SK|GSI\d[PS]K|entity_type")
# What Entity itself has is told there.
_OF_EVERY_ENTITY = ("version", "created_at", "updated_at", "ttl", "tenant_id")
_KINDS = {
    "Boolean": "Yes or no",
    "Dict": "Map",
    "Enum": "Choice",
    "Epoch": "Time, in seconds",
    "Integer": "Whole number",
    "Unicode": "Text",
}


def setup(app: Sphinx) -> dict[str, Any]:
    """Take part in the build."""
    # After napoleon, which takes the first words of a signal's text for its type.
    app.connect("autodoc-process-docstring", _show_declaration, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _show_declaration(app: Sphinx, what: str, name: str, shown: Any, options: Any, lines: list[str]) -> None:
    if isinstance(shown, NamedSignal):
        lines[:] = _PARTS.sub(r"\n* **\1**: ", str(shown.__doc__)).strip().splitlines()
    elif isinstance(shown, type) and issubclass(shown, Entity) and shown is not Entity:
        lines += ["", *_keys(shown), "", *_attributes(shown), ""]


def _keys(entity: type[Entity]) -> Iterator[str]:
    yield from _table("Key", "Partition key", "Sort key", "Question", widths="16 28 26 30")
    for key in entity.keys.values():
        pattern = key.access_pattern()
        place = "" if pattern.index == "table" else f" in {pattern.index}"
        asked = pattern.answers or "\\-"
        yield from _row(f"``{key.name}``{place}", f"``{pattern.partition_key}``", f"``{pattern.sort_key}``", asked)


def _attributes(entity: type[Entity]) -> Iterator[str]:
    yield from _table("Attribute", "Stored as", "What it holds", widths="40 34 26")
    for path, stored, attribute in _leaves(entity, "", ""):
        absent = ", may be absent" if attribute.null else ""
        yield from _row(f"``{path}``", f"``{stored}``", f"{_kind(attribute)}{absent}")


def _leaves(owner: Any, path: str, stored: str) -> Iterator[tuple[str, str, Any]]:
    for name, attribute in owner.get_attributes().items():
        if isinstance(attribute, Document):
            yield from _leaves(type(attribute), f"{path}{name}.", f"{stored}{attribute.attr_name}.")
        elif not _DERIVED.fullmatch(name) and (path or name not in _OF_EVERY_ENTITY):
            yield f"{path}{name}", f"{stored}{attribute.attr_name}", attribute


def _kind(attribute: Any) -> str:
    if isinstance(attribute, ListAttribute) and attribute.element_type is not None:
        return f"List: {_word(attribute.element_type)}"
    return _word(type(attribute))


def _word(kind: type[Any]) -> str:
    name = kind.__name__.removesuffix("Attribute")
    return _KINDS.get(name, name)


def _table(*headings: str, widths: str) -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", f"   :widths: {widths}", "   :class: declared", "")
    yield from _row(*headings)


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"   {'*' if number == 0 else ' '} - {cell}"
