"""Name one thing in which a table is not what its source gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from madmall_models.attributes import IdAttribute
from madmall_models.declaration import attribute_at
from madmall_models.keys import ItemKey
from madmall_models.migration.source import plain_value

CHANGED = "changed"
MISSING = "missing"
EXTRA = "extra"
KEPT = "kept"
COUNTS = "counts"


@dataclass(frozen=True)
class VerificationFinding:
    """One difference between a table and its source.

    Attributes:
        kind: ``changed``, ``missing``, ``extra``, ``kept`` (was there before, and is not what the row gives),
            ``counts`` (of a sampled row's parent), or the rule of :mod:`madmall_models.integrity` that is broken.
        entity: name of the entity class, or the stored ``entityType`` where no class is known.
        key: the item's key, its values left out.
        fact: what is wrong, without values.
        table: the source table of its row, None where there is none.
        rowid: what names the row to a person.
        attributes: stored names of what differs.
        ids: the ids in the key. They are for a file that only its owner reads, and are left out of every text.
    """

    kind: str
    entity: str
    key: str
    fact: str
    table: str | None = None
    rowid: Any = None
    attributes: tuple[str, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as plain values, without the ids."""
        rowid = [plain_value(part) for part in self.rowid] if isinstance(self.rowid, list) else plain_value(self.rowid)
        return {
            "kind": self.kind,
            "entity": self.entity,
            "key": self.key,
            "fact": self.fact,
            "table": self.table,
            "rowid": rowid,
            "attributes": list(self.attributes),
        }

    def __str__(self) -> str:
        row = "" if self.table is None else f" of {self.table} {self.rowid}"
        differing = f" ({', '.join(self.attributes)})" if self.attributes else ""
        return f"{self.kind}: {self.entity}{row}, {self.key}: {self.fact}{differing}"


def ids_in(key: ItemKey) -> dict[str, str]:
    """Return by stored name the ids that stand in the primary key of an entity's item; other parts are left out."""
    parts = {**(key.entity.key.partition.match(key.partition) or {}), **(key.entity.key.sort.match(key.sort) or {})}
    attributes = {name: attribute_at(key.entity, name) for name in parts}
    return {
        str(attribute.attr_name): parts[name]
        for name, attribute in attributes.items()
        if isinstance(attribute, IdAttribute)
    }
