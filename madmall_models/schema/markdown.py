"""Write the description as one page of Markdown, to be read, and reviewed in a diff."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from madmall_models.schema.description import Description
from madmall_models.schema.markdown_entity import entity_lines
from madmall_models.schema.markdown_text import anchor, code, escaped, fenced, folded, table
from madmall_models.schema.mermaid import entity_diagram
from madmall_models.schema.pattern_description import AccessPatternDescription
from madmall_models.schema.table_description import IndexDescription, ItemCollectionDescription

_MADE = "<!-- Made by madmall schema markdown from the declarations; a change by hand is lost. -->"


def markdown(description: Description) -> str:
    """Return the page: what can be asked first, then where it is asked, then what there is."""
    lines = [
        _MADE,
        "",
        "# What the table holds, and what it is asked",
        "",
        *_contents(description),
        *_patterns(description),
        *_table(description),
        *_indexes(description),
        *_collections(description),
        *_relationships(description),
        *_entities(description),
        *_signals(description),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _contents(description: Description) -> list[str]:
    titles = ["Access patterns", "Table", "Indexes", "Item collections", "Relationships", "Entities", "Signals"]
    entities = ", ".join(f"[{escaped(entity.name)}](#{anchor(entity.name)})" for entity in description.entities)
    return [*(f"- [{title}](#{anchor(title)})" for title in titles), "", f"Entities: {entities}", ""]


# -- what can be asked ----------------------------------------------------------------------------------------------


def _patterns(description: Description) -> Iterator[str]:
    yield from ["## Access patterns", ""]
    yield from [
        "Read units are those of a page, or of one item. A page has 20 items unless another number is said; what is "
        "assumed of their size stands with each pattern. Values in calls are those of the example items.",
        "",
    ]
    for entity in description.entities:
        patterns = description.patterns_of(entity.name)
        yield from [f"### Questions about {escaped(entity.name)}", ""]
        yield from table(
            ["Question", "Call", "Index", "Key condition", "Read units"], [_pattern_row(each) for each in patterns]
        )
        yield from folded(f"Requests for {entity.name}", _requests(patterns))


def _pattern_row(pattern: AccessPatternDescription) -> list[str]:
    cost = f"{pattern.cost.read_units:g}"
    return [
        escaped(pattern.question) + (" (sparse)" if pattern.sparse else ""),
        code(pattern.call),
        escaped(pattern.index) + (", then the items" if pattern.hydrates else ""),
        code(pattern.key_condition),
        cost if pattern.cost.items in (1, 20) else f"{cost} for {pattern.cost.items} items",
    ]


def _requests(patterns: Iterable[AccessPatternDescription]) -> Iterator[str]:
    for pattern in patterns:
        yield from [f"**{escaped(pattern.name)}**", ""]
        for operation in pattern.operations:
            if operation != pattern.call:
                yield f"- asked by {code(operation)}"
        if pattern.narrowing:
            yield f"- may be narrowed by {', '.join(map(code, pattern.narrowing))}; order: {escaped(pattern.order)}"
        yield f"- consistent: {pattern.consistent}"
        yield f"- assuming {escaped('; '.join(pattern.cost.assumptions))}"
        yield from (f"- note: {escaped(warning)}" for warning in pattern.warnings)
        yield ""
        for request in pattern.requests:
            yield from fenced(f"{request.operation} {_json(request.parameters)}", "text")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


# -- where it is asked -----------------------------------------------------------------------------------------------


def _table(description: Description) -> list[str]:
    said = description.table
    facts = [
        ("Partition key", code(said.partition_key)),
        ("Sort key", code(said.sort_key)),
        ("Kind of item", code(said.discriminator)),
        ("Time to live", code(said.time_to_live)),
        ("Stream", code(said.stream)),
        ("Billing", code(said.billing)),
    ]
    return ["## Table", "", *table(["", ""], facts)]


def _indexes(description: Description) -> Iterator[str]:
    yield from ["## Indexes", ""]
    for index in description.indexes:
        yield from [f"### {escaped(index.name)}", "", f"For {escaped(index.purpose)}. {_projection(index)}", ""]
        if not index.shared_by:
            yield from ["No entity stands in it.", ""]
            continue
        yield from table(
            ["Entity", code(index.partition_key), code(index.sort_key), "Access pattern"],
            [
                [
                    escaped(use.entity) + (" (sparse)" if use.sparse else ""),
                    code(use.partition_key),
                    code(use.sort_key),
                    code(use.access_pattern),
                ]
                for use in index.shared_by
            ],
        )


def _projection(index: IndexDescription) -> str:
    if not index.hydrates:
        return "It holds whole items."
    held = ", ".join(map(code, index.projected))
    return f"It holds keys{f' and {held}' if held else ' only'}; whole items are fetched after it was read."


def _collections(description: Description) -> Iterator[str]:
    yield from ["## Item collections", "", "What shares a partition, in the order in which DynamoDB gives it.", ""]
    for collection in description.item_collections:
        yield from [f"### {code(collection.partition_key)}", ""]
        yield from table(["Sort key", "Entity", "What", "How many"], _occupants(collection))


def _occupants(collection: ItemCollectionDescription) -> list[list[str]]:
    return [
        [
            code(each.sort_key),
            escaped(each.entity),
            each.kind + (" (sparse)" if each.sparse else ""),
            "many" if each.many else "one",
        ]
        for each in collection.occupants
    ]


def _relationships(description: Description) -> list[str]:
    diagram = entity_diagram(description)
    return ["## Relationships", "", *fenced(diagram, "mermaid")]


# -- what there is ---------------------------------------------------------------------------------------------------


def _entities(description: Description) -> Iterator[str]:
    yield from ["## Entities", ""]
    for entity in description.entities:
        yield from entity_lines(entity)


def _signals(description: Description) -> list[str]:
    rows = [
        [code(each.name), escaped(each.sender), escaped(each.keywords), escaped(each.moment)]
        for each in description.signals
    ]
    return ["## Signals", "", *table(["Signal", "Sender", "Keywords", "Moment"], rows)]
