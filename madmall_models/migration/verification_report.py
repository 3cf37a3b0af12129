"""Hold what a verification found out: figures for each entity, and the findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from madmall_models.migration.verification_finding import VerificationFinding


@dataclass(frozen=True)
class EntityVerification:
    """What source and table have of one entity.

    Attributes:
        entity_type: the discriminator of the entity.
        tables: the source tables that give it.
        rows: rows read; always the sum of ``rejected`` and ``expected``.
        rejected: rows that rightly give no item: the preparation refuses them, their unique value belongs to another
            item, or what they give has expired.
        expected: rows whose item must be in the table.
        compared: of these, how many were compared: all, or those of the sample.
        in_table: items in the table; in a sample, those found of the compared ones.
        added: items in the table that no row gives and that the import adds, such as memberships of owners.
        missing: expected and not in the table.
        changed: in the table, and not what the row gives.
        kept: the same, but the item was in the table before any run.
        extra: in the table, and neither given by a row nor added.
        source_checksum: of the compared items as the rows give them, in any order.
        table_checksum: of the items in the table, without the added ones; equal to the other if nothing differs.
    """

    entity_type: str
    tables: tuple[str, ...] = ()
    rows: int = 0
    rejected: int = 0
    expected: int = 0
    compared: int = 0
    in_table: int = 0
    added: int = 0
    missing: int = 0
    changed: int = 0
    kept: int = 0
    extra: int = 0
    source_checksum: str = ""
    table_checksum: str = ""


@dataclass(frozen=True)
class VerificationReport:
    """What a verification found out.

    Attributes:
        plan: the name of the plan.
        started_at: the time that rows without any time were given.
        sample: every how many rows one was compared, None for all.
        duration: seconds.
        entities: one for each entity that the plan maps, in the order of its mappings.
        findings: the first of them.
        counts: by kind, how many findings there are.
        notes: what the reader should know besides.
    """

    plan: str
    started_at: datetime
    sample: int | None = None
    duration: float = 0.0
    entities: tuple[EntityVerification, ...] = ()
    findings: tuple[VerificationFinding, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return how many findings there are."""
        return sum(self.counts.values())

    @property
    def ok(self) -> bool:
        """Tell whether nothing was found."""
        return not self.total
