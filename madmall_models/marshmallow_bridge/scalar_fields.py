"""Give the fields of attributes with one value: text, number, moment, bytes."""

from __future__ import annotations

import base64
import re
from collections.abc import Set
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from marshmallow import fields, missing, validate
from pynamodb.attributes import AttributeContainer

from madmall_models import clock
from madmall_models.attributes import EnumAttribute, IdAttribute, TimeAttribute, is_whole, number_text
from madmall_models.errors import KeyValueError
from madmall_models.marshmallow_bridge.judged_field import JudgedField
from madmall_models.marshmallow_bridge.message import refusal
from madmall_models.rules import OneOf

Decimals = Literal["text", "number"]
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")


class TextField(JudgedField, fields.String):
    """Hold text."""

    def _is_of_a_form(self) -> bool:
        return isinstance(self.judge, IdAttribute)


class ChoiceField(TextField):
    """Hold one of a list of texts; another text is refused only where the attribute is strict."""

    def __init__(self, **options: Any) -> None:
        attribute: EnumAttribute = options["attribute"]
        if attribute.strict:
            options["rules"] = (*options.get("rules", ()), OneOf(*attribute.choices))
        else:
            options.setdefault("metadata", {"x-known-values": list(attribute.choices)})
        super().__init__(**options)
        self._choices = attribute.choices if attribute.strict else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        # No rule is asked about a blank text, yet a choice it is not.
        if self._choices is not None and text not in self._choices and not text.strip():
            raise refusal(self.rules[-1].describe(), "INVALID_VALUE")
        return text


class KeyField(TextField):
    """Show a key as it is stored, or as it would be; nobody can give one."""

    def get_value(self, obj: Any, attr: str, accessor: Any = None, default: Any = missing) -> Any:
        """Return the text of the key, or ``default`` where there is none or a part of it cannot stand in a key."""
        stored = getattr(obj, "_stored", None)
        if stored:
            return stored.get(self.model_attribute.attr_name, {}).get("S", default)
        try:
            return super().get_value(obj, attr, accessor, default)
        except KeyValueError:
            return default


class FlagField(JudgedField, fields.Boolean):
    """Hold True or False, and no word for them."""


class WholeNumberField(JudgedField, fields.Integer):
    """Hold a whole number."""


class NumberField(JudgedField, fields.Float):
    """Hold an int or a float, whichever it was."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return value


class DecimalField(JudgedField, fields.Decimal):
    """Hold a number exactly: outside as text, or as a JSON number, which may lose digits after the seventeenth.

    Either is taken.
    """

    def __init__(self, *, decimals: Decimals = "text", **options: Any) -> None:
        super().__init__(as_string=decimals == "text", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        is_number = isinstance(value, str) and _DECIMAL.fullmatch(value) is not None
        return super()._deserialize(Decimal(value) if is_number else value, attr, data, **kwargs)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        return number_text(value) if self.as_string else json_number(value)


class MomentField(JudgedField, fields.AwareDateTime):
    """Hold an aware moment: outside as ISO 8601 text in UTC, ended by Z."""

    def _is_of_a_form(self) -> bool:
        return True

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if not isinstance(value, datetime):
            return value
        if type(self.judge) is TimeAttribute:
            return clock.to_text(value)
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


class SecondsField(JudgedField, fields.Integer):
    """Hold an aware moment: outside as whole seconds since 1970, as it is stored."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return int(value.timestamp()) if isinstance(value, datetime) else value


class BytesField(JudgedField, fields.String):
    """Hold bytes: outside as base64 text."""

    def _is_of_a_form(self) -> bool:
        return True

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return json_form(value)


class AnyField(JudgedField, fields.Raw):
    """Hold a value whose type is not declared: outside in the nearest form that JSON has."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return json_form(value)


class ModelClassField(fields.String):
    """Hold a model class: outside by the text that PynamoDB stores for it."""

    def __init__(self, *, attribute: Any, **options: Any) -> None:
        super().__init__(**options)
        self.model_attribute = attribute

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        known = self.model_attribute._discriminator_map
        if not isinstance(value, str) or value not in known:
            raise refusal(f"must be one of {', '.join(map(str, known))}", "INVALID_VALUE")
        return known[value]

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return self.model_attribute.get_discriminator(value)

    @property
    def choices(self) -> validate.OneOf:
        """Return the texts that are taken."""
        return validate.OneOf(list(self.model_attribute._discriminator_map))


def json_number(number: Decimal) -> int | float:
    """Return the number of JSON nearest to a decimal."""
    return int(number) if is_whole(number) else float(number)


def json_form(value: Any) -> Any:
    """Return the nearest form that JSON has for a value: base64 for bytes, a sorted list for a set, ISO 8601 text."""
    if isinstance(value, AttributeContainer):
        value = dict(value.attribute_values)
    if isinstance(value, dict):
        return {str(name): json_form(inside) for name, inside in value.items()}
    if isinstance(value, list | tuple):
        return [json_form(inside) for inside in value]
    if isinstance(value, Set):
        return [json_form(member) for member in sorted(value)]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, datetime):
        return clock.to_text(value)
    return json_number(value) if isinstance(value, Decimal) else value
