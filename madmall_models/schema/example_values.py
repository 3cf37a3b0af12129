"""Give each attribute a value that is plain, fits its rules, and is the same whenever it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pynamodb.attributes as plain
from pynamodb.attributes import Attribute

from madmall_models import attributes as ours
from madmall_models.attributes import camel_case
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import Document
from madmall_models.rules import Email, Length, OneOf, Phone, Range, Rule, Rules, Url
from madmall_models.schema.words import declared, literal_default, singular

MOMENT = datetime(2026, 11, 22, 13, 45, 0, 123000, tzinfo=UTC)
PERSON = "user123"
_TEXTS = {
    "address": "1 Peachtree Street",
    "alt_text": "Two friends laugh together on a porch",
    "city": "Atlanta",
    "contact": "jane@example.com",
    "country": "US",
    "content": "What helped me most in the first year was to be heard by people who knew what I meant.",
    "currency": "USD",
    "description": "A safe space to ask anything",
    "display_name": "Jane S.",
    "email": "jane@example.com",
    "first_name": "Jane",
    "language": "en",
    "last_name": "Smith",
    "month_of": "2026-11-01",
    "name": "Newly Diagnosed Support",
    "phone": "+1 404 555 0100",
    "state": "GA",
    "street": "1 Peachtree Street",
    "tag": "support",
    "theme": "resilience",
    "time": "18:30",
    "timezone": "America/New_York",
    "title": "What helped me in the first year",
    "url": "https://example.org/page",
    "website": "https://example.org/",
    "week_of": "2026-11-16",
    "zip_code": "30301",
}
_MORE = " and more words"


def values_of(container: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return a value for each of these attributes of an entity or document, by Python name."""
    attributes = container.get_attributes()
    return {name: value_of(attributes[name], name, rules_of(container, name)) for name in names}


def given_names(container: Any) -> list[str]:
    """Return the attributes that an example can be given: what is not derived or kept by the package."""
    return [
        name
        for name, attribute in declared(container).items()
        if not isinstance(attribute, KeyAttribute | plain.DiscriminatorAttribute)
        and not getattr(attribute, "maintained", False)
    ]


def least_names(container: Any) -> list[str]:
    """Return the attributes of :func:`given_names` that every item has."""
    return [name for name in given_names(container) if not container.get_attributes()[name].null]


def rules_of(container: Any, name: str) -> tuple[Rule, ...]:
    """Return the rules that a class declares for an attribute."""
    rules = getattr(container, "rules", None)
    return rules.of(name) if isinstance(rules, Rules) else ()


def value_of(attribute: Attribute[Any], name: str, rules: Sequence[Rule] = ()) -> Any:
    """Return a value of an attribute, its literal default where it has one."""
    default = literal_default(attribute)
    if default is not None:
        return default
    for rule in rules:
        if isinstance(rule, OneOf):
            return rule.values[0]
    for cls in type(attribute).__mro__:
        if cls in _MAKERS:
            return _MAKERS[cls](attribute, name, rules)
    return 1 if attribute.attr_type == "N" else "example"


def _text(_: Attribute[Any], name: str, rules: Sequence[Rule]) -> str:
    text = _TEXTS.get(name) or name.replace("_", " ").capitalize()
    for rule in rules:
        if isinstance(rule, Email | Url | Phone):
            text = _TEXTS[type(rule).__name__.lower()]
    for rule in rules:
        if isinstance(rule, Length):
            text = _of_length(text, rule)
    return text


def _of_length(text: str, rule: Length) -> str:
    while rule.min is not None and len(text.strip()) < rule.min:
        text += _MORE
    if rule.max is not None and len(text) > rule.max:
        text = text[: rule.max]
    # Cut at a space, a text would be too short once that is trimmed.
    return text if text == text.strip() else text.strip().ljust(len(text), "s")


def _id(_: Attribute[Any], name: str, __: Sequence[Rule]) -> str:
    if name in ("id", "created_by") or name.endswith(("_by", "_to")):
        return PERSON
    return f"{camel_case(name.removesuffix('_id'))}123"


def _choice(attribute: Any, name: str, rules: Sequence[Rule]) -> str:
    return str(attribute.choices[0]) if attribute.choices else _text(attribute, name, rules)


def _whole(_: Attribute[Any], __: str, rules: Sequence[Rule]) -> Any:
    return _within(1, rules)


def _decimal(_: Attribute[Any], __: str, rules: Sequence[Rule]) -> Any:
    number = _within(Decimal("0.85"), rules)
    return number if isinstance(number, Decimal) else Decimal(str(number))


def _within(number: Any, rules: Sequence[Rule]) -> Any:
    for rule in rules:
        if isinstance(rule, Range):
            number = number if rule.min is None or number >= rule.min else rule.min
            number = number if rule.max is None or number <= rule.max else rule.max
    return number


def _list(attribute: Any, name: str, rules: Sequence[Rule]) -> list[Any]:
    member = "example" if attribute.element is None else value_of(attribute.element, singular(name))
    least = max([rule.min for rule in rules if isinstance(rule, Length) and rule.min is not None], default=1)
    return [member] * max(least, 1)


def _plain_list(attribute: Any, name: str, rules: Sequence[Rule]) -> list[Any]:
    element = attribute.element_type
    return ["example"] if element is None else [value_of(element(), singular(name))]


def _dict(attribute: Any, name: str, _: Sequence[Rule]) -> dict[str, Any]:
    return {"example": "value" if attribute.element is None else value_of(attribute.element, name)}


def _map(attribute: Any, _: str, __: Sequence[Rule]) -> Any:
    cls: Any = _chosen(type(attribute))
    if not cls.get_attributes():
        return {"example": "value"}
    values = values_of(cls, given_names(cls))
    # A dict is taken for a document; a map of PynamoDB's is of use as an instance only.
    return values if issubclass(cls, Document) else cls(**values)


def _chosen(cls: Any) -> Any:
    """Return the class that stands for a map: the first that its discriminator names, where it has one."""
    for attribute in cls.get_attributes().values():
        if isinstance(attribute, plain.DiscriminatorAttribute):
            return min(attribute.get_registered_subclasses(cls), key=lambda each: each.__name__, default=cls)
    return cls


def _always(value: Any) -> Callable[[Attribute[Any], str, Sequence[Rule]], Any]:
    return lambda attribute, name, rules: value


_MAKERS: Mapping[type[Any], Callable[[Any, str, Sequence[Rule]], Any]] = {
    ours.IdAttribute: _id,
    ours.EnumAttribute: _choice,
    ours.IntegerAttribute: _whole,
    ours.DecimalAttribute: _decimal,
    ours.TimeAttribute: _always(MOMENT),
    ours.EpochAttribute: _always(MOMENT),
    ours.ListAttribute: _list,
    ours.DictAttribute: _dict,
    plain.UnicodeAttribute: _text,
    plain.BooleanAttribute: _always(True),
    plain.NumberAttribute: _whole,
    plain.UTCDateTimeAttribute: _always(MOMENT),
    plain.TTLAttribute: _always(MOMENT.replace(microsecond=0)),
    plain.JSONAttribute: _always({"example": "value"}),
    plain.BinaryAttribute: _always(b"example"),
    plain.UnicodeSetAttribute: _always({"example"}),
    plain.NumberSetAttribute: _always({1}),
    plain.BinarySetAttribute: _always({b"example"}),
    plain.ListAttribute: _plain_list,
    plain.MapAttribute: _map,
}
