"""Write one entity as Markdown: its keys, its attributes and rules, what can be done with it, an example."""

from __future__ import annotations

import json
from collections.abc import Iterator

from madmall_models.schema.entity_description import AttributeDescription, EntityDescription, RuleDescription
from madmall_models.schema.markdown_text import code, escaped, fenced, folded, paragraphs, table


def entity_lines(entity: EntityDescription) -> Iterator[str]:
    """Yield the lines of an entity."""
    yield from [f"### {escaped(entity.name)}", ""]
    for paragraph in paragraphs(entity.text):
        yield from [paragraph, ""]
    yield from [f"Stored as {code(entity.discriminator)}, declared in {code(entity.module)}.", ""]
    yield from table(["Key", "Where", "Partition key", "Sort key"], _keys(entity))
    yield from table(
        ["Attribute", "Stored as", "Type", "Needed", "Default", "Values and rules"],
        [_attribute_row(prefix, each) for prefix, each in _flat(entity.attributes)],
    )
    yield from (f"- checked as a whole: {escaped(check)}" for check in entity.checks)
    if entity.checks:
        yield ""
    yield from _operations(entity)
    yield from folded(
        f"Example of {entity.name}, {entity.example.size} bytes",
        fenced(json.dumps(entity.example.dumped, indent=2, ensure_ascii=False), "json"),
    )


def _keys(entity: EntityDescription) -> list[list[str]]:
    named = [
        ("item", [entity.primary_key]),
        ("", entity.index_keys),
        ("mirror", entity.mirrors),
        ("pointer", entity.pointers),
    ]
    rows = [
        [
            code(key.name),
            (kind or escaped(key.index)) + (" (sparse)" if key.sparse else ""),
            code(key.partition_key),
            code(key.sort_key),
        ]
        for kind, keys in named
        for key in keys
    ]
    claims = [[code(each.name), "unique", code(each.partition_key), code(each.sort_key)] for each in entity.claims]
    return rows + claims


def _flat(
    attributes: tuple[AttributeDescription, ...], prefix: str = ""
) -> Iterator[tuple[str, AttributeDescription]]:
    """Yield attributes; those of a document after it with its dotted name, those of a list's members with ``[]``."""
    for each in attributes:
        yield prefix, each
        inside, mark = (each.document, ".") if each.document else (each.members and each.members.document, "[].")
        if inside:
            yield from _flat(inside.attributes, f"{prefix}{each.name}{mark}")


def _attribute_row(prefix: str, attribute: AttributeDescription) -> list[str]:
    return [
        code(f"{prefix}{attribute.name}"),
        code(attribute.stored),
        escaped(attribute.type),
        _needed(attribute),
        code(attribute.default or ""),
        " ".join([*_meaning(attribute), *_values(attribute), *map(_rule, attribute.rules)]),
    ]


def _needed(attribute: AttributeDescription) -> str:
    if attribute.maintained:
        return "kept for you"
    if attribute.required:
        return "required"
    return "optional" if attribute.nullable else "has a default"


def _meaning(attribute: AttributeDescription) -> Iterator[str]:
    """Yield what the docstring of a document says, of a list of documents too."""
    document = attribute.document or (attribute.members and attribute.members.document)
    if document:
        yield from paragraphs(document.text)


def _values(attribute: AttributeDescription) -> Iterator[str]:
    of = attribute if attribute.choices else attribute.members
    if of is not None and of.choices:
        yield f"{'One of' if of.strict else 'Known:'} {', '.join(map(code, of.choices))}."
    if attribute.read_only:
        yield f"Read only: {', '.join(map(code, attribute.read_only))}."
    if attribute.measured:
        yield "Counted or measured."


def _rule(rule: RuleDescription) -> str:
    codes = ", ".join(map(code, rule.codes))
    text = escaped(rule.text)
    return f"{text[:1].upper()}{text[1:]} ({rule.severity}: {codes})."


def _operations(entity: EntityDescription) -> Iterator[str]:
    manager = entity.manager
    if manager.collection is None:
        return
    calls = [
        [code(f"db.{manager.collection}.{each.name}{each.signature}"), next(iter(paragraphs(each.text)), "")]
        for each in manager.operations
    ]
    if calls:
        yield from folded(f"Operations of {manager.name}", table(["Call", "What it does"], calls))
