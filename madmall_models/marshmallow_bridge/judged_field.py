"""Be a field of marshmallow that judges as an attribute does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import marshmallow
from marshmallow import fields, validate
from pynamodb.attributes import Attribute

from madmall_models.marshmallow_bridge.message import Message, refusal
from madmall_models.rules import ERROR, Required, Rule, fit, has_default, is_blank, is_demanded

_FORM, _TYPE = "INVALID_FORMAT", "TYPE_ERROR"


class JudgedField(fields.Field[Any]):
    """Take and refuse what an attribute and its rules take and refuse.

    It stands before a field class of marshmallow, whose form it has outside, so that whatever reads schemas
    understands it.

    Args:
        attribute: the attribute of the model.
        judge: what finds faults, where that is not the attribute itself.
        rules: the rules of the attribute; those that only warn are left out.
        inside: whether the field is for the members of a list or map: a blank text is then a value like others.
        options: of marshmallow's field.
    """

    def __init__(
        self,
        *positional: Any,
        attribute: Attribute[Any],
        judge: Attribute[Any] | None = None,
        rules: Sequence[Rule] = (),
        inside: bool = False,
        **options: Any,
    ) -> None:
        said = {"required": "is required", "null": "is required", **options.pop("error_messages", {})}
        super().__init__(*positional, error_messages=said, **options)
        self.model_attribute = attribute
        self.judge = judge or attribute
        self.all_rules = tuple(rules)
        self.rules = tuple(rule for rule in rules if rule.severity is ERROR and not isinstance(rule, Required))
        self.inside = inside
        self.measured = is_measured(attribute)
        self._further = tuple(self.validators)
        # What generates documents from schemas reads the validators.
        self.validators = [*(rule.validator() for rule in self.rules), *self._further]

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Return the value in the form that the attribute holds; None where it is removed.

        Raises:
            marshmallow.ValidationError: it does not fit, breaks a rule, or cannot be removed.
        """
        partial = kwargs.get("partial") is True
        if partial and self.measured:
            return self._left_alone(value)
        if value is None:
            return self._deserialize(value, attr, data) if self.inside else self._without_value(partial)
        return super().deserialize(value, attr, data, **kwargs)

    def _left_alone(self, value: Any) -> Any:
        """Refuse to change a measurement, or pass it over where unknown names are."""
        if value is marshmallow.missing or getattr(self.root, "unknown", None) == marshmallow.EXCLUDE:
            return marshmallow.missing
        raise refusal("is a counter or gauge, which the operations for it change", "READ_ONLY")

    def _without_value(self, partial: bool) -> Any:
        if is_demanded(self.model_attribute, self.all_rules, partial=partial):
            raise self.make_error("null")
        if self.model_attribute.null:
            return None
        return self.load_default() if callable(self.load_default) else self.load_default

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        self._refuse_blank(value)
        fitting, fault = fit(self.judge, value)
        if fault is not None:
            raise refusal(f"must be {fault}", _FORM if isinstance(value, str) and self._is_of_a_form() else _TYPE)
        return fitting

    def _refuse_blank(self, value: Any) -> None:
        if is_blank(value) and not self.inside and is_demanded(self.model_attribute, self.all_rules, partial=False):
            raise self.make_error("required")

    def _is_of_a_form(self) -> bool:
        return False

    def _validate(self, value: Any) -> None:
        broken = self._broken(value)
        try:
            validate.And(*self._further)(value)
        except marshmallow.ValidationError as error:
            if not broken:
                raise
            broken += error.messages if isinstance(error.messages, list) else [error.messages]
        if broken:
            raise marshmallow.ValidationError(broken)

    def _broken(self, value: Any) -> list[Any]:
        if is_blank(value):
            return []  # no rule is about a blank text
        codes = [(rule, rule.broken_by(value)) for rule in self.rules]
        return [Message(rule.describe(), code) for rule, code in codes if code is not None]

    def make_error(self, key: str, **kwargs: Any) -> marshmallow.ValidationError:
        """Return the error of this kind, its text with its code."""
        error = super().make_error(key, **kwargs)
        (text,) = error.messages
        return refusal(text, "REQUIRED" if key in ("required", "null") else _TYPE)


def is_measured(attribute: Attribute[Any]) -> bool:
    """Tell whether an attribute is written by counters and gauges only."""
    return bool(getattr(attribute, "measurement", False) or getattr(attribute, "measured", False))


def default_of(attribute: Attribute[Any]) -> Any:
    """Return what marshmallow is told to give where there is no value."""
    if not has_default(attribute):
        return marshmallow.missing
    return attribute.default if attribute.default is not None else attribute.default_for_new
