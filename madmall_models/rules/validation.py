"""Find what is wrong with data: walk the attributes that a class declares, and those of its documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from pynamodb.attributes import Attribute

from madmall_models import clock
from madmall_models.attributes import (
    Checked,
    DictAttribute,
    EnumAttribute,
    IdAttribute,
    ListAttribute,
    TimeAttribute,
    any_to_wire,
)
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import Document
from madmall_models.rules.declared import Rules
from madmall_models.rules.plain_values import plain_fault
from madmall_models.rules.rule import Recommended, Required, Rule, must_be_one_of
from madmall_models.validation_report import ERROR, WARNING, Entry, Severity, ValidationReport

_NOTHING = object()
_NO_RULES = Rules()
# As tuples: every value that is written is asked, and a union would be made anew each time.
_WITH_MEMBERS = (DictAttribute, ListAttribute)
_CLASSES_KEPT = 256
# What coercing or judging a value raises when the value is the reason; a value that raises it does not fit.
_THE_VALUE_IS_TO_BLAME = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def validate(cls: type[Any], data: object, *, partial: bool = False) -> ValidationReport:
    """Return what is wrong with ``data``, whatever it is; never raise for it.

    Names that the class does not declare are passed over. A text of spaces only is as good as none. Names inside
    documents may be in either spelling too; where both are given, the later one that is not None counts.

    Args:
        cls: an entity or a document class.
        data: a mapping, with Python or stored names, or an instance.
        partial: whether ``data`` are changes: what is not in them is not missed, and None stands for removing. A list
            replaces the one that is there, so documents in it are examined in full.
    """
    given = given_values(cls, data)
    if given is None:
        message = f"must be a mapping or an instance of {cls.__name__}"
        return ValidationReport([Entry("data", message, "TYPE_ERROR", data)])
    walk = _Walk()
    values = walk.document(cls, given, "", partial)
    return ValidationReport([*walk.entries, *findings_about_times(values)])


def findings_about_times(values: Mapping[str, Any]) -> list[Entry]:
    """Return what is wrong with the times of an item, taken together: creation after change, or a life that is over."""
    return [*_times_out_of_order(values), *_expired(values)]


def is_demanded(attribute: Attribute[Any], rules: Sequence[Rule], *, partial: bool) -> bool:
    """Tell whether an attribute must have a value: one that is given and blank, or removed, is then an error.

    Changes cannot remove what every item has, even where a new item would be given a default.
    """
    if any(isinstance(rule, Required) for rule in rules):
        return True
    return not (attribute.null or (has_default(attribute) and not partial))


def has_default(attribute: Attribute[Any]) -> bool:
    """Tell whether a new item is given a value where none is given."""
    return attribute.default is not None or attribute.default_for_new is not None


class _Examined(NamedTuple):
    """An attribute to examine: its names, its rules, and what makes short work of it.

    ``may_be_absent`` says that nothing is to be said of a new item without it, ``is_scalar`` that whatever fits it and
    keeps its rules is right, unless there are ``choices`` and it is none of them.
    """

    name: str
    stored_name: str
    attribute: Any
    rules: tuple[Rule, ...]
    may_be_absent: bool
    is_scalar: bool
    choices: tuple[str, ...] | None


class _Walk:
    """Collect entries on the way through data; hand back what fits, in the form that the attributes hold."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def document(self, cls: Any, given: Mapping[str, Any], prefix: str, partial: bool) -> dict[str, Any]:
        """Examine every declared attribute, then what the class checks about several; return what fits."""
        values = {}
        for each in _examined(cls):
            value = given.get(each.name)
            if value is None and (each.name not in given if partial else each.may_be_absent):
                continue
            fitting = _fitting_scalar(each, value) if each.is_scalar else _NOTHING
            if fitting is _NOTHING:
                fitting = self.attribute(each.attribute, value, prefix + each.stored_name, each.rules, partial)
            if fitting is not _NOTHING:
                values[each.name] = fitting
        for check in _rules_of(cls).checks:
            self.entries += [replace(entry, field=prefix + entry.field) for entry in check(values)]
        return values

    def attribute(
        self, attribute: Attribute[Any], value: object, field: str, rules: Sequence[Rule], partial: bool
    ) -> object:
        """Examine one attribute: is it there, does it fit, does it keep its rules?"""
        if value is None or is_blank(value):
            missed = self.missed(attribute, value, field, rules, partial)
            if missed or value is None:
                return _NOTHING
            # No rule is about a blank text, but an id or a choice cannot be one.
            rules = ()
        fitting = self.value(attribute, value, field, partial)
        if fitting is not _NOTHING:
            self.entries += [
                Entry(field, rule.describe(), code, value, rule.severity)
                for rule in rules
                if (code := rule.broken_by(fitting)) is not None
            ]
        return fitting

    def missed(
        self, attribute: Attribute[Any], value: object, field: str, rules: Sequence[Rule], partial: bool
    ) -> bool:
        """Report an absent value; tell whether its absence is an error."""
        if value is None and has_default(attribute) and not partial:
            return False
        required = is_demanded(attribute, rules, partial=partial and value is None)
        if required or _is_recommended(rules):
            rule = Required() if required else Recommended()
            self.entries.append(Entry(field, rule.describe(), rule.code, value, rule.severity))
        return required

    def value(self, attribute: Attribute[Any], value: object, field: str, partial: bool) -> object:
        """Examine whether a value fits its attribute; return it in the form that the attribute holds."""
        if isinstance(attribute, Document):
            given = None if attribute.fault(value) else given_values(type(attribute), value)
            if given is None:
                return self.unfit(field, "must be a map", "TYPE_ERROR", value)
            return self.document(type(attribute), given, f"{field}.", partial)
        if isinstance(attribute, ListAttribute) and attribute.element is not None and isinstance(value, list | tuple):
            element = attribute.element
            members = [self.value(element, member, f"{field}[{i}]", False) for i, member in enumerate(value)]
            return _NOTHING if any(member is _NOTHING for member in members) else members
        fitting, fault = fit(attribute, value)
        if fault is not None:
            is_text_of_a_form = isinstance(attribute, IdAttribute | TimeAttribute) and isinstance(value, str)
            return self.unfit(field, f"must be {fault}", "INVALID_FORMAT" if is_text_of_a_form else "TYPE_ERROR", value)
        if isinstance(attribute, EnumAttribute) and fitting not in attribute.choices:
            severity = ERROR if attribute.strict else WARNING
            self.unfit(field, must_be_one_of(attribute.choices), "INVALID_VALUE", value, severity)
            return _NOTHING if attribute.strict else fitting
        return fitting

    def unfit(self, field: str, message: str, code: str, value: object, severity: Severity = ERROR) -> object:
        """Report a value that does not fit; return nothing to go on with."""
        self.entries.append(Entry(field, message, code, value, severity))
        return _NOTHING


