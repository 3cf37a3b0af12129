"""Derive from a declaration what an entity needs: for each attribute a value that keeps its rules, told by a number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pynamodb import attributes as plain
from pynamodb.attributes import Attribute

from madmall_models.attributes import (
    BooleanAttribute,
    DecimalAttribute,
    DictAttribute,
    EnumAttribute,
    EpochAttribute,
    IdAttribute,
    IntegerAttribute,
    ListAttribute,
    TimeAttribute,
    camel_case,
)
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import Document
from madmall_models.rules import Email, Length, OneOf, Phone, Range, Recommended, Required, Rule, Rules, Url
from madmall_models.rules.validation import has_default

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
_FILLER = " and some more words"


def sample_fields(cls: type[Any], number: int) -> dict[str, Any]:
    """Return values for what an entity or a document needs or is advised to have; the same for the same number.

    What has a default, or may be absent without a warning, is left out. Every text, id and number differs from those
    of other numbers wherever its rules leave room for that.

    Args:
        cls: the class.
        number: 1 for the first one.
    """
    fields = {}
    for name, attribute in cls.get_attributes().items():
        if isinstance(attribute, KeyAttribute):
            continue
        if isinstance(attribute, Document):
            inner = sample_fields(type(attribute), number)
            if not attribute.null and (inner or not has_default(attribute)):
                fields[name] = inner
        elif _is_wanted(attribute, _rules_of(cls, name)):
            fields[name] = _value(cls, name, attribute, number)
    return fields


def _rules_of(cls: type[Any], name: str) -> Sequence[Rule]:
    declared = getattr(cls, "rules", None)
    return declared.of(name) if isinstance(declared, Rules) else ()


def _is_wanted(attribute: Attribute[Any], rules: Sequence[Rule]) -> bool:
    if any(isinstance(rule, Required) for rule in rules):
        return True
    if has_default(attribute):
        return False
    return not attribute.null or any(isinstance(rule, Recommended) for rule in rules)


def _value(cls: type[Any], name: str, attribute: Attribute[Any], number: int) -> Any:
    rules = _rules_of(cls, name)
    for rule in rules:
        if isinstance(rule, OneOf):
            return rule.values[0]
    for kinds, make in _MAKERS:
        if isinstance(attribute, kinds):
            return make(cls, name, attribute, number, rules)
    # An attribute class of the application's own holds text, as most do; what does not is given by the test.
    return _text(cls, name, attribute, number, rules)


_Maker = Callable[[type[Any], str, Any, int, Sequence[Rule]], Any]


def _text(cls: type[Any], name: str, attribute: Any, number: int, rules: Sequence[Rule]) -> str:
    forms: Mapping[type[Rule], str] = {
        Email: f"{camel_case(cls.__name__).lower()}-{number}@example.com",
        Url: f"https://example.com/{name.replace('_', '-')}/{number}",
        Phone: f"+1 404 555 {number:04}",
    }
    for rule in rules:
        if type(rule) in forms:
            return forms[type(rule)]
    return _of_length(f"{name.replace('_', ' ').capitalize()} {number}", rules)


def _of_length(text: str, rules: Sequence[Rule]) -> str:
    for rule in rules:
        if not isinstance(rule, Length):
            continue
        while len(text) < (rule.min or 0):
            text += _FILLER
        # The number at the end of the beginning stays, as long as there is room for it.
        text = text if rule.max is None else text[: rule.max].strip().ljust(rule.min or 0, ".")
    return text


def _id(cls: type[Any], name: str, attribute: Any, number: int, rules: Sequence[Rule]) -> str:
    noun = cls.__name__.lower() if name == "id" else name.removesuffix("_id").replace("_", "-")
    return f"{noun}-{number}"


def _number(cls: type[Any], name: str, attribute: Any, number: int, rules: Sequence[Rule]) -> int:
    bounds = next((rule for rule in rules if isinstance(rule, Range)), None)
    if bounds is None:
        return number
    if bounds.min is None:
        return min(number, int(bounds.max or 0))
    lowest = -int(-bounds.min // 1)
    return lowest + number - 1 if bounds.max is None else lowest + (number - 1) % (int(bounds.max) - lowest + 1)


def _moment(cls: type[Any], name: str, attribute: Any, number: int, rules: Sequence[Rule]) -> datetime:
    return NOON + timedelta(minutes=number)


def _members(cls: type[Any], name: str, attribute: Any, number: int, rules: Sequence[Rule]) -> list[Any]:
    least = max([rule.min or 0 for rule in rules if isinstance(rule, Length)], default=0)
    element = attribute.element
    if isinstance(element, Document):
        return [sample_fields(type(element), number + index) for index in range(least)]
    member = plain.UnicodeAttribute() if element is None else element
    return [_value(cls, name, member, number + index) for index in range(least)]


_MAKERS: tuple[tuple[type[Any] | tuple[type[Any], ...], _Maker], ...] = (
    (EnumAttribute, lambda cls, name, attribute, number, rules: attribute.choices[0]),
    (IdAttribute, _id),
    ((TimeAttribute, EpochAttribute, plain.UTCDateTimeAttribute, plain.TTLAttribute), _moment),
    ((BooleanAttribute, plain.BooleanAttribute), lambda *_: False),
    ((IntegerAttribute, DecimalAttribute, plain.NumberAttribute), _number),
    ((ListAttribute, plain.ListAttribute), _members),
    ((DictAttribute, plain.MapAttribute, plain.JSONAttribute), lambda *_: {}),
    (plain.UnicodeSetAttribute, lambda cls, name, attribute, number, rules: {f"{name} {number}"}),
    (plain.NumberSetAttribute, lambda cls, name, attribute, number, rules: {number}),
    (plain.BinarySetAttribute, lambda cls, name, attribute, number, rules: {str(number).encode()}),
    (plain.BinaryAttribute, lambda cls, name, attribute, number, rules: str(number).encode()),
)
