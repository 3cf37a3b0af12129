"""List the keys that the entities of the package declare, and make values for their fields."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from madmall_models import clock, entities
from madmall_models.attributes import IdAttribute, IntegerAttribute, TimeAttribute
from madmall_models.declaration import attribute_at
from madmall_models.entity import Entity
from madmall_models.key_template import Field, KeyTemplate
from madmall_models.keys import Key

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What keys are made of, and what becomes of letters when their case is changed, more often than chance would have it.
TRICKY = "%#25 3aAß\u0130\u0131Σς\u0149\u0390\u03aa\u0301\u0308\u0323\u0345"
WORDS = ["METADATA", "PROFILE", "CLAIM", "QUEUE", "STORY", "IMAGE", "USERS", "COMMENTS", "FEEDBACK", "EMAIL"]

Pool = Mapping[str, Sequence[Any]]


def pools(size: int) -> st.SearchStrategy[Pool]:
    """Return pools of values of each kind, for the fields of all templates at once."""
    kinds = {
        "id": st.text("aB1_-", min_size=1, max_size=4) | st.sampled_from(WORDS),
        "text": st.text(
            st.sampled_from(TRICKY) | st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5
        ),
        "time": st.integers(-(2**45), 2**47).map(lambda thousandths: EPOCH + timedelta(milliseconds=thousandths)),
        "number": st.integers(0, 99),
    }
    return st.fixed_dictionaries(
        {kind: st.lists(values, min_size=size, max_size=size) for kind, values in kinds.items()}
    )


ENTITIES: list[Any] = [
    found
    for found in vars(entities).values()
    if isinstance(found, type) and issubclass(found, Entity) and found.discriminator is not None
]
KEYS: list[Key] = [key for entity in ENTITIES for key in entity.keys.values()]


@dataclass(frozen=True)
class Declared:
    """A template of an entity, and where it is declared first."""

    label: str
    template: KeyTemplate
    entity: Any

    def assignments(self, pool: Pool) -> Iterator[dict[str, Any]]:
        """Give the fields every combination of the pool's values."""
        choices = [pool[kind_of(self.entity, field)] for field in self.template.fields]
        for values in itertools.product(*choices):
            yield dict(zip(self.template.field_names, values, strict=True))


def templates() -> list[Declared]:
    """Return every template that has a field, each text once."""
    found: dict[str, Declared] = {}
    for entity in ENTITIES:
        for key in entity.keys.values():
            for half, template in (("partition", key.partition), ("sort", key.sort)):
                found.setdefault(template.text, Declared(f"{key.label} {half}", template, entity))
        for claim in entity.claims.values():
            found.setdefault(claim.template.text, Declared(claim.label, claim.template, entity))
    return [declared for declared in found.values() if declared.template.fields]


def kind_of(entity: Any, field: Field) -> str:
    """Return which kind of value a field has."""
    attribute = attribute_at(entity, field.name)
    kinds = ((IdAttribute, "id"), (TimeAttribute, "time"), (IntegerAttribute, "number"))
    return next((kind for cls, kind in kinds if isinstance(attribute, cls)), "text")


def normalised(template: KeyTemplate, values: Mapping[str, Any]) -> dict[str, str] | None:
    """Return what a key tells of its values, or None where one of them is blank."""
    told = {field.name: _normalised(field, values[field.name]) for field in template.fields}
    return told if all(told.values()) else None


def _normalised(field: Field, value: Any) -> str:
    if isinstance(value, datetime):
        return clock.to_text(value)
    if isinstance(value, int):
        return str(value).zfill(int(field.modifier or 1))
    if field.modifier is None:
        return str(value)
    # Case first: what it makes of a letter may have another composed form.
    cased = {"lower": _composed(value).lower(), "upper": _composed(value).upper()}
    return _composed(cased.get(field.modifier) or unicodedata.normalize("NFD", value).casefold()).strip()


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)
