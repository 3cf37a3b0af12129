"""Know what is dirty in the legacy database of the demo, and whether just the hopeless rows were rejected."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from madmall_models.testing.legacy import LegacySummary
from madmall_models.testing.legacy_dirt import KINDS, DirtGroup

_WORDS = {
    DirtGroup.SPELLING: "spelt otherwise",
    DirtGroup.DOUBT: "doubtful",
    DirtGroup.CONTRADICTION: "contradicting others",
    DirtGroup.DEFECT: "defective",
}
_GROUPS = {(table, kind.name): kind.group for table, kinds in KINDS.items() for kind in kinds}

# Where a row is: its table and its rowid.
Place = tuple[str, int]


def described(legacy: LegacySummary) -> str:
    """Return how many rows are dirty in which way, in words."""
    counts: Counter[DirtGroup] = Counter()
    for table, kinds in legacy.expected.items():
        for kind, count in kinds.items():
            counts[_GROUPS[table, kind]] += count
    parts = ", ".join(f"{counts[group]:,} {words}" for group, words in _WORDS.items())
    return f"{counts.total():,} rows are dirty: {parts}"


def defective_rows(legacy: LegacySummary) -> set[Place]:
    """Return where the rows are that cannot arrive, as far as the summary names them."""
    return {(row.table, row.rowid) for row in legacy.planted if _GROUPS[row.table, row.kind] is DirtGroup.DEFECT}


def rejected_rows(file: Path) -> set[Place]:
    """Return where the rows are that a file of rejects holds; there is no file where none was rejected."""
    if not file.exists():
        return set()
    with file.open(encoding="utf-8") as lines:
        rejects = [json.loads(line) for line in lines]
    return {(reject["table"], reject["rowid"]) for reject in rejects}
