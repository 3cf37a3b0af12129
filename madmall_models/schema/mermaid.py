"""Draw the relationships of entities in Mermaid's words."""

from __future__ import annotations

import re

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription
from madmall_models.schema.table_description import Relationship

_WORD = re.compile(r"[^A-Za-z0-9_]+")
_SAID = {"item": "holds", "mirror": "holds a mirror of", "pointer": "holds a pointer to", "attribute": "is named by"}


def entity_diagram(description: Description) -> str:
    """Return an ``erDiagram``: the key of each entity, and what stands with or names what."""
    lines = ["erDiagram"]
    for entity in description.entities:
        lines += [f"    {_word(entity.name)} {{", *(f"        {line}" for line in _key_lines(entity)), "    }"]
    names = {entity.name for entity in description.entities}
    edges = [edge for edge in description.relationships if {edge.source, edge.target} <= names]
    return "\n".join([*lines, *(f"    {_edge(edge)}" for edge in edges)]) + "\n"


def _key_lines(entity: EntityDescription) -> list[str]:
    types = {attribute.name: attribute.type for attribute in entity.attributes}
    lines = [f'{_word(types.get(name, "text"))} {_word(name)} PK' for name in entity.primary_key.fields]
    unique = [(claim.field, claim.template) for claim in entity.claims]
    lines += [f'text {_word(field)} UK "{_quoted(template)}"' for field, template in unique
              if field not in entity.primary_key.fields]  # fmt: skip
    return lines or [f'text SK PK "{_quoted(entity.primary_key.sort_key)}"']


def _edge(edge: Relationship) -> str:
    one = "|o" if edge.optional else "||"
    many = "o{" if edge.many else "o|"
    return f'{_word(edge.target)} {one}--{many} {_word(edge.source)} : "{_SAID[edge.kind]} ({_quoted(edge.through)})"'


def _word(text: str) -> str:
    return _WORD.sub("_", text).strip("_") or "_"


def _quoted(text: str) -> str:
    """Return a text that ends neither the quotes that it stands in nor the line."""
    return " ".join(text.replace('"', "'").split())
