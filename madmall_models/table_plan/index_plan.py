"""Plan what makes the indexes of a table those that the models declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from madmall_models.table import table_request
from madmall_models.table_plan.change import IndexAddition, IndexDefinition, IndexFilling, IndexRemoval, TableChange
from madmall_models.table_plan.settings import TableSettings
from madmall_models.table_plan.state import TableState

_KEY_TYPE = "S"
_TYPES = {"S": "text", "N": "a number", "B": "bytes"}


@dataclass(frozen=True)
class Held:
    """A difference that is left as it is.

    Attributes:
        subject: what differs, such as ``index GSI3``.
        difference: how.
        remedy: what to do.
        blocks: whether nothing can be done to this table at all.
    """

    subject: str
    difference: str
    remedy: str
    blocks: bool = False


class IndexPlan:
    """The indexes of a table beside the declared ones.

    Args:
        state: what the table is.
        settings: whether indexes may be replaced or dropped.
    """

    def __init__(self, state: TableState, settings: TableSettings) -> None:
        self._state = state
        self._settings = settings
        wanted = table_request(state.name, None)["GlobalSecondaryIndexes"]
        self._declared = {index["IndexName"]: IndexDefinition.of(index) for index in wanted}
        self._extra = {name: index for name, index in state.indexes.items() if name not in self._declared}

    def found(self) -> Iterator[TableChange | Held]:
        """Yield what is to be done, one index after the other, and what is left."""
        if self._settings.drop_extra_indexes:
            yield from (IndexRemoval(name) for name in sorted(self._extra))
        for index in self._declared.values():
            yield from self._of(index)

    def notes(self) -> Iterator[str]:
        """Yield what is said of indexes that are nobody's business here."""
        for name, extra in sorted(self._extra.items()):
            if not self._settings.drop_extra_indexes:
                shape = IndexDefinition.of(extra).describe()
                yield f"index {name} {shape} is not declared, and stays; --drop-extra-indexes drops it"
        for name in sorted(self._state.local_indexes):
            yield f"local index {name} is not declared; it was made with the table, and goes only with it"

    def _of(self, index: IndexDefinition) -> Iterator[TableChange | Held]:
        there = self._state.indexes.get(index.name)
        difference = None if there is None else self._difference(index, there)
        conflict = self._conflict(index)
        if there is not None and difference is None:
            if there.get("IndexStatus") == "CREATING":
                yield IndexFilling(index.name)
        elif conflict is not None:
            yield conflict
        elif difference is None:
            yield self._addition(index)
        elif self._settings.replace_indexes:
            yield from (IndexRemoval(index.name), self._addition(index))
        else:
            yield Held(
                f"index {index.name}",
                difference,
                "an index is never changed; --replace-indexes drops it and adds it again. Queries of it fail until it "
                "is filled",
            )

    def _addition(self, index: IndexDefinition) -> IndexAddition:
        description = self._state.description
        items, size = description.get("ItemCount", 0), description.get("TableSizeBytes", 0)
        return IndexAddition(index, f"{items:,} items, {size:,} bytes at its last count")

    def _difference(self, index: IndexDefinition, description: Mapping[str, Any]) -> str | None:
        there = IndexDefinition.of(description)
        if there != index:
            return f"it is {there.describe()}, and the models declare one {index.describe()}"
        wrong = [name for name, _ in index.keys if self._state.key_types[name] != _KEY_TYPE]
        if wrong:
            types = ", ".join(f"{name} is {_TYPES[self._state.key_types[name]]}" for name in wrong)
            return f"the models declare its keys as texts, and {types}"
        return None

    def _conflict(self, index: IndexDefinition) -> Held | None:
        """Return why the index cannot be added: another one, which stays, holds its attribute to another type."""
        dropped = {index.name} | (set(self._extra) if self._settings.drop_extra_indexes else set())
        staying = [there for name, there in self._state.indexes.items() if name not in dropped]
        for there in (*staying, *self._state.local_indexes.values()):
            for key in there["KeySchema"]:
                name = key["AttributeName"]
                kind = self._state.key_types[name]
                if name in dict(index.keys) and kind != _KEY_TYPE:
                    return Held(
                        f"index {index.name}",
                        f"its key {name} is a text, and in index {there['IndexName']} {_TYPES[kind]}",
                        f"an attribute has one type in all indexes: drop {there['IndexName']} first "
                        "(--drop-extra-indexes drops every index that is not declared)",
                    )
        return None
