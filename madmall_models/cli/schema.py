"""Make documents out of the declarations: one module for each kind of command."""

from __future__ import annotations

import click

from madmall_models.cli.lazy_group import LazyGroup

_COMMANDS = {
    "all": "madmall_models.cli.schema_documents:every_document",
    "cloudformation": "madmall_models.cli.schema_documents:cloudformation",
    "html": "madmall_models.cli.schema_html:html",
    "iam": "madmall_models.cli.schema_policies:iam",
    "json": "madmall_models.cli.schema_documents:description",
    "jsonschema": "madmall_models.cli.schema_documents:jsonschema",
    "markdown": "madmall_models.cli.schema_documents:markdown",
    "openapi": "madmall_models.cli.schema_documents:openapi",
}


@click.group("schema", cls=LazyGroup, modules=_COMMANDS)
def schema() -> None:
    """Make documents of what the table holds and how it is asked.

    Each goes to stdout, or to a file with --output. With --check nothing is written: exit status 1 when the file is
    not what would be written now.

    Example: madmall schema markdown --module my_app.models --output docs/schema/schema.md
    """
