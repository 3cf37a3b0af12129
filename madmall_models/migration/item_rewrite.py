'''Change items that are in the table already, while it is in use.

A module of a history that does so, ``0003_languages_of_circles.py``::

    """Say of every circle which language it speaks.

    Circles that are created from now on say so themselves: the code that does was deployed before this step.
    """

    from madmall_models.migration import Migration, Phase, RemoveAttribute, RewriteItems

    def with_language(item):
        return item if "language" in item else {**item, "language": "en"}

    migration = Migration(
        after="0002_import_legacy_sqlite",
        phase=Phase.EXPAND,
        operations=[RewriteItems("CIRCLE", with_language, describe="Say which language a circle speaks")],
    )

The function is tested with a dict, without a table:

>>> def with_language(item):
...     return item if "language" in item else {**item, "language": "en"}
>>> with_language({"PK": "CIRCLE#c1", "SK": "METADATA"})
{'PK': 'CIRCLE#c1', 'SK': 'METADATA', 'language': 'en'}
>>> RewriteItems("CIRCLE", with_language, describe="Say which language a circle speaks").describe()
'Say which language a circle speaks (CIRCLE)'
'''

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from madmall_models.errors import MigrationModuleError
from madmall_models.migration.back_fill import BackFill
from madmall_models.migration.operations import RunContext
from madmall_models.migration.rewriting import FIXED, Rewrite, Rewriting

_SEGMENTS = 4
_MOST_SEGMENTS = 64
_RECORDS = "MIGRATION_"  # what every entityType of the engine's own records begins with


@dataclass(frozen=True, init=False)
class RewriteItems:
    """Rewrite every item of one entity type by a function, beside traffic, so that it can be broken off and taken up.

    The function is pure. It takes an item as a plain dict by stored names (texts, int or Decimal, bool, None, bytes,
    lists, dicts and sets; ``PK``, ``SK``, the keys of indexes and ``entityType`` among them) and returns the new item,
    or None to leave it. It must not go through the entities: what it means must not change when they do. It must leave
    its own result as it is, which is checked on every item that changes; so ``item["count"] + 1`` is refused, and so is
    the time of day. ``PK``, ``SK`` and ``entityType`` stay, and so does ``migratedBy``, by which a rollback finds what
    a run wrote; the keys of indexes may change.

    A change of an attribute changes that attribute alone. What is made of it is the function's business: the keys of
    indexes stand in the same item; claims of unique values, mirrors and pointers are items of their own, for which the
    step needs further operations. ``madmall migrate verify`` and :func:`madmall_models.integrity.check` find what is
    out of step.

    Only leaves that change are sent, on condition that they, and ``version``, are still what was read; whoever lost
    that race reads again. What counters add meanwhile is kept. ``version`` and ``updatedAt`` stay unless the function
    sets them, since nobody edited the item: who has read it, and saves other leaves, is not refused. A function whose
    result editors must have seen sets ``version`` together with what makes it leave the item the next time.

    Mirrors have the ``entityType`` of their item and are rewritten like it, each by itself; for a moment the one is
    new and the other old. Pointers have one of their own, such as ``USER_POINTER``: name that. Items that expired are
    rewritten too. An item that is written in the old form while the run goes on may be passed over, so that code which
    writes the new one is deployed before.

    An item on which the function raises is left as it is and counted; the others are rewritten, and the step fails.

    The whole table is read, at one read unit for each 4 KB. Writes keep to the pace of the run.

    Args:
        entity_type: the ``entityType`` of the items.
        rewrite: the function.
        describe: what it does, as a sentence without the full stop; no other operation of the step says the same.
        segments: parts of the table that are read at the same time; as many threads write.

    Raises:
        MigrationModuleError: an argument is of no use.
    """

    entity_type: str
    rewrite: Rewrite
    description: str
    segments: int

    def __init__(self, entity_type: str, rewrite: Rewrite, *, describe: str, segments: int = _SEGMENTS) -> None:
        object.__setattr__(self, "entity_type", entity_type)
        object.__setattr__(self, "rewrite", rewrite)
        object.__setattr__(self, "description", describe)
        object.__setattr__(self, "segments", segments)
        _refuse_no_entity_type(entity_type)
        if not callable(rewrite):
            raise MigrationModuleError(f"items of {entity_type} are rewritten by a function that takes a dict")
        if not isinstance(describe, str) or not describe.strip():
            raise MigrationModuleError(f"say in describe= what is done to items of {entity_type}")
        _refuse_no_segments(segments)

    def describe(self) -> str:
        """Return what it does."""
        return f"{self.description} ({self.entity_type})"

    def apply(self, run: RunContext) -> None:
        """Rewrite the items."""
        BackFill(Rewriting(self.describe(), self.entity_type, self.rewrite), self.segments, run).apply()


@dataclass(frozen=True)
class RemoveAttribute:
    """Remove an attribute from every item of one entity type; as :class:`RewriteItems` does it.

    Attributes:
        entity_type: the ``entityType`` of the items.
        attribute: its stored name; dotted for one in a map, as ``stats.oldCount``.
        segments: parts of the table that are read at the same time; as many threads write.
    """

    entity_type: str
    attribute: str
    segments: int = _SEGMENTS

    def __post_init__(self) -> None:
        _refuse_no_entity_type(self.entity_type)
        if not isinstance(self.attribute, str) or not all(self.attribute.split(".")) or self.attribute in FIXED:
            raise MigrationModuleError(
                f"an attribute to remove is a stored name, dotted where it is in a map, and none of {', '.join(FIXED)}"
            )
        _refuse_no_segments(self.segments)

    def describe(self) -> str:
        """Return what it does."""
        return f"Remove {self.attribute} from every {self.entity_type}"

    def apply(self, run: RunContext) -> None:
        """Remove the attribute."""
        BackFill(Rewriting(self.describe(), self.entity_type, self.removed), self.segments, run).apply()

    def removed(self, item: dict[str, Any]) -> dict[str, Any]:
        """Return an item without the attribute.

        >>> RemoveAttribute("USER", "stats.old").removed({"stats": {"old": 1, "new": 2}})
        {'stats': {'new': 2}}
        """
        *maps, name = self.attribute.split(".")
        inner: Any = item
        for outer in maps:
            inner = inner.get(outer) if isinstance(inner, dict) else None
        if isinstance(inner, dict):
            inner.pop(name, None)
        return item


def _refuse_no_entity_type(entity_type: object) -> None:
    if not isinstance(entity_type, str) or not entity_type:
        raise MigrationModuleError("name the items by the text of their entityType, such as CIRCLE")
    if entity_type.startswith(_RECORDS):
        raise MigrationModuleError(f"{entity_type} is a record of the engine itself, which no step rewrites")


def _refuse_no_segments(segments: object) -> None:
    if not isinstance(segments, int) or isinstance(segments, bool) or not 1 <= segments <= _MOST_SEGMENTS:
        raise MigrationModuleError(f"segments is a whole number from 1 to {_MOST_SEGMENTS}; each is a thread")
