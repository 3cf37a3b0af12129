"""Read what the entity classes declare, in the same words as the catalogue's facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from pynamodb.attributes import Attribute, MapAttribute

from madmall_models.attributes import (
    BooleanAttribute,
    CounterAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    UnicodeAttribute,
)
from madmall_models.clock import utc_now
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.entity import Entity
from madmall_models.keys import IndexKey, Mirror, PrimaryKey
from madmall_models.rules import ERROR, Length, OneOf, Pattern, Range, Recommended, Rule
from tests.catalogue.catalogue_facts import COMMON
from tests.catalogue.facts import Place

# The nearest class is named first: a counter is an integer too, an id and an enum are texts.
WORDS: tuple[tuple[type[Any], str], ...] = (
    (KeyAttribute, "derived"),
    (IdAttribute, "id"),
    (EnumAttribute, "enum"),
    (UnicodeAttribute, "text"),
    (CounterAttribute, "counter"),
    (IntegerAttribute, "integer"),
    (DecimalAttribute, "decimal"),
    (BooleanAttribute, "boolean"),
    (TimeAttribute, "time"),
    (EpochAttribute, "epoch"),
    (MapAttribute, "map"),
)


def declared_facts(cls: type[Any], entity: str) -> dict[Place, str]:
    """Return what one entity class declares, under the catalogue's name of it: its keys, and every attribute of its
    own, documents included."""
    facts = {Place(entity, "entityType", "text"): str(cls.discriminator)}
    for path, aspect, text in _keys(cls):
        facts[Place(entity, path, aspect)] = text
    own = {name: attribute for name, attribute in cls._attributes.items() if name not in Entity._attributes}
    for stored, python, attribute, owner in _attributes(own, cls):
        for aspect, text in _attribute_facts(stored, python, attribute, owner):
            facts[Place(entity, stored, aspect)] = text
    return facts


def common_facts() -> dict[Place, str]:
    """Return the names and types of the attributes that every entity has."""
    return {Place(COMMON, found.attr_name, "type"): _type(found) for found in Entity._attributes.values()}


def _keys(cls: type[Any]) -> Iterator[tuple[str, str, str]]:
    unique = [claim.template.text.strip("{}").split(":")[0] for claim in cls.claims.values()]
    for name, key in cls.keys.items():
        path = name
        if isinstance(key, IndexKey):
            path = key.index_name.lower()
        elif isinstance(key, PrimaryKey):
            unique.append("+".join(key.field_names))
        elif isinstance(key, Mirror):
            path = "mirror"
        yield path, "template", f"{key.partition.text} / {key.sort.text}"
        if key.when is not None:
            yield path, "when", "sparse"
    yield "unique", "template", ", ".join(sorted(unique))


def _attributes(
    attributes: dict[str, Attribute[Any]], owner: Any, stored: str = "", python: str = ""
) -> Iterator[tuple[str, str, Attribute[Any], Any]]:
    for name, attribute in attributes.items():
        path, python_path = stored + attribute.attr_name, python + name
        yield path, python_path, attribute, owner
        element = attribute.element if isinstance(attribute, ListAttribute) else None
        document = element if isinstance(element, MapAttribute) else attribute
        if isinstance(document, MapAttribute):
            step = "[]." if document is element else "."
            yield from _attributes(type(document)._attributes, type(document), path + step, python_path + step)


def _attribute_facts(stored: str, python: str, attribute: Attribute[Any], owner: Any) -> Iterator[tuple[str, str]]:
    rules = owner.rules.of(python.rsplit(".", 1)[-1]) if getattr(owner, "rules", None) else ()
    yield "python", python
    yield "type", _type(attribute)
    yield "given", _given(attribute, rules)
    yield "choices", _choices(attribute, rules)
    yield "rules", ", ".join(sorted(text for rule in rules for text in _rule_texts(rule)))
    yield "written", _written(attribute, owner)


def _type(attribute: Attribute[Any]) -> str:
    if isinstance(attribute, ListAttribute | DictAttribute):
        kind = "list" if isinstance(attribute, ListAttribute) else "dict"
        return f"{kind} of {_type(attribute.element)}" if attribute.element is not None else kind
    return next((word for cls, word in WORDS if isinstance(attribute, cls)), type(attribute).__name__)


def _given(attribute: Attribute[Any], rules: Sequence[Rule]) -> str:
    if attribute.default is not None:
        return f"filled with {_default(attribute.default)}"
    if not attribute.null:
        return "required"
    return "recommended" if any(isinstance(rule, Recommended) for rule in rules) else "optional"


def _default(default: Any) -> str:
    if default is utc_now:
        return "now"
    if isinstance(default, type) and issubclass(default, MapAttribute):
        return "its own"
    value = default() if callable(default) else default
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _choices(attribute: Attribute[Any], rules: Sequence[Rule]) -> str:
    for rule in rules:
        if isinstance(rule, OneOf):
            return f"{'only' if rule.severity is ERROR else 'known'} {', '.join(map(str, rule.values))}"
    chosen = getattr(attribute, "element", None) or attribute
    if not isinstance(chosen, EnumAttribute):
        return "any"
    read_only = [f"{choice} (read only)" for choice in chosen.read_only]
    return f"{'only' if chosen.strict else 'known'} {', '.join([*chosen.choices, *read_only])}"


def _rule_texts(rule: Rule) -> Iterator[str]:
    severity = rule.severity.value
    if isinstance(rule, Length):
        for name, bound in rule.bounds().items():
            yield f"{f'{name.upper()}_LENGTH' if rule.severity is ERROR else rule.code} {severity} {name} {bound}"
    elif isinstance(rule, Range):
        yield " ".join([rule.code, severity, *(f"{name} {bound}" for name, bound in rule.bounds().items())])
    elif isinstance(rule, Pattern):
        yield f"{rule.code} {severity} {type(rule).__name__.lower()}"
    elif not isinstance(rule, Recommended | OneOf):
        yield repr(rule)


def _written(attribute: Any, owner: Any) -> str:
    measured = any(getattr(one, "measured", False) for one in (attribute, owner))
    if not (measured or getattr(attribute, "measurement", False)):
        return "by saving"
    return "with what it counts" if getattr(attribute, "maintained", False) else "by measuring"
