"""The summary adds up, lines up, and says what the reader must know besides."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime

import pytest

from madmall_models import SourceError
from madmall_models.migration import EntityResult, MigrationReport, as_csv, as_dict, as_json, as_text

USERS = EntityResult(
    "USER", "users", total=1200, successful=1000, failed=150, skipped=50, byte_count=10**6, write_units=4000.0,
    duration=2.0, codes={"NOT_AN_ID": 149, "REQUIRED": 1}, dangling={"circleId": 3},
    missing_columns=tuple("abcdefghij"), unmapped_columns=("password",),
)  # fmt: skip
REPORT = MigrationReport(
    plan="legacy", dry_run=False, started_at=datetime(2026, 1, 1, tzinfo=UTC), duration=3.0,
    results=(USERS, EntityResult("CIRCLE", "circles", missing_table=True)), completed={"CIRCLE": 4},
    notes=("no backup was made",),
)  # fmt: skip


def test_the_table_has_a_line_for_each_entity_and_one_for_all() -> None:
    lines = as_text(REPORT).splitlines()

    assert lines[0].split() == ["entity", "read", "written", "rejected", "skipped", "bytes", "WCU", "seconds", "rows/s"]
    assert lines[2].split() == ["USER", "1,200", "1,000", "150", "50", "1,000,000", "4,000", "2.0", "600"]
    assert lines[5].split() == ["total", "1,200", "1,000", "150", "50", "1,000,000", "4,000", "3.0", "400"]
    assert len({len(line) for line in lines[:6]}) == 1


def test_remarks_tell_what_the_figures_do_not() -> None:
    remarks = as_text(REPORT).splitlines()[6:]

    assert remarks == [
        "users: 149 rejected, NOT_AN_ID",
        "users: 1 rejected, REQUIRED",
        "users: 3 kept whose circleId names nobody",
        "users: no column a, b, c, d, e, f, g, h and 2 more; defaults were taken",
        "users: left behind, since nothing takes them: password",
        "circles: the source has no such table; nothing was read",
        "CIRCLE: counts of 4 brought up to date",
        "no backup was made",
    ]


def test_json_holds_every_figure() -> None:
    document = json.loads(as_json(REPORT))

    assert document == as_dict(REPORT)
    assert (document["read"], document["written"], document["rejected"], document["skipped"]) == (1200, 1000, 150, 50)
    assert document["entities"][0]["reject_codes"] == {"NOT_AN_ID": 149, "REQUIRED": 1}
    assert document["entities"][1]["missing_table"] is True
    assert document["started_at"] == "2026-01-01T00:00:00.000Z"


def test_a_report_is_good_without_rejects_and_stopped_steps() -> None:
    stopped = EntityResult("USER", "users", stopped_by=SourceError("damaged"))
    start = REPORT.started_at

    assert MigrationReport("p", False, start).ok
    assert not REPORT.ok
    assert not MigrationReport("p", False, start, results=(stopped,)).ok
    assert "users: stopped: damaged" in as_text(MigrationReport("p", False, start, results=(stopped,)))


@pytest.mark.defect(79)
def test_an_instant_has_no_throughput() -> None:
    assert EntityResult("USER", "users", total=5).throughput == 0


def test_a_spreadsheet_has_a_line_for_each_table_under_one_of_names() -> None:
    stopped = EntityResult("STORY", "stories", stopped_by=SourceError('damaged, "here"\nand there'))
    report = MigrationReport("p", False, REPORT.started_at, "failed", "01A", results=(*REPORT.results, stopped))

    lines = list(csv.DictReader(io.StringIO(as_csv(report))))

    assert [line["table"] for line in lines] == ["users", "circles", "stories"]
    users = lines[0]
    assert (users["run"], users["status"], users["read"], users["rejected"], users["write_units"]) == (
        "01A",
        "failed",
        "1200",
        "150",
        "4000.0",
    )
    assert (users["seconds"], users["rows_per_second"], users["stopped_by"]) == ("2.0", "600.0", "")
    assert lines[2]["stopped_by"] == 'damaged, "here"\nand there'


def test_replaced_and_gone_rows_are_remarked_on() -> None:
    result = EntityResult("USER", "users", total=3, successful=1, skipped=2, replaced=1, gone=2)

    assert as_text(MigrationReport("p", False, REPORT.started_at, results=(result,))).splitlines()[-2:] == [
        "users: 1 took the place of another item, which the ledger keeps",
        "users: 2 had been moved and were deleted since; --restore-deleted would move them again",
    ]
