"""Be the schema of several models that a discriminator tells apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow

from madmall_models.marshmallow_bridge.message import InvalidInput, Message, messages_of
from madmall_models.marshmallow_bridge.model_schema import ModelSchema


class OneOfSchema(ModelSchema):
    """Load and dump each item by the schema of the class that its discriminator names.

    Attributes:
        discriminator_name: the name outside of the attribute that tells the classes apart.
        schema_classes: the schema class of each class, by the text that stands for it.
    """

    discriminator_name: ClassVar[str] = ""
    schema_classes: ClassVar[Mapping[str, type[ModelSchema]]] = {}

    class Meta:
        """Keep generated classes out of marshmallow's registry of names."""

        register = False

    def load(self, data: Any, *, many: bool | None = None, partial: Any = None, unknown: Any = None) -> Any:
        """Return what the schema of the named class makes of each item.

        Raises:
            InvalidInput: an item names no class, or its schema refuses it.
        """
        if not (self.many if many is None else many):
            return self._load_one(data, partial, unknown)
        if not isinstance(data, list | tuple):
            raise self._refusal([Message("must be a list", "TYPE_ERROR")], data)
        loaded, errors = [], {}
        for position, item in enumerate(data):
            try:
                loaded.append(self._load_one(item, partial, unknown))
            except marshmallow.ValidationError as error:
                errors[position] = error.messages
        if errors:
            raise self._refusal(errors, data)
        return loaded

    def validate(self, data: Any, *, many: bool | None = None, partial: Any = None) -> dict[str, list[str]]:
        """Return the messages of what :meth:`load` would refuse."""
        try:
            self.load(data, many=many, partial=partial)
        except marshmallow.ValidationError as error:
            return messages_of(error)
        return {}

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Return each object as the schema of its class shows it."""
        if self.many if many is None else many:
            return [self._schema_of(type(item)).dump(item) for item in obj]
        return self._schema_of(type(obj)).dump(obj)

    def _load_one(self, data: Any, partial: Any, unknown: Any) -> Any:
        if not isinstance(data, Mapping):
            raise self._refusal([self.error_messages["type"]], data)
        name = self.discriminator_name
        chosen = data.get(name)
        if not isinstance(chosen, str) or chosen not in self.schema_classes:
            text = Message(f"must be one of {', '.join(self.schema_classes)}", "INVALID_VALUE")
            raise self._refusal({name: [text]}, data)
        partial = partial if partial is not None else self.partial
        return self.schema_classes[chosen]().load(data, partial=partial, unknown=unknown or self.unknown)

    def _schema_of(self, cls: type[Any]) -> ModelSchema:
        for schema_class in self.schema_classes.values():
            if schema_class.model is cls:
                return schema_class()
        known = ", ".join(schema_class.model.__name__ for schema_class in self.schema_classes.values())
        raise TypeError(f"{cls.__name__} is none of {known}")

    def _refusal(self, messages: Any, data: Any) -> InvalidInput:
        return InvalidInput(self.model.__name__, marshmallow.ValidationError(messages, data=data))
