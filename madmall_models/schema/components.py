"""Write entities as JSON Schemas, through apispec, from the schemas that load and dump them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from marshmallow import Schema

from madmall_models.errors import MissingExtra
from madmall_models.marshmallow_bridge.one_of_schema import OneOfSchema
from madmall_models.schema.changes import changes_of
from madmall_models.schema.field_properties import FIELD_FUNCTIONS
from madmall_models.schema.words import docstring_of, prose

OPENAPI_VERSION = "3.1.0"


def components_of(classes: Sequence[type[Any]], examples: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of each entity and of each document in it, by name.

    ``Circle`` is what is shown and what creates a circle; ``CircleChanges`` is what changes one.

    Args:
        classes: the entity classes.
        examples: for an entity's name, an example as its schema shows it.

    Raises:
        MissingExtra: apispec is not installed.
    """
    names = SchemaNames()
    specification = _specification(names)
    for cls in classes:
        example = {"examples": [examples[cls.__name__]]}
        specification.components.schema(names.name_of(cls), component=example, schema=cls.schema())
    written = dict(specification.components.schemas)
    shown = {name: _with_words(names.model_of(name), component) for name, component in written.items()}
    return dict(sorted({**shown, **changes_of(shown, [names.name_of(cls) for cls in classes])}.items()))


class SchemaNames:
    """Name each schema once; of a second class of the same name, the module is a part of the name."""

    def __init__(self) -> None:
        self._models: dict[str, Any] = {}
        self._named: dict[tuple[Any, str], str] = {}

    def name_of(self, model: Any, before: str = "") -> str:
        """Return the name of the schema of a class; ``before`` stands before it."""
        name = self._named.get((model, before)) or f"{before}{model.__name__}"
        if self._models.setdefault(name, model) is not model:
            name = "".join(part.capitalize() for part in model.__module__.split(".")) + name
            self._models[name] = model
        self._named[model, before] = name
        return name

    def name_of_schema(self, schema: Any) -> str:
        """Return the name of a schema or schema class; one that chooses among others is ``AnyThread``."""
        cls: Any = schema if isinstance(schema, type) else type(schema)
        return self.name_of(cls.model, "Any" if issubclass(cls, OneOfSchema) else "")

    def model_of(self, name: str) -> Any:
        """Return the class that a schema is named after."""
        return self._models[name]


def _specification(names: SchemaNames) -> Any:
    """Return an empty specification of apispec that knows our fields."""
    try:
        from apispec import APISpec
        from apispec.ext.marshmallow import MarshmallowPlugin
        from apispec.ext.marshmallow.openapi import OpenAPIConverter
    except ImportError as error:
        raise MissingExtra("a document for OpenAPI or JSON Schema", "schema") from error

    class Converter(OpenAPIConverter):
        """Write schemas that choose among others too."""

        def schema2jsonschema(self, schema: Schema) -> dict[str, Any]:
            if isinstance(schema, OneOfSchema):
                return _choice(schema, self.resolve_nested_schema)
            as_apispec_does: Any = super().schema2jsonschema
            written: dict[str, Any] = as_apispec_does(schema)
            return written

    class Plugin(MarshmallowPlugin):
        """Convert with ours."""

    Plugin.Converter = Converter
    plugin: Any = Plugin(schema_name_resolver=names.name_of_schema)
    specification = APISpec("", "", OPENAPI_VERSION, plugins=[plugin])
    for function in FIELD_FUNCTIONS:
        plugin.converter.add_attribute_function(function)
    return specification


def _choice(schema: OneOfSchema, resolved: Any) -> dict[str, Any]:
    chosen = {text: resolved(each()) for text, each in sorted(schema.schema_classes.items())}
    mapping = {text: reference["$ref"] for text, reference in chosen.items()}
    return {
        "oneOf": list(chosen.values()),
        "discriminator": {"propertyName": schema.discriminator_name, "mapping": mapping},
    }


def _with_words(model: Any, component: Mapping[str, Any]) -> dict[str, Any]:
    text = prose(docstring_of(model))
    return {"title": model.__name__, **({"description": text} if text else {}), **component}
