"""Count, while rows and items come by, what a verification finds out about each entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from madmall_models.migration.item_digest import Checksum
from madmall_models.migration.mapping import Mapping
from madmall_models.migration.verification_finding import VerificationFinding
from madmall_models.migration.verification_report import EntityVerification

FINDINGS_KEPT = 100


class EntityTally:
    """Count for one entity; used by one thread.

    Args:
        entity_type: its discriminator.
    """

    def __init__(self, entity_type: str) -> None:
        self.entity_type = entity_type
        self.tables: list[str] = []
        self.rows = 0
        self.rejected = 0
        self.added = 0
        self.found: Counter[str] = Counter()
        self.source = Checksum()
        self.table = Checksum()

    def result(self) -> EntityVerification:
        """Return what was counted."""
        return EntityVerification(
            entity_type=self.entity_type,
            tables=tuple(self.tables),
            rows=self.rows,
            rejected=self.rejected,
            expected=self.rows - self.rejected,
            compared=self.source.count,
            in_table=self.table.count + self.added,
            added=self.added,
            missing=self.found["missing"],
            changed=self.found["changed"],
            kept=self.found["kept"],
            extra=self.found["extra"],
            source_checksum=self.source.text,
            table_checksum=self.table.text,
        )


class VerificationTally:
    """Count for every entity of a plan, and keep the first findings.

    Args:
        mappings: those of the plan.
        found: told of each finding.
    """

    def __init__(self, mappings: Iterable[Mapping], found: Callable[[VerificationFinding], None]) -> None:
        self._found = found
        self.entities: dict[str, EntityTally] = {}
        self.findings: list[VerificationFinding] = []
        self.counts: Counter[str] = Counter()
        for mapping in mappings:
            tally = self.entities.setdefault(mapping.entity_type, EntityTally(mapping.entity_type))
            tally.tables.append(mapping.table)

    def of(self, mapping: Mapping) -> EntityTally:
        """Return the tally of the entity that a mapping makes."""
        return self.entities[mapping.entity_type]

    def differs(self, entity_type: str, finding: VerificationFinding) -> None:
        """Count a finding about an item of an entity that the plan maps."""
        self.entities[entity_type].found[finding.kind] += 1
        self.tell(finding)

    def tell(self, finding: VerificationFinding) -> None:
        """Count a finding."""
        self.counts[finding.kind] += 1
        if len(self.findings) < FINDINGS_KEPT:
            self.findings.append(finding)
        self._found(finding)
