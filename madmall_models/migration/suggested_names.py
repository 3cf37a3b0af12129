"""Turn the names of a database into the names of this package: entities in the singular, attributes in snake_case."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable
from functools import cache

from madmall_models.attributes import camel_case
from madmall_models.declaration import entity_classes
from madmall_models.entity import Entity
from madmall_models.keys import Mirror, Pointer, PrimaryKey

_PACKAGE = "madmall_models."
_LONGEST = 32
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SAME_IN_PLURAL = frozenset(["address", "data", "feedback", "media", "metadata", "news", "series", "species", "status"])
_IRREGULAR = {
    "analyses": "analysis",
    "children": "child",
    "cookies": "cookie",
    "diagnoses": "diagnosis",
    "indices": "index",
    "men": "man",
    "movies": "movie",
    "people": "person",
    "women": "woman",
}
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("shes", "sh"), ("ches", "ch"), ("xes", "x"), ("uses", "us"), ("s", ""))
_NOT_PLURAL = ("ss", "us", "is")
# What a scaffold imports or defines beside the entities.
_TAKEN_CLASSES = frozenset(
    ["CreateTable", "Entity", "FieldMap", "ImportRows", "Mapping", "Migration", "Phase", "Policy", "PrimaryKey"]
    + ["Question", "Reference"]
    + [f"{kind}Attribute" for kind in ("Binary", "Boolean", "Decimal", "Dict", "Id", "Integer", "List", "Time")]
    + ["UnicodeAttribute"]
)
# The beginnings of keys that the table itself uses: of claims and of the item at the head of a collection.
_TAKEN_DISCRIMINATORS = frozenset(["CLAIM", "METADATA", "UNIQUE"])


def words(name: str) -> list[str]:
    """Return the words of a name in lower case; letters that ASCII lacks lose their marks or are left out.

    >>> words("PlaylistTrack"), words("e-mail Größe"), words("customerID2")
    (['playlist', 'track'], ['e', 'mail', 'grosse'], ['customer', 'id', '2'])
    """
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    return [word.lower() for word in _WORD.findall(plain)]


def singular(word: str) -> str:
    """Return the singular of an English noun in lower case.

    >>> [singular(word) for word in ("stories", "addresses", "status", "boxes", "people", "circles")]
    ['story', 'address', 'status', 'box', 'person', 'circle']
    """
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if word in _SAME_IN_PLURAL or word.endswith(_NOT_PLURAL) or len(word) < 3:
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + instead
    return word


class EntityNames:
    """Give each table the name of an entity, no two of them the same and none that this package has."""

    def __init__(self) -> None:
        self._ours = _discriminators_of_the_package()
        self._taken = set(self._ours)

    def name(self, table: str, position: int) -> tuple[str, ...]:
        """Return the words of the entity of a table; ``position`` names a table whose name has no letters for it."""
        *front, last = words(table) or ["table", str(position)]
        found = _shortened([*front, singular(last)])
        if found[0][0].isdigit() or not _is_free(class_name(found)) or discriminator(found) in self._ours:
            found = ["legacy", *found]
        chosen, number = list(found), 2
        while discriminator(chosen) in self._taken:
            chosen, number = [*found, str(number)], number + 1
        self._taken.add(discriminator(chosen))
        return tuple(chosen)


class AttributeNames:
    """Give each column of one entity the name of an attribute, no two of them the same or stored as the same.

    Args:
        entity: the words of the entity's name. They stand before a name that every entity has already.
    """

    def __init__(self, entity: Iterable[str]) -> None:
        self._entity = list(entity)
        self._taken: set[str] = set()

    @property
    def entity(self) -> str:
        """Return the name of the entity class."""
        return class_name(self._entity)

    def name(self, column: str, position: int) -> str:
        """Return the attribute of a column; ``position`` names a column whose name has no letters for it."""
        found = _shortened(words(column) or ["column", str(position)])
        if found == ["id"] or found[0][0].isdigit() or _is_reserved("_".join(found)):
            found = [*self._entity, *found]
        return self.free("_".join(found))

    def free(self, name: str) -> str:
        """Return a name, numbered if it is taken, and take it."""
        chosen, number = name, 2
        while self._stored(chosen) in self._taken or _is_reserved(chosen):
            chosen, number = f"{name}_{number}", number + 1
        self._taken.add(self._stored(chosen))
        return chosen

    def is_free(self, name: str) -> bool:
        """Tell whether nothing of the entity has this name, or is stored as it would be."""
        return self._stored(name) not in self._taken

    def take(self, name: str) -> str:
        """Take a name that every entity has for this very thing."""
        self._taken.add(self._stored(name))
        return name

    @staticmethod
    def _stored(name: str) -> str:
        # a_1 and a1 would be stored as one.
        return camel_case(name).lower()


def class_name(found: Iterable[str]) -> str:
    """Return the name of the class of these words."""
    return "".join(word[:1].upper() + word[1:] for word in found)


def discriminator(found: Iterable[str]) -> str:
    """Return the discriminator of these words."""
    return "_".join(found).upper()


def _shortened(found: list[str]) -> list[str]:
    """Return as many of the words as make a name that fits into a line with others."""
    short = [found[0][:_LONGEST]]
    for word in found[1:]:
        if len("_".join([*short, word])) > _LONGEST:
            break
        short.append(word)
    return short


def _is_free(name: str) -> bool:
    return not (keyword.iskeyword(name) or hasattr(builtins, name) or name in _TAKEN_CLASSES or name in _class_names())


@cache
def _class_names() -> frozenset[str]:
    return frozenset(entity.__name__ for entity in entity_classes() if entity.__module__.startswith(_PACKAGE))


def _discriminators_of_the_package() -> frozenset[str]:
    """Return what begins the keys of this package's own entities: another entity would share their collections."""
    taken = set(_TAKEN_DISCRIMINATORS)
    for entity in entity_classes():
        if entity.__module__.startswith(_PACKAGE):
            taken.add(str(entity.discriminator))
            keys = [key for key in entity.keys.values() if isinstance(key, PrimaryKey | Mirror | Pointer)]
            taken.update(key.partition.text.partition("#")[0] for key in keys)
    return frozenset(taken)


def _is_reserved(name: str) -> bool:
    return keyword.iskeyword(name) or name in _members_of_entities()


@cache
def _members_of_entities() -> frozenset[str]:
    # What is only annotated, such as the key, stands on the classes of entities.
    return frozenset([*dir(Entity), *dir(type(Entity)), *Entity.__annotations__])
