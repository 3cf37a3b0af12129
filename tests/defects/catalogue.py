"""Read the list of defects, in our own words, and what is said of those that have no counterpart here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

FILE = Path(__file__).parent / "defects.yaml"


@dataclass(frozen=True)
class Defect:
    """One defect of the system being replaced."""

    number: int
    area: str
    title: str


@dataclass(frozen=True)
class Catalogue:
    """All defects by number, and by number why one of them cannot apply, and what is to be said beside its tests."""

    defects: Mapping[int, Defect]
    cannot_apply: Mapping[int, str] = field(default_factory=dict)
    remarks: Mapping[int, str] = field(default_factory=dict)


def load(file: Path = FILE) -> Catalogue:
    """Return what the file lists."""
    read = yaml.safe_load(file.read_text(encoding="utf-8"))
    defects = [
        Defect(number, area, title) for area, listed in read["areas"].items() for number, title in listed.items()
    ]
    return Catalogue({defect.number: defect for defect in defects}, read["cannot_apply"], read["remarks"])
