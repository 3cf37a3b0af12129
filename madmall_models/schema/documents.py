"""Know every document that is made of the declarations: what it is called, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from madmall_models.schema.cloudformation import cloudformation
from madmall_models.schema.describing import describe_classes
from madmall_models.schema.description import Description
from madmall_models.schema.entity_modules import selected
from madmall_models.schema.markdown import markdown
from madmall_models.schema.openapi import jsonschema, openapi
from madmall_models.schema.policies import policies_text


@dataclass(frozen=True)
class Source:
    """What documents are made of.

    Attributes:
        classes: the entity classes.
        description: of the same classes.
    """

    classes: tuple[type[Any], ...]
    description: Description

    @classmethod
    def of(cls, modules: Sequence[str] = (), *, only: bool = False) -> Source:
        """Return our entities with those of an application's modules; see :func:`madmall_models.schema.describe`."""
        classes = selected(modules, only=only)
        return cls(classes, describe_classes(classes, modules=tuple(sorted(set(modules)))))


@dataclass(frozen=True)
class SchemaDocument:
    """A document in one file.

    Attributes:
        name: of the command that makes it.
        file: the name of the file, in the folder of the documents.
        make: returns its text.
    """

    name: str
    file: str
    make: Callable[[Source], str]


FOLDER = Path("docs", "schema")
DOCUMENTS: Mapping[str, SchemaDocument] = {
    document.name: document
    for document in (
        SchemaDocument("markdown", "schema.md", lambda source: markdown(source.description)),
        SchemaDocument("json", "schema.json", lambda source: source.description.to_json()),
        SchemaDocument("cloudformation", "cloudformation.json", lambda source: cloudformation(source.description)),
        SchemaDocument("openapi", "openapi.json", lambda source: openapi(source.classes, source.description)),
        SchemaDocument(
            "jsonschema", "entities.schema.json", lambda source: jsonschema(source.classes, source.description)
        ),
        SchemaDocument("iam", "iam.json", lambda source: policies_text(source.description)),
    )
}
