"""Give read-only rows: some attributes of an item, where a whole entity was not asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from madmall_models.identifiers import shown_path, shown_paths


class Row(Mapping[str, Any]):
    """A few attributes of an item, by name and as attributes; it cannot be changed or saved."""

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_values", dict(values))

    @classmethod
    def of(cls, entity: Any, names: tuple[str, ...]) -> Self:
        """Return the row of these (dotted) attributes of an entity."""
        values = {}
        for name in names:
            found = entity
            for part in name.split("."):
                found = getattr(found, part, None)
            values[name] = found
        return cls(values)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"this row holds {shown_paths(self._values)}, not {shown_path(name)}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a row is read-only; get the entity to change it")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Row of {shown_paths(self._values)}>"
