"""A verification is summed up in a table, in JSON, and in one line that judges."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from madmall_models.migration.verification_finding import VerificationFinding
from madmall_models.migration.verification_report import EntityVerification, VerificationReport
from madmall_models.migration.verification_summary import verification_dict, verification_text

ENTITY = EntityVerification("USER", ("users",), 1200, 3, 1197, 1197, 1198, 0, 0, 1, 0, 1, "0a" * 16, "0b" * 16)
FINDING = VerificationFinding("changed", "User", "PK=USER#...", "was changed", "users", 7, ("email",))


def report(findings: int, **options: int) -> VerificationReport:
    return VerificationReport(
        "legacy",
        datetime(2024, 1, 2, tzinfo=UTC),
        entities=(ENTITY,),
        findings=(FINDING,) * min(findings, 100),
        counts={"changed": findings} if findings else {},
        notes=("circles: the source has no such table; nothing was read",),
        **options,
    )


def test_figures_stand_under_their_names() -> None:
    heading, _, users, *_ = verification_text(report(0)).splitlines()

    names, figures = heading.replace("in table", "in-table").split(), users.split()
    assert dict(zip(names[:-1], figures[:-1], strict=True)) == {
        "entity": "USER", "rows": "1,200", "rejected": "3", "expected": "1,197", "compared": "1,197",
        "in-table": "1,198", "added": "0", "missing": "0", "changed": "1", "kept": "0", "extra": "1",
        "source": "0a0a0a0a",
    }  # fmt: skip
    assert figures[-1] == "0b0b0b0b"


def test_the_first_findings_are_shown_and_the_others_counted() -> None:
    lines = verification_text(report(25_000)).splitlines()

    assert lines.count(str(FINDING)) == 20
    assert "and 24,980 more" in lines
    assert lines[-2:] == [
        "circles: the source has no such table; nothing was read",
        "the table is not what the source gives: 25,000 changed",
    ]


def test_the_last_line_says_how_much_was_compared() -> None:
    assert verification_text(report(0)).endswith("\nthe table holds what the source gives")
    assert verification_text(report(0, sample=1000)).endswith("\none row of 1,000 was compared, and holds")


def test_programs_get_plain_values() -> None:
    document = json.loads(json.dumps(verification_dict(report(1))))

    assert (document["ok"], document["counts"], document["started_at"]) == (
        False, {"changed": 1}, "2024-01-02T00:00:00.000Z",
    )  # fmt: skip
    assert document["entities"][0]["source_checksum"] == "0a" * 16
    assert document["findings"] == [
        {
            "kind": "changed", "entity": "User", "key": "PK=USER#...", "fact": "was changed", "table": "users",
            "rowid": 7, "attributes": ["email"],
        }
    ]  # fmt: skip
