"""Say of one row of the nasty file what must become of it, and what most of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

CANARY = "Canary"
AT = datetime(2024, 3, 1, 10, tzinfo=UTC)
AT_TEXT = "2024-03-01T10:00:00.000Z"
GONE = "nobody"
LATIN = f"{CANARY} d\u00e9j\u00e0 vu".encode("latin-1")


@dataclass(frozen=True)
class Lands:
    """The row arrives.

    Attributes:
        places: every item that is written for it.
        values: attributes of the stored entity, by dotted name.
    """

    places: tuple[str, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rejected:
    """The row is rejected, for this first reason."""

    stage: str
    field: str | None
    code: str


@dataclass(frozen=True)
class NastyRow:
    """One row, and what must become of it."""

    columns: Mapping[str, Any]
    becomes: Lands | Rejected
