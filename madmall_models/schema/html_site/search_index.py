"""List all that can be searched for, as a script: a page opened from disk may not fetch a file."""

from __future__ import annotations

import json
from collections.abc import Iterator

from madmall_models.schema.description import Description
from madmall_models.schema.entity_description import EntityDescription
from madmall_models.schema.html_site.attribute_table import placed_attributes
from madmall_models.schema.html_site.links import Links
from madmall_models.schema.html_site.places import OPERATIONS, anchor
from madmall_models.schema.words import first_sentence, prose

# Kind, title, where to go, what is shown below the title and searched too.
Entry = tuple[str, str, str, str]


def search_index(description: Description, links: Links) -> str:
    """Return the script, with one entry in each line; whatever texts hold, it ends no script and begins no tag."""
    lines = [_line(entry) for entry in _entries(description, links)]
    return "var SEARCH_INDEX = [\n" + ",\n".join(lines) + "\n];\n"


def _line(entry: Entry) -> str:
    text = json.dumps(entry)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _entries(description: Description, links: Links) -> Iterator[Entry]:
    for pattern in description.access_patterns:
        said = f"{pattern.name}  {pattern.call}  {pattern.index}: {pattern.key_condition}"
        yield "question", prose(pattern.question), links.places.question(pattern.name), said
    for entity in description.entities:
        yield from _of_entity(entity, links.places.pages[entity.name])
    for index in description.indexes:
        yield "index", index.name, links.index_address(index.name), f"{index.purpose} {' '.join(index.projected)}"
    for collection in description.item_collections:
        held = ", ".join(f"{each.entity} {each.sort_key}" for each in collection.occupants)
        yield "collection", collection.partition_key, links.collection_address(collection.partition_key), held
    for signal in description.signals:
        yield "signal", signal.name, f"{OPERATIONS}#signal-{anchor(signal.name)}", signal.moment
    for operation in description.every_manager:
        text = prose(first_sentence(operation.text))
        yield "operation", f"manager.{operation.name}", f"{OPERATIONS}#every-{anchor(operation.name)}", text


def _of_entity(entity: EntityDescription, page: str) -> Iterator[Entry]:
    yield "entity", entity.name, page, f"{entity.discriminator}  {prose(first_sentence(entity.text))}"
    for key in (entity.primary_key, *entity.index_keys, *entity.mirrors, *entity.pointers):
        said = f"{key.index}: {key.partition_key}  {key.sort_key}"
        yield "key", f"{entity.name}.{key.name}", f"{page}#key-{anchor(key.name)}", said
    for claim in entity.claims:
        yield "key", f"{entity.name}.{claim.name}", f"{page}#key-{anchor(claim.name)}", claim.partition_key
    for placed in placed_attributes(entity):
        attribute = placed.attribute
        said = " ".join([placed.stored_path, attribute.type, *attribute.choices, *attribute.read_only])
        yield "attribute", f"{entity.name}.{placed.path}", f"{page}#{placed.anchor}", said
        for name, rule in placed.rules():
            title = f"{entity.name}.{placed.path} {rule.text}"
            yield "rule", title, f"{page}#{name}", f"{rule.name} {rule.severity} {' '.join(rule.codes)}"
    for operation in entity.manager.operations:
        text = prose(first_sentence(operation.text))
        yield "operation", f"{entity.name}: {operation.name}", f"{page}#operation-{anchor(operation.name)}", text
