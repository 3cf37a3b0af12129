"""Make schemas out of models, once for each model and its options."""

from __future__ import annotations

import difflib
import inspect
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import marshmallow
from marshmallow import fields
from pynamodb.attributes import Attribute, AttributeContainer, DiscriminatorAttribute, MapAttribute, VersionAttribute

from madmall_models.derived_attributes import KeyAttribute
from madmall_models.document import Document
from madmall_models.errors import DeclarationError
from madmall_models.marshmallow_bridge.field_makers import Blueprint
from madmall_models.marshmallow_bridge.judged_field import default_of, is_measured
from madmall_models.marshmallow_bridge.model_schema import DynamicMapSchema, ModelSchema
from madmall_models.marshmallow_bridge.one_of_schema import OneOfSchema
from madmall_models.marshmallow_bridge.scalar_fields import Decimals
from madmall_models.rules import Required, Rules, has_default, is_demanded

Overrides = Mapping[str, fields.Field[Any] | Mapping[str, Any]]
_Key = tuple[type[Any], str, bool, bool]
_classes: dict[_Key, type[ModelSchema]] = {}
_schemas: dict[tuple[type[ModelSchema], bool, bool], ModelSchema] = {}
_lock = threading.RLock()


def schema_class(
    model: type[Any],
    *,
    decimals: Decimals = "text",
    load_instance: bool = False,
    overrides: Overrides | None = None,
) -> type[ModelSchema]:
    """Return the schema class of a PynamoDB model or map class, to use or to derive from.

    Args:
        model: a Model, an Entity, a MapAttribute subclass or a Document.
        decimals: whether decimals are dumped as text, which is exact, or as JSON numbers.
        load_instance: whether ``load`` gives instances; otherwise it gives keywords by Python name.
        overrides: by Python name another field, or options of marshmallow's field to add to the one that is made.

    Raises:
        DeclarationError: ``model`` is something else, an attribute class has no field, or an override names nothing.
    """
    if not (isinstance(model, type) and issubclass(model, AttributeContainer)):
        raise DeclarationError("a schema is made of a PynamoDB model or map class, for example schema_class(Thread)")
    if decimals not in ("text", "number"):
        raise DeclarationError("decimals are dumped as 'text' or as 'number'")
    if overrides:
        return _made(model, decimals, load_instance, overrides)
    with _lock:
        found = _cached(model, decimals, load_instance)
    return found


def schema_of(
    model: type[Any],
    *,
    partial: bool | Sequence[str] | None = None,
    many: bool = False,
    only: Collection[str] | None = None,
    exclude: Collection[str] = (),
    unknown: Any = None,
    decimals: Decimals = "text",
    load_instance: bool = False,
    overrides: Overrides | None = None,
) -> ModelSchema:
    """Return a schema of a PynamoDB model or map class; see :func:`schema_class`.

    A schema without other options than ``partial`` and ``many`` is made once and shared: do not change it.

    Args:
        model: a Model, an Entity, a MapAttribute subclass or a Document.
        partial: whether what is loaded are changes: nothing is missed, no default is filled in, null removes.
        many: whether a list is loaded and dumped.
        only: Python names of the fields to have; dotted into maps.
        exclude: Python names of the fields to leave out; dotted into maps.
        unknown: ``marshmallow.EXCLUDE`` to pass over unknown and read-only names, in maps too; refused otherwise.
        decimals: ``"text"`` or ``"number"``.
        load_instance: whether ``load`` gives instances.
        overrides: by Python name another field, or further options.

    Raises:
        DeclarationError: as for :func:`schema_class`; or a name in ``only`` or ``exclude`` is none.
    """
    made = schema_class(model, decimals=decimals, load_instance=load_instance, overrides=overrides)
    if only is None and not exclude and unknown is None and not overrides and partial in (None, False, True):
        return _shared(made, bool(partial), bool(many))
    try:
        return made(partial=partial, many=many, only=_names(only), exclude=_names(exclude) or (), unknown=unknown)
    except (ValueError, KeyError) as error:
        raise DeclarationError(f"{model.__name__} has no field of a name in only= or exclude=") from error


def check_options(model: type[Any], options: Collection[str]) -> None:
    """Refuse what is no option of ``schema()``.

    Raises:
        DeclarationError: an option is unknown.
    """
    takes = [name for name in inspect.signature(schema_of).parameters if name != "model"]
    for name in options:
        if name not in takes:
            near = difflib.get_close_matches(name, takes, 1)
            fix = f"did you mean {near[0]}?" if near else f"it takes {', '.join(takes)}"
            raise DeclarationError(f"{model.__name__}.schema() takes no option {name}; {fix}")


