"""Show a report as a table for people or as JSON for programs."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from madmall_models import clock
from madmall_models.migration.result import EntityResult, MigrationReport

_NAMES_SHOWN = 8
_CSV_FIELDS = (
    "entity",
    "table",
    "read",
    "written",
    "rejected",
    "skipped",
    "replaced",
    "gone",
    "bytes",
    "largest_item",
    "write_units",
    "seconds",
    "rows_per_second",
    "stopped_by",
)
_HEADINGS = ("entity", "read", "written", "rejected", "skipped", "bytes", "WCU", "seconds", "rows/s")


def as_text(report: MigrationReport) -> str:
    """Return the report as a table, one line for each entity and one for all, with remarks below."""
    lines = [_HEADINGS, *map(_line, report.results), _total_line(report)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEADINGS))]
    rows = [_aligned(line, widths) for line in lines]
    rule = "-" * len(rows[0])
    remarks = [remark for result in report.results for remark in _remarks(result)]
    return "\n".join([rows[0], rule, *rows[1:-1], rule, rows[-1], *remarks, *_completed(report), *report.notes])


def as_json(report: MigrationReport) -> str:
    """Return the report as one JSON object."""
    return json.dumps(as_dict(report), ensure_ascii=False, indent=2)


def as_csv(report: MigrationReport) -> str:
    """Return the report as comma-separated values, a line for each table under one of names."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, ("run", "status", *_CSV_FIELDS), lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for result in report.results:
        writer.writerow({"run": report.run, "status": report.status, **_entity(result)})
    return lines.getvalue().rstrip("\n")


def as_dict(report: MigrationReport) -> dict[str, Any]:
    """Return the report as plain values."""
    return {
        "plan": report.plan,
        "run": report.run,
        "status": report.status,
        "dry_run": report.dry_run,
        "started_at": clock.to_text(report.started_at),
        "seconds": round(report.duration, 3),
        "read": report.total,
        "written": report.successful,
        "rejected": report.failed,
        "skipped": report.skipped,
        "entities": [_entity(result) for result in report.results],
        "completed": dict(report.completed),
        "notes": list(report.notes),
    }


def _entity(result: EntityResult) -> dict[str, Any]:
    return {
        "entity": result.entity_type,
        "table": result.table,
        "read": result.total,
        "written": result.successful,
        "rejected": result.failed,
        "skipped": result.skipped,
        "replaced": result.replaced,
        "gone": result.gone,
        "bytes": result.byte_count,
        "largest_item": result.largest_item,
        "write_units": result.write_units,
        "seconds": round(result.duration, 3),
        "rows_per_second": round(result.throughput, 1),
        "reject_codes": dict(result.codes),
        "dangling_references": dict(result.dangling),
        "circular_references": dict(result.circular),
        "stubbed_references": dict(result.stubbed),
        "filtered": dict(result.filtered),
        "missing_table": result.missing_table,
        "missing_columns": list(result.missing_columns),
        "unmapped_columns": list(result.unmapped_columns),
        "stopped_by": None if result.stopped_by is None else str(result.stopped_by),
    }


def _line(result: EntityResult) -> tuple[str, ...]:
    return (
        result.entity_type,
        f"{result.total:,}",
        f"{result.successful:,}",
        f"{result.failed:,}",
        f"{result.skipped:,}",
        f"{result.byte_count:,}",
        f"{result.write_units:,.0f}",
        f"{result.duration:,.1f}",
        f"{result.throughput:,.0f}",
    )


def _total_line(report: MigrationReport) -> tuple[str, ...]:
    return (
        "total",
        f"{report.total:,}",
        f"{report.successful:,}",
        f"{report.failed:,}",
        f"{report.skipped:,}",
        f"{sum(result.byte_count for result in report.results):,}",
        f"{sum(result.write_units for result in report.results):,.0f}",
        f"{report.duration:,.1f}",
        f"{report.total / report.duration if report.duration > 0 else 0:,.0f}",
    )


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    first, *others = line
    cells = [first.ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True))]
    return "  ".join(cells)


def _remarks(result: EntityResult) -> list[str]:
    table = result.table
    if result.missing_table:
        return [f"{table}: the source has no such table; nothing was read"]
    remarks = [f"{table}: {count:,} rejected, {code}" for code, count in result.codes.items()]
    remarks += [f"{table}: {count:,} kept whose {target} names nobody" for target, count in result.dangling.items()]
    if result.replaced:
        remarks.append(f"{table}: {result.replaced:,} took the place of another item, which the ledger keeps")
    if result.gone:
        remarks.append(
            f"{table}: {result.gone:,} had been moved and were deleted since; --restore-deleted would move them again"
        )
    remarks += [
        f"{table}: {count:,} kept whose {target} leads back to them"
        for target, count in result.circular.items()
    ]
    remarks += [f"{table}: {count:,} stubs made for {target}" for target, count in result.stubbed.items()]
    remarks += [f"{table}: {count:,} skipped by a filter: {reason}" for reason, count in result.filtered.items()]
    if result.missing_columns:
        remarks.append(f"{table}: no column {_listed(result.missing_columns)}; defaults were taken")
    if result.unmapped_columns:
        remarks.append(f"{table}: left behind, since nothing takes them: {_listed(result.unmapped_columns)}")
    if result.stopped_by is not None:
        remarks.append(f"{table}: stopped: {result.stopped_by}")
    return remarks


def _listed(names: tuple[str, ...]) -> str:
    more = len(names) - _NAMES_SHOWN
    return ", ".join(names[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _completed(report: MigrationReport) -> list[str]:
    return [f"{entity_type}: counts of {count:,} brought up to date" for entity_type, count in report.completed.items()]
