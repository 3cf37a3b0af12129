"""Verify that a table holds what its source gives; nothing is written."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from madmall_models.errors import ConfigurationError
from madmall_models.migration.foreign_source import refuse_foreign_source
from madmall_models.migration.full_verification import FullVerification
from madmall_models.migration.ledger import Ledger
from madmall_models.migration.plan import Plan
from madmall_models.migration.progress import Progress
from madmall_models.migration.sampled_verification import SampledVerification
from madmall_models.migration.source import Source
from madmall_models.migration.verification_finding import VerificationFinding
from madmall_models.migration.verification_report import VerificationReport
from madmall_models.migration.verification_tally import VerificationTally
from madmall_models.migration.verification_terms import VerificationTerms, mappings_of

MOST_SEGMENTS = 64


def _unheard(_: object) -> None:
    """Tell nobody."""


def verify(
    database: Any,
    source: Source,
    plan: Plan,
    *,
    started_at: datetime,
    sample: int | None = None,
    segments: int = 4,
    progress: Callable[[Progress], None] = _unheard,
    found: Callable[[VerificationFinding], None] = _unheard,
) -> VerificationReport:
    """Compare a table with its source and return what differs.

    Every row goes through the same preparation as in an import. The table is scanned once, consistently: one read unit
    for each 4 KB of it; what differs is read again before it is told. Memory stays flat, and the disk takes about 300
    bytes for each item. With ``sample`` the table is not scanned, and what only the whole of it shows stays unseen.

    While others write, counts may be seen half changed: verify when the table is quiet.

    Args:
        database: the table; it is asked through a connection that refuses writes.
        source: what was moved.
        plan: how it was moved.
        started_at: when the first run started; rows without any time have it.
        sample: compare only one of so many rows of each table.
        segments: into how many parts the scan is divided, 1 to 64, each read by a thread.
        progress: told how far it is.
        found: told of each finding; the report keeps the first hundred.

    Raises:
        ConfigurationError: a number is out of range.
        SourceError: the source cannot be read, or has none of the tables. TableNotFound: there is no table.
    """
    _check_range("segments", segments, MOST_SEGMENTS)
    if sample is not None:
        _check_range("sample", sample, None)
    started = time.monotonic()
    mappings = mappings_of(plan)
    refuse_foreign_source(source, mappings)
    tally = VerificationTally(mappings, found)
    reading = database.read_only()
    try:
        marked = bool(Ledger(reading).runs())
        terms = VerificationTerms(reading, source, plan, started_at, marked, tally, progress)
        if sample is None:
            FullVerification(terms, segments).run()
        else:
            SampledVerification(terms, sample).run()
    finally:
        reading.close()
    return VerificationReport(
        plan=plan.name,
        started_at=started_at,
        sample=sample,
        duration=time.monotonic() - started,
        entities=tuple(entity.result() for entity in tally.entities.values()),
        findings=tuple(tally.findings),
        counts=dict(tally.counts.most_common()),
        notes=_notes(source, plan),
    )


def _notes(source: Source, plan: Plan) -> tuple[str, ...]:
    there = source.tables()
    absent = [mapping.table for mapping in mappings_of(plan) if mapping.table not in there]
    return tuple(f"{table}: the source has no such table; nothing was read" for table in absent)


def _check_range(name: str, value: object, most: int | None) -> None:
    fits = isinstance(value, int) and not isinstance(value, bool) and value >= 1 and (most is None or value <= most)
    if not fits:
        raise ConfigurationError(f"{name} is a whole number from 1" + (f" to {most}" if most is not None else ""))
