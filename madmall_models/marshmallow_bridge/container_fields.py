"""Give the fields of attributes with members: lists, sets, maps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import marshmallow
from marshmallow import fields

from madmall_models.attributes.any_value import is_map_key
from madmall_models.marshmallow_bridge.judged_field import JudgedField
from madmall_models.marshmallow_bridge.message import refusal


class ListField(JudgedField, fields.List[Any]):
    """Hold a list. What changes put in its place is judged in full, documents in it too."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, list | tuple):
            raise refusal("must be a list", "TYPE_ERROR")
        return self._members(value)

    def _members(self, value: list[Any] | tuple[Any, ...]) -> list[Any]:
        members, errors = [], {}
        for position, member in enumerate(value):
            try:
                members.append(self.inner.deserialize(member))
            except marshmallow.ValidationError as error:
                errors[position] = error.messages
        if errors:
            raise marshmallow.ValidationError(errors)
        return members


class SetField(ListField):
    """Hold a set: outside as a list, sorted."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return set(super()._deserialize(list(value) if isinstance(value, set) else value, attr, data, **kwargs))

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return super()._serialize(sorted(value), attr, obj, **kwargs)


class DictField(JudgedField, fields.Dict):
    """Hold a map with any names, whose values are of one type."""

    def __init__(self, *, inner: fields.Field[Any], **options: Any) -> None:
        super().__init__(keys=fields.String(), values=inner, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, dict) or not all(map(is_map_key, value)):
            raise refusal("must be a map whose names are texts that are not empty", "TYPE_ERROR")
        assert self.value_field is not None
        members, errors = {}, {}
        for name, member in value.items():
            try:
                members[name] = self.value_field.deserialize(member)
            except marshmallow.ValidationError as error:
                errors[name] = error.messages
        if errors:
            raise marshmallow.ValidationError(errors)
        return members


class NestedField(JudgedField, fields.Nested):
    """Hold a document: changes of it are changes of its attributes."""

    @property
    def schema(self) -> marshmallow.Schema:
        """Return the schema of the document; it passes over unknown names where the whole schema does."""
        schema = super().schema
        if getattr(self.root, "unknown", None) == marshmallow.EXCLUDE and schema.unknown == marshmallow.RAISE:
            schema.unknown = marshmallow.EXCLUDE
        return schema

    def _deserialize(self, value: Any, attr: str | None, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise refusal("must be a map", "TYPE_ERROR")
        try:
            return self.schema.load(value, unknown=self.unknown, partial=partial)
        except marshmallow.ValidationError as error:
            raise marshmallow.ValidationError(error.messages, valid_data=error.valid_data) from error
