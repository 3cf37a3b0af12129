"""Say of a field what apispec does not know: it binds each of these functions to its converter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from marshmallow import fields
from marshmallow.validate import Regexp

from madmall_models.attributes import DictAttribute, EpochAttribute, IdAttribute, ListAttribute
from madmall_models.derived_attributes import TypeAttribute
from madmall_models.marshmallow_bridge.container_fields import SetField
from madmall_models.marshmallow_bridge.judged_field import JudgedField
from madmall_models.marshmallow_bridge.scalar_fields import (
    AnyField,
    BytesField,
    DecimalField,
    ModelClassField,
    SecondsField,
)
from madmall_models.rules import ERROR, Rule
from madmall_models.schema.words import default_of, literal_default

_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?$"
_ID = "^[A-Za-z0-9_-]{1,128}$"
MEASURED = "x-measured"
Properties = dict[str, Any]


def decimal_text(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say that a decimal is written as text, which keeps every digit."""
    if not isinstance(field, DecimalField) or not field.as_string:
        return {}
    for bound in ("minimum", "maximum"):
        if bound in ret:
            ret[f"x-{bound}"] = str(ret.pop(bound))
    return {"type": _typed("string", ret), "format": "decimal", "pattern": _DECIMAL}


def form_of_id(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say what an id may contain."""
    return {"pattern": _ID} if isinstance(field, JudgedField) and isinstance(field.judge, IdAttribute) else {}


def pattern_of_text(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Write a regular expression as JavaScript does; Python's is matched from the beginning."""
    patterns = [str(each.regex.pattern) for each in field.validators if isinstance(each, Regexp)]
    return {"pattern": f"^(?:{patterns[0]})".replace("\\Z", "$").replace("(?P<", "(?<")} if patterns else {}


def bytes_and_sets(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say that bytes are base64 text, and that a set has no member twice."""
    if isinstance(field, BytesField):
        return {"contentEncoding": "base64"}
    return {"uniqueItems": True} if isinstance(field, SetField) else {}


def open_containers(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say that what holds members of any kind is a list or a map all the same."""
    if not isinstance(field, AnyField) or field.inside:
        return {}
    kind = {"L": "array", "M": "object"}.get(field.model_attribute.attr_type or "")
    return {} if kind is None else {"type": [kind, "null"] if field.allow_none else kind}


def default_value(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say what a new item gets, where that is the same for each."""
    if not isinstance(field, JudgedField) or field.dump_only or field.inside:
        return {}
    default = literal_default(field.model_attribute)
    made = default_of(field.model_attribute)
    if isinstance(field.model_attribute, ListAttribute | DictAttribute) and made in (list, dict):
        default = made()
    # A default that breaks a rule would be refused by who reads the schema.
    if default is None or any(rule.broken_by(default) for rule in field.rules):
        return {}
    return {"default": field._serialize(default, None, None)}


def constant_of_kind(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say which text stands for the class."""
    model = getattr(field.parent, "model", None)
    if isinstance(field, ModelClassField):
        return {"const": field.model_attribute.get_discriminator(model)}
    is_type = isinstance(field, JudgedField) and isinstance(field.model_attribute, TypeAttribute)
    return {"const": model.discriminator} if is_type and model is not None else {}


def words_of_rules(_: Any, field: fields.Field[Any], *, ret: Properties, **__: Any) -> Properties:
    """Say in words what is asked of a value, also what is only warned of."""
    if not isinstance(field, JudgedField):
        return {}
    said = [_sentence(rule) for rule in field.all_rules]
    if isinstance(field, SecondsField) or isinstance(field.judge, EpochAttribute):
        said.insert(0, "Whole seconds since 1970.")
    if isinstance(field, DecimalField) and field.as_string:
        said.insert(0, "A number written as text, so that no digit is lost.")
    measured = {MEASURED: True} if field.measured else {}
    return {**({"description": " ".join(said)} if said else {}), **measured}


FIELD_FUNCTIONS: tuple[Callable[..., Properties], ...] = (
    decimal_text,
    form_of_id,
    pattern_of_text,
    bytes_and_sets,
    open_containers,
    default_value,
    constant_of_kind,
    words_of_rules,
)


def _sentence(rule: Rule) -> str:
    text = rule.describe()
    said = f"{text[:1].upper()}{text[1:]}"
    return f"{said}." if rule.severity is ERROR or text.startswith("is ") else f"{said} (else a warning)."


def _typed(kind: str, ret: Properties) -> Any:
    return [kind, "null"] if "null" in (ret.get("type") or ()) else kind
