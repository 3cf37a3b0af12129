"""Check a whole table."""

from __future__ import annotations

from typing import Any

from madmall_models.integrity.declared import check_declared
from madmall_models.integrity.finding import Finding
from madmall_models.integrity.relations import check_relations
from madmall_models.integrity.snapshot import Snapshot


def check(database: Any) -> tuple[Finding, ...]:
    """Return every broken invariant of a table, none when all is well; nothing is written.

    The table is scanned consistently and held in memory. While others write, a transaction may be seen half: repeat
    the check before you believe a finding.
    """
    snapshot = Snapshot.of(database)
    return (*check_declared(snapshot), *check_relations(snapshot))
