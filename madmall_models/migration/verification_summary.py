"""Show what a verification found out: as a table for people or as JSON for programs. No values, no ids."""

from __future__ import annotations

from typing import Any

from madmall_models import clock
from madmall_models.migration.verification_report import EntityVerification, VerificationReport

_FINDINGS_SHOWN = 20
_DIGITS_SHOWN = 8
_HEADINGS = (
    "entity", "rows", "rejected", "expected", "compared", "in table", "added", "missing", "changed", "kept", "extra",
    "source", "table",
)  # fmt: skip


def verification_text(report: VerificationReport) -> str:
    """Return the report as a table, one line for each entity, the first findings below, and a last line that judges.

    Of the checksums the first digits are shown; JSON has them whole.
    """
    lines = [_HEADINGS, *map(_line, report.entities)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    heading, *rows = (_aligned(line, widths) for line in lines)
    shown = [str(finding) for finding in report.findings[:_FINDINGS_SHOWN]]
    more = report.total - len(shown)
    if more:
        shown.append(f"and {more:,} more")
    return "\n".join([heading, "-" * len(heading), *rows, *shown, *report.notes, _judgement(report)])


def verification_dict(report: VerificationReport) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "plan": report.plan,
        "ok": report.ok,
        "started_at": clock.to_text(report.started_at),
        "sample": report.sample,
        "seconds": round(report.duration, 3),
        "entities": [_entity(entity) for entity in report.entities],
        "counts": dict(report.counts),
        "findings": [finding.as_dict() for finding in report.findings],
        "notes": list(report.notes),
    }


def _entity(entity: EntityVerification) -> dict[str, Any]:
    return {
        "entity": entity.entity_type,
        "tables": list(entity.tables),
        "rows": entity.rows,
        "rejected": entity.rejected,
        "expected": entity.expected,
        "compared": entity.compared,
        "in_table": entity.in_table,
        "added": entity.added,
        "missing": entity.missing,
        "changed": entity.changed,
        "kept": entity.kept,
        "extra": entity.extra,
        "source_checksum": entity.source_checksum,
        "table_checksum": entity.table_checksum,
    }


def _line(entity: EntityVerification) -> tuple[str, ...]:
    counts = (
        entity.rows,
        entity.rejected,
        entity.expected,
        entity.compared,
        entity.in_table,
        entity.added,
        entity.missing,
        entity.changed,
        entity.kept,
        entity.extra,
    )
    checksums = (entity.source_checksum[:_DIGITS_SHOWN], entity.table_checksum[:_DIGITS_SHOWN])
    return (entity.entity_type, *(f"{count:,}" for count in counts), *checksums)


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    first, *others = line
    cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
    return "  ".join(cells)


def _judgement(report: VerificationReport) -> str:
    if report.ok and report.sample is None:
        return "the table holds what the source gives"
    if report.ok:
        return f"one row of {report.sample:,} was compared, and holds"
    listed = ", ".join(f"{count:,} {kind}" for kind, count in report.counts.items())
    return f"the table is not what the source gives: {listed}"
