"""Hold one call of the public surface: the same value is printed and made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Call:
    """A method of something that has a name, with its arguments.

    Attributes:
        name: how the owner of the method is written, for example ``db.users``.
        owner: the object that has this name.
        method: the name of the method.
        arguments: by position.
        options: by name.
        most: the limit that is put on a query; None for a call that gives no query.
    """

    name: str
    owner: Any
    method: str
    arguments: tuple[Any, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    most: int | None = None

    def __call__(self) -> Any:
        """Make the call and return its result."""
        result = getattr(self.owner, self.method)(*self.arguments, **self.options)
        return result if self.most is None else result.limit(self.most)

    @property
    def is_query(self) -> bool:
        """Tell whether the call gives a query, which sends nothing before it is read."""
        return self.most is not None

    def __str__(self) -> str:
        """Return the call as a program would say it."""
        given = [_quoted(value) for value in self.arguments]
        given += [f"{name}={_quoted(value)}" for name, value in self.options.items()]
        limited = "" if self.most is None else f".limit({self.most})"
        return f"{self.name}.{self.method}({', '.join(given)}){limited}"


def _quoted(value: Any) -> str:
    """Return a value as Python text, in the double quotes of this house."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_quoted(key)}: {_quoted(member)}" for key, member in value.items()) + "}"
    text = repr(value)
    quotable = isinstance(value, str) and text.startswith("'") and '"' not in text
    return f'"{text[1:-1]}"' if quotable else text
