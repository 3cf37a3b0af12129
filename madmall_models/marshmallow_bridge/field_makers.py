"""Know which field an attribute class is given, and take the word of applications for their own classes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pynamodb.attributes as plain
from marshmallow import fields
from pynamodb.attributes import Attribute

from madmall_models import attributes as ours
from madmall_models.derived_attributes import KeyAttribute
from madmall_models.errors import DeclarationError
from madmall_models.marshmallow_bridge import judges
from madmall_models.marshmallow_bridge.container_fields import DictField, ListField, NestedField, SetField
from madmall_models.marshmallow_bridge.scalar_fields import (
    AnyField,
    BytesField,
    ChoiceField,
    DecimalField,
    Decimals,
    FlagField,
    KeyField,
    ModelClassField,
    MomentField,
    NumberField,
    SecondsField,
    TextField,
    WholeNumberField,
)

Options = dict[str, Any]
MakeField = Callable[..., fields.Field[Any]]


@dataclass(frozen=True)
class Blueprint:
    """What the fields of one schema have in common.

    Args:
        nested: gives the schema class of a map class.
        decimals: how decimals are dumped.
    """

    nested: Callable[[type[Any]], type[Any]]
    decimals: Decimals

    def field_of(self, attribute: Attribute[Any], rules: Sequence[Any] = (), **options: Any) -> fields.Field[Any]:
        """Return the field of an attribute.

        Raises:
            DeclarationError: no class that it derives from has one.
        """
        for cls in type(attribute).__mro__:
            registered = _registered.get(cls)
            if registered is not None:
                return registered(attribute, **options)
            maker = _MAKERS.get(cls)
            if maker is not None:
                return maker(self, attribute, {"rules": rules, **options})
        raise DeclarationError(
            f"{type(attribute).__name__} has no field; name one: register_field({type(attribute).__name__}, make_field)"
        )

    def member_of(self, element: Attribute[Any] | None) -> fields.Field[Any]:
        """Return the field of the members of a list, a set or a map."""
        if element is None:
            return AnyField(attribute=plain.Attribute(), judge=judges.AnyJudge(), inside=True)
        if type(element) in _registered:
            return self.field_of(element)
        return self.field_of(element, inside=True)


_registered: dict[type[Any], MakeField] = {}
_lock = threading.Lock()


def register_field(attribute_class: type[Attribute[Any]], make_field: MakeField) -> None:
    """Say which field attributes of a class, and of classes that derive from it, are given in schemas made after this.

    Args:
        attribute_class: a subclass of PynamoDB's Attribute.
        make_field: is called as ``make_field(attribute, **options)`` with options of marshmallow's fields
            (``data_key``, ``required``, ``load_default``, ``allow_none``, ...), and returns the field. It is called
            without options for the members of a list.

    Raises:
        DeclarationError: the class is no attribute class.
    """
    if not (isinstance(attribute_class, type) and issubclass(attribute_class, Attribute)):
        raise DeclarationError("register_field() takes a subclass of Attribute and what makes its field")
    with _lock:
        _registered[attribute_class] = make_field


def _scalar(field: Callable[..., fields.Field[Any]], judge: Callable[[], Attribute[Any]] | None = None) -> Any:
    def make(_: Blueprint, attribute: Attribute[Any], options: Options) -> fields.Field[Any]:
        return field(attribute=attribute, judge=None if judge is None else judge(), **options)

    return make


def _decimal(blueprint: Blueprint, attribute: Attribute[Any], options: Options) -> fields.Field[Any]:
    return DecimalField(attribute=attribute, decimals=blueprint.decimals, **options)


def _list(blueprint: Blueprint, attribute: Any, options: Options) -> fields.Field[Any]:
    if attribute.element is None:
        return AnyField(attribute=attribute, **options)
    return ListField(blueprint.member_of(attribute.element), attribute=attribute, **options)


def _dict(blueprint: Blueprint, attribute: Any, options: Options) -> fields.Field[Any]:
    if attribute.element is None:
        return AnyField(attribute=attribute, **options)
    return DictField(inner=blueprint.member_of(attribute.element), attribute=attribute, **options)


def _plain_list(blueprint: Blueprint, attribute: Any, options: Options) -> fields.Field[Any]:
    element = attribute.element_type
    if element is None:
        return AnyField(attribute=attribute, judge=judges.AnyListJudge(), **options)
    is_bytes = issubclass(element, plain.BinaryAttribute | plain.BinarySetAttribute)
    member = element(legacy_encoding=False) if is_bytes else element()
    return ListField(blueprint.member_of(member), attribute=attribute, **options)


def _set(element: Callable[[], Attribute[Any]]) -> Any:
    def make(blueprint: Blueprint, attribute: Attribute[Any], options: Options) -> fields.Field[Any]:
        return SetField(blueprint.member_of(element()), attribute=attribute, **options)

    return make


def _map(blueprint: Blueprint, attribute: Any, options: Options) -> fields.Field[Any]:
    if attribute.is_raw() and not attribute.get_attributes():
        return AnyField(attribute=attribute, judge=judges.AnyMapJudge(), **options)
    return NestedField(partial(blueprint.nested, type(attribute)), attribute=attribute, **options)


def _model_class(_: Blueprint, attribute: Any, options: Options) -> fields.Field[Any]:
    kept = {name: value for name, value in options.items() if name in ("data_key", "metadata")}
    return ModelClassField(attribute=attribute, required=True, **kept)


_MAKERS: Mapping[type[Any], Callable[[Blueprint, Any, Options], fields.Field[Any]]] = {
    KeyAttribute: _scalar(KeyField),
    ours.EnumAttribute: _scalar(ChoiceField),
    ours.UnicodeAttribute: _scalar(TextField),
    ours.BooleanAttribute: _scalar(FlagField),
    ours.IntegerAttribute: _scalar(WholeNumberField),
    ours.DecimalAttribute: _decimal,
    ours.TimeAttribute: _scalar(MomentField),
    ours.EpochAttribute: _scalar(SecondsField),
    ours.ListAttribute: _list,
    ours.DictAttribute: _dict,
    plain.UnicodeAttribute: _scalar(TextField, ours.UnicodeAttribute),
    plain.BooleanAttribute: _scalar(FlagField, ours.BooleanAttribute),
    plain.VersionAttribute: _scalar(WholeNumberField, judges.WholeNumberJudge),
    plain.NumberAttribute: _scalar(NumberField, judges.NumberJudge),
    plain.UTCDateTimeAttribute: _scalar(MomentField, judges.MomentJudge),
    plain.TTLAttribute: _scalar(SecondsField, ours.EpochAttribute),
    plain.JSONAttribute: _scalar(AnyField, judges.JsonJudge),
    plain.BinaryAttribute: _scalar(BytesField, judges.BytesJudge),
    plain.UnicodeSetAttribute: _set(plain.UnicodeAttribute),
    plain.NumberSetAttribute: _set(plain.NumberAttribute),
    plain.BinarySetAttribute: _set(partial(plain.BinaryAttribute, legacy_encoding=False)),
    plain.ListAttribute: _plain_list,
    plain.MapAttribute: _map,
    plain.NullAttribute: _scalar(AnyField, judges.NothingJudge),
    plain.DiscriminatorAttribute: _model_class,
}
