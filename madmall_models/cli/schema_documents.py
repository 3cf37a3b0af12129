"""Make one document, or all of them."""

from __future__ import annotations

import click

from madmall_models.cli.schema_options import Delivery, documented
from madmall_models.schema.documents import DOCUMENTS, Source


@click.command("all")
@documented
def every_document(source: Source, delivery: Delivery) -> int:
    """Make all of these documents in one folder.

    It is docs/schema unless --output names another.
    """
    return delivery.folder({document.file: document.make(source) for document in DOCUMENTS.values()})


@click.command("markdown")
@documented
def markdown(source: Source, delivery: Delivery) -> int:
    """Make a page of Markdown, with a diagram.

    Access patterns come first: question, call, index, key condition, cost, and the requests that are sent.
    """
    return _deliver("markdown", source, delivery)


@click.command("json")
@documented
def description(source: Source, delivery: Delivery) -> int:
    """Make the description that all documents are made of.

    Its form has a version number; madmall_models.schema.description_schema() gives its JSON Schema.
    """
    return _deliver("json", source, delivery)


@click.command("cloudformation")
@documented
def cloudformation(source: Source, delivery: Delivery) -> int:
    """Make a CloudFormation template of the table.

    With encryption by KMS, recovery to a point in time, stream, time to live and protection from deletion.
    """
    return _deliver("cloudformation", source, delivery)


@click.command("openapi")
@documented
def openapi(source: Source, delivery: Delivery) -> int:
    """Make OpenAPI 3.1 components of the entities.

    For each entity what is shown and created, and what changes it. Needs the extra "schema".
    """
    return _deliver("openapi", source, delivery)


@click.command("jsonschema")
@documented
def jsonschema(source: Source, delivery: Delivery) -> int:
    """Make a JSON Schema (2020-12) of the entities.

    Needs the extra "schema".
    """
    return _deliver("jsonschema", source, delivery)


def _deliver(name: str, source: Source, delivery: Delivery) -> int:
    document = DOCUMENTS[name]
    return delivery.file(document.file, document.make(source))
