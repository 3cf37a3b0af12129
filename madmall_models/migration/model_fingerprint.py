"""Tell whether the models and mappings that rows are moved through are still the ones that a run began with."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from madmall_models.migration.mapping import Mapping


def model_fingerprint(mappings: Iterable[Mapping]) -> str:
    """Return a text that changes with whatever decides which item a row becomes, as far as it is declared.

    Covered are names, types and keys of the entities, and columns, casts and policies of the mappings; not the code
    of functions.
    """
    lines = sorted(line for mapping in mappings for line in _lines(mapping))
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=16).hexdigest()


def _lines(mapping: Mapping) -> Iterator[str]:
    entity = mapping.entity
    label = f"{mapping.table} {entity.discriminator}"
    for name, key in entity.keys.items():
        yield f"{label} key {name} {key.partition.text} {key.sort.text}"
    for name, claim in entity.claims.items():
        yield f"{label} claim {name} {claim.template.text}"
    yield from _attributes(label, entity)
    for field in mapping.fields:
        yield f"{label} field {field.target} {field.columns} {getattr(field.cast, '__name__', '')} {field.default}"
    for reference in mapping.references:
        yield f"{label} reference {reference.target} {reference.entity.discriminator} {reference.policy.value}"


def _attributes(label: str, container: Any) -> Iterator[str]:
    for name, attribute in container._attributes.items():
        yield f"{label} attribute {name} {attribute.attr_name} {attribute.attr_type} {type(attribute).__name__}"
        if hasattr(type(attribute), "_attributes"):
            yield from _attributes(f"{label} {name}", type(attribute))