def _shared(made: type[ModelSchema], partial: bool, many: bool) -> ModelSchema:
    with _lock:
        key = (made, partial, many)
        if key not in _schemas:
            _schemas[key] = made(partial=partial or None, many=many)
        return _schemas[key]


def _names(given: Collection[str] | None) -> list[str] | None:
    return None if given is None else [given] if isinstance(given, str) else list(given)


def _cached(model: type[Any], decimals: Decimals, load_instance: bool, alone: bool = False) -> type[ModelSchema]:
    key = (model, decimals, load_instance, alone)
    if key not in _classes:
        _classes[key] = _made(model, decimals, load_instance, alone=alone)
    return _classes[key]


def _made(
    model: type[Any],
    decimals: Decimals,
    load_instance: bool,
    overrides: Overrides | None = None,
    *,
    alone: bool = False,
) -> type[ModelSchema]:
    attributes: dict[str, Attribute[Any]] = model.get_attributes()
    unknown = set(overrides or ()) - set(attributes)
    if unknown:
        raise DeclarationError(f"{model.__name__} has no attribute {', '.join(sorted(unknown))} to override")
    content: dict[str, Any] = {"model": model, "makes_instances": load_instance, "__doc__": model.__doc__}
    discriminator = next((found for found in attributes.values() if isinstance(found, DiscriminatorAttribute)), None)
    if discriminator is not None and not alone and not overrides:
        return _one_of(model, discriminator, decimals, content)
    blueprint = Blueprint(lambda cls: _nested(cls, decimals), decimals)
    for name, attribute in attributes.items():
        content[name] = _field(model, blueprint, name, attribute, (overrides or {}).get(name, {}))
    base = DynamicMapSchema if issubclass(model, MapAttribute) and model.is_raw() else ModelSchema
    return type(f"{model.__name__}Schema", (base,), content)


def _nested(cls: type[Any], decimals: Decimals) -> type[ModelSchema]:
    # A document is merged from keywords; a map of PynamoDB's is of use as an instance only.
    return schema_class(cls, decimals=decimals, load_instance=not issubclass(cls, Document))


def _one_of(
    model: type[Any], discriminator: DiscriminatorAttribute, decimals: Decimals, content: dict[str, Any]
) -> type[ModelSchema]:
    classes = discriminator.get_registered_subclasses(model)
    if not classes:
        raise DeclarationError(f"{model.__name__} has a discriminator, and no class with one derives from it")
    named = {discriminator.get_discriminator(cls): cls for cls in classes}
    alone = {str(name): _cached(cls, decimals, content["makes_instances"], alone=True) for name, cls in named.items()}
    content |= {"discriminator_name": discriminator.attr_name, "schema_classes": alone}
    return type(f"{model.__name__}Schema", (OneOfSchema,), content)


def _field(
    model: type[Any],
    blueprint: Blueprint,
    name: str,
    attribute: Attribute[Any],
    override: fields.Field[Any] | Mapping[str, Any],
) -> fields.Field[Any]:
    if isinstance(override, fields.Field):
        return override
    declared = getattr(model, "rules", None)
    rules = declared.of(name) if isinstance(declared, Rules) else ()
    demanded = is_demanded(attribute, rules, partial=False)
    options: dict[str, Any] = {
        "data_key": attribute.attr_name,
        "allow_none": attribute.null and not any(isinstance(rule, Required) for rule in rules),
    }
    if _is_read_only(attribute):
        options["dump_only"] = True
    elif is_measured(attribute):
        pass  # an entity begins its counts and gauges itself
    elif has_default(attribute):
        options["load_default"] = _Default(attribute)
    elif demanded:
        options["required"] = True
    return blueprint.field_of(attribute, rules, **{**options, **override})


def _is_read_only(attribute: Attribute[Any]) -> bool:
    return isinstance(attribute, KeyAttribute | VersionAttribute) or bool(getattr(attribute, "maintained", False))


class _Default:
    """Make the default of an attribute anew for each item, a document as keywords."""

    def __init__(self, attribute: Attribute[Any]) -> None:
        self._default = default_of(attribute)

    def __call__(self) -> Any:
        value = self._default() if callable(self._default) else self._default
        return _keywords(value)


def _keywords(value: Any) -> Any:
    if isinstance(value, Document):
        return {name: _keywords(inside) for name, inside in value.attribute_values.items() if inside is not None}
    return value if value is not None else marshmallow.missing
