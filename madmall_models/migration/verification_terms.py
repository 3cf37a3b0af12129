"""Hold what a verification goes by: the mappings and completions of a plan, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from madmall_models.keys import ItemKey
from madmall_models.migration.completion import Completion
from madmall_models.migration.item_digest import Path
from madmall_models.migration.mapping import Mapping, Policy, in_order
from madmall_models.migration.operations import ImportRows
from madmall_models.migration.plan import Plan
from madmall_models.migration.progress import Progress
from madmall_models.migration.reference_lookup import ReferenceLookup
from madmall_models.migration.run_memory import RunMemory
from madmall_models.migration.source import Source
from madmall_models.migration.source_pass import ExpectedRow, SourcePass
from madmall_models.migration.verification_tally import VerificationTally


@dataclass(frozen=True)
class VerificationTerms:
    """What a verification goes by.

    Attributes:
        database: the table; its connection only reads.
        source: what was moved.
        plan: how.
        started_at: the time of rows without any.
        runs_mark: whether what a run moved bears its mark.
        tally: counts what is found.
        report: told how far the verification is.
    """

    database: Any
    source: Source
    plan: Plan
    started_at: datetime
    runs_mark: bool
    tally: VerificationTally
    report: Callable[[Progress], None]

    @cached_property
    def mappings(self) -> tuple[Mapping, ...]:
        """Return the mappings of the plan, in the order in which they are moved."""
        return mappings_of(self.plan)

    @cached_property
    def completions(self) -> tuple[Completion, ...]:
        """Return the completions of the plan."""
        return tuple(completion for operation in imports_of(self.plan) for completion in operation.completions)

    @cached_property
    def counted(self) -> dict[str, tuple[Path, ...]]:
        """Return by entity type the stored paths that the table counts for itself."""
        counted: dict[str, tuple[Path, ...]] = {}
        for completion in self.completions:
            before = counted.get(completion.entity_type, ())
            counted[completion.entity_type] = (*before, *completion.counted)
        return counted

    def adds(self, expected: ExpectedRow) -> Iterable[ItemKey]:
        """Yield the keys of the items that an import may add because of a row, beside those that the row gives."""
        entity = expected.prepared.entity
        for completion in self.completions:
            if completion.entity is type(entity):
                yield from completion.adds(entity)
        for reference in expected.mapping.references:
            identifier = attrgetter(reference.target)(entity) if reference.policy is Policy.STUB else None
            if identifier is not None and reference.stub is not None:
                for stub in reference.stub(identifier, {"created_at": self.started_at, "updated_at": self.started_at}):
                    yield stub.item_key()

    def lookup(self, memory: RunMemory, database: Any) -> ReferenceLookup:
        """Return a lookup as an import has it; ``database`` may be None where memory knows the table."""
        remembered = {mapping.entity_type: mapping.remember for mapping in self.mappings}
        return ReferenceLookup(database, memory, remembered)

    def source_pass(self, lookup: ReferenceLookup, memory: RunMemory) -> SourcePass:
        """Return a pass over the source."""
        return SourcePass(
            self.source,
            lookup=lookup,
            memory=memory,
            started_at=self.started_at,
            counted=self.counted,
            tally=self.tally,
            report=self.report,
        )


def imports_of(plan: Plan) -> tuple[ImportRows, ...]:
    """Return the imports of a plan."""
    return tuple(operation for operation in plan.operations if isinstance(operation, ImportRows))


def mappings_of(plan: Plan) -> tuple[Mapping, ...]:
    """Return the mappings of a plan in the order in which they are moved."""
    return tuple(mapping for operation in imports_of(plan) for mapping in in_order(operation.mappings))
