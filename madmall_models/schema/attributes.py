"""Describe the attributes of entities and documents, with their rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pynamodb.attributes as plain
from pynamodb.attributes import Attribute, MapAttribute

from madmall_models import attributes as ours
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.entity import Entity
from madmall_models.rules import Rule, Rules, has_default, is_demanded
from madmall_models.schema.description_json import json_value
from madmall_models.schema.entity_description import AttributeDescription, DocumentDescription, RuleDescription
from madmall_models.schema.example_values import rules_of
from madmall_models.schema.words import declared, default_text, docstring_of, first_sentence, spoken

_WORDS: Mapping[type[Any], str] = {
    ours.IdAttribute: "id",
    ours.EnumAttribute: "choice",
    ours.CounterAttribute: "count",
    ours.IntegerAttribute: "whole number",
    ours.DecimalAttribute: "decimal number",
    ours.TimeAttribute: "time",
    ours.EpochAttribute: "time in seconds since 1970",
    plain.UnicodeAttribute: "text",
    plain.BooleanAttribute: "true or false",
    plain.NumberAttribute: "number",
    plain.UTCDateTimeAttribute: "time",
    plain.TTLAttribute: "time in seconds since 1970",
    plain.JSONAttribute: "JSON text",
    plain.BinaryAttribute: "bytes",
    plain.UnicodeSetAttribute: "set of text",
    plain.NumberSetAttribute: "set of number",
    plain.BinarySetAttribute: "set of bytes",
    plain.NullAttribute: "nothing",
}


def describe_attributes(container: Any) -> tuple[AttributeDescription, ...]:
    """Return the attributes of an entity or document, its own first; keys of the table and its indexes left out."""
    kept = {name: each for name, each in declared(container).items() if not isinstance(each, KeyAttribute)}
    described = [describe_attribute(container, name, attribute) for name, attribute in kept.items()]
    return tuple(sorted(described, key=lambda attribute: attribute.inherited))


def describe_attribute(container: Any, name: str, attribute: Attribute[Any]) -> AttributeDescription:
    """Return one attribute of an entity or document."""
    rules = rules_of(container, name)
    demanded = is_demanded(attribute, rules, partial=False) and not has_default(attribute)
    return dataclasses.replace(
        _described(attribute),
        name=name,
        stored=attribute.attr_name,
        required=demanded and not getattr(attribute, "maintained", False),
        nullable=bool(attribute.null),
        default=default_text(attribute),
        inherited=_is_of_every_entity(container, name),
        rules=tuple(map(describe_rule, rules)),
    )


def _described(attribute: Attribute[Any]) -> AttributeDescription:
    """Return what an attribute says by itself, which is all that there is to the members of a list."""
    element = _element(attribute)
    return AttributeDescription(
        name="",
        stored="",
        type=type_text(attribute),
        stored_type=attribute.attr_type,
        choices=tuple(getattr(attribute, "choices", ())),
        strict=bool(getattr(attribute, "strict", False)),
        read_only=tuple(getattr(attribute, "read_only", ())),
        maintained=bool(getattr(attribute, "maintained", False)),
        measured=bool(getattr(attribute, "measurement", False)) or _is_measured(attribute),
        document=document_of(attribute),
        members=None if element is None else _described(element),
    )


def describe_rule(rule: Rule) -> RuleDescription:
    """Return a rule about one value."""
    return RuleDescription(
        name=type(rule).__name__,
        severity=rule.severity.value,
        codes=tuple(rule.codes),
        bounds=json_value(rule.bounds()),
        text=rule.describe(),
    )


def checks_of(container: Any) -> tuple[str, ...]:
    """Return in words what a class checks about several attributes at once."""
    rules = getattr(container, "rules", None)
    checks = rules.checks if isinstance(rules, Rules) else ()
    return tuple(first_sentence(docstring_of(check)) or _name_in_words(check) for check in checks)


def document_of(attribute: Attribute[Any]) -> DocumentDescription | None:
    """Return what an attribute holds where that is a typed map."""
    cls: Any = type(attribute)
    if not isinstance(attribute, MapAttribute) or not cls.get_attributes():
        return None
    return DocumentDescription(
        name=cls.__name__,
        module=cls.__module__,
        text=docstring_of(cls),
        measured=bool(getattr(cls, "measured", False)),
        checks=checks_of(cls),
        attributes=describe_attributes(cls),
    )


def type_text(attribute: Attribute[Any]) -> str:
    """Return the kind of value that an attribute holds, in words."""
    if isinstance(attribute, MapAttribute):
        return type(attribute).__name__ if type(attribute).get_attributes() else "map"
    if isinstance(attribute, plain.ListAttribute):
        element = _element(attribute)
        return "list" if element is None else f"list of {type_text(element)}"
    if isinstance(attribute, ours.DictAttribute):
        return "map" if attribute.element is None else f"map of {type_text(attribute.element)}"
    for cls in type(attribute).__mro__:
        if cls in _WORDS:
            return _WORDS[cls]
    return spoken(type(attribute).__name__.removesuffix("Attribute"))


def _name_in_words(check: Any) -> str:
    return str(getattr(check, "__name__", type(check).__name__)).strip("_").replace("_", " ")


def _element(attribute: Attribute[Any]) -> Attribute[Any] | None:
    element: Attribute[Any] | None = getattr(attribute, "element", None)
    if element is None and isinstance(attribute, plain.ListAttribute) and attribute.element_type is not None:
        return attribute.element_type()
    return element


def _is_measured(attribute: Attribute[Any]) -> bool:
    return isinstance(attribute, MapAttribute) and bool(getattr(type(attribute), "measured", False))


def _is_of_every_entity(container: Any, name: str) -> bool:
    return isinstance(container, type) and issubclass(container, Entity) and name in Entity.get_attributes()