def _rules_of(cls: type[Any]) -> Rules:
    declared = getattr(cls, "rules", None)
    return declared if isinstance(declared, Rules) else _NO_RULES


# Of a class that is defined, nothing of this changes.
@lru_cache(maxsize=_CLASSES_KEPT)
def _examined(cls: type[Any]) -> tuple[_Examined, ...]:
    """Return the attributes to examine, keys left out."""
    declared = _rules_of(cls)
    found = []
    for name, attribute in cls._attributes.items():
        if not isinstance(attribute, KeyAttribute):
            rules = declared.of(name)
            scalar = isinstance(attribute, Checked) and not isinstance(attribute, _WITH_MEMBERS)
            choices = attribute.choices if isinstance(attribute, EnumAttribute) else None
            absent = _may_be_absent(attribute, rules)
            found.append(_Examined(name, attribute.attr_name, attribute, rules, absent, scalar, choices))
    return tuple(found)


def _fitting_scalar(examined: _Examined, value: object) -> object:
    """Return a value of a scalar attribute in the form that it holds; nothing unless all is well."""
    if value is None or is_blank(value):
        return _NOTHING
    attribute = examined.attribute
    try:
        fitting = attribute.coerce(value)
        if attribute.fault(fitting) is not None:
            return _NOTHING
    except _THE_VALUE_IS_TO_BLAME:
        return _NOTHING
    if examined.choices is not None and fitting not in examined.choices:
        return _NOTHING
    for rule in examined.rules:
        if rule.broken_by(fitting) is not None:
            return _NOTHING
    return fitting


def _may_be_absent(attribute: Attribute[Any], rules: Sequence[Rule]) -> bool:
    if has_default(attribute):
        return True
    return not is_demanded(attribute, rules, partial=False) and not _is_recommended(rules)


def _is_recommended(rules: Sequence[Rule]) -> bool:
    return any(isinstance(rule, Recommended) for rule in rules)


@lru_cache(maxsize=_CLASSES_KEPT)
def _python_names(cls: type[Any]) -> Mapping[str, str]:
    """Return the Python names of the attributes, by either spelling."""
    names = {attribute.attr_name: name for name, attribute in cls._attributes.items()}
    return names | {name: name for name in cls._attributes}


def given_values(cls: Any, data: object) -> dict[str, Any] | None:
    """Return what is given for the declared attributes by Python name; None if data is no mapping and no instance."""
    values = data if isinstance(data, Mapping) else getattr(data, "attribute_values", None)
    if not isinstance(values, Mapping):
        return None
    if isinstance(data, cls):
        return dict(values)
    python_names = _python_names(cls)
    given: dict[str, Any] = {}
    for name, value in values.items():
        python_name = python_names.get(name)
        if python_name is not None and (value is not None or python_name not in given):
            given[python_name] = value
    return given


def fit(attribute: Attribute[Any], value: object) -> tuple[object, str | None]:
    """Return the value in the form that the attribute holds, and what the attribute takes if the value is not that."""
    try:
        if isinstance(attribute, Checked):
            value = attribute.coerce(value)
            return value, attribute.fault(value) or _fault_of_any(attribute, value)
        return value, plain_fault(attribute, value)
    except _THE_VALUE_IS_TO_BLAME:
        return value, "a value that it can hold"


def _fault_of_any(attribute: Attribute[Any], value: object) -> str | None:
    """Return what is wrong with members of a kind that the declaration leaves open, else None."""
    if not isinstance(attribute, _WITH_MEMBERS) or attribute.element is not None:
        return None
    try:
        any_to_wire(value)
    except _THE_VALUE_IS_TO_BLAME:
        return "made of values that DynamoDB holds"
    return None


def is_blank(value: object) -> bool:
    """Tell whether a value is a text of nothing but spaces, which is as good as none."""
    return isinstance(value, str) and not value.strip()


def _times_out_of_order(values: Mapping[str, Any]) -> list[Entry]:
    created, updated = values.get("created_at"), values.get("updated_at")
    if not (isinstance(created, datetime) and isinstance(updated, datetime)) or created <= updated:
        return []
    times = {"createdAt": created, "updatedAt": updated}
    return [Entry("timestamps", "must not have createdAt later than updatedAt", "CONSISTENCY_ERROR", times)]


def _expired(values: Mapping[str, Any]) -> list[Entry]:
    ttl = values.get("ttl")
    if not isinstance(ttl, datetime) or ttl >= clock.utc_now():
        return []
    return [Entry("ttl", "is in the past, so that DynamoDB will delete the item", "TTL_WARNING", ttl, WARNING)]
