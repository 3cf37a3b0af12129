"""Know where everything stands in the site: the file of each page, and the anchor of each thing on it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from madmall_models.schema.description import Description

QUESTIONS = "index.html"
ENTITIES = "entities.html"
INDEXES = "indexes.html"
COLLECTIONS = "collections.html"
RELATIONSHIPS = "relationships.html"
OPERATIONS = "operations.html"
FOLDER_OF_ENTITIES = "entities"

_ODD = re.compile(r"[^A-Za-z0-9_.-]")


@dataclass(frozen=True)
class Places:
    """The addresses in the site, from its top folder.

    Attributes:
        pages: the files of entities by class name.
        questions: the anchors of access patterns by name.
        collections: the partition keys of item collections by the entity and the key that stands in it, whose own
            template may have other words: ``USER#{author.id}`` stands in ``USER#{user_id}``.
    """

    pages: dict[str, str]
    questions: dict[str, str]
    collections: dict[tuple[str, str], str]

    @classmethod
    def of(cls, description: Description) -> Places:
        """Give every entity a file; names that differ in case only are one on some disks, and get numbers."""
        names = [entity.name for entity in description.entities]
        files = dict(zip(names, distinct(anchor(name) for name in names), strict=True))
        patterns = [pattern.name for pattern in description.access_patterns]
        return cls(
            {name: f"{FOLDER_OF_ENTITIES}/{file}.html" for name, file in files.items()},
            dict(zip(patterns, distinct(f"ask-{anchor(name)}" for name in patterns), strict=True)),
            {
                (occupant.entity, occupant.key): collection.partition_key
                for collection in description.item_collections
                for occupant in collection.occupants
            },
        )

    def question(self, pattern: str) -> str:
        """Return the address of an access pattern."""
        return f"{QUESTIONS}#{self.questions[pattern]}"

    def entity(self, name: str) -> str | None:
        """Return the address of an entity; None for one that has no page."""
        return self.pages.get(name)


def anchor(text: str) -> str:
    """Return a name that may be an id, a file and a part of an address as it is; other texts have other names.

    >>> anchor("profile.name"), anchor("a b")
    ('profile.name', 'a~20~b')
    """
    return _ODD.sub(lambda found: f"~{ord(found[0]):x}~", text)


def distinct(names: Iterable[str]) -> list[str]:
    """Return the names with a number at those that were there already, in any case of letters."""
    taken: set[str] = set()
    found = []
    for name in names:
        number, free = 1, name
        while free.casefold() in taken:
            number += 1
            free = f"{name}~{number}"
        taken.add(free.casefold())
        found.append(free)
    return found


def index_anchor(name: str) -> str:
    """Return the anchor of an index, or of the table."""
    return f"index-{anchor(name)}"


def collection_anchor(partition_key: str) -> str:
    """Return the anchor of an item collection."""
    return f"collection-{anchor(partition_key)}"
